"""What an operator may do to a run on its way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from artists import lifecycle
from experiments.assignment import record_outcome
from runs import queue
from runs.errors import RunRefused
from runs.models import Run, RunEvent, Step
from runs.steps import ORDER

CANCELLABLE = (*Run.OPEN, Run.Status.FAILED)


def cancel_run(*, run_id: UUID, actor: User | None, now: datetime) -> None:
    """Stop a run for good. A worker in the middle of it notices at its next heartbeat.

    Raises RunRefused when it is at an end or with the reviewers.
    """
    with transaction.atomic():
        changed = Run.objects.filter(pk=run_id, status__in=CANCELLABLE).update(
            status=Run.Status.CANCELLED, owner="", finished_at=now
        )
        if not changed:
            raise refused(run_id, "cancelled", "only queued, running, waiting and failed runs can")
        RunEvent.objects.create(
            run_id=run_id, at=now, kind="cancelled", message="Cancelled.", actor=actor
        )
        record_outcome(run_id=run_id, outcome="cancelled", now=now)


def retry_run(
    *, run_id: UUID, actor: User | None, now: datetime, from_step: str | None = None
) -> None:
    """Queue a failed run again at the step that failed, or from an earlier one.

    Raises RunRefused when it has not failed or `from_step` is unknown.
    """
    if from_step is not None and from_step not in ORDER:
        raise RunRefused(f"There is no step “{from_step}”; steps are: {', '.join(ORDER)}.")
    with transaction.atomic():
        changed = Run.objects.filter(pk=run_id, status=Run.Status.FAILED).update(
            status=Run.Status.QUEUED, owner="", due_at=now, error="", finished_at=None
        )
        if not changed:
            raise refused(run_id, "retried", "only failed runs can")
        run = Run.objects.get(pk=run_id)
        if from_step is not None:
            again = list(ORDER)[list(ORDER).index(from_step) :]
            run.steps.filter(name__in=again).update(output={})
            run.artifacts.current().filter(step__in=again).update(superseded_at=now)
        else:
            again = list(run.steps.exclude(status=Step.Status.DONE).values_list("name", flat=True))
        run.steps.filter(name__in=again).update(
            status=Step.Status.PENDING, attempts=0, progress=0.0, error="", finished_at=None
        )
        lifecycle.withdraw_failure(artist_id=run.artist_id, run_id=run.pk, now=now)
        record_outcome(run_id=run.pk, outcome="", now=now, cost_usd=run.cost_usd)
        RunEvent.objects.create(
            run=run,
            at=now,
            kind="queued",
            message=f"Retried from {again[0] if again else 'the end'}.",
            actor=actor,
        )
        queue.wake()


def refused(run_id: UUID, verb: str, rule: str) -> RunRefused:
    """The error for a transition that the run's state does not allow."""
    status = Run.objects.filter(pk=run_id).values_list("status", flat=True).first()
    if status is None:
        return RunRefused(f"There is no run {run_id}.")
    label = Run.Status(status).label.lower()
    return RunRefused(f"Run {run_id} is {label} and cannot be {verb}: {rule}.")
