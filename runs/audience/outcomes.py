"""What audiences did with released songs, in a form that can be compared: ranks, not plays.

A song is measured once its first FIRST are over, by its plays in them. Platforms count differently,
so songs are ranked within each, and a song's rank is the mean over its platforms: the share of
the roster's measured songs it did better than.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction

from ai_artist.kit.portions import in_portions
from artists.lifecycle.history import changes_in_force
from artists.lifecycle.rules import Remark, Rule
from artists.lifecycle.transitions import remark
from artists.models import Artist, PerformanceEntry, StatusChange
from runs.audience.rows import TRACK
from runs.audience.summary import PLAYS

FIRST = timedelta(days=28)
# A total is of a day; one of up to so much later still tells of the first weeks.
TOTAL_WITHIN = timedelta(days=14)
# The roster a song is compared with: its newest measured songs.
COMPARED = 2_000
# Fewer songs on a platform make no ranking.
FEWEST = 20
# An artist's rank is of its newest songs, drawn to the middle by so many imagined ones in it.
NEWEST_SONGS = 5
IMAGINED_SONGS = 2
# So many songs in a row below this rank make a proposal to pause.
LOW_SONGS = 3
LOW_RANK = 0.10
_AT_ONCE = 500


@dataclass(frozen=True)
class Song:
    """A released song whose first weeks are over."""

    run_id: UUID
    artist_id: int
    released_at: datetime


@dataclass(frozen=True)
class Outcome:
    """A measured song. rank: 0 to 1."""

    song: Song
    rank: float


def outcomes(now: datetime) -> list[Outcome]:
    """The measured songs with plays known on a platform that has enough of them, newest first."""
    released = (
        PerformanceEntry.objects.standing()
        .filter(kind=PerformanceEntry.Kind.RELEASED, at__lte=now - FIRST)
        .order_by("-at", "-pk")
    )
    rows = released.values_list("run_id", "artist_id", "at")[:COMPARED]
    songs = [Song(run_id, artist_id, at) for run_id, artist_id, at in rows if run_id]
    ranks: dict[UUID, list[float]] = defaultdict(list)
    for plays in _plays_by_platform(songs):
        if len(plays) >= FEWEST:
            for run_id, rank in zip(plays, ranked(list(plays.values())), strict=True):
                ranks[run_id].append(rank)
    return [
        Outcome(song, sum(ranks[song.run_id]) / len(ranks[song.run_id]))
        for song in songs
        if song.run_id in ranks
    ]


def ranked(values: Sequence[float]) -> list[float]:
    """The share of the others each value exceeds, 0 to 1; equal ones count half."""
    array = np.array(values, dtype=np.float64)
    ordered = np.sort(array)
    below = np.searchsorted(ordered, array, side="left")
    upto = np.searchsorted(ordered, array, side="right")
    others = max(len(values) - 1, 1)
    return [float(share) for share in (below + (upto - below - 1) / 2) / others]


def by_artist(measured: Iterable[Outcome]) -> dict[int, list[Outcome]]:
    """The outcomes of each artist, in their order."""
    found: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in measured:
        found[outcome.song.artist_id].append(outcome)
    return found


def rank_artists(measured: Iterable[Outcome]) -> int:
    """Store each artist's audience rank; returns for how many one is known.

    measured: as outcomes() gives them. Artists without a song among them keep their rank.
    """
    of_artist = by_artist(measured)
    artists = []
    for artist in Artist.objects.filter(pk__in=of_artist).only("pk"):
        newest = [outcome.rank for outcome in of_artist[artist.pk][:NEWEST_SONGS]]
        artist.audience_rank = (sum(newest) + IMAGINED_SONGS / 2) / (len(newest) + IMAGINED_SONGS)
        artists.append(artist)
    # Not save(): a rank is not a new version of the profile.
    Artist.objects.bulk_update(artists, ["audience_rank"], batch_size=_AT_ONCE)
    return len(artists)


def propose_pauses(measured: Iterable[Outcome], *, now: datetime) -> list[StatusChange]:
    """Ask a person about artists whose last LOW_SONGS measured songs found nobody.

    measured: as outcomes() gives them. Never changes a status, and asks only once until another
    song is measured.
    """
    low = {
        artist_id: songs
        for artist_id, songs in by_artist(measured).items()
        if len(songs) >= LOW_SONGS and all(song.rank < LOW_RANK for song in songs[:LOW_SONGS])
    }
    selectable = Artist.objects.filter(pk__in=low, status__in=Artist.SELECTABLE)
    return [
        change
        for artist_id in selectable.order_by("pk").values_list("pk", flat=True)
        if (change := _propose(artist_id, low[artist_id][:LOW_SONGS], now=now))
    ]


def _propose(artist_id: int, low: Sequence[Outcome], *, now: datetime) -> StatusChange | None:
    with transaction.atomic():
        Artist.objects.select_for_update(no_key=True).get(pk=artist_id)
        asked = [c for c in changes_in_force(artist_id) if c.rule == Rule.PAUSE_PROPOSED]
        if asked and asked[-1].at >= low[0].song.released_at + FIRST:
            return None
        figures = {
            "runs": [str(outcome.song.run_id) for outcome in low],
            "ranks": [round(outcome.rank, 3) for outcome in low],
        }
        reason = (
            f"the last {len(low)} releases are below the roster's tenth percentile after "
            f"{FIRST.days} days; a pause is proposed to a person"
        )
        note = Remark(Rule.PAUSE_PROPOSED, reason, figures)
        return remark(note, artist_id=artist_id, actor=None, now=now)


def _plays_by_platform(songs: Sequence[Song]) -> list[Mapping[UUID, float]]:
    """Plays in each song's first weeks, for every platform and metric.

    Two series of a platform count the same plays: of each the one that covers most songs is taken.
    """
    released = {song.run_id: song.released_at for song in songs}
    sums: dict[tuple[str, str, str], dict[UUID, float]] = defaultdict(dict)
    for series, metric, run_id, value, at in _entries(songs):
        platform, period, level, *_ = series.split("/")
        age = at - released[run_id]
        if level != TRACK or age < timedelta(0):
            continue
        plays = sums[platform, metric, series]
        if period in ("day", "week") and age < FIRST:
            plays[run_id] = plays.get(run_id, 0.0) + value
        elif period == "total" and FIRST <= age + timedelta(days=1) <= FIRST + TOTAL_WITHIN:
            plays[run_id] = min(plays.get(run_id, value), value)  # the first after the weeks
    best: dict[tuple[str, str], Mapping[UUID, float]] = {}
    for (platform, metric, _), plays in sorted(sums.items()):
        if len(plays) > len(best.get((platform, metric), {})):
            best[platform, metric] = plays
    return list(best.values())


def _entries(songs: Sequence[Song]) -> Iterator[tuple[str, str, UUID, float, datetime]]:
    for some in in_portions(songs, _AT_ONCE):
        entries = PerformanceEntry.objects.audience().filter(
            artist__in={song.artist_id for song in some},  # there is an index by artist
            run_id__in=[song.run_id for song in some],
            metric__in=PLAYS,
            at__gte=min(song.released_at for song in some),
            at__lte=max(song.released_at for song in some) + FIRST + TOTAL_WITHIN,
        )
        rows = entries.order_by().values_list("series", "metric", "run_id", "value", "at")
        for series, metric, run_id, value, at in rows.iterator(chunk_size=5_000):
            if run_id:
                yield series, metric, run_id, value, at
