"""Runs asked for together."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Batch(models.Model):
    """Some runs asked for together."""

    class Origin(models.TextChoices):
        COMMAND = "command"
        SCHEDULE = "schedule"
        PANEL = "panel"
        TELEGRAM = "telegram"

    origin = models.CharField(max_length=12, choices=Origin)
    size = models.PositiveIntegerField(help_text="Runs asked for.")
    seed = models.BigIntegerField(help_text="Everything random in the batch derives from it.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    slot = models.CharField(
        max_length=16,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="Local time a schedule planned it for: one batch for each.",
    )

    class Meta:
        verbose_name_plural = "batches"
        ordering = ("-pk",)
        constraints = [models.CheckConstraint(name="batch_not_empty", condition=Q(size__gte=1))]

    def __str__(self) -> str:
        return f"Batch {self.pk}"
