"""What an operator can do with a run: cancel, retry, replay, start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from artists import lifecycle
from artists.models import Artist
from experiments.assignment import record_outcome
from runs.errors import RunRefused
from runs.models import Artifact, Batch, ProviderCall, Review, Run, RunEvent, Step
from runs.models.moments import next_moment
from runs.steps import NAMES
from runs.work.batches import create_batch

CANCELLABLE = (*Run.OPEN, Run.Status.FAILED)
# A decided run must be reopened first, by undoing its decision.
RETRYABLE = (Run.Status.FAILED, Run.Status.AWAITING_REVIEW)
WRITING = ("concept", "lyrics")


def cancel_run(*, run_id: UUID, actor: User | None, now: datetime) -> None:
    """Stop a run for good; a worker in the middle of it notices at its next heartbeat.

    Raises RunRefused if the run has ended or is with the reviewers.
    """
    with transaction.atomic():
        changed = Run.objects.filter(pk=run_id, status__in=CANCELLABLE).update(
            status=Run.Status.CANCELLED, owner="", finished_at=now
        )
        if not changed:
            raise refused(run_id, "cancelled", "only queued, running, waiting and failed runs can")
        now = next_moment(run_id, now=now)
        RunEvent.objects.log(run_id, RunEvent.Kind.CANCELLED, "Cancelled.", now=now, actor=actor)
        record_outcome(run_id=run_id, outcome="cancelled", now=now)


def retry_run(
    *,
    run_id: UUID,
    actor: User | None,
    now: datetime,
    from_step: str | None = None,
    anew: bool = False,
) -> None:
    """Queue a failed run again at the step that failed, or any run in RETRYABLE from a chosen step.

    The files of repeated steps are superseded, and their attempts are counted from 0. A paid job
    whose result is known is collected again, not bought twice.

    anew: make another take with other seeds, so that providers are asked and paid again; needs
    `from_step`. New lyrics always make another take if a provider worked on the old ones, because
    the old song would not fit.
    Raises RunRefused if the run's status does not allow it or `from_step` is unknown.
    """
    if from_step is not None and from_step not in NAMES:
        raise RunRefused(f"There is no step “{from_step}”; steps are: {', '.join(NAMES)}.")
    if anew and from_step is None:
        raise RunRefused("Another take needs the step it begins with.")
    allowed = (Run.Status.FAILED,) if from_step is None else RETRYABLE
    with transaction.atomic():
        if from_step in WRITING:
            made = ProviderCall.objects.filter(run=run_id).exclude(step__in=WRITING)
            anew = anew or made.exists()
        changed = Run.objects.filter(pk=run_id, status__in=allowed).update(
            status=Run.Status.QUEUED,
            owner="",
            due_at=now,
            error="",
            failure_kind="",
            failure_subject="",
            finished_at=None,
            reviewed_by=None,
            review_until=None,
            take=F("take") + int(anew),
        )
        if not changed:
            rule = "only failed runs can" if from_step is None else RETRY_RULE
            raise refused(run_id, "retried", rule)
        run = Run.objects.get(pk=run_id)
        now = next_moment(run_id, now=now)
        again = reset_steps(run, from_step, now=now)
        # Verdicts waiting for a second one were about the files that are now made again.
        Review.objects.verdicts().filter(run=run).update(undone_at=now)
        changes = lifecycle.withdraw_failure(artist_id=run.artist_id, run_id=run.pk, now=now)
        record_outcome(run_id=run.pk, outcome="", now=now, cost_usd=run.cost_usd)
        message = f"Retried from {again[0] if again else 'the end'}"
        message += f" as take {run.take + 1}." if anew else "."
        RunEvent.objects.log(run.pk, RunEvent.Kind.QUEUED, message, now=now, actor=actor)
        RunEvent.objects.log_changes(run.pk, changes, now=now)


RETRY_RULE = "only failed runs and those that await review can; undo its decision first"


def reset_steps(run: Run, from_step: str | None, *, now: datetime) -> list[str]:
    """Make the steps from `from_step` on pending, or all that are not done. Returns their names.

    If files were removed to free space, begins with the step that makes them again: the later ones
    would miss them.
    """
    gone = set(run.artifacts.current().purged().values_list("kind", flat=True))
    if gone.difference(Artifact.WORKING):
        from_step = NAMES[0]
    elif gone and (from_step or first_to_do(run)) == "master":
        from_step = "music"
    if from_step is not None:
        again = list(NAMES[NAMES.index(from_step) :])
        run.steps.filter(name__in=again).update(output={})
        run.artifacts.current().filter(step__in=again).update(superseded_at=now)
    else:
        again = list(run.steps.exclude(status=Step.Status.DONE).values_list("name", flat=True))
    run.steps.filter(name__in=again).update(
        status=Step.Status.PENDING, attempts=0, progress=0.0, error="", finished_at=None
    )
    return again


def first_to_do(run: Run) -> str | None:
    """The first step that is not done; None if all are."""
    waiting = run.steps.exclude(status=Step.Status.DONE).order_by("position")
    return waiting.values_list("name", flat=True).first()


def replay_run(*, run_id: UUID, actor: User | None, now: datetime) -> Run:
    """Queue a run of the same artist with the same seed and overrides: the same song again.

    Raises RunRefused for an unknown run, RosterError if the artist gets no turns.
    """
    run = Run.objects.select_related("artist").filter(pk=run_id).first()
    if run is None:
        raise RunRefused(f"There is no run {run_id}.")
    return start_run(
        artist=run.artist, seed=run.seed, overrides=run.overrides, actor=actor, now=now
    )


def start_run(
    *,
    artist: Artist,
    seed: int | None,
    overrides: Mapping[str, Any],
    actor: User | None,
    now: datetime,
) -> Run:
    """Create a batch of one run with these settings. seed None: a random one.

    overrides: values by parameter, as experiments/parameters.py checks them.
    Raises RosterError if the artist gets no turns.
    """
    batch = create_batch(
        size=1,
        origin=Batch.Origin.PANEL,
        now=now,
        seed=seed,
        artist=artist,
        overrides=overrides,
        requested_by=actor,
    )
    return batch.runs.get()


def refused(run_id: UUID, verb: str, rule: str) -> RunRefused:
    """Return the error for a move that the run's status does not allow."""
    run = Run.objects.only("status", "title").filter(pk=run_id).first()
    if run is None:
        return RunRefused(f"There is no run {run_id}.")
    label = run.get_status_display().lower()
    return RunRefused(f"{run} is {label} and cannot be {verb}: {rule}.")
