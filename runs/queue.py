"""Waking workers: the queue carries no truth, a lost or doubled message costs nothing."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from runs.models import Run, Step


def wake(count: int = 1) -> None:
    """Ask for `count` pumps once the current transaction is committed."""

    def send() -> None:
        for _ in range(count):
            async_task("runs.tasks.pump")

    transaction.on_commit(send)


def wake_waiting(waiting_for: str, *, run_id: UUID | None = None) -> int:
    """Make the runs due that wait for this, since it may be there now; gives how many."""
    waiting = Run.objects.filter(
        status=Run.Status.WAITING,
        steps__status=Step.Status.WAITING,
        steps__waiting_for=waiting_for,
    )
    if run_id is not None:
        waiting = waiting.filter(pk=run_id)
    ids = list(waiting.values_list("pk", flat=True))
    woken = Run.objects.filter(pk__in=ids, status=Run.Status.WAITING).update(due_at=timezone.now())
    wake(min(woken, settings.WORKERS))
    return woken


def package_soon(run_id: str) -> None:
    """Ask for a release bundle once the current transaction is committed."""
    transaction.on_commit(lambda: async_task("runs.tasks.package", run_id))


def notify_soon() -> None:
    """Ask for the notifications of reviewers once the current transaction is committed."""
    transaction.on_commit(lambda: async_task("runs.tasks.notify_reviewers"))
