"""What decisions by people and failed runs do to an artist: count, judge, undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from artists.lifecycle.history import (
    LifecycleError,
    changes_in_force,
    fitted,
    locked,
    next_moment,
    position_of,
    recount_all,
    store_counters,
)
from artists.lifecycle.judgement import evaluate, figures_now
from artists.lifecycle.policies import policy_of
from artists.lifecycle.rules import Rule, judge_errors
from artists.lifecycle.transitions import apply, take_back
from artists.models import Artist, PerformanceEntry, StatusChange

Kind = PerformanceEntry.Kind

# Verdicts on a trial: undoing a decision that counted in it opens the trial again.
TRIAL_VERDICTS = (Rule.EVOLUTION_KEPT, Rule.EVOLUTION_FAILED, Rule.EVOLUTIONS_EXHAUSTED)


class DecisionConflict(LifecycleError):
    """The run already has the opposite decision."""


def record_decision(
    *,
    artist_id: int,
    run_id: UUID,
    approved: bool,
    detail: str,
    now: datetime,
    profile_version: int | None = None,
) -> list[StatusChange]:
    """Count a person's decision and judge the artist on it. Returns the changes it caused.

    profile_version: the version the run used, so that a trial counts only its own runs. The same
    decision again does nothing.
    Raises DecisionConflict if the opposite one stands, UnknownArtist if there is no such artist.
    """
    kind = Kind.APPROVED if approved else Kind.REJECTED
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        standing = PerformanceEntry.objects.decisions().filter(run_id=run_id).first()
        if standing:
            if standing.kind == kind:
                return []
            raise DecisionConflict(
                f"This run of {artist} is {standing.kind} already; undo that decision first."
            )
        PerformanceEntry.objects.create(
            artist=artist,
            run_id=run_id,
            kind=kind,
            detail=fitted(detail),
            profile_version=profile_version,
            at=now,
        )
        if approved:
            artist.approved_count += 1
            artist.consecutive_rejections = 0
        else:
            artist.rejected_count += 1
            artist.consecutive_rejections += 1
        store_counters(artist)
        verdict = evaluate(artist=artist, policy=policy_of(artist), now=now)
        if not verdict:
            return []
        return [apply(artist, verdict, actor=None, now=now, run_id=run_id)]


def record_failure(
    *, artist_id: int, run_id: UUID, detail: str, now: datetime
) -> list[StatusChange]:
    """Count a failed run, which can pause the artist but leaves the rejection streak as it is.

    Only a run's first failure counts.
    """
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        _, created = PerformanceEntry.objects.get_or_create(
            run_id=run_id,
            kind=Kind.FAILED,
            withdrawn_at=None,
            defaults={"artist": artist, "detail": fitted(detail), "at": now},
        )
        if not created:
            return []
        artist.failed_count += 1
        store_counters(artist)
        if artist.status not in Artist.SELECTABLE:
            return []
        policy = policy_of(artist)
        verdict = judge_errors(figures_now(artist, policy=policy, now=now), policy)
        if not verdict:
            return []
        return [apply(artist, verdict, actor=None, now=now, run_id=run_id)]


def withdraw_decision(*, artist_id: int, run_id: UUID, now: datetime) -> list[StatusChange]:
    """Undo a decision. Returns the status changes that follow.

    The change caused by this decision is taken back if no other change came after it; so is the
    verdict on a trial in which the decision counted. Then the artist is judged on what is left. If
    there is no decision, nothing happens.
    """
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        entry = PerformanceEntry.objects.decisions().filter(artist=artist, run_id=run_id).first()
        return _withdraw(artist, entry, now) if entry else []


def withdraw_failure(*, artist_id: int, run_id: UUID, now: datetime) -> list[StatusChange]:
    """Undo the failure of a run that is retried, as `withdraw_decision` does for a decision."""
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        failures = PerformanceEntry.objects.standing().filter(artist=artist, kind=Kind.FAILED)
        entry = failures.filter(run_id=run_id).first()
        return _withdraw(artist, entry, now) if entry else []


def _withdraw(artist: Artist, entry: PerformanceEntry, now: datetime) -> list[StatusChange]:
    """Withdraw an entry of a locked artist, take back what it caused, judge what is left."""
    PerformanceEntry.objects.filter(pk=entry.pk).update(withdrawn_at=now)
    changes = [take_back(artist, change, now) for change in _consequences(artist, entry)]
    recount_all([artist])
    # Without this approval the rejections around it may form a streak, or the rate may be poor.
    if verdict := evaluate(artist=artist, policy=policy_of(artist), now=now):
        verdict = replace(verdict, reason=f"Judged again: {verdict.reason}")
        changes.append(apply(artist, verdict, actor=None, now=now, run_id=entry.run_id))
    return changes


def _consequences(artist: Artist, entry: PerformanceEntry) -> list[StatusChange]:
    """Return the changes to take back with an entry, newest first: its own, and trials it began."""
    later: list[StatusChange] = []
    for change in reversed(changes_in_force(artist.pk)):
        later.append(change)
        if change.rule != Rule.TRIAL_STARTED:
            own = change.run_id == entry.run_id and position_of(change)[1] == entry.pk
            return later if own or _counted_in_trial(artist, change, entry) else []
    return []


def _counted_in_trial(artist: Artist, verdict: StatusChange, entry: PerformanceEntry) -> bool:
    if verdict.rule not in TRIAL_VERDICTS:
        return False
    trial = artist.evolutions.filter(ended_by=verdict).first()
    started = trial.started_at if trial else None
    return started is not None and started <= entry.at <= verdict.at
