"""Changes of an artist's status: made by people, written and undone for everybody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.dateparse import parse_datetime

from artists.lifecycle import trials
from artists.lifecycle.careers import window_start
from artists.lifecycle.history import (
    COUNTERS,
    LifecycleError,
    changes_in_force,
    fitted,
    locked,
    newest_entries,
    next_moment,
    store,
    store_all,
)
from artists.lifecycle.rules import Remark, Rule, Verdict, effects_of
from artists.models import Artist, StatusChange

logger = logging.getLogger(__name__)

Status = Artist.Status

# The columns that a verdict moves, besides the counters.
MOVED = ("turn_at", "window_started_at", "status_since", "status", "status_reason")

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.CANDIDATE: frozenset({Status.ACTIVE, Status.EVOLVING, Status.PAUSED, Status.RETIRED}),
    Status.ACTIVE: frozenset({Status.EVOLVING, Status.PAUSED, Status.RETIRED}),
    Status.EVOLVING: frozenset({Status.ACTIVE, Status.PAUSED, Status.RETIRED}),
    Status.PAUSED: frozenset({Status.CANDIDATE, Status.ACTIVE, Status.EVOLVING, Status.RETIRED}),
    Status.RETIRED: frozenset({Status.CANDIDATE, Status.ACTIVE}),
}


class TransitionRefused(LifecycleError):
    """The artist's status does not allow this transition."""


def transition(
    verdict: Verdict,
    *,
    artist_id: int,
    actor: User | None,
    now: datetime,
) -> StatusChange:
    """Move an artist to another status and say why.

    The evaluation window restarts with an evolution and with every return from pause or retirement;
    a return from retirement also ends the streak and clears the count of failed evolutions.
    Raises TransitionRefused if TRANSITIONS does not allow it.
    """
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        _require_allowed(artist, verdict.to_status)
        return apply(artist, verdict, actor=actor, now=now, run_id=None)


def remark(note: Remark, *, artist_id: int, actor: User | None, now: datetime) -> StatusChange:
    """Put a note on the artist's record that leaves its status as it is."""
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        verdict = Verdict(artist.status, note.rule, note.reason, note.figures)
        return apply(artist, verdict, actor=actor, now=now, run_id=None)


def pause(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """Pause an artist: no more turns until it is resumed."""
    verdict = Verdict(Status.PAUSED, Rule.MANUAL, reason)
    return transition(verdict, artist_id=artist_id, actor=actor, now=now)


def retire(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """Retire an artist: no more turns, unless it is reinstated."""
    verdict = Verdict(Status.RETIRED, Rule.MANUAL, reason)
    return transition(verdict, artist_id=artist_id, actor=actor, now=now)


def resume(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """Resume a paused artist in the status it had: candidate, active or evolving."""
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        if artist.status != Status.PAUSED:
            raise TransitionRefused(
                f"{artist} is {artist.status}, not paused; "
                + ("reinstate it." if artist.status == Status.RETIRED else "nothing to resume.")
            )
        pauses = [c for c in changes_in_force(artist_id) if c.to_status == Status.PAUSED]
        before = next((c.from_status for c in reversed(pauses) if c.from_status != "paused"), "")
        target = before if before in Artist.SELECTABLE else _earned_status(artist)
        verdict = Verdict(target, Rule.MANUAL, reason)
        return apply(artist, verdict, actor=actor, now=now, run_id=None)


def reinstate(*, artist_id: int, actor: User | None, reason: str, now: datetime) -> StatusChange:
    """Return a retired artist: active, or candidate if none of its runs was approved."""
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        if artist.status != Status.RETIRED:
            raise TransitionRefused(
                f"{artist} is {artist.status}, not retired; "
                + ("resume it." if artist.status == Status.PAUSED else "nothing to reinstate.")
            )
        verdict = Verdict(_earned_status(artist), Rule.REINSTATED, reason)
        return apply(artist, verdict, actor=actor, now=now, run_id=None)


@dataclass(frozen=True)
class Move:
    """What a person does with an artist. statuses: those that allow it."""

    statuses: tuple[str, ...]
    perform: Callable[..., StatusChange]


# By the verb that people read.
MOVES = {
    "pause": Move(Artist.SELECTABLE, pause),
    "resume": Move((Status.PAUSED,), resume),
    "retire": Move((*Artist.SELECTABLE, Status.PAUSED), retire),
    "reinstate": Move((Status.RETIRED,), reinstate),
}


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


@dataclass(frozen=True)
class Judged:
    """A verdict on a locked artist, and its time."""

    artist: Artist
    verdict: Verdict
    at: datetime


def apply(
    artist: Artist,
    verdict: Verdict,
    *,
    actor: User | None,
    now: datetime,
    run_id: UUID | None,
) -> StatusChange:
    """Write a verdict on a locked artist."""
    [change] = apply_all([Judged(artist, verdict, now)], actor=actor, run_id=run_id)
    return change


def apply_all(
    judged: Sequence[Judged], *, actor: User | None = None, run_id: UUID | None = None
) -> list[StatusChange]:
    """Write verdicts on locked artists, one on each, in a fixed number of queries."""
    # With it a career knows which entries came before a change, even at the same microsecond.
    newest = newest_entries([one.artist.pk for one in judged])
    changes = [_change(one, newest[one.artist.pk], actor, run_id) for one in judged]
    StatusChange.objects.bulk_create(changes)
    for one, change in zip(judged, changes, strict=True):
        _move(one.artist, change)
    store_all([one.artist for one in judged], *MOVED, *COUNTERS)
    trials.close_evolutions(changes)
    return changes


def _change(
    judged: Judged, after_entry: int, actor: User | None, run_id: UUID | None
) -> StatusChange:
    """`previous` in the figures lets an undo be exact."""
    artist, verdict = judged.artist, judged.verdict
    return StatusChange(
        artist=artist,
        from_status=artist.status,
        to_status=verdict.to_status,
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
        at=judged.at,
    )


def _move(artist: Artist, change: StatusChange) -> None:
    """Set the columns of an artist as a change wants them."""
    now, moved = change.at, change.from_status != change.to_status
    effects = effects_of(change.from_status, change.to_status, change.rule)
    artist.status = change.to_status
    artist.status_reason = change.reason
    if moved:
        artist.status_since = now
    if effects.restarts_window:
        artist.window_started_at = window_start(now, after_decision=change.run_id is not None)
    if effects.returns:
        artist.turn_at = now  # behind those who waited
    if effects.ends_streak:
        artist.consecutive_rejections = 0
    if effects.failed_evolutions is not None:
        artist.failed_evolutions = effects.failed_evolutions and artist.failed_evolutions + 1
    if moved:
        logger.info("%s: %s to %s (%s)", artist, change.from_status, artist.status, change.reason)


def take_back(artist: Artist, change: StatusChange, now: datetime) -> StatusChange:
    """Reverse a change exactly, by a new row: what happened stays on record."""
    previous = change.figures["previous"]
    reversal = StatusChange.objects.create(
        artist=artist,
        from_status=change.to_status,
        to_status=change.from_status,
        rule=Rule.UNDONE,
        reason=fitted(f"Taken back: {change.reason}"),
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
    return reversal


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise LifecycleError(f"Not a time in a stored status change: {text!r}.")
    return moment
