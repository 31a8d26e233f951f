"""The momentum of a topic, 0 to 1.

From the observations of the last HISTORY, per source, with x = ln(1 + volume + engagement):

    level  = sigmoid((x_now - mean) / max(deviation, 0.25))  against the earlier windows
    growth = sigmoid(change of x in a week / ln 2)            against about a week before
    size   = x_now / largest x_now at the source              against the other topics
    decay  = 2 ^ (-age / 3 days)                              time since the newest window's end

    momentum at the source = decay * (0.5 * level + 0.3 * growth + 0.2 * size)

A topic at its usual level has level 0.5, one that doubles in a week growth 0.73. What cannot be
known yet (fewer than three earlier windows; none a day older) counts 0.5. A newest volume of 0 has
momentum 0. The score is the mean over the sources that saw the topic, weighted by their weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import fmean, pstdev

from trends.models import Observation, Topic, TrendSource

HISTORY = timedelta(days=35)
HALF_LIFE_DAYS = 3.0
DAY_S = 86_400.0
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)
LEAST_DEVIATION = 0.25
BASELINE_WINDOWS = 3
UNKNOWN = 0.5
LEVEL_SHARE, GROWTH_SHARE, SIZE_SHARE = 0.5, 0.3, 0.2
DIGITS = 6
ROWS_AT_A_TIME = 500


@dataclass(frozen=True)
class Series:
    """One topic at one source: (time, x) of each window, oldest first."""

    topic_id: int
    source_id: int
    points: tuple[tuple[datetime, float], ...]

    @property
    def newest(self) -> float:
        return self.points[-1][1]


def score_topics(now: datetime) -> int:
    """Score every topic anew; gives how many have observations recent enough to count."""
    weights = dict(TrendSource.objects.filter(enabled=True).values_list("pk", "weight"))
    series = list(_recent_series(now, weights))
    largest: dict[int, float] = {}
    for one in series:
        largest[one.source_id] = max(largest.get(one.source_id, 0.0), one.newest)
    scores: dict[int, float] = {}
    for topic_id, sources in groupby(series, key=lambda one: one.topic_id):
        parts = [
            (weights[one.source_id], momentum(one.points, largest=largest[one.source_id], now=now))
            for one in sources
        ]
        total = sum(weight for weight, _ in parts)
        scores[topic_id] = round(sum(weight * part for weight, part in parts) / total, DIGITS)
    faded = set(Topic.objects.filter(score__gt=0).values_list("pk", flat=True)) - scores.keys()
    Topic.objects.bulk_update(
        [
            Topic(pk=pk, score=score, scored_at=now)
            for pk, score in sorted((scores | dict.fromkeys(faded, 0.0)).items())
        ],
        ["score", "scored_at"],
        batch_size=ROWS_AT_A_TIME,
    )
    return len(scores)


def momentum(points: Sequence[tuple[datetime, float]], *, largest: float, now: datetime) -> float:
    """Momentum of one series of (time, x), oldest first; largest: newest x of the biggest topic."""
    newest_at, newest = points[-1]
    if newest <= 0:
        return 0.0
    earlier = points[:-1]
    age_days = max(0.0, (now - newest_at).total_seconds() / DAY_S)
    decay = math.pow(2.0, -age_days / HALF_LIFE_DAYS)
    return decay * (
        LEVEL_SHARE * _level(newest, [x for _, x in earlier])
        + GROWTH_SHARE * _growth(newest_at, newest, earlier)
        + SIZE_SHARE * newest / largest
    )


def _level(newest: float, earlier: Sequence[float]) -> float:
    if len(earlier) < BASELINE_WINDOWS:
        return UNKNOWN
    return _sigmoid((newest - fmean(earlier)) / max(pstdev(earlier), LEAST_DEVIATION))


def _growth(newest_at: datetime, newest: float, earlier: Sequence[tuple[datetime, float]]) -> float:
    """Against the window nearest to a week ago; a span under a week is not extrapolated."""
    older = [point for point in earlier if newest_at - point[0] >= ONE_DAY]
    if not older:
        return UNKNOWN
    at, then = min(older, key=lambda point: abs(newest_at - ONE_WEEK - point[0]))
    weeks = max(1.0, (newest_at - at) / ONE_WEEK)
    return _sigmoid((newest - then) / weeks / math.log(2))


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, value))))


def _recent_series(now: datetime, sources: Iterable[int]) -> Iterator[Series]:
    """Series by topic, then source."""
    rows = (
        Observation.objects.since(now - HISTORY)
        .filter(source_id__in=list(sources))
        .order_by("topic_id", "source_id", "observed_at")
        .values_list("topic_id", "source_id", "observed_at", "volume", "engagement")
    )
    for (topic_id, source_id), group in groupby(rows.iterator(), key=lambda row: row[:2]):
        points = tuple((at, math.log1p(volume + engaged)) for _, _, at, volume, engaged in group)
        yield Series(topic_id, source_id, points)
