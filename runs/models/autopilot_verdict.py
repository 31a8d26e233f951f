"""What the autopilot would have decided."""

from __future__ import annotations

from django.db import models

from artists.models import Artist
from runs.models.run import Run


class AutopilotVerdict(models.Model):
    """What the autopilot would do with a run, written down before anybody judged it.

    A later decision of a person on the run shows whether the two agree.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="autopilot_verdict")
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="+")
    would_approve = models.BooleanField()
    why = models.CharField(max_length=200, help_text="Why not, or what it approved on.")
    content_hash = models.CharField(max_length=64, help_text="Of what it looked at.")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=["artist", "-at"], name="autopilotverdict_by_artist")]

    def __str__(self) -> str:
        return f"{'Would approve' if self.would_approve else 'Leaves to people'}: {self.run_id}"
