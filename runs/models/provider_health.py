"""Circuit breakers of providers."""

from __future__ import annotations

from django.db import models


class ProviderHealth(models.Model):
    """The circuit breaker of one provider, shared by all workers."""

    provider = models.CharField(max_length=40, unique=True)
    state = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "provider"
        ordering = ("provider",)

    def __str__(self) -> str:
        return self.provider
