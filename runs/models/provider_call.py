"""The ledger of provider calls."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from media_tools.foreign import LARGEST_USD, LONGEST_ID
from runs.models.run import Run


class ProviderCall(models.Model):
    """The ledger: one call of a provider, written down before it is made."""

    class Status(models.TextChoices):
        INTENT = "intent", "Intended"
        SUBMITTED = "submitted"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        UNKNOWN = "unknown", "Submission unknown"

    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, blank=True, related_name="provider_calls"
    )
    step = models.CharField(max_length=20, blank=True)
    purpose = models.CharField(max_length=40)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=80, blank=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.INTENT)
    external_id = models.CharField(max_length=LONGEST_ID, blank=True)
    units = models.FloatField(default=0.0)
    unit_name = models.CharField(max_length=20, blank=True)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    committed_usd = models.DecimalField(
        max_digits=12,
        decimal_places=6,
        default=0,
        help_text="Counts against budgets: the estimate until the cost is known.",
    )
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Redacted.")
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "ledger entry"
        verbose_name_plural = "ledger"
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="providercall_submitted_has_id",
                condition=~Q(status="submitted") | ~Q(external_id=""),
            ),
            models.CheckConstraint(
                name="providercall_cost_believable",
                condition=Q(cost_usd__range=(0, LARGEST_USD))
                & Q(committed_usd__range=(0, LARGEST_USD)),
            ),
        ]
        indexes = [
            models.Index(fields=["run", "created_at"], name="providercall_by_run"),
            models.Index(fields=["provider", "-created_at"], name="providercall_by_provider"),
            models.Index(fields=["created_at"], name="providercall_by_time"),
            models.Index(
                fields=["created_at", "id"],
                name="providercall_unknown",
                condition=Q(status="unknown"),
            ),
            # Most succeed; the list finds the others by it.
            models.Index(
                fields=["status", "-created_at", "-id"],
                name="providercall_not_succeeded",
                condition=~Q(status="succeeded"),
            ),
            models.Index(
                fields=["external_id"], name="providercall_by_job", condition=~Q(external_id="")
            ),
        ]

    def __str__(self) -> str:
        purpose = self.purpose.replace("_", " ")
        return f"{self.provider}: {purpose} ({self.get_status_display().lower()})"

    @property
    def took_s(self) -> float | None:
        return None if self.latency_ms is None else self.latency_ms / 1000
