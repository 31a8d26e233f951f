"""Ranks of released songs by their first weeks, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from artists.lifecycle.rules import Rule
from artists.models import Artist, PerformanceEntry, StatusChange
from runs.audience.outcomes import FIRST, outcomes, propose_pauses, rank_artists, ranked
from tests.factories import NOON, ArtistFactory

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=120)
DAYS, OTHER_DAYS = "spotify/day/track/aap", "spotify/day/track/other"
TOTALS = "youtube/total/track/youtube_studio"


def released(artist: Artist, *, day: int = 0) -> UUID:
    run_id = uuid4()
    at = NOON + timedelta(days=day)
    PerformanceEntry.objects.create(artist=artist, run_id=run_id, kind="released", at=at)
    return run_id


def plays(artist: Artist, run_id: UUID, value: float, *, series: str = DAYS, day: int = 1) -> None:
    PerformanceEntry.objects.create(
        artist=artist,
        run_id=run_id,
        kind="audience",
        metric="views" if series.startswith("youtube") else "streams",
        value=value,
        series=series,
        external_key=sha256(f"{run_id} {series} {day}".encode()).hexdigest(),
        at=NOON + timedelta(days=day),
    )


def songs(artist: Artist, values: Sequence[float], *, day: int = 0) -> list[UUID]:
    """Songs released on following days, with so many plays on their first days."""
    run_ids = []
    for number, value in enumerate(values, start=day):
        run_id = released(artist, day=number)
        plays(artist, run_id, value, day=number + 1)
        run_ids.append(run_id)
    return run_ids


def test_a_rank_is_the_share_of_others_exceeded() -> None:
    assert ranked([5, 1, 9]) == [0.5, 0.0, 1.0]
    assert ranked([0, 0, 0]) == [0.5, 0.5, 0.5]
    assert ranked([7]) == [0.0]


def test_songs_are_ranked_by_their_first_weeks_within_a_platform() -> None:
    artist = ArtistFactory()
    first, *_, best = songs(artist, range(100, 121))
    # Afterwards and by another count of the same plays: neither changes the order.
    plays(artist, first, 9_000, day=FIRST.days)
    plays(artist, first, 9_000, series=OTHER_DAYS)
    # Too few songs have totals of this platform.
    plays(artist, first, 9_000, series=TOTALS, day=FIRST.days)

    ranks = {outcome.song.run_id: outcome.rank for outcome in outcomes(LATER)}

    assert len(ranks) == 21
    assert (ranks[first], ranks[best]) == (0.0, 1.0)
    # A song within its first weeks is not measured.
    assert first not in {o.song.run_id for o in outcomes(NOON + FIRST - timedelta(hours=1))}


def test_a_total_counts_where_it_was_taken_at_the_end_of_the_weeks() -> None:
    artist = ArtistFactory()
    run_ids = [released(artist) for _ in range(20)]
    for number, run_id in enumerate(run_ids):
        plays(artist, run_id, number, series=TOTALS, day=FIRST.days)
        plays(artist, run_id, 1_000 - number, series=TOTALS, day=FIRST.days + 60)
        plays(artist, run_id, 100, series=TOTALS, day=FIRST.days + 7)

    ranks = {outcome.song.run_id: outcome.rank for outcome in outcomes(LATER)}

    assert ranks[run_ids[-1]] == 1.0


def test_artists_are_ranked_and_the_unheard_are_proposed_for_a_pause_once() -> None:
    loved, unheard = ArtistFactory(), ArtistFactory(status="active")
    songs(loved, range(100, 140))
    songs(unheard, [1, 2, 3], day=30)

    assert rank_artists(outcomes(LATER)) == 2
    first = propose_pauses(outcomes(LATER), now=LATER)
    again = propose_pauses(outcomes(LATER + timedelta(days=1)), now=LATER + timedelta(days=1))

    loved.refresh_from_db()
    unheard.refresh_from_db()
    assert loved.audience_rank == pytest.approx((42 + 41 + 40 + 39 + 38) / 42 / 7 + 1 / 7)
    assert unheard.audience_rank == pytest.approx((0 + 1 + 2) / 42 / 5 + 1 / 5)
    assert [change.artist for change in first] == [unheard] and again == []
    assert unheard.status == "active"
    # Another song that finds nobody, and the question is asked again.
    songs(unheard, [0], day=95)
    later = LATER + timedelta(days=10)
    assert len(propose_pauses(outcomes(later), now=later)) == 1
    assert StatusChange.objects.filter(rule=Rule.PAUSE_PROPOSED).count() == 2
