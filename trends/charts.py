"""What a chart says beyond its songs: which genres and which words of titles are in it.

Titles and artists stay out of the database. A topic made of them would put another artist's song
into ours, and the sources' terms restrict what may be stored; shares of a chart say as much about
a trend.
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

LEAST_ARTISTS = 2  # of a word: what one artist sings about is no trend
PERCENT = 100.0
LOWEST_RANK = 10_000  # no chart is longer


@dataclass(frozen=True)
class ChartEntry:
    """A row of a chart, the same for all sources.

    rank: from 1. country: ISO 3166-1 alpha-2, empty if unknown or the whole world. date: of the
    chart. metric: what the source counts for this row, named in metric_name; engagement: likes and
    the like.
    """

    source: str
    chart: str
    rank: int
    title: str
    artist: str
    date: date
    external_id: str
    url: str = ""
    country: str = ""
    genres: tuple[str, ...] = ()
    previous_rank: int | None = None
    isrc: str = ""
    metric_name: str = ""
    metric: float = 0.0
    engagement: float = 0.0


@dataclass
class _Tally:
    volume: float = 0.0
    engagement: float = 0.0
    artists: set[str] = field(default_factory=set)
    genre: str = ""


def rank_points(rank: int) -> float:
    """1 / log2(rank + 1), as in discounted cumulative gain: 1.0, 0.63, 0.5 ... 0.15 at 100."""
    return 1.0 / math.log2(rank + 1)


def chart_shares(entries: Sequence[ChartEntry], *, observed_at: datetime) -> Iterator[Sighting]:
    """Genres and title words with their share of all rank points, in percent.

    A share does not depend on how many countries or rows were read.
    """
    total = sum(rank_points(entry.rank) for entry in entries)

    def share(entry: ChartEntry) -> tuple[float, float]:
        return PERCENT * rank_points(entry.rank) / total, 0.0

    yield from _sightings(entries, share, observed_at)


def chart_metrics(entries: Iterable[ChartEntry], *, observed_at: datetime) -> Iterator[Sighting]:
    """Genres and title words with the sums of the source's own figures, each song once."""
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
    common = {word: one for word, one in words.items() if len(one.artists) >= LEAST_ARTISTS}
    # A word that is a genre's name too ("trap") is the genre.
    for name, tally in sorted((common | genres).items()):
        yield Sighting(
            name, round(tally.volume, 4), observed_at, round(tally.engagement, 4), tally.genre
        )
