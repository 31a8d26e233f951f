"""The rows behind an artist's career: load, lock, count and store them."""

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
    """The columns of an artist that are computed from its history."""

    approved_count: int
    rejected_count: int
    failed_count: int
    consecutive_rejections: int
    failed_evolutions: int


def locked(artist_id: int) -> Artist:
    """Lock the artist's row until the transaction ends, and return it.

    no_key: other transactions on PostgreSQL may still insert rows that refer to the artist. SQLite
    has no row locks; its transactions take the one write lock when they begin.
    """
    try:
        return Artist.objects.select_for_update(no_key=True).get(pk=artist_id)
    except Artist.DoesNotExist as error:
        raise UnknownArtist(f"There is no artist {artist_id}.") from error


def next_moment(artist: Artist, *, now: datetime) -> datetime:
    """Return the time for the next event of a locked artist: `now`, or the newest event's if later.

    `now` was read before the lock was taken, perhaps by a clock that has gone back since. Events
    must have the order of the locks, because each one's figures were computed in that order.
    """
    changes = StatusChange.objects.filter(artist=artist)
    # One query per kind, each served by its index; audience figures may be far more numerous.
    finished = [PerformanceEntry.objects.filter(artist=artist, kind=kind) for kind in FINISHED]
    newest: list[datetime] = [
        at
        for rows in (changes, *finished)
        for at in rows.order_by("-at").values_list("at", flat=True)[:1]
    ]
    return max(now, artist.window_started_at, *newest)


def store(artist: Artist, *fields: str) -> None:
    """Save columns that are not part of the profile: update() makes no new version."""
    Artist.objects.filter(pk=artist.pk).update(**{name: getattr(artist, name) for name in fields})


def store_counters(artist: Artist) -> None:
    store(artist, *Counters.__dataclass_fields__)


def fitted(text: str) -> str:
    """Cut a reason to the length of its column."""
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


# --- Reading ---


def events_of(artist_id: int, *, limit: int = LOOK_BACK) -> list[Event]:
    """Return the artist's standing finished runs, newest first.

    One query per kind, each served by its index; audience figures may be far more numerous.
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
    """Return the artist's changes, oldest first, without undone ones and their undoing rows."""
    changes = list(StatusChange.objects.filter(artist_id=artist_id).order_by("pk"))
    undone = {change.figures.get("undoes") for change in changes if change.rule == Rule.UNDONE}
    return [c for c in changes if c.pk not in undone and c.rule != Rule.UNDONE]


def position_of(change: StatusChange) -> Position:
    return change.at, change.figures.get("after_entry", 0)


def mark_of(change: StatusChange) -> Mark:
    return Mark(change.rule, change.from_status, change.to_status, position_of(change))


def career_of(artist: Artist) -> Career:
    """Load an artist's career from its row, its changes of status and its evolutions."""
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
    """Return the first profile version whose runs count for the present artist."""
    if tried is None:
        return 0
    if tried.state == Evolution.State.ROLLED_BACK:
        return int(tried.figures.get("version_after") or 0)
    return tried.version_trial or 0


# --- Counters ---


def recount(artist: Artist) -> bool:
    """Recompute and store the derived columns. Returns True if they differed."""
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
    """Recompute the derived columns. Returns how many artists had wrong ones."""
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
    """Return the number of rejections since the last approval, or the last reset if that is later.

    Includes rejections further back than the runs that are judged.
    """
    decisions = PerformanceEntry.objects.decisions().filter(artist=artist)
    approval = (
        decisions.filter(kind=Kind.APPROVED).order_by("-at", "-pk").values_list("at", "pk").first()
    )
    resets = [mark.position for mark in map(mark_of, changes) if mark.ends_streak]
    at, entry = max([BEGINNING, *resets, *([approval] if approval else [])])
    after = Q(at__gt=at) | Q(at=at, pk__gt=entry)
    return decisions.filter(after, kind=Kind.REJECTED).count()
