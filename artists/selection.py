"""Whose turn it is: who waits longest, or who is worth more, within a bound of fairness.

Mode value draws each artist's approval rate from what is known of it (Thompson sampling: Beta(1 +
approved, 1 + rejected)) and adds how unsure that is, so that turns go to artists people like and
to artists people know little of. Whoever waits longest is passed over VALUE_TURNS times at most:
an artist waits no more than 1 + VALUE_TURNS turns of the roster.
"""

from __future__ import annotations

import numpy as np
from django.db.models import F
from scipy.special import betaincinv

from artists.models import Artist
from trends.choosing import RandomSource

TURN, VALUE = "turn", "value"

VALUE_TURNS = 2
# Only so many of those who wait longest are compared, so that a turn costs the same in any roster.
COMPARED = 200


def choose(queue: list[Artist], rng: RandomSource) -> Artist:
    """One of the artists that wait longest, in that order; the first one if it was passed enough.

    Call with the roster locked, and only with a queue that is not empty.
    """
    first = queue[0]
    if first.passed_over >= VALUE_TURNS:
        return first
    counts = np.array([(artist.approved_count, artist.rejected_count) for artist in queue])
    draws = np.array([rng.random() for _ in queue])
    chosen = queue[int(values(counts, draws).argmax())]
    if chosen != first:
        Artist.objects.filter(pk=first.pk).update(passed_over=F("passed_over") + 1)
    return chosen


def values(counts: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """What a turn of each artist is worth: a drawn approval rate plus its standard deviation.

    counts: shape (artists, 2), approved and rejected. draws: shape (artists,), uniform in [0, 1).
    The draw is the posterior's quantile.
    """
    a, b = 1.0 + counts[:, 0], 1.0 + counts[:, 1]
    deviation = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    return np.asarray(betaincinv(a, b, draws) + deviation)
