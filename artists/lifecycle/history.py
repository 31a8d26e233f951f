"""The rows behind an artist's career: read into memory, locked, counted, stored."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import cast

from django.db import transaction
from django.db.models import Count, Q

from artists.lifecycle.careers import BEGINNING, LOOK_BACK, Career, Event, Mark, Position, TrialPlan
from artists.lifecycle.figures import Counts
from artists.lifecycle.rules import Rule, effects_of
from artists.models import Artist, Evolution, PerformanceEntry, PerformanceQuerySet, StatusChange

Kind = PerformanceEntry.Kind
FINISHED = (Kind.APPROVED, Kind.REJECTED, Kind.FAILED)
REASON_LENGTH = 200


class LifecycleError(Exception):
    """Something the lifecycle cannot do; the message says what to do instead."""


class UnknownArtist(LifecycleError):
    """There is no such artist."""


@dataclass(frozen=True)
class Counters:
    """The derived columns of an artist."""

    approved_count: int
    rejected_count: int
    failed_count: int
    consecutive_rejections: int
    failed_evolutions: int


def locked(artist_id: int) -> Artist:
    """The artist's row, locked until the transaction ends.

    no_key: PostgreSQL then lets others insert rows that refer to the artist meanwhile. SQLite has
    no row locks; its transactions take the one write lock when they begin.
    """
    try:
        return Artist.objects.select_for_update(no_key=True).get(pk=artist_id)
    except Artist.DoesNotExist as error:
        raise UnknownArtist(f"There is no artist {artist_id}.") from error


def next_moment(artist: Artist, *, now: datetime) -> datetime:
    """The time of what happens next to a locked artist: `now`, or that of the newest event.

    `now` was read before the lock was there, perhaps by a clock that went back since. What counts
    is the order of the lock, in which the figures before and after were judged.
    """
    changes = StatusChange.objects.filter(artist=artist)
    # One query a kind, each served by its index: audience figures may be many more.
    finished = [PerformanceEntry.objects.filter(artist=artist, kind=kind) for kind in FINISHED]
    newest: list[datetime] = [
        at
        for rows in (changes, *finished)
        for at in rows.order_by("-at").values_list("at", flat=True)[:1]
    ]
    return max(now, artist.window_started_at, *newest)


def store(artist: Artist, *fields: str) -> None:
    """Write columns that are no part of the versioned profile: update, not save."""
    Artist.objects.filter(pk=artist.pk).update(**{name: getattr(artist, name) for name in fields})


def store_counters(artist: Artist) -> None:
    store(artist, *Counters.__dataclass_fields__)


def fitted(text: str) -> str:
    """A reason as its column holds it."""
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


# --- Reading ---


def events_of(artist_id: int, *, limit: int = LOOK_BACK) -> list[Event]:
    """The artist's standing finished runs, newest first.

    One query a kind, each served by its index: audience figures may be many more.
    """
    fields = ("kind", "at", "pk", "run_id", "profile_version")
    kinds = [
        PerformanceEntry.objects.standing()
        .filter(artist_id=artist_id, kind=kind)
        .order_by("-at", "-pk")
        .values_list(*fields)[:limit]
        for kind in FINISHED
    ]
    rows = heapq.merge(*kinds, key=lambda row: (row[1], row[2]), reverse=True)
    return [
        Event(kind, at, entry, str(run_id), version)
        for kind, at, entry, run_id, version in islice(rows, limit)
    ]


def changes_in_force(artist_id: int) -> list[StatusChange]:
    """The artist's changes, oldest first, without those undone and the rows that undid them."""
    changes = list(StatusChange.objects.filter(artist_id=artist_id).order_by("pk"))
    undone = {change.figures.get("undoes") for change in changes if change.rule == Rule.UNDONE}
    return [c for c in changes if c.pk not in undone and c.rule != Rule.UNDONE]


def position_of(change: StatusChange) -> Position:
    return change.at, change.figures.get("after_entry", 0)


def mark_of(change: StatusChange) -> Mark:
    return Mark(change.rule, change.from_status, change.to_status, position_of(change))


def career_of(artist: Artist) -> Career:
    """Where the artist stands, from its row, its changes of status and its evolutions."""
    tried = artist.evolutions.exclude(started_at=None).order_by("-started_at", "-pk").first()
    return Career(
        status=artist.status,
        window_started_at=artist.window_started_at,
        streak=artist.consecutive_rejections,
        approvals=artist.approved_count,
        failed_evolutions=artist.failed_evolutions,
        marks=[mark_of(change) for change in changes_in_force(artist.pk)],
        trial=trial_plan(tried) if tried and tried.state == Evolution.State.TRIAL else None,
        version_from=version_from(tried),
    )


def trial_plan(evolution: Evolution) -> TrialPlan:
    before = cast(Counts, tuple(evolution.figures["before"]))
    return TrialPlan(runs=evolution.trial_runs, before=before)


def version_from(tried: Evolution | None) -> int:
    """The first profile version whose runs show the artist as it is now."""
    if tried is None:
        return 0
    if tried.state == Evolution.State.ROLLED_BACK:
        return int(tried.figures.get("version_after") or 0)
    return tried.version_trial or 0


# --- Counters ---


def recount(artist: Artist) -> bool:
    """Store the derived columns computed from the history; True if they were different."""
    totals = _totals(PerformanceEntry.objects.filter(artist=artist))
    changes = changes_in_force(artist.pk)
    failed_evolutions = 0
    for change in changes:
        effect = effects_of(change.from_status, change.to_status, change.rule).failed_evolutions
        if effect is not None:
            failed_evolutions = effect and failed_evolutions + 1
    counters = Counters(
        approved_count=totals[Kind.APPROVED],
        rejected_count=totals[Kind.REJECTED],
        failed_count=totals[Kind.FAILED],
        consecutive_rejections=_streak(artist, changes),
        failed_evolutions=failed_evolutions,
    )
    before = Counters(**{name: getattr(artist, name) for name in Counters.__dataclass_fields__})
    if counters == before:
        return False
    for name in Counters.__dataclass_fields__:
        setattr(artist, name, getattr(counters, name))
    store_counters(artist)
    return True


def rebuild_counters(artist_ids: Iterable[int] | None = None) -> int:
    """Compute the derived columns anew; returns how many artists had wrong ones."""
    if artist_ids is None:
        artist_ids = Artist.objects.order_by("pk").values_list("pk", flat=True)
    changed = 0
    for artist_id in list(artist_ids):
        with transaction.atomic():
            changed += recount(locked(artist_id))
    return changed


def _totals(entries: PerformanceQuerySet) -> dict[str, int]:
    totals: dict[str, int] = dict.fromkeys(FINISHED, 0)
    counted = entries.standing().filter(kind__in=FINISHED)
    rows = counted.order_by().values_list("kind").annotate(number=Count("pk"))
    return totals | dict(rows)


def _streak(artist: Artist, changes: list[StatusChange]) -> int:
    """Rejections since the last approval, or the last reset if later; however many."""
    decisions = PerformanceEntry.objects.decisions().filter(artist=artist)
    approval = (
        decisions.filter(kind=Kind.APPROVED).order_by("-at", "-pk").values_list("at", "pk").first()
    )
    resets = [mark.position for mark in map(mark_of, changes) if mark.ends_streak]
    at, entry = max([BEGINNING, *resets, *([approval] if approval else [])])
    after = Q(at__gt=at) | Q(at=at, pk__gt=entry)
    return decisions.filter(after, kind=Kind.REJECTED).count()
