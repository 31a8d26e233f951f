"""Limits on what may be spent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ai_artist.kit.values import money


class Budget(models.Model):
    """A limit on what may be spent; a call that would pass it is not made."""

    class Period(models.TextChoices):
        RUN = "run", "Each run"
        DAY = "day", "Each day"
        MONTH = "month", "Each month"

    provider = models.CharField(max_length=40, blank=True, help_text="Empty: all together.")
    period = models.CharField(max_length=5, choices=Period)
    cap_usd = models.DecimalField("cap (USD)", max_digits=10, decimal_places=2)

    class Meta:
        ordering = ("provider", "period")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "period"],
                name="budget_once",
                violation_error_message="There is a budget for this provider and period.",
            ),
            models.CheckConstraint(name="budget_not_negative", condition=Q(cap_usd__gte=0)),
        ]

    def __str__(self) -> str:
        period = self.get_period_display().lower()
        return f"{self.provider or 'All providers'}: {money(self.cap_usd)} {period}"
