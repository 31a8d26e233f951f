"""What a worker does with a claimed run: does its steps in order, saves each, resumes."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from ai_artist.kit.columns import fitted, reason
from ai_artist.kit.log_context import working_on
from ai_artist.kit.values import counted
from artists import lifecycle
from experiments.assignment import record_outcome
from media_tools.errors import (
    JobFailed,
    MediaError,
    ProviderRejected,
    ProviderUnavailable,
    WorkCancelled,
    disk_is_full,
)
from media_tools.foreign import clean_json
from media_tools.providers.breaker import CIRCUIT_OPEN
from media_tools.providers.wire import LONGEST_RETRY_AFTER_S
from media_tools.records import from_json, to_json
from runs.errors import GateFailed, LostLease, Pending, ProfileUnfit, StoreTrouble
from runs.models import Artifact, Run, RunEvent, Step
from runs.providers.budgets import BudgetExhausted
from runs.providers.costs import cost_of_files, cost_of_run
from runs.providers.engines import Engines
from runs.steps import NAMES, STEPS
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import StepResult, artifact_row, store_file
from runs.storage.artifacts import artifact_storage
from runs.work.claims import Claim, Heartbeat
from runs.work.failure_kinds import cause_of
from runs.work.workers import told_to_stop
from runs.work.workfolders import work_folder

logger = logging.getLogger(__name__)

Kind = RunEvent.Kind

MAX_TAKES = 3  # after this many refused takes the run fails
RETRY_DELAYS_S = (10, 60, 300)
OUTAGE_PATIENCE_S = 6 * 3600
DISK_RETRY_S = 600
STORE_RETRY_S = 60

Clock = Callable[[], datetime]


class Outcome(Enum):
    """How an attempt at a step ended."""

    DONE = auto()
    RETAKE = auto()  # a quality gate sent the run back to an earlier step
    PARKED = auto()  # waits for something outside
    REQUEUED = auto()  # the same step is tried later
    FAILED = auto()  # the step failed, and the run with it


# After these outcomes the worker keeps the run.
GOES_ON = (Outcome.DONE, Outcome.RETAKE)


def step_named(name: str) -> StepDefinition[Any]:
    """Return a step's definition, loaded when it is first needed."""
    definition: StepDefinition[Any] = import_string(STEPS[name])
    return definition


def create_steps(runs: Iterable[Run]) -> None:
    """Create the rows of new runs' steps, so that all of their way can be shown from the start."""
    Step.objects.bulk_create(
        Step(run=run, name=name, position=position)
        for run in runs
        for position, name in enumerate(NAMES)
    )


def perform_steps(claim: Claim, engines: Engines, *, clock: Clock = timezone.now) -> None:
    """Do what is left of a claimed run until it is finished, parked or failed.

    Never raises for faults of the run itself: they are written on its row. If the lease is lost,
    the work ends silently, because another worker decides then. A worker that is told to stop gives
    the run back after the present step. If even that cannot be written, it is logged, and the sweep
    queues the run again when the lease is over.
    """
    with working_on(run=claim.run_id):
        _perform_steps(claim, engines, clock)


def _perform_steps(claim: Claim, engines: Engines, clock: Clock) -> None:
    try:
        batch = Run.objects.values_list("batch", flat=True).get(pk=claim.run_id)
        with working_on(batch=batch), Heartbeat(claim) as heartbeat:
            while step := next_step(claim):
                if told_to_stop():
                    claim.hand_back(now=clock())
                    return
                with working_on(step=step.name):
                    outcome = perform_step(claim, step, engines, heartbeat, clock)
                if outcome not in GOES_ON:
                    return
            finish(claim, now=clock())
    except LostLease as error:
        logger.info("Stopped: %s", error)
    except Exception:
        logger.exception("Run %s is left to the sweep", claim.run_id)
        # Drop a broken database connection, so that this worker's next runs do not fail too.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def next_step(claim: Claim) -> Step | None:
    """Return the first step that is not done."""
    return (
        Step.objects.filter(run_id=claim.run_id)
        .exclude(status=Step.Status.DONE)
        .order_by("position")
        .first()
    )


def perform_step(
    claim: Claim, step: Step, engines: Engines, heartbeat: Heartbeat, clock: Clock
) -> Outcome:
    """Do one step. Raises LostLease."""
    # A waiting step is in the middle of an attempt, so it may go on.
    if step.attempts >= settings.STEP_ATTEMPTS and step.status != Step.Status.WAITING:
        why = step.error or "its worker was killed each time"
        return fail(
            claim, step, f"Gave up after {counted(step.attempts, 'attempt')}: {why}", now=clock()
        )
    begin(claim, step, now=clock())
    try:
        check_disk(now=clock())
        with work_folder(claim, step.name) as folder:
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
            result = step_named(step.name).perform(context)
            checkpoint(claim, run, step, result, now=clock())
    except (LostLease, WorkCancelled) as error:
        raise LostLease(str(error)) from error
    except GateFailed as gate:
        return redo(claim, step, gate, now=clock())
    except Exception as error:
        return end_attempt(claim, step, error, now=clock())
    return Outcome.DONE


def end_attempt(claim: Claim, step: Step, error: Exception, *, now: datetime) -> Outcome:
    """Park, fail or requeue the run, depending on the error that ended the attempt."""
    if isinstance(error, Pending):
        return park(claim, step, error, now=now)
    if isinstance(error, BudgetExhausted):
        budget = Pending(error.wake_at, str(error), waiting_for=Step.WaitingFor.BUDGET)
        return park(claim, step, budget, now=now)
    if isinstance(error, StoreTrouble):
        return park(claim, step, waits_for_store(error, now=now), now=now)
    if disk_is_full(error):
        return park(claim, step, waits_for_disk("The disk is full", now=now), now=now)
    if isinstance(error, ProviderRejected | MediaError | ProfileUnfit):
        return fail(claim, step, str(error), error=error, now=now)
    if isinstance(error, ProviderUnavailable) and not isinstance(error, JobFailed):
        return sit_out(claim, step, error, now=now)
    # A failed job counts too, because each of its attempts may have been paid.
    if not isinstance(error, OSError | JobFailed):
        logger.error("Run %s, step %s", claim.run_id, step.name, exc_info=error)
    return retry_later(claim, step, error, now=now)


def begin(claim: Claim, step: Step, *, now: datetime) -> None:
    """Count the attempt before the work, so that an attempt that kills its worker counts too.

    Waiting is one long attempt, not many. Only waiting for a provider uses up its patience.
    """
    resumed = step.status == Step.Status.WAITING
    for_provider = resumed and step.waiting_for == Step.WaitingFor.PROVIDER
    with transaction.atomic():
        claim.renew(now=now)
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.RUNNING,
            attempts=F("attempts") + (0 if resumed else 1),
            progress=0.0,
            error="",
            waiting_for="",
            started_at=(step.started_at if for_provider else None) or now,
            finished_at=None,
        )


def checkpoint(
    claim: Claim, run: Run, step: Step, result: StepResult[Any], *, now: datetime
) -> None:
    """Save a step's output and files, and check the claim, in one transaction. Raises LostLease."""
    # Files first: a crash before the commit leaves an unused file, never a row without its file.
    stored = [(new, store_file(new.path)) for new in result.artifacts]
    # Clean text rather than fail: an odd character must not cost a result that was paid for.
    output = clean_json(to_json(result.output))
    result = replace(
        result, output=from_json(type(result.output), output), fields=fitted(Run, **result.fields)
    )
    with transaction.atomic():
        claim.write(due_at=now + timedelta(seconds=settings.LEASE_S), **result.fields)
        step_named(step.name).save(run, result)
        costs = cost_of_files(run.pk, step.name, result.artifacts)
        Artifact.objects.bulk_create(
            artifact_row(run, step.name, new, kept, cost_usd=cost_usd)
            for (new, kept), cost_usd in zip(stored, costs, strict=True)
        )
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.DONE,
            progress=1.0,
            output=output,
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
        log(claim, Kind.FINISHED, "Complete; waiting for a reviewer.", now=now)


def park(claim: Claim, step: Step, pending: Pending, *, now: datetime) -> Outcome:
    """Give the run back until its wake time; it occupies no worker meanwhile."""
    why = reason(pending)
    with transaction.atomic():
        claim.write(status=Run.Status.WAITING, owner="", due_at=pending.wake_at)
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.WAITING, error=why, waiting_for=pending.waiting_for
        )
        # Logged once, not at every look while the reason stays the same.
        if step.error != why:
            log(claim, Kind.WAITING, f"{step.name}: {why}", now=now)
    return Outcome.PARKED


def sit_out(claim: Claim, step: Step, outage: ProviderUnavailable, *, now: datetime) -> Outcome:
    """Wait for a provider that is down, without using up the step's attempts.

    The waits grow with the time waited so far. After OUTAGE_PATIENCE_S of failed calls the run
    fails; while no calls are made (breaker open) it keeps waiting.
    """
    step.refresh_from_db(fields=["started_at"])
    waited_s = (now - (step.started_at or now)).total_seconds()
    if waited_s >= OUTAGE_PATIENCE_S and outage.code != CIRCUIT_OPEN:
        why = f"Gave up after {waited_s / 3600:.0f} hours: {outage}"
        return fail(claim, step, why, error=outage, now=now)
    shortest_s, *_, longest_s = RETRY_DELAYS_S
    # A provider knows best when to ask again; its answer is limited all the same.
    delay_s = outage.retry_after_s or min(max(waited_s, shortest_s), longest_s)
    delay_s = min(delay_s, LONGEST_RETRY_AFTER_S)
    return park(claim, step, Pending(now + timedelta(seconds=delay_s), str(outage)), now=now)


def redo(claim: Claim, step: Step, gate: GateFailed, *, now: datetime) -> Outcome:
    """Begin another take from the step a gate names, or fail the run."""
    run = Run.objects.get(pk=claim.run_id)
    if run.take + 1 >= MAX_TAKES or not gate.retryable:
        return fail(claim, step, f"Quality gate: {gate}", error=gate, now=now)
    again = NAMES[NAMES.index(gate.redo_from) :]
    with transaction.atomic():
        claim.write(take=F("take") + 1)
        Step.objects.filter(run=run, name__in=again).update(
            status=Step.Status.PENDING, attempts=0, progress=0.0, output={}, finished_at=None
        )
        # Superseded, not deleted: a reviewer or an operator can still look at earlier takes.
        run.artifacts.current().filter(step__in=again).update(superseded_at=now)
        log(claim, Kind.RETAKE, f"{step.name}: {gate} Take {run.take + 2} begins.", now=now)
    return Outcome.RETAKE


def retry_later(claim: Claim, step: Step, error: Exception, *, now: datetime) -> Outcome:
    """Queue the run again for the same step, with growing delays, or fail it."""
    attempts = step.attempts + 1
    why = reason(words_of(error))
    if attempts >= settings.STEP_ATTEMPTS:
        return fail(
            claim,
            step,
            f"Gave up after {counted(attempts, 'attempt')}: {why}",
            error=error,
            now=now,
        )
    delay_s = RETRY_DELAYS_S[min(attempts, len(RETRY_DELAYS_S)) - 1]
    with transaction.atomic():
        claim.write(status=Run.Status.QUEUED, owner="", due_at=now + timedelta(seconds=delay_s))
        Step.objects.filter(pk=step.pk).update(status=Step.Status.PENDING, error=why)
        log(claim, Kind.RETRY, f"{step.name}: {why} Tried again in {delay_s:.0f} s.", now=now)
    return Outcome.REQUEUED


def words_of(error: Exception) -> str:
    """Return what an error says to the operator.

    A provider's error is a sentence. A database's is SQL, which stays in the worker's log. Of any
    other error, the class says most.
    """
    if isinstance(error, JobFailed):
        return str(error)
    kind = type(error).__name__
    if isinstance(error, DatabaseTrouble):
        return f"The database did not take what the step made ({kind}); see the worker's log."
    return f"{kind}: {error}".removesuffix(": ")


def fail(
    claim: Claim, step: Step, why: str, *, error: Exception | None = None, now: datetime
) -> Outcome:
    """End the run with its reason; the artist gets an error on record, not a rejection.

    error: what ended the last attempt; None if its worker died each time.
    """
    why = reason(why)
    with transaction.atomic():
        claim.write(
            status=Run.Status.FAILED,
            owner="",
            finished_at=now,
            error=f"{step.name}: {why}",
            **cause_of(error).as_fields(),
            cost_usd=cost_of_run(claim.run_id),
        )
        Step.objects.filter(pk=step.pk).update(
            status=Step.Status.FAILED, error=why, finished_at=now
        )
        log(claim, Kind.FAILED, f"{step.name}: {why}", now=now)
        run = Run.objects.get(pk=claim.run_id)
        record_outcome(run_id=run.pk, outcome="failed", now=now, cost_usd=run.cost_usd)
        changes = lifecycle.record_failure(
            artist_id=run.artist_id, run_id=run.pk, detail=step.name, now=now
        )
        RunEvent.objects.log_changes(run.pk, changes, now=now)
    return Outcome.FAILED


def log(claim: Claim, kind: RunEvent.Kind, message: str, *, now: datetime) -> None:
    RunEvent.objects.log(claim.run_id, kind, reason(message), now=now)


def check_disk(*, now: datetime) -> None:
    """Raise Pending if too little disk is free for a step."""
    free = free_mb()
    if free < settings.MIN_FREE_MB:
        needed = f"{settings.MIN_FREE_MB} are needed"
        raise waits_for_disk(f"Only {free} MB of disk are free, {needed}", now=now)


def waits_for_disk(what: str, *, now: datetime) -> Pending:
    return Pending(
        now + timedelta(seconds=DISK_RETRY_S),
        f"{what}; delete files or mount more, the run goes on by itself.",
        waiting_for=Step.WaitingFor.DISK,
    )


def waits_for_store(trouble: StoreTrouble, *, now: datetime) -> Pending:
    """What the object store refuses is no fault of the run."""
    return Pending(
        now + timedelta(seconds=STORE_RETRY_S),
        trouble.with_advice,
        waiting_for=Step.WaitingFor.STORE,
    )


def free_mb() -> int:
    """Return the free disk space for artifacts and work files, whichever is less."""
    free = []
    for folder in artifact_storage().disks.values():
        folder.mkdir(parents=True, exist_ok=True)
        free.append(shutil.disk_usage(folder).free)
    return min(free) // 1_000_000
