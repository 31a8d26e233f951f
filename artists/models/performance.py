"""What counts in an artist's history: decisions, failures, releases, audience figures."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from artists.models.artist import Artist


class PerformanceQuerySet(models.QuerySet["PerformanceEntry"]):
    def decisions(self) -> Self:
        """Approvals and rejections that stand."""
        return self.filter(
            kind__in=[PerformanceEntry.Kind.APPROVED, PerformanceEntry.Kind.REJECTED],
            withdrawn_at__isnull=True,
        )

    def standing(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment)

    def audience(self) -> Self:
        """Audience figures to learn from: they stand and are not suspected of bots."""
        return self.standing().filter(kind=PerformanceEntry.Kind.AUDIENCE, suspicious=False)


class PerformanceEntry(models.Model):
    """An entry in an artist's history; rows are added or withdrawn, never changed."""

    class Kind(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"
        FAILED = "failed"
        RELEASED = "released"
        AUDIENCE = "audience"

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="performance")
    # The run's id, not a foreign key: runs are in a higher layer.
    run_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    value = models.FloatField(default=1.0, help_text="1, or the audience figure.")
    metric = models.CharField(max_length=40, blank=True, help_text="Audience: plays, saves ...")
    detail = models.CharField(max_length=200, blank=True)
    series = models.CharField(
        max_length=80, blank=True, help_text="Audience: figures of one series can be compared."
    )
    dimensions = models.JSONField(
        default=dict, blank=True, help_text="Audience: country, currency, ids, file."
    )
    external_key = models.CharField(
        max_length=64, blank=True, help_text="Audience: what the figure is of, as a hash."
    )
    suspicious = models.BooleanField(
        default=False, help_text="Audience: a jump as bots make it; nothing learns from it."
    )
    at = models.DateTimeField(default=timezone.now)
    profile_version = models.BigIntegerField(
        null=True, blank=True, help_text="Decisions: version of the profile the run used."
    )
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="Set when undone or corrected."
    )

    objects = PerformanceQuerySet.as_manager()

    class Meta:
        verbose_name = "performance"
        verbose_name_plural = "performance"
        ordering = ("-at", "-pk")
        constraints = [
            # One standing decision and one failure per run: a message delivered twice counts once.
            models.UniqueConstraint(
                fields=["run_id"],
                condition=Q(kind__in=["approved", "rejected"], withdrawn_at__isnull=True),
                name="performance_one_decision_a_run",
            ),
            models.UniqueConstraint(
                fields=["run_id", "kind"],
                condition=Q(kind__in=["failed", "released"], withdrawn_at__isnull=True),
                name="performance_one_of_kind_a_run",
            ),
            # A file imported twice counts once; a corrected figure withdraws the earlier one.
            models.UniqueConstraint(
                fields=["external_key"],
                condition=~Q(external_key="") & Q(withdrawn_at__isnull=True),
                name="performance_one_per_external_key",
            ),
        ]
        indexes = [
            models.Index(fields=["artist", "-at", "-id"], name="performance_by_artist"),
            models.Index(fields=["-at", "-id"], name="performance_newest"),
            # Decisions are few, audience figures many: each query reads only its own kind.
            models.Index(fields=["artist", "kind", "-at"], name="performance_by_kind"),
            # For the dashboard, which counts the roster's decisions of the last weeks.
            models.Index(fields=["kind", "-at"], name="performance_by_time"),
            models.Index(
                fields=["artist", "series", "metric", "at"],
                name="performance_by_series",
                condition=Q(kind="audience"),
            ),
            # Money is rare among audience figures, and the roster's is added up.
            models.Index(fields=["at"], name="performance_revenue", condition=Q(metric="revenue")),
            models.Index(
                fields=["-at", "-id"], name="performance_suspicious", condition=Q(suspicious=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.artist}: {self.get_kind_display().lower()}"
