"""The changes of artists' status."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from artists.models.artist import Artist


class StatusChange(models.Model):
    """One change of an artist's status, with the reason and the figures behind it."""

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="status_changes")
    from_status = models.CharField(max_length=12, choices=Artist.Status, blank=True)
    to_status = models.CharField(max_length=12, choices=Artist.Status)
    rule = models.CharField(max_length=40, help_text="Which rule, or 'manual'.")
    reason = models.CharField(max_length=200)
    figures = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    # The run whose decision caused it, so that undoing the decision can take it back.
    run_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=["artist", "-at"], name="statuschange_by_artist"),
            models.Index(fields=["-at", "-id"], name="statuschange_newest"),
            models.Index(fields=["to_status", "-at", "-id"], name="statuschange_by_status"),
        ]

    def __str__(self) -> str:
        before = self.get_from_status_display() or "new"
        after = self.get_to_status_display()
        return f"{self.artist}: {before.lower()} to {after.lower()} ({self.reason})"
