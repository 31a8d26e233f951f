"""The resumable parts of a run."""

from __future__ import annotations

import logging

from django.db import models
from django.db.models import Q

from media_tools.records import Unreadable, from_json
from runs.outputs import AnOutput

logger = logging.getLogger(__name__)


class Step(models.Model):
    """A resumable part of a run. Its output and its artifacts are committed together."""

    class Status(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    class WaitingFor(models.TextChoices):
        """What a parked step waits for."""

        PROVIDER = "provider", "The provider's answer"
        DISK = "disk", "Free disk space"
        STORE = "store", "The object store"
        BUDGET = "budget", "A budget"
        OPERATOR = "operator", "An operator's decision"

    run = models.ForeignKey("Run", on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    waiting_for = models.CharField(max_length=10, choices=WaitingFor, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.FloatField(default=0.0, help_text="0 to 1, while running.")
    output = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("run", "position")
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="step_once_per_run"),
            models.CheckConstraint(
                name="step_done_has_time",
                condition=~Q(status="done") | Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    def read(self, kind: type[AnOutput]) -> AnOutput:
        """Its stored output. Raises Unreadable."""
        return from_json(kind, self.output)

    def shown(self, kind: type[AnOutput]) -> AnOutput | None:
        """Its stored output, None if it cannot be read: for pages, which show the rest then."""
        try:
            return self.read(kind)
        except Unreadable as error:
            logger.warning("Run %s, step %s: %s", self.run_id, self.name, error)
            return None

    @property
    def seconds(self) -> float | None:
        """How long its last attempt took."""
        if self.started_at and self.finished_at:
            return (self.finished_at - self.started_at).total_seconds()
        return None
