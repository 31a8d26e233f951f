"""Chooses whose turn it is: the longest wait, or the highest value within a limit of fairness.

Mode value draws each artist's approval rate from what is known of it (Thompson sampling: Beta(1 +
approved, 1 + rejected)) and adds how uncertain that is. So turns go to artists people like and to
artists little is known of. Among those worth about the same, the audience decides. The artist that
waits longest is passed over at most VALUE_TURNS times: nobody waits more than 1 + VALUE_TURNS turns
of the roster.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ai_artist.kit.special import special
from artists.models import Artist
from trends.choosing import RandomSource

TURN, VALUE = "turn", "value"

VALUE_TURNS = 2
# Only this many of those who wait longest are compared, so that large rosters are not slower.
COMPARED = 200
# Artists whose worth differs by no more than this are equal, as far as decisions can tell.
TIE = 0.05
# The audience rank of an artist nothing is known of.
MIDDLE = 0.5


def choose(waiting: Sequence[Artist], rng: RandomSource) -> int:
    """Return the place of one of the artists that wait longest, or 0 if the first waited too long.

    Counts in memory that the first was passed over. waiting: longest wait first, not empty.
    """
    first = waiting[0]
    if first.passed_over >= VALUE_TURNS:
        return 0
    compared = waiting[:COMPARED]
    counts = np.array([(artist.approved_count, artist.rejected_count) for artist in compared])
    draws = np.array([rng.random() for _ in compared])
    audience = np.array(
        [MIDDLE if artist.audience_rank is None else artist.audience_rank for artist in compared]
    )
    place = best(values(counts, draws), audience)
    if place:
        first.passed_over += 1
    return place


def best(worth: np.ndarray, audience: np.ndarray) -> int:
    """Return the index of the highest worth; within TIE of it, of the highest audience rank.

    worth, audience: shape (artists,). The audience never outweighs the reviewers.
    """
    tied = np.flatnonzero(worth >= worth.max() - TIE)
    # Among equals by both, the highest worth.
    return int(tied[np.lexsort((worth[tied], audience[tied]))[-1]])


def values(counts: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return the worth of each artist's turn: a drawn approval rate plus its standard deviation.

    counts: shape (artists, 2), approved and rejected. draws: shape (artists,), uniform in [0, 1);
    each draw is taken as the posterior's quantile.
    """
    a, b = 1.0 + counts[:, 0], 1.0 + counts[:, 1]
    deviation = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    return np.asarray(special.betaincinv(a, b, draws) + deviation)
