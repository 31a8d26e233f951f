"""The right to work on a run: claim it, renew the claim, give it back, requeue dropped runs.

The heartbeat also serves other claims (runs/publishing/claims.py).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from runs.errors import LostLease
from runs.models import Packing, Publication, Run, RunEvent, Step
from runs.work.workers import beat, is_gone, worker_name

logger = logging.getLogger(__name__)

PROGRESS_EVERY_S = 3.0


class Renewable(Protocol):
    """A claim that a heartbeat can keep."""

    def renew(self, *, now: datetime) -> None:
        """Extend the lease. Raises LostLease."""

    def save_progress(self, step: str, fraction: float) -> None:
        """Save how far the work has come. Raises LostLease where that is noticed."""


@dataclass(frozen=True)
class Claim:
    """One worker's right to one run; every later write must match it."""

    run_id: UUID
    owner: str
    attempt: int

    def write(self, **fields: Any) -> None:
        """Update the run if the claim still holds. Raises LostLease otherwise."""
        held = Run.objects.filter(
            pk=self.run_id, status=Run.Status.RUNNING, owner=self.owner, attempt=self.attempt
        )
        if not held.update(**fields):
            raise LostLease(f"Run {self.run_id} is no longer held by {self.owner}.")

    def renew(self, *, now: datetime) -> None:
        """Extend the lease. Raises LostLease."""
        self.write(due_at=now + timedelta(seconds=settings.LEASE_S))

    def save_progress(self, step: str, fraction: float) -> None:
        """Save how far a step has come."""
        Step.objects.filter(run_id=self.run_id, name=step).update(progress=fraction)

    def __str__(self) -> str:
        return f"run {self.run_id}"

    def hand_back(self, *, now: datetime) -> None:
        """Queue the run again for any worker, because this one ends. Raises LostLease."""
        with transaction.atomic():
            self.write(status=Run.Status.QUEUED, owner="", due_at=now)
            message = "Its worker was told to stop; another continues with the next step."
            RunEvent.objects.log(self.run_id, RunEvent.Kind.HANDED_BACK, message, now=now)


def work_is_due(*, now: datetime) -> bool:
    """Whether a worker would find a run, a bundle or a publication to work on."""
    return (
        Run.objects.due(now=now).exists()
        or Packing.objects.due(now=now).exists()
        or Publication.objects.workable(now=now).exists()
    )


def claim_next(*, now: datetime, batch_id: int | None = None) -> Claim | None:
    """Claim the run that has been due longest. Returns None if there is nothing to do.

    The same code is correct on PostgreSQL (it skips rows locked by others) and on SQLite (the
    transaction takes the write lock when it begins).
    """
    with transaction.atomic():
        due = Run.objects.due(now=now)
        if batch_id is not None:
            due = due.filter(batch_id=batch_id)
        run = due.select_for_update(skip_locked=True, of=("self",)).first()
        return claim_run(run.pk, now=now) if run else None


def claim_run(run_id: UUID, *, now: datetime) -> Claim | None:
    """Claim this run if it is due. Returns None if another worker was faster."""
    owner = worker_name()
    with transaction.atomic():
        # One conditional UPDATE, not get-then-save: two workers may race.
        if (
            not Run.objects.due(now=now)
            .filter(pk=run_id)
            .update(
                status=Run.Status.RUNNING,
                owner=owner,
                attempt=F("attempt") + 1,
                due_at=now + timedelta(seconds=settings.LEASE_S),
                started_at=Coalesce("started_at", now),
            )
        ):
            return None
        attempt = Run.objects.values_list("attempt", flat=True).get(pk=run_id)
        return Claim(run_id=run_id, owner=owner, attempt=attempt)


def requeue_dropped(*, now: datetime) -> list[UUID]:
    """Queue again the runs whose worker died: its lease expired, or its process here is gone."""
    running = Run.objects.filter(status=Run.Status.RUNNING).values_list(
        "pk", "owner", "attempt", "due_at"
    )
    requeued = []
    for run_id, owner, attempt, lease_until in running:
        gone = is_gone(owner)
        if lease_until >= now and not gone:
            continue
        with transaction.atomic():
            # Only while the same claim stands: the worker may have finished the run meanwhile.
            changed = Run.objects.filter(
                pk=run_id, status=Run.Status.RUNNING, owner=owner, attempt=attempt
            ).update(status=Run.Status.QUEUED, owner="", due_at=now)
            if changed:
                why = "its process is gone" if gone else f"no heartbeat before {lease_until:%H:%M}"
                message = f"Worker {owner} dropped the run ({why}); queued again."
                RunEvent.objects.log(run_id, RunEvent.Kind.REQUEUED, message, now=now)
                requeued.append(run_id)
    return requeued


class Heartbeat:
    """Renews a lease and saves a step's progress, in a thread, while a worker is busy.

    lost: set when the run was cancelled or taken away; long work should check it and stop.
    """

    def __init__(self, claim: Renewable) -> None:
        self.claim = claim
        self.lost = threading.Event()
        self._stop = threading.Event()
        self._progress: tuple[str, float] | None = None
        self._thread = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=30)

    def report(self, step: str, fraction: float) -> None:
        """Note progress, which is saved with the next beat. Safe from any thread."""
        self._progress = (step, min(max(fraction, 0.0), 1.0))

    def _beat(self) -> None:
        # Three beats may fail before the lease ends.
        renew_every_s = settings.LEASE_S / 4
        renewed = time.monotonic()
        written = None
        try:
            while not self._stop.wait(min(PROGRESS_EVERY_S, renew_every_s)):
                try:
                    if time.monotonic() - renewed >= renew_every_s:
                        self.claim.renew(now=timezone.now())
                        beat(now=timezone.now())
                        renewed = time.monotonic()
                    if self._progress != written:
                        written = self._progress
                        assert written is not None
                        self.claim.save_progress(*written)
                except LostLease:
                    self.lost.set()
                    return
                except DatabaseTrouble as error:
                    # The next beat tries again; the lease is long enough for several missed beats.
                    logger.warning("Heartbeat of %s missed: %s", self.claim, error)
                    connection.close_if_unusable_or_obsolete()
        finally:
            connection.close()
