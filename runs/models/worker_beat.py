"""Signs of life of the clusters."""

from __future__ import annotations

from django.db import models


class WorkerBeat(models.Model):
    """When a cluster last did a task or was at a run; in the row SWEEP, when the last sweep began.

    A cluster is named by its main process (runs/work/workers.py).
    """

    SWEEP = "sweep"

    cluster = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.label} at {self.at:%H:%M:%S}"

    @property
    def label(self) -> str:
        """The name for people: host and process id."""
        host, _, rest = self.cluster.partition("/")
        return f"{host}, process {rest.split('/')[1]}" if rest.count("/") == 2 else self.cluster
