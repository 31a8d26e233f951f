"""What reviewers and producers say at a second of a song."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ai_artist.kit.values import minutes
from runs.models.run import Run


class TimedComment(models.Model):
    """A comment at a second of a run's track. Kept with the run."""

    LONGEST = 500
    MOST = 200  # of a run
    LATEST_S = 86_400

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="timed_comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at_s = models.FloatField(
        "second", validators=[MinValueValidator(0), MaxValueValidator(LATEST_S)]
    )
    text = models.CharField(max_length=LONGEST)
    take = models.PositiveSmallIntegerField(
        default=0, help_text="The run's take then: on another one the second means nothing."
    )
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at_s", "pk")
        indexes = [models.Index(fields=["run", "at_s"], name="timedcomment_by_run")]
        constraints = [
            models.CheckConstraint(
                name="timedcomment_at_a_second", condition=Q(at_s__gte=0, at_s__lte=86_400)
            ),
            models.CheckConstraint(name="timedcomment_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{minutes(self.at_s)}: {self.text}"

    def is_settled(self, decided_at: datetime | None) -> bool:
        """Tell whether its run was decided after it was written: it stays as it is then."""
        return decided_at is not None and decided_at >= self.created_at
