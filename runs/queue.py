"""Waking workers: the queue carries no truth, a lost or doubled message costs nothing."""

from __future__ import annotations

from django.db import transaction
from django_q.tasks import async_task


def wake(count: int = 1) -> None:
    """Ask for `count` pumps once the current transaction is committed."""

    def send() -> None:
        for _ in range(count):
            async_task("runs.tasks.pump")

    transaction.on_commit(send)


def package_soon(run_id: str) -> None:
    """Ask for a release bundle once the current transaction is committed."""
    transaction.on_commit(lambda: async_task("runs.tasks.package", run_id))
