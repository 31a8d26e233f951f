"""The rows behind an artist's career: load, lock, count and store them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, cast

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ai_artist.kit.portions import in_portions
from artists.lifecycle.careers import BEGINNING, LOOK_BACK, Career, Event, Mark, Position, TrialPlan
from artists.lifecycle.figures import Counts
from artists.lifecycle.rules import Rule, effects_of
from artists.models import Artist, Evolution, PerformanceEntry, StatusChange

Kind = PerformanceEntry.Kind
FINISHED = (Kind.APPROVED, Kind.REJECTED, Kind.FAILED)
REASON_LENGTH = 200
RECOUNTED_AT_ONCE = 500


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


COUNTERS = tuple(Counters.__dataclass_fields__)


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
    return next_moments([artist], now=now)[artist.pk]


def next_moments(artists: Sequence[Artist], *, now: datetime) -> dict[int, datetime]:
    """Return for each of some locked artists what next_moment returns."""
    starts = {artist.pk: max(now, artist.window_started_at) for artist in artists}
    rows = Artist.objects.filter(pk__in=starts).order_by().values_list("pk", *_newest_events())
    return {pk: max([starts[pk], *filter(None, times)]) for pk, *times in rows}


@cache
def _newest_events() -> tuple[Subquery, ...]:
    """The time of an artist's newest event of each kind."""
    # One look for each kind, served by its index; audience figures may be far more numerous.
    finished = [PerformanceEntry.objects.filter(kind=kind) for kind in FINISHED]
    return tuple(_newest("at", rows) for rows in (StatusChange.objects.all(), *finished))


def newest_entries(artist_ids: Sequence[int]) -> dict[int, int]:
    """Return the id of each artist's newest entry of history; 0 if it has none."""
    newest = Coalesce(_newest("pk", PerformanceEntry.objects.all()), 0)
    return dict(Artist.objects.filter(pk__in=artist_ids).order_by().values_list("pk", newest))


def _newest(field: str, rows: QuerySet[Any]) -> Subquery:
    """The largest value of a column among an artist's rows."""
    own = rows.filter(artist=OuterRef("pk")).order_by(f"-{field}")
    return Subquery(own.values(field)[:1])


def store(artist: Artist, *fields: str) -> None:
    """Save columns that are not part of the profile: update() makes no new version."""
    Artist.objects.filter(pk=artist.pk).update(**{name: getattr(artist, name) for name in fields})


def store_counters(artist: Artist) -> None:
    store(artist, *COUNTERS)


def store_all(artists: Sequence[Artist], *fields: str) -> None:
    """Save columns of locked artists, many at once, as `store` does for one."""
    if len(artists) == 1:
        store(artists[0], *fields)
        return
    # An upsert of whole rows that are there: a bulk update spells a case for each row and column.
    Artist.objects.bulk_create(
        artists, update_conflicts=True, unique_fields=["pk"], update_fields=fields
    )


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
    return in_force(StatusChange.objects.filter(artist_id=artist_id).order_by("pk"))


def in_force(changes: Iterable[StatusChange]) -> list[StatusChange]:
    """Leave out undone changes and their undoing rows."""
    changes = list(changes)
    undone = {change.figures.get("undoes") for change in changes if change.rule == Rule.UNDONE}
    return [c for c in changes if c.pk not in undone and c.rule != Rule.UNDONE]


def changes_of(artist_ids: Sequence[int]) -> dict[int, list[StatusChange]]:
    """Return all changes of some artists by artist, oldest first."""
    changes: dict[int, list[StatusChange]] = {pk: [] for pk in artist_ids}
    rows = StatusChange.objects.filter(artist__in=artist_ids).order_by("pk")
    for change in rows.defer("reason", "actor", "run_id"):
        changes[change.artist_id].append(change)
    return changes


def position_of(change: StatusChange) -> Position:
    return change.at, change.figures.get("after_entry", 0)


def mark_of(change: StatusChange) -> Mark:
    return Mark(change.rule, change.from_status, change.to_status, position_of(change))


def career_of(artist: Artist) -> Career:
    """Load an artist's career from its row, its changes of status and its evolutions."""
    tried = artist.evolutions.exclude(started_at=None).order_by("-started_at", "-pk").first()
    return career_from(artist, changes_in_force(artist.pk), tried)


def career_from(artist: Artist, changes: Iterable[StatusChange], tried: Evolution | None) -> Career:
    """Return the career of an artist's row, its changes in force, and its newest evolution."""
    return Career(
        status=artist.status,
        window_started_at=artist.window_started_at,
        streak=artist.consecutive_rejections,
        approvals=artist.approved_count,
        failed_evolutions=artist.failed_evolutions,
        marks=[mark_of(change) for change in changes],
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


def recount_all(artists: Sequence[Artist]) -> int:
    """Recompute and store the derived columns of locked artists. Returns how many differed."""
    ids = [artist.pk for artist in artists]
    tallies = {pk: _Tally(in_force(changes)) for pk, changes in changes_of(ids).items()}
    entries = PerformanceEntry.objects.standing().filter(artist__in=ids, kind__in=FINISHED)
    for artist_id, kind, at, pk in entries.values_list("artist_id", "kind", "at", "pk"):
        tallies[artist_id].count(kind, (at, pk))
    names = COUNTERS
    wrong = []
    for artist in artists:
        counters = tallies[artist.pk].counters()
        if counters != Counters(**{name: getattr(artist, name) for name in names}):
            for name in names:
                setattr(artist, name, getattr(counters, name))
            wrong.append(artist)
    store_all(wrong, *names)
    return len(wrong)


def rebuild_counters(artist_ids: Iterable[int] | None = None) -> int:
    """Recompute the derived columns. Returns how many artists had wrong ones."""
    if artist_ids is None:
        artist_ids = Artist.objects.order_by("pk").values_list("pk", flat=True)
    changed = 0
    for some in in_portions(sorted(artist_ids), RECOUNTED_AT_ONCE):
        with transaction.atomic():
            # In one order, as every other that locks several.
            rows = Artist.objects.select_for_update(no_key=True).filter(pk__in=some).order_by("pk")
            changed += recount_all(list(rows))
    return changed


class _Tally:
    """Counts an artist's finished runs, in whatever order they come."""

    def __init__(self, changes: list[StatusChange]) -> None:
        self.totals = dict.fromkeys(FINISHED, 0)
        self.failed_evolutions = 0
        for change in changes:
            effect = effects_of(change.from_status, change.to_status, change.rule).failed_evolutions
            if effect is not None:
                self.failed_evolutions = effect and self.failed_evolutions + 1
        resets = [mark.position for mark in map(mark_of, changes) if mark.ends_streak]
        # The last approval, or the last reset if that is later.
        self.streak_start = max([BEGINNING, *resets])
        self.rejections: list[Position] = []

    def count(self, kind: str, position: Position) -> None:
        self.totals[kind] += 1  # type: ignore[index]
        if kind == Kind.APPROVED:
            self.streak_start = max(self.streak_start, position)
        elif kind == Kind.REJECTED:
            self.rejections.append(position)

    def counters(self) -> Counters:
        """The streak includes rejections further back than the runs that are judged."""
        return Counters(
            approved_count=self.totals[Kind.APPROVED],
            rejected_count=self.totals[Kind.REJECTED],
            failed_count=self.totals[Kind.FAILED],
            consecutive_rejections=sum(place > self.streak_start for place in self.rejections),
            failed_evolutions=self.failed_evolutions,
        )
