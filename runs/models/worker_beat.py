"""Signs of life of the clusters."""

from __future__ import annotations

from django.db import models


class WorkerBeat(models.Model):
    """Proof that a cluster really does tasks: stamped by a canary task every minute."""

    cluster = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.cluster} at {self.at:%H:%M:%S}"
