"""Decides whether a concept follows a trend, and which one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Q

from trends.models import Topic

STRONGEST = 20  # topics it is drawn from
STALE_AFTER = timedelta(days=14)


class RandomSource(Protocol):
    """random.Random or numpy.random.Generator."""

    def random(self) -> float:
        """Return a number in [0, 1)."""


def choose_topic(
    *, genre: str, rng: RandomSource, probability: float, now: datetime
) -> Topic | None:
    """Draw a topic for this genre, or with 1 - `probability` none.

    The strongest topics are drawn from, weighted by score. Topics last scored long ago say nothing
    about today and are left out.
    """
    if rng.random() >= probability:
        return None
    topics = list(
        Topic.objects.rising()
        .for_genre(genre)
        .filter(Q(scored_at=None) | Q(scored_at__gte=now - STALE_AFTER))[:STRONGEST]
    )
    left = rng.random() * sum(topic.score for topic in topics)
    for topic in topics:
        left -= topic.score
        if left < 0:
            return topic
    return topics[-1] if topics else None
