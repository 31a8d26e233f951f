"""What decisions, failures and people do to an artist's status; counters; the policy.

Every write locks the artist's row first, so concurrent decisions on one artist queue up and each
judges the figures the one before it left. The rules themselves are in artists/rules.py.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.dateparse import parse_datetime

from artists import retelling, trials
from artists.careers import TICK, figures_of, window_start
from artists.figures import Figures
from artists.models import Artist, LifecyclePolicy, PerformanceEntry, StatusChange
from artists.policies import default_policy, policy_of
from artists.records import (
    LifecycleError,
    UnknownArtist,
    career_of,
    changes_in_force,
    events_of,
    fitted,
    locked,
    position_of,
    rebuild_counters,
    recount,
    store,
    store_counters,
)
from artists.rules import (
    POOR_RATE,
    SURE_ENOUGH,
    Rule,
    Verdict,
    effects_of,
    judge,
    judge_errors,
    judge_idleness,
    probation_chance,
)

__all__ = ["TICK", "LifecycleError", "UnknownArtist", "default_policy", "rebuild_counters"]

logger = logging.getLogger(__name__)

Status = Artist.Status
Kind = PerformanceEntry.Kind

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.CANDIDATE: frozenset({Status.ACTIVE, Status.EVOLVING, Status.PAUSED, Status.RETIRED}),
    Status.ACTIVE: frozenset({Status.EVOLVING, Status.PAUSED, Status.RETIRED}),
    Status.EVOLVING: frozenset({Status.ACTIVE, Status.PAUSED, Status.RETIRED}),
    Status.PAUSED: frozenset({Status.CANDIDATE, Status.ACTIVE, Status.EVOLVING, Status.RETIRED}),
    Status.RETIRED: frozenset({Status.CANDIDATE, Status.ACTIVE}),
}
PAUSE_NOTICE = timedelta(days=14)
# Verdicts on a changed profile: an undone decision of the trial opens it again.
TRIAL_VERDICTS = (Rule.EVOLUTION_KEPT, Rule.EVOLUTION_FAILED, Rule.EVOLUTIONS_EXHAUSTED)


class TransitionRefused(LifecycleError):
    """The artist's status does not allow this transition."""


class DecisionConflict(LifecycleError):
    """The run has the opposite decision already."""


@dataclass(frozen=True, kw_only=True)
class RosterVerdict(Verdict):
    """A verdict on one artist of the roster. change: the row written; None in a dry run."""

    artist: Artist
    change: StatusChange | None


# --- Decisions and failures ---


def record_decision(
    *,
    artist_id: int,
    run_id: UUID,
    approved: bool,
    detail: str,
    now: datetime,
    profile_version: int | None = None,
) -> list[StatusChange]:
    """Count a person's decision and judge the artist by it; gives the changes it caused.

    profile_version: of the profile the run used, so that a trial counts its own runs only.
    The same decision again does nothing. Raises DecisionConflict when the opposite one stands,
    UnknownArtist when there is no such artist.
    """
    kind = Kind.APPROVED if approved else Kind.REJECTED
    with transaction.atomic():
        artist = locked(artist_id)
        standing = PerformanceEntry.objects.decisions().filter(run_id=run_id).first()
        if standing:
            if standing.kind == kind:
                return []
            raise DecisionConflict(
                f"Run {run_id} of {artist} is {standing.kind} already; undo that decision first."
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
        return [_apply(artist, verdict, actor=None, now=now, run_id=run_id)]


def record_failure(
    *, artist_id: int, run_id: UUID, detail: str, now: datetime
) -> list[StatusChange]:
    """Count a failed run; at most it pauses the artist. The rejection streak stays as it is.

    A run fails once: later failures of the same run do nothing.
    """
    with transaction.atomic():
        artist = locked(artist_id)
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
        return [_apply(artist, verdict, actor=None, now=now, run_id=run_id)]


def withdraw_decision(*, artist_id: int, run_id: UUID, now: datetime) -> None:
    """Undo a decision: counters and status are as if it had never been made.

    What followed is told again without it (`artists.retelling`): changes of status that only it
    made possible are taken back, others may follow instead, at their place in the history. Where
    the rules alone cannot tell, the change that this very decision caused is taken back while
    nothing came after it, and so is the verdict on a trial it counted in; then the artist is
    judged by what is left. Without a decision: nothing to do.
    """
    with transaction.atomic():
        artist = locked(artist_id)
        decisions = PerformanceEntry.objects.decisions().filter(artist=artist)
        if entry := decisions.filter(run_id=run_id).first():
            _withdraw(artist, entry, now)


def withdraw_failure(*, artist_id: int, run_id: UUID, now: datetime) -> None:
    """A failed run is tried again: its failure no longer counts, nor the pause it caused."""
    with transaction.atomic():
        artist = locked(artist_id)
        failures = PerformanceEntry.objects.standing().filter(artist=artist, kind=Kind.FAILED)
        if entry := failures.filter(run_id=run_id).first():
            _withdraw(artist, entry, now)


def _withdraw(artist: Artist, entry: PerformanceEntry, now: datetime) -> None:
    """Withdraw an entry of a locked artist, and what followed from it."""
    PerformanceEntry.objects.filter(pk=entry.pk).update(withdrawn_at=now)
    policy = policy_of(artist)
    told = retelling.without(artist, entry, policy)
    fall = _consequences(artist, entry) if told is None else told.fall
    for change in fall:
        _take_back(artist, change, now)
    recount(artist)
    if told is None:
        # What came after the undone decision may still be a streak, or poor, by itself.
        if fall and (verdict := evaluate(artist=artist, policy=policy, now=now)):
            _apply(artist, verdict, actor=None, now=now, run_id=None)
        return
    for one in told.follow:
        at, entry_id = one.position
        _apply(
            artist, one.verdict, actor=one.actor, now=at, run_id=one.run_id, after_entry=entry_id
        )
    recount(artist)


def _consequences(artist: Artist, entry: PerformanceEntry) -> list[StatusChange]:
    """The changes that fall with an entry, newest first: its own, and trials it made begin."""
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


# --- Judgement ---


def evaluate(*, artist: Artist, policy: LifecyclePolicy, now: datetime) -> Verdict | None:
    """What the rules say of the artist's figures now; writes nothing."""
    if artist.status == Status.RETIRED:
        return None
    return judge(artist.status, figures_now(artist, policy=policy, now=now), policy)


def figures_now(artist: Artist, *, policy: LifecyclePolicy, now: datetime) -> Figures:
    """What the rules judge an artist on now."""
    return figures_of(career_of(artist), events_of(artist.pk), policy=policy, now=now)


def notice(artist: Artist, *, now: datetime) -> str:
    """What a person should know before the policy retires the artist; empty when nothing looms."""
    policy = policy_of(artist)
    if artist.status == Status.PAUSED:
        left = artist.status_since + timedelta(days=policy.retire_paused_days) - now
        if left > PAUSE_NOTICE:
            return ""
        return f"Retired in {max(0, left.days)} days if it stays paused."
    if artist.status == Status.RETIRED:
        return ""
    figures = figures_now(artist, policy=policy, now=now)
    if figures.probation_decisions is None:
        return ""
    approved, rejected = figures.recent
    return (
        f"On probation: {figures.probation_decisions} of {policy.probation_runs} reviewed runs "
        f"done. Approved {approved} of the last {approved + rejected}; chance "
        f"{probation_chance(figures):.0%} that the true rate is under {POOR_RATE:.0%}; retired if "
        f"that is {SURE_ENOUGH:.0%} or more at the end."
    )


def evaluate_roster(
    *,
    now: datetime,
    dry_run: bool = False,
    policy: LifecyclePolicy | None = None,
    waiting: Collection[int] = frozenset(),
) -> list[RosterVerdict]:
    """Judge every artist that is not retired, by all rules, and apply the verdicts.

    policy: judge all by this one instead of their own. dry_run: apply nothing. waiting: ids of
    artists with a run that is open or awaits review; they are not paused for inactivity.
    """
    default = policy or default_policy()
    artists = Artist.objects.exclude(status=Status.RETIRED).order_by("pk")
    verdicts = []
    for artist_id in list(artists.values_list("pk", flat=True)):
        # A dry run takes no lock: on SQLite every transaction is a writer.
        with nullcontext() if dry_run else transaction.atomic():
            artist = Artist.objects.get(pk=artist_id) if dry_run else locked(artist_id)
            its_policy = policy or artist.policy or default
            verdict = evaluate(artist=artist, policy=its_policy, now=now) or judge_idleness(
                artist=artist, policy=its_policy, now=now, waiting=artist_id in waiting
            )
            if not verdict:
                continue
            change = None
            if not dry_run:
                change = _apply(artist, verdict, actor=None, now=now, run_id=None)
            verdicts.append(RosterVerdict(**vars(verdict), artist=artist, change=change))
    return verdicts


# --- Transitions ---


def transition(
    *,
    artist_id: int,
    to_status: str,
    rule: str,
    reason: str,
    figures: dict[str, Any],
    actor: User | None,
    now: datetime,
    run_id: UUID | None = None,
) -> StatusChange:
    """Move an artist to another status and say why.

    Evaluation windows restart with an evolution and with every return from pause or retirement;
    a return from retirement also ends the streak and the count of failed evolutions.
    Raises TransitionRefused when TRANSITIONS does not allow it.
    """
    with transaction.atomic():
        artist = locked(artist_id)
        _require_allowed(artist, to_status)
        verdict = Verdict(to_status, rule, reason, figures)
        return _apply(artist, verdict, actor=actor, now=now, run_id=run_id)


def remark(
    *,
    artist_id: int,
    rule: str,
    reason: str,
    figures: dict[str, Any],
    actor: User | None,
    now: datetime,
) -> StatusChange:
    """Put something on the artist's record that leaves its status as it is."""
    with transaction.atomic():
        artist = locked(artist_id)
        verdict = Verdict(artist.status, rule, reason, figures)
        return _apply(artist, verdict, actor=actor, now=now, run_id=None)


def pause(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """No more turns until resumed."""
    return transition(
        artist_id=artist_id,
        to_status=Status.PAUSED,
        rule=Rule.MANUAL,
        reason=reason,
        figures={},
        actor=actor,
        now=now,
    )


def retire(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """No more turns; reversible with reinstate."""
    return transition(
        artist_id=artist_id,
        to_status=Status.RETIRED,
        rule=Rule.MANUAL,
        reason=reason,
        figures={},
        actor=actor,
        now=now,
    )


def resume(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """A paused artist goes on where it was: as candidate, active or evolving."""
    with transaction.atomic():
        artist = locked(artist_id)
        if artist.status != Status.PAUSED:
            raise TransitionRefused(
                f"{artist} is {artist.status}, not paused; "
                + ("reinstate it." if artist.status == Status.RETIRED else "nothing to resume.")
            )
        pauses = [c for c in changes_in_force(artist_id) if c.to_status == Status.PAUSED]
        before = next((c.from_status for c in reversed(pauses) if c.from_status != "paused"), "")
        target = before if before in Artist.SELECTABLE else _earned_status(artist)
        verdict = Verdict(target, Rule.MANUAL, reason)
        return _apply(artist, verdict, actor=actor, now=now, run_id=None)


def reinstate(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """A retired artist comes back: active, or candidate if none of its runs was approved."""
    with transaction.atomic():
        artist = locked(artist_id)
        if artist.status != Status.RETIRED:
            raise TransitionRefused(
                f"{artist} is {artist.status}, not retired; "
                + ("resume it." if artist.status == Status.PAUSED else "nothing to reinstate.")
            )
        verdict = Verdict(_earned_status(artist), Rule.REINSTATED, reason)
        return _apply(artist, verdict, actor=actor, now=now, run_id=None)


def _earned_status(artist: Artist) -> str:
    return Status.ACTIVE if artist.approved_count else Status.CANDIDATE


def _require_allowed(artist: Artist, to_status: str) -> None:
    allowed = TRANSITIONS[artist.status]
    if to_status in allowed:
        return
    if artist.status == Status.RETIRED:
        advice = "Reinstate it first."
    else:
        advice = f"Possible: {', '.join(sorted(allowed))}."
    raise TransitionRefused(f"{artist} is {artist.status} and cannot become {to_status}. {advice}")


def _apply(
    artist: Artist,
    verdict: Verdict,
    *,
    actor: User | None,
    now: datetime,
    run_id: UUID | None,
    after_entry: int | None = None,
) -> StatusChange:
    """Write a verdict on a locked artist. `previous` in the figures lets an undo be exact.

    after_entry: the entry it comes after; None: the artist's newest.
    """
    from_status, to_status = artist.status, verdict.to_status
    effects = effects_of(from_status, to_status, verdict.rule)
    if after_entry is None:
        newest = artist.performance.order_by("-pk").values_list("pk", flat=True).first()
        after_entry = newest or 0
    change = StatusChange.objects.create(
        artist=artist,
        from_status=from_status,
        to_status=to_status,
        rule=verdict.rule,
        reason=fitted(verdict.reason),
        figures=verdict.figures
        | {
            "after_entry": after_entry,
            "previous": {
                "status_reason": artist.status_reason,
                "status_since": artist.status_since.isoformat(),
                "window_started_at": artist.window_started_at.isoformat(),
            },
        },
        actor=actor,
        run_id=run_id,
        at=now,
    )
    artist.status = to_status
    artist.status_reason = change.reason
    if from_status != to_status:
        artist.status_since = now
    if effects.restarts_window:
        artist.window_started_at = window_start(now, after_decision=run_id is not None)
    if effects.returns:
        artist.turn_at = now  # to the end of the queue, not before those who waited
    if effects.ends_streak:
        artist.consecutive_rejections = 0
    if effects.failed_evolutions is not None:
        artist.failed_evolutions = effects.failed_evolutions and artist.failed_evolutions + 1
    store(artist, "turn_at", "window_started_at", "status_since", "status", "status_reason")
    store_counters(artist)
    trials.follow(artist, change)
    if from_status != to_status:
        logger.info("%s: %s to %s (%s)", artist, from_status, to_status, change.reason)
    return change


def _take_back(artist: Artist, change: StatusChange, now: datetime) -> None:
    """Reverse a change, exactly, by a row of its own: what happened stays on record."""
    previous = change.figures["previous"]
    StatusChange.objects.create(
        artist=artist,
        from_status=change.to_status,
        to_status=change.from_status,
        rule=Rule.UNDONE,
        reason="The decision that caused the change was undone",
        figures={"undoes": change.pk},
        run_id=change.run_id,
        at=now,
    )
    artist.status = change.from_status
    artist.status_reason = previous["status_reason"]
    artist.status_since = _moment(previous["status_since"])
    artist.window_started_at = _moment(previous["window_started_at"])
    store(artist, "status", "status_reason", "status_since", "window_started_at")
    trials.take_back(artist, change, now=now)


# --- Words and values ---


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise LifecycleError(f"Not a time in a stored status change: {text!r}.")
    return moment
