"""Release bundles that are still to be made."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models

from runs.models.release import Release


class PackingQuerySet(models.QuerySet["Packing"]):
    def due(self, *, now: datetime) -> Self:
        """To be made now. The longest waiting first."""
        return self.filter(due_at__lte=now).order_by("due_at", "pk")

    def failing(self) -> Self:
        """Tried in vain so far, and still to be made. Those that wait for a person first."""
        return (
            self.exclude(release__status=Release.Status.RECALLED)
            .exclude(error="")
            .order_by("-due_at")
        )


class Packing(models.Model):
    """The bundle of a release that is still to be made; gone once it is."""

    release = models.OneToOneField(
        Release, on_delete=models.CASCADE, primary_key=True, related_name="packing"
    )
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a worker tries next; empty: it failed too often, a person has to ask.",
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, help_text="Why the last attempt failed.")

    objects = PackingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="packing_due")]

    def __str__(self) -> str:
        return f"Bundle of {self.release}"
