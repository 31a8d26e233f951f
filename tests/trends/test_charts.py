"""What a chart says beyond its songs."""

from __future__ import annotations

import pytest

from tests.factories import NOON
from trends.charts import ChartEntry, chart_metrics, chart_shares, rank_points
from trends.genres import GenreTopic, genre_topic, is_composed
from trends.sources.base import Sighting
from trends.words import name_words, title_words


def row(rank: int, title: str, artist: str, *genres: str, metric: float = 0.0) -> ChartEntry:
    return ChartEntry(
        source="test",
        chart="top",
        rank=rank,
        title=title,
        artist=artist,
        date=NOON.date(),
        external_id=f"{title} {artist}",
        genres=genres,
        metric=metric,
        engagement=metric / 10,
    )


def shares(*rows: ChartEntry) -> dict[str, Sighting]:
    return {sighting.topic: sighting for sighting in chart_shares(rows, observed_at=NOON)}


def test_the_first_place_counts_most_and_slowly_less() -> None:
    assert [round(rank_points(rank), 2) for rank in (1, 2, 3, 10, 100)] == [
        1.0,
        0.63,
        0.5,
        0.29,
        0.15,
    ]


def test_a_genre_has_its_share_of_all_points() -> None:
    seen = shares(row(1, "One", "A", "Pop"), row(2, "Two", "B", "Folk"), row(3, "Six", "C", "Pop"))

    total = 1 + rank_points(2) + rank_points(3)
    assert seen["pop"].volume == pytest.approx(100 * 1.5 / total, abs=1e-3)
    assert seen["pop"].volume + seen["folk"].volume == pytest.approx(100, abs=1e-3)


def test_a_word_needs_two_artists() -> None:
    seen = shares(
        row(1, "Winter Road", "A"),
        row(2, "Road to Nowhere", "B"),
        row(3, "Winter", "A"),
    )

    assert seen.keys() == {"road"}
    assert seen["road"].genre == ""


def test_names_of_artists_on_the_chart_are_no_topics() -> None:
    seen = shares(row(1, "Luna Rising", "A"), row(2, "Luna", "B"), row(3, "Sky", "Luna Park"))

    assert "luna" not in seen


def test_a_word_that_is_a_genre_too_is_the_genre() -> None:
    seen = shares(row(1, "Trap Door", "A", "trap"), row(2, "Trap", "B", "trap"))

    assert seen["trap"].genre == "trap"
    assert seen["trap"].volume == pytest.approx(100)


def test_metrics_are_summed_once_a_song() -> None:
    rows = [
        row(1, "Road", "A", metric=1000),
        row(4, "Road", "A", metric=1000),
        row(2, "Road", "B", metric=200),
    ]

    (seen,) = chart_metrics(rows, observed_at=NOON)

    assert (seen.topic, seen.volume, seen.engagement) == ("road", 1200, 120)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Midnight Train (feat. Otto Vale)", ["midnight", "train"]),
        ("Road [Live] - 2011 Remaster", ["road"]),
        ("Broken ft. Somebody", ["broken"]),
        ("Dancing with the Devil", ["dancing", "devil"]),
        ("Don’t You Want Me", []),
        ("Nuit d'été", ["nuit", "d'été"]),
        ("love LOVE Love", ["love"]),
        ("99 Luftballons", ["luftballons"]),
        ("夜に駆ける", ["夜に駆ける"]),
        ("(Interlude", []),
        ("", []),
    ],
)
def test_words_of_titles(title: str, words: list[str]) -> None:
    assert title_words(title) == words


def test_words_of_names_are_all_of_them() -> None:
    assert name_words("The O’Neill Band") == {"the", "o'neill", "band"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hip-Hop/Rap", GenreTopic("hip-hop", "trap")),
        ("Rap/Hip Hop", GenreTopic("hip-hop", "trap")),
        (" Electronic ", GenreTopic("electronic", "techno")),
        ("R&B/Soul", GenreTopic("r&b", "rnb")),
        ("Gospel/Soul", GenreTopic("gospel/soul", "gospel_soul")),
    ],
)
def test_charts_names_of_genres(name: str, expected: GenreTopic) -> None:
    assert genre_topic(name) == expected


def test_only_some_genres_can_be_composed() -> None:
    assert is_composed("Electro")
    assert is_composed("Country")
    assert not is_composed("Polka")
