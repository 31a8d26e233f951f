"""What remains of old provider calls: their sums."""

from __future__ import annotations

from django.db import models


class SpentDay(models.Model):
    """All calls of a provider's model on one day, after their rows were removed."""

    day = models.DateField()
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=80, blank=True)
    calls = models.PositiveIntegerField()
    cost_usd = models.DecimalField(max_digits=14, decimal_places=6, default=0)

    class Meta:
        ordering = ("-day", "provider", "model")
        constraints = [
            models.UniqueConstraint(fields=["day", "provider", "model"], name="spentday_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.model} {self.day}: {self.calls}".replace("  ", " ")
