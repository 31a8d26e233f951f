"""Learns from decisions which of a song's measures people prefer, to choose among candidates.

A logistic regression on the measures of decided songs. Every song is compared with the mean of its
artist's songs: a genre that is approved more often says nothing about which of two candidates for
the same song is better. docs/learning.md explains it for people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ai_artist.kit.special import special
from experiments.models import Ranking
from experiments.rules import EARLY_BAR
from experiments.statistics import Counts, FloatArray
from media_tools.taste import Taste

# With fewer songs nothing is learnt.
FEWEST_SONGS = 60
FEWEST_OF_EACH = 20  # approved, and rejected
STRETCHES = 6  # of time; the first one only teaches
# Precision of the weights' normal prior around 0, per standard deviation of a measure: people
# decide about a whole song, so one measure rarely doubles the odds.
PRIOR = 4.0
NEWTON_STEPS = 25
ROUNDING = 1e-9  # of a measure's size
DIGITS = 6  # of the weights; the last bits of a sum differ between machines

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class DecidedSong:
    """A song people decided on."""

    artist: int
    approved: bool
    measures: Mapping[str, float]


@dataclass(frozen=True)
class Learned:
    """What songs teach; fields as those of Ranking."""

    songs: int
    approved: int
    order: float
    order_low: float
    weights: dict[str, float]
    halves: dict[str, tuple[Counts, Counts]]
    in_use: bool


@dataclass(frozen=True)
class _Table:
    """Songs as rows, oldest first. values: measures minus the mean of the artist's songs."""

    names: tuple[str, ...]
    values: FloatArray
    approved: BoolArray
    artists: NDArray[np.int64]


def tastes_in_use() -> dict[str, Taste]:
    """Return the tastes that choose among candidates, by Ranking.Subject."""
    rows = Ranking.objects.filter(in_use=True).values_list("subject", "weights")
    return {subject: Taste(weights) for subject, weights in rows}


def train(subject: Ranking.Subject, songs: Sequence[DecidedSong], *, now: datetime) -> bool:
    """Learn from songs, oldest first, and keep what was learnt. Returns whether it is in use.

    With too few songs nothing is kept, not even what was learnt before.
    """
    learned = learn(songs)
    if learned is None:
        Ranking.objects.filter(subject=subject).delete()
        return False
    Ranking.objects.update_or_create(subject=subject, defaults={**vars(learned), "trained_at": now})
    return learned.in_use


def learn(songs: Sequence[DecidedSong]) -> Learned | None:
    """Learn from songs, oldest first; None if they are too few.

    A ranking is in use if it beats chance on songs it has not seen, with the same certainty that
    ends an experiment early: it is looked at every night.
    """
    told = _of_both_kinds(songs)
    approved = sum(song.approved for song in told)
    if len(told) < FEWEST_SONGS or min(approved, len(told) - approved) < FEWEST_OF_EACH:
        return None
    table = _table(told)
    spread = table.values.std(axis=0)
    # A measure that never differs leaves only what rounding makes of it.
    spread[spread < ROUNDING * np.abs(table.values).max(axis=0)] = 0.0
    values = table.values / np.where(spread > 0, spread, 1.0)
    scores = foretold(values, table.approved)
    unseen = slice(-len(scores), None)
    order, low = order_inside(scores, table.approved[unseen], table.artists[unseen])
    weights = fit(values, table.approved) / np.where(spread > 0, spread, np.inf)
    return Learned(
        songs=len(told),
        approved=approved,
        order=order,
        order_low=low,
        weights={n: round(float(w), DIGITS) for n, w in zip(table.names, weights, strict=True)},
        halves={
            name: _halves(table.values[:, column], table.approved)
            for column, name in enumerate(table.names)
        },
        in_use=low > 0.5,
    )


def fit(values: FloatArray, approved: BoolArray) -> FloatArray:
    """Return a logistic regression's weight of each column, without the intercept.

    The weights have a normal prior around 0 with the precision PRIOR.
    """
    columns = np.column_stack([values, np.ones(len(values))])
    prior = np.full(columns.shape[1], PRIOR)
    prior[-1] = 1e-6  # the base rate may be anything
    weights = np.zeros(columns.shape[1])
    for _ in range(NEWTON_STEPS):
        chances = special.expit(columns @ weights)
        slope = columns.T @ (approved - chances) - prior * weights
        bend = (columns * (chances * (1 - chances))[:, None]).T @ columns + np.diag(prior)
        weights += np.linalg.solve(bend, slope)
    return np.asarray(weights[:-1])


def foretold(values: FloatArray, approved: BoolArray) -> FloatArray:
    """Return the scores of all songs but the first stretch, by weights of the songs before theirs.

    Not by those of the songs after them too: then each pair of stretches would judge twice.
    """
    ends = np.cumsum([len(stretch) for stretch in np.array_split(values, STRETCHES)])
    scores = [
        values[start:end] @ fit(values[:start], approved[:start]) for start, end in pairwise(ends)
    ]
    return np.concatenate(scores)


def order_inside(
    scores: FloatArray, approved: BoolArray, artists: NDArray[np.int64]
) -> tuple[float, float]:
    """Return how often an artist's approved song scored above a rejected one, and the least of it.

    Ties count half. The least: with the certainty EARLY_BAR, from the spread that scores without
    any meaning would have (van Elteren's test).
    """
    won = pairs = variance = 0.0
    for artist in np.unique(artists):
        good = scores[approved & (artists == artist)]
        bad = scores[~approved & (artists == artist)]
        won += np.sum(good[:, None] > bad) + 0.5 * np.sum(good[:, None] == bad)
        pairs += len(good) * len(bad)
        variance += len(good) * len(bad) * (len(good) + len(bad) + 1) / 12
    if not pairs:
        return 0.5, 0.0
    order = won / pairs
    return float(order), float(order - special.ndtri(EARLY_BAR) * np.sqrt(variance) / pairs)


def _of_both_kinds(songs: Sequence[DecidedSong]) -> list[DecidedSong]:
    """Return the songs of artists with an approved and a rejected one."""
    kinds: dict[int, set[bool]] = defaultdict(set)
    for song in songs:
        kinds[song.artist].add(song.approved)
    return [song for song in songs if len(kinds[song.artist]) == 2]


def _table(songs: Sequence[DecidedSong]) -> _Table:
    """Return the songs as rows. A measure that one of them lacks is left out."""
    names = tuple(sorted(set.intersection(*(set(song.measures) for song in songs))))
    values = np.array([[song.measures[name] for name in names] for song in songs], dtype=np.float64)
    artists = np.array([song.artist for song in songs], dtype=np.int64)
    for artist in np.unique(artists):
        values[artists == artist] -= values[artists == artist].mean(axis=0)
    approved = np.array([song.approved for song in songs], dtype=np.bool_)
    return _Table(names, values, approved, artists)


def _halves(values: FloatArray, approved: BoolArray) -> tuple[Counts, Counts]:
    """Return (approved, rejected) of songs above their artist's mean, and of the others."""
    more = values > 0

    def counts(rows: BoolArray) -> Counts:
        return int(np.sum(approved & rows)), int(np.sum(~approved & rows))

    return counts(more), counts(~more)
