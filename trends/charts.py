"""Turns a chart into topics: the genres in it and the words of its titles.

Titles and artists stay out of the database. A topic made of them would put another artist's song
into ours, and the sources' terms restrict what may be stored. Shares of a chart say as much about a
trend.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from trends.genres import genre_topic
from trends.sources.base import Sighting
from trends.words import name_words, title_words

LEAST_ARTISTS = 2  # per word: what only one artist sings about is not a trend
PERCENT = 100.0
LOWEST_RANK = 10_000  # no chart is longer


@dataclass(frozen=True)
class ChartEntry:
    """A row of a chart, in the same shape for all sources."""

    source: str
    chart: str
    rank: int  # from 1
    title: str
    artist: str
    date: date  # of the chart
    external_id: str
    url: str = ""
    country: str = ""  # ISO 3166-1 alpha-2; empty if unknown or the whole world
    genres: tuple[str, ...] = ()
    isrc: str = ""
    metric: float = 0.0  # the source's own figure for this row
    engagement: float = 0.0


@dataclass
class _Tally:
    volume: float = 0.0
    engagement: float = 0.0
    artists: set[str] = field(default_factory=set)
    genre: str = ""


def rank_points(rank: int) -> float:
    """Return the rank's weight 1 / log2(rank + 1): 1.0, 0.63, 0.5, ... 0.15 at rank 100.

    That is the discount of "discounted cumulative gain" (DCG).
    """
    return 1.0 / math.log2(rank + 1)


def chart_shares(entries: Sequence[ChartEntry], *, observed_at: datetime) -> Iterator[Sighting]:
    """Yield genres and title words with their share of all rank points, in percent.

    A share does not depend on how many countries or rows were read.
    """
    total = sum(rank_points(entry.rank) for entry in entries)

    def share(entry: ChartEntry) -> tuple[float, float]:
        return PERCENT * rank_points(entry.rank) / total, 0.0

    yield from _sightings(entries, share, observed_at)


def chart_metrics(entries: Iterable[ChartEntry], *, observed_at: datetime) -> Iterator[Sighting]:
    """Yield genres and title words with the sums of the source's own figures, each song once."""
    songs = {entry.external_id: entry for entry in entries}
    yield from _sightings(
        list(songs.values()), lambda entry: (entry.metric, entry.engagement), observed_at
    )


def _sightings(
    entries: Sequence[ChartEntry],
    figures: Callable[[ChartEntry], tuple[float, float]],
    observed_at: datetime,
) -> Iterator[Sighting]:
    names = set().union(*(name_words(entry.artist) for entry in entries))
    genres: defaultdict[str, _Tally] = defaultdict(_Tally)
    words: defaultdict[str, _Tally] = defaultdict(_Tally)
    for entry in entries:
        topics = {genre_topic(name) for name in entry.genres}
        for topic in topics:
            genres[topic.topic].genre = topic.genre
        named = [genres[topic.topic] for topic in topics]
        for tally in [*named, *(words[w] for w in title_words(entry.title) if w not in names)]:
            volume, engagement = figures(entry)
            tally.volume += volume
            tally.engagement += engagement
            tally.artists.add(entry.artist.lower())
    common = {word: count for word, count in words.items() if len(count.artists) >= LEAST_ARTISTS}
    # A word that is also a genre's name ("trap") counts as the genre.
    for name, tally in sorted((common | genres).items()):
        yield Sighting(
            name, round(tally.volume, 4), observed_at, round(tally.engagement, 4), tally.genre
        )
