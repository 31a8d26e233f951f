"""What decisions, failures and people do to an artist's status; counters; the policy.

Every write locks the artist's row first, so concurrent decisions on one artist queue up and each
judges the figures the one before it left. The rules themselves are in artists/rules.py.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.dateparse import parse_datetime

from artists.models import (
    Artist,
    LifecyclePolicy,
    PerformanceEntry,
    PerformanceQuerySet,
    StatusChange,
)
from artists.rules import (
    RECENT_DECISIONS,
    Figures,
    Rule,
    Verdict,
    judge,
    judge_errors,
    judge_idleness,
    judge_streak,
)

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
REASON_LENGTH = 200
TICK = timedelta(microseconds=1)


class LifecycleError(Exception):
    """Something the lifecycle cannot do; the message says what to do instead."""


class UnknownArtist(LifecycleError):
    """There is no such artist."""


class TransitionRefused(LifecycleError):
    """The artist's status does not allow this transition."""


class DecisionConflict(LifecycleError):
    """The run has the opposite decision already."""


@dataclass(frozen=True, kw_only=True)
class RosterVerdict(Verdict):
    """A verdict on one artist of the roster. change: the row written; None in a dry run."""

    artist: Artist
    change: StatusChange | None


@dataclass(frozen=True)
class Counters:
    """The derived columns of an artist."""

    approved_count: int
    rejected_count: int
    failed_count: int
    consecutive_rejections: int
    failed_evolutions: int


# --- Policy ---


def default_policy() -> LifecyclePolicy:
    """The default policy, made from settings.POLICY_DEFAULTS when there is none yet.

    Raises ImproperlyConfigured when the settings contradict each other.
    """
    default = LifecyclePolicy.objects.filter(is_default=True).first()
    if default:
        return default
    policy = LifecyclePolicy(name=_free_policy_name(), is_default=True, **settings.POLICY_DEFAULTS)
    try:
        policy.full_clean(validate_unique=False, validate_constraints=False)
        policy.validate_constraints(exclude={"is_default"})
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"The lifecycle settings make no valid policy: {'; '.join(error.messages)} "
            "Correct them in the environment."
        ) from error
    values = {"name": policy.name, **settings.POLICY_DEFAULTS}
    # get_or_create survives another process that makes it at the same moment.
    return LifecyclePolicy.objects.get_or_create(is_default=True, defaults=values)[0]


def policy_of(artist: Artist) -> LifecyclePolicy:
    """The artist's own policy, else the default."""
    return artist.policy or default_policy()


def _free_policy_name() -> str:
    taken = set(LifecyclePolicy.objects.values_list("name", flat=True))
    names = itertools.chain(["Default"], (f"Default {number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


# --- Decisions and failures ---


def record_decision(
    *, artist_id: int, run_id: UUID, approved: bool, detail: str, now: datetime
) -> list[StatusChange]:
    """Count a person's decision and judge the artist by it; gives the changes it caused.

    The same decision again does nothing. Raises DecisionConflict when the opposite one stands,
    UnknownArtist when there is no such artist.
    """
    kind = Kind.APPROVED if approved else Kind.REJECTED
    with transaction.atomic():
        artist = _locked(artist_id)
        standing = PerformanceEntry.objects.decisions().filter(run_id=run_id).first()
        if standing:
            if standing.kind == kind:
                return []
            raise DecisionConflict(
                f"Run {run_id} of {artist} is {standing.kind} already; undo that decision first."
            )
        PerformanceEntry.objects.create(
            artist=artist, run_id=run_id, kind=kind, detail=_fit(detail), at=now
        )
        if approved:
            artist.approved_count += 1
            artist.consecutive_rejections = 0
        else:
            artist.rejected_count += 1
            artist.consecutive_rejections += 1
        _store_counters(artist)
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
        artist = _locked(artist_id)
        _, created = PerformanceEntry.objects.get_or_create(
            run_id=run_id,
            kind=Kind.FAILED,
            withdrawn_at=None,
            defaults={"artist": artist, "detail": _fit(detail), "at": now},
        )
        if not created:
            return []
        artist.failed_count += 1
        _store_counters(artist)
        if artist.status not in Artist.SELECTABLE:
            return []
        policy = policy_of(artist)
        verdict = judge_errors(_figures(artist, policy, now), policy)
        if not verdict:
            return []
        return [_apply(artist, verdict, actor=None, now=now, run_id=run_id)]


def withdraw_decision(*, artist_id: int, run_id: UUID, now: datetime) -> None:
    """Undo a decision: its entry is withdrawn, and the counters are as if it had not been.

    A change of status that this very decision caused is taken back too while it is the artist's
    newest; later changes have reasons of their own and stay. Without a decision: nothing to do.
    """
    with transaction.atomic():
        artist = _locked(artist_id)
        decisions = PerformanceEntry.objects.decisions().filter(artist=artist)
        if _withdraw(artist, decisions.filter(run_id=run_id).first(), now):
            # Rejections that came after the undone one may still be a streak of their own.
            policy = policy_of(artist)
            if verdict := judge_streak(artist.status, _figures(artist, policy, now), policy):
                _apply(artist, verdict, actor=None, now=now, run_id=None)


def withdraw_failure(*, artist_id: int, run_id: UUID, now: datetime) -> None:
    """A failed run is tried again: its failure no longer counts, nor the pause it caused."""
    with transaction.atomic():
        artist = _locked(artist_id)
        failures = PerformanceEntry.objects.standing().filter(artist=artist, kind=Kind.FAILED)
        _withdraw(artist, failures.filter(run_id=run_id).first(), now)


def _withdraw(artist: Artist, entry: PerformanceEntry | None, now: datetime) -> bool:
    """Withdraw an entry of a locked artist; True if it took back a change of status too."""
    if entry is None:
        return False
    PerformanceEntry.objects.filter(pk=entry.pk).update(withdrawn_at=now)
    newest = next(reversed(_changes_in_force(artist.pk)), None)
    took_back = False
    if newest and newest.run_id == entry.run_id and _position(newest)[1] == entry.pk:
        _take_back(artist, newest, now)
        took_back = True
    _recount(artist)
    return took_back


def rebuild_counters(artist_ids: Iterable[int] | None = None) -> int:
    """Compute the derived columns anew; gives how many artists had wrong ones."""
    if artist_ids is None:
        artist_ids = Artist.objects.order_by("pk").values_list("pk", flat=True)
    changed = 0
    for artist_id in list(artist_ids):
        with transaction.atomic():
            changed += _recount(_locked(artist_id))
    return changed


# --- Judgement ---


def evaluate(*, artist: Artist, policy: LifecyclePolicy, now: datetime) -> Verdict | None:
    """What the rules say of the artist's figures now; writes nothing."""
    if artist.status == Status.RETIRED:
        return None
    return judge(artist.status, _figures(artist, policy, now), policy)


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
            artist = Artist.objects.get(pk=artist_id) if dry_run else _locked(artist_id)
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
        artist = _locked(artist_id)
        _require_allowed(artist, to_status)
        verdict = Verdict(to_status, rule, reason, figures)
        return _apply(artist, verdict, actor=actor, now=now, run_id=run_id)


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
        artist = _locked(artist_id)
        if artist.status != Status.PAUSED:
            raise TransitionRefused(
                f"{artist} is {artist.status}, not paused; "
                + ("reinstate it." if artist.status == Status.RETIRED else "nothing to resume.")
            )
        pauses = [c for c in _changes_in_force(artist_id) if c.to_status == Status.PAUSED]
        before = next((c.from_status for c in reversed(pauses) if c.from_status != "paused"), "")
        target = before if before in Artist.SELECTABLE else _earned_status(artist)
        verdict = Verdict(target, Rule.MANUAL, reason)
        return _apply(artist, verdict, actor=actor, now=now, run_id=None)


def reinstate(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """A retired artist comes back: active, or candidate if none of its runs was approved."""
    with transaction.atomic():
        artist = _locked(artist_id)
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
) -> StatusChange:
    """Write a verdict on a locked artist. `previous` in the figures lets an undo be exact."""
    from_status, to_status = artist.status, verdict.to_status
    returns = from_status not in Artist.SELECTABLE and to_status in Artist.SELECTABLE
    evolves = to_status == Status.EVOLVING and (
        from_status != to_status or verdict.rule == Rule.EVOLUTION_FAILED
    )
    newest = artist.performance.order_by("-pk").values_list("pk", flat=True).first()
    change = StatusChange.objects.create(
        artist=artist,
        from_status=from_status,
        to_status=to_status,
        rule=verdict.rule,
        reason=_fit(verdict.reason),
        figures=verdict.figures
        | {
            "after_entry": newest or 0,
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
    if returns or evolves:
        # The decision that led here belongs to the window that ends with it.
        artist.window_started_at = now + TICK if run_id else now
    if returns:
        artist.turn_at = now  # to the end of the queue, not before those who waited
    if verdict.rule == Rule.PROBATION_PASSED or (returns and from_status == Status.RETIRED):
        artist.consecutive_rejections = 0
    if verdict.rule in (Rule.EVOLUTION_FAILED, Rule.EVOLUTIONS_EXHAUSTED):
        artist.failed_evolutions += 1
    elif verdict.rule == Rule.EVOLUTION_KEPT or (returns and from_status == Status.RETIRED):
        artist.failed_evolutions = 0
    _store(artist, "turn_at", "window_started_at", "status_since", "status", "status_reason")
    _store_counters(artist)
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
    _store(artist, "status", "status_reason", "status_since", "window_started_at")


# --- Figures and counters ---


def _figures(artist: Artist, policy: LifecyclePolicy, now: datetime) -> Figures:
    window_from = max(now - timedelta(days=policy.evaluation_period_days), artist.window_started_at)
    counts = _counts(PerformanceEntry.objects.filter(artist=artist).since(window_from))
    changes = _changes_in_force(artist.pk)
    decisions = PerformanceEntry.objects.decisions().filter(artist=artist)
    probation = _current_probation(changes)
    probation_decisions = None
    recent = (0, 0)
    if probation:
        probation_decisions = decisions.filter(_after(_position(probation))).count()
        kinds = list(
            decisions.since(artist.window_started_at)
            .order_by("-at", "-pk")
            .values_list("kind", flat=True)[:RECENT_DECISIONS]
        )
        recent = (kinds.count(Kind.APPROVED), kinds.count(Kind.REJECTED))
    explored = next((c for c in reversed(changes) if c.rule == Rule.EXPLORE), None)
    return Figures(
        approved=counts[Kind.APPROVED],
        rejected=counts[Kind.REJECTED],
        failed=counts[Kind.FAILED],
        streak=artist.consecutive_rejections,
        standing_approvals=artist.approved_count,
        failed_evolutions=artist.failed_evolutions,
        retirement_proposed=_proposed_in_streak(artist, changes),
        probation_decisions=probation_decisions,
        recent=recent,
        explored_decisions=decisions.filter(_after(_position(explored))).count()
        if explored
        else None,
    )


def _counts(entries: PerformanceQuerySet) -> dict[str, int]:
    counts: dict[str, int] = {Kind.APPROVED: 0, Kind.REJECTED: 0, Kind.FAILED: 0}
    counted = entries.standing().filter(kind__in=list(counts))
    rows = counted.order_by().values_list("kind").annotate(number=Count("pk"))
    return counts | dict(rows)


def _current_probation(changes: list[StatusChange]) -> StatusChange | None:
    """The change that put the artist on probation, unless something ended it since."""
    for change in reversed(changes):
        if change.rule == Rule.PROBATION:
            return change
        if change.rule == Rule.PROBATION_PASSED or change.to_status == Status.RETIRED:
            return None
    return None


def _proposed_in_streak(artist: Artist, changes: list[StatusChange]) -> bool:
    proposals = [change for change in changes if change.rule == Rule.RETIRE_PROPOSED]
    return bool(proposals) and _position(proposals[-1]) > _streak_start(artist.pk, changes)


def _recount(artist: Artist) -> bool:
    """Store the derived columns computed from the history; True if they were different."""
    counts = _counts(PerformanceEntry.objects.filter(artist=artist))
    changes = _changes_in_force(artist.pk)
    failed_evolutions = 0
    for change in changes:
        if change.rule in (Rule.EVOLUTION_FAILED, Rule.EVOLUTIONS_EXHAUSTED):
            failed_evolutions += 1
        elif change.rule == Rule.EVOLUTION_KEPT or _returns_from_retirement(change):
            failed_evolutions = 0
    counters = Counters(
        approved_count=counts[Kind.APPROVED],
        rejected_count=counts[Kind.REJECTED],
        failed_count=counts[Kind.FAILED],
        consecutive_rejections=PerformanceEntry.objects.decisions()
        .filter(_after(_streak_start(artist.pk, changes)), artist=artist, kind=Kind.REJECTED)
        .count(),
        failed_evolutions=failed_evolutions,
    )
    before = Counters(**{name: getattr(artist, name) for name in Counters.__dataclass_fields__})
    if counters == before:
        return False
    for name in Counters.__dataclass_fields__:
        setattr(artist, name, getattr(counters, name))
    _store_counters(artist)
    return True


# A place in an artist's history: a time, and the newest entry by then. The entry decides between
# events of the same microsecond.
Position = tuple[datetime, int]
BEGINNING: Position = (datetime.fromisoformat("0001-01-02T00:00:00+00:00"), 0)


def _streak_start(artist_id: int, changes: list[StatusChange]) -> Position:
    """Rejections after this are the streak: the last approval, or the last reset if later."""
    resets = [
        _position(change)
        for change in changes
        if change.rule == Rule.PROBATION_PASSED or _returns_from_retirement(change)
    ]
    approval = (
        PerformanceEntry.objects.decisions()
        .filter(artist_id=artist_id, kind=Kind.APPROVED)
        .order_by("-at", "-pk")
        .values_list("at", "pk")
        .first()
    )
    return max([BEGINNING, *resets, *([approval] if approval else [])])


def _after(position: Position) -> Q:
    at, entry = position
    return Q(at__gt=at) | Q(at=at, pk__gt=entry)


def _position(change: StatusChange) -> Position:
    return change.at, change.figures.get("after_entry", 0)


def _returns_from_retirement(change: StatusChange) -> bool:
    return change.from_status == Status.RETIRED and change.to_status != Status.RETIRED


def _changes_in_force(artist_id: int) -> list[StatusChange]:
    """The artist's changes, oldest first, without those undone and the rows that undid them."""
    changes = list(StatusChange.objects.filter(artist_id=artist_id).order_by("pk"))
    undone = {change.figures.get("undoes") for change in changes if change.rule == Rule.UNDONE}
    return [c for c in changes if c.pk not in undone and c.rule != Rule.UNDONE]


# --- Rows ---


def _locked(artist_id: int) -> Artist:
    """The artist's row, locked until the transaction ends.

    no_key: PostgreSQL then lets others insert rows that refer to the artist meanwhile. SQLite has
    no row locks; its transactions take the one write lock when they begin.
    """
    try:
        return Artist.objects.select_for_update(no_key=True).get(pk=artist_id)
    except Artist.DoesNotExist as error:
        raise UnknownArtist(f"There is no artist {artist_id}.") from error


def _store_counters(artist: Artist) -> None:
    _store(artist, *Counters.__dataclass_fields__)


def _store(artist: Artist, *fields: str) -> None:
    # update, not save: these fields are no part of the versioned profile.
    Artist.objects.filter(pk=artist.pk).update(**{name: getattr(artist, name) for name in fields})


def _fit(text: str) -> str:
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise LifecycleError(f"Not a time in a stored status change: {text!r}.")
    return moment
