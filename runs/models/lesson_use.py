"""The lessons each run was given."""

from __future__ import annotations

from django.db import models

from artists.models import Lesson
from runs.models.run import Run


class LessonUse(models.Model):
    """A lesson a run was given, and what the measurements of the finished run say of it."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Not looked at yet"
        OBEYED = "obeyed"
        BROKEN = "broken"
        UNMEASURED = "unmeasured", "Not measurable"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lesson_uses")
    lesson = models.ForeignKey(
        Lesson, on_delete=models.SET_NULL, null=True, blank=True, related_name="uses"
    )
    text = models.CharField(max_length=200, help_text="As it stood in the prompt.")
    position = models.PositiveSmallIntegerField(help_text="0: the strongest.")
    claimed = models.BooleanField(default=False, help_text="The writer says it shaped the plan.")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    measured = models.CharField(max_length=200, blank=True, help_text="The figures behind it.")

    class Meta:
        ordering = ("run", "position")
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="lessonuse_once_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.text} ({self.outcome})"
