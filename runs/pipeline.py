"""Order, checkpoint and resume: what a worker does with a claimed run."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from artists import lifecycle
from experiments.assignment import record_outcome
from media_tools.breaker import CIRCUIT_OPEN
from media_tools.errors import (
    JobFailed,
    MediaError,
    ProviderRejected,
    ProviderUnavailable,
    WorkCancelled,
)
from runs.budgets import BudgetExhausted
from runs.claims import Claim, Heartbeat
from runs.costs import cost_of_files, cost_of_run
from runs.engines import Engines
from runs.errors import GateFailed, LostLease, Pending, ProfileUnfit
from runs.failure_kinds import cause_of
from runs.models import Artifact, Run, RunEvent, Step
from runs.steps import ORDER
from runs.steps.context import StepContext
from runs.storage import StepResult, artifact_row, store_file

logger = logging.getLogger(__name__)

MAX_TAKES = 3
RETRY_DELAYS_S = (10, 60, 300)
OUTAGE_PATIENCE_S = 6 * 3600
DISK_RETRY_S = 600

Clock = Callable[[], datetime]


def create_steps(run: Run) -> None:
    """The rows of a new run's steps, so that its whole way is visible from the start."""
    Step.objects.bulk_create(
        Step(run=run, name=name, position=position) for position, name in enumerate(ORDER)
    )


def perform_steps(claim: Claim, engines: Engines, *, clock: Clock = timezone.now) -> None:
    """Do what is left of a claimed run until it is finished, parked or failed.

    Never raises for what goes wrong with the run itself: that is written on its row. Losing the
    lease ends the work silently, since somebody else decides then.
    """
    with Heartbeat(claim) as heartbeat:
        try:
            while step := next_step(claim):
                if not perform_step(claim, step, engines, heartbeat, clock):
                    return
            finish(claim, now=clock())
        except LostLease as error:
            logger.info("Stopped: %s", error)


def next_step(claim: Claim) -> Step | None:
    """The first step that is not done."""
    return (
        Step.objects.filter(run_id=claim.run_id)
        .exclude(status=Step.Status.DONE)
        .order_by("position")
        .first()
    )


def perform_step(
    claim: Claim, step: Step, engines: Engines, heartbeat: Heartbeat, clock: Clock
) -> bool:
    """Do one step; True when the run may go on at once."""
    if step.attempts >= settings.STEP_ATTEMPTS and step.status != Step.Status.WAITING:
        why = step.error or "its worker was killed each time"
        fail(claim, step, f"Gave up after {step.attempts} attempts: {why}", now=clock())
        return False
    if free_mb() < settings.MIN_FREE_MB:
        reason = (
            f"Only {free_mb()} MB of disk are free, {settings.MIN_FREE_MB} are needed; "
            "delete files or mount more, the run goes on by itself."
        )
        wake_at = clock() + timedelta(seconds=DISK_RETRY_S)
        disk = Pending(wake_at, reason, waiting_for=Step.WaitingFor.DISK)
        park(claim, step, disk, now=clock())
        return False
    begin(claim, step, now=clock())
    try:
        with work_folder(claim, step) as folder:
            run = Run.objects.select_related("artist", "replay_of").get(pk=claim.run_id)
            context = StepContext(
                run=run,
                step=step.name,
                workdir=folder,
                engines=engines,
                clock=clock,
                report=lambda fraction: heartbeat.report(step.name, fraction),
                cancelled=heartbeat.lost.is_set,
            )
            result = ORDER[step.name].perform(context)
            checkpoint(claim, run, step, result, now=clock())
    except (LostLease, WorkCancelled) as error:
        raise LostLease(str(error)) from error
    except Pending as pending:
        park(claim, step, pending, now=clock())
        return False
    except BudgetExhausted as error:
        budget = Pending(error.wake_at, str(error), waiting_for=Step.WaitingFor.BUDGET)
        park(claim, step, budget, now=clock())
        return False
    except GateFailed as gate:
        return redo(claim, step, gate, now=clock())
    except (ProviderRejected, MediaError, ProfileUnfit) as error:
        fail(claim, step, str(error), error=error, now=clock())
        return False
    except JobFailed as error:
        # Each of its attempts may have been paid.
        retry_later(claim, step, error, now=clock())
        return False
    except ProviderUnavailable as error:
        sit_out(claim, step, error, now=clock())
        return False
    except Exception as error:
        if not isinstance(error, OSError):
            logger.exception("Run %s, step %s", claim.run_id, step.name)
        retry_later(claim, step, error, now=clock())
        return False
    return True


def begin(claim: Claim, step: Step, *, now: datetime) -> None:
    """Count the attempt before anything is done, so that a killed worker's attempt counts too.

    Waiting on a provider is one long attempt, not many.
    """
    resumed = step.status == Step.Status.WAITING
    with transaction.atomic():
        claim.renew(now=now)
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.RUNNING,
            attempts=F("attempts") + (0 if resumed else 1),
            progress=0.0,
            error="",
            waiting_for="",
            started_at=(step.started_at if resumed else None) or now,
            finished_at=None,
        )


def checkpoint(claim: Claim, run: Run, step: Step, result: StepResult, *, now: datetime) -> None:
    """Commit a step's output, files and claim check together. Raises LostLease."""
    stored = [(new, store_file(new.path)) for new in result.artifacts]
    with transaction.atomic():
        claim.write(due_at=now + timedelta(seconds=settings.LEASE_S), **result.fields)
        module = ORDER[step.name]
        if hasattr(module, "save"):
            module.save(run, result)
        costs = cost_of_files(run.pk, step.name, result.artifacts)
        Artifact.objects.bulk_create(
            artifact_row(run, step.name, new, kept, cost_usd=cost_usd)
            for (new, kept), cost_usd in zip(stored, costs, strict=True)
        )
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.DONE,
            progress=1.0,
            output=result.output,
            finished_at=now,
        )


def finish(claim: Claim, *, now: datetime) -> None:
    """Hand a complete run to the reviewers."""
    with transaction.atomic():
        claim.write(
            status=Run.Status.AWAITING_REVIEW,
            owner="",
            finished_at=now,
            error="",
            cost_usd=cost_of_run(claim.run_id),
        )
        log(claim, "finished", "Complete; waiting for a reviewer.", now=now)


def park(claim: Claim, step: Step, pending: Pending, *, now: datetime) -> None:
    """Give the run back until its wake time; it holds no worker meanwhile."""
    reason = str(pending)
    with transaction.atomic():
        claim.write(status=Run.Status.WAITING, owner="", due_at=pending.wake_at)
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.WAITING, error=reason, waiting_for=pending.waiting_for
        )
        if step.error != reason:
            log(claim, "waiting", f"{step.name}: {reason}", now=now)


def sit_out(claim: Claim, step: Step, outage: ProviderUnavailable, *, now: datetime) -> None:
    """Wait for a provider that is down, without using up the step's attempts.

    The waits grow with the time waited so far. After OUTAGE_PATIENCE_S of asking in vain the run
    fails; while nobody is asked (circuit open) it keeps waiting.
    """
    step.refresh_from_db(fields=["started_at"])
    waited_s = (now - (step.started_at or now)).total_seconds()
    if waited_s >= OUTAGE_PATIENCE_S and outage.code != CIRCUIT_OPEN:
        fail(
            claim,
            step,
            f"Gave up after {waited_s / 3600:.0f} hours: {outage}",
            error=outage,
            now=now,
        )
        return
    shortest_s, *_, longest_s = RETRY_DELAYS_S
    delay_s = outage.retry_after_s or min(max(waited_s, shortest_s), longest_s)
    park(claim, step, Pending(now + timedelta(seconds=delay_s), str(outage)), now=now)


def redo(claim: Claim, step: Step, gate: GateFailed, *, now: datetime) -> bool:
    """Another take from the step a gate names, or the end of the run; True to go on."""
    run = Run.objects.get(pk=claim.run_id)
    if run.take + 1 >= MAX_TAKES or not gate.retryable:
        fail(claim, step, f"Quality gate: {gate}", error=gate, now=now)
        return False
    first = list(ORDER).index(gate.redo_from)
    again = list(ORDER)[first:]
    with transaction.atomic():
        claim.write(take=F("take") + 1)
        Step.objects.filter(run=run, name__in=again).update(
            status=Step.Status.PENDING, attempts=0, progress=0.0, output={}, finished_at=None
        )
        run.artifacts.current().filter(step__in=again).update(superseded_at=now)
        log(claim, "retake", f"{step.name}: {gate} Take {run.take + 2} begins.", now=now)
    return True


def retry_later(claim: Claim, step: Step, error: Exception, *, now: datetime) -> None:
    """Queue the run again for the same step, with growing delays, or fail it."""
    attempts = step.attempts + 1
    # A provider's error is a sentence for the operator; of any other the kind says most.
    name = "" if isinstance(error, JobFailed) else f"{type(error).__name__}: "
    reason = f"{name}{error}".removesuffix(": ")
    if attempts >= settings.STEP_ATTEMPTS:
        fail(claim, step, f"Gave up after {attempts} attempts: {reason}", error=error, now=now)
        return
    delay_s = RETRY_DELAYS_S[min(attempts, len(RETRY_DELAYS_S)) - 1]
    with transaction.atomic():
        claim.write(status=Run.Status.QUEUED, owner="", due_at=now + timedelta(seconds=delay_s))
        Step.objects.filter(pk=step.pk).update(status=Step.Status.PENDING, error=reason)
        log(claim, "retry", f"{step.name}: {reason} Tried again in {delay_s:.0f} s.", now=now)


def fail(
    claim: Claim, step: Step, reason: str, *, error: Exception | None = None, now: datetime
) -> None:
    """End the run with its reason. A failed run is no rejection: it counts as an error only.

    error: what it failed of; None when its worker died each time.
    """
    with transaction.atomic():
        claim.write(
            status=Run.Status.FAILED,
            owner="",
            finished_at=now,
            error=f"{step.name}: {reason}",
            **cause_of(error).as_fields(),
            cost_usd=cost_of_run(claim.run_id),
        )
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.FAILED, error=reason, finished_at=now
        )
        log(claim, "failed", f"{step.name}: {reason}", now=now)
        run = Run.objects.get(pk=claim.run_id)
        record_outcome(run_id=run.pk, outcome="failed", now=now, cost_usd=run.cost_usd)
        lifecycle.record_failure(artist_id=run.artist_id, run_id=run.pk, detail=step.name, now=now)


def log(claim: Claim, kind: str, message: str, *, now: datetime) -> None:
    RunEvent.objects.create(run_id=claim.run_id, at=now, kind=kind, message=message)


def free_mb() -> int:
    """Free disk where artifacts and work files go, the smaller of both."""
    free = []
    for folder in (settings.MEDIA_ROOT, settings.WORK_DIR):
        Path(folder).mkdir(parents=True, exist_ok=True)
        free.append(shutil.disk_usage(folder).free)
    return min(free) // 1_000_000


@contextmanager
def work_folder(claim: Claim, step: Step) -> Iterator[Path]:
    """An empty folder for one attempt of one step, removed afterwards."""
    folder = Path(settings.WORK_DIR) / str(claim.run_id) / f"{step.name}-{claim.attempt}"
    shutil.rmtree(folder.parent, ignore_errors=True)  # what a killed worker left of this run
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)
