"""The momentum of a topic, 0 to 1.

From the observations of the last HISTORY, per source, with x = ln(1 + volume + engagement):

    level  = sigmoid((x_now - mean) / max(deviation, 0.25))  against the earlier windows
    growth = sigmoid(change of x in a week / ln 2)            against about a week before
    size   = x_now / largest x_now at the source              against the other topics
    decay  = 2 ^ (-age / 3 days)                              time since the newest window ended

    momentum at the source = decay * (0.5 * level + 0.3 * growth + 0.2 * size)

A topic at its usual level has level 0.5, one that doubles in a week growth 0.73. What cannot be
known yet (fewer than three earlier windows; none a day older) counts 0.5. A newest volume of 0 has
momentum 0. The score is the mean over the sources that saw the topic, weighted by their weights.
docs/trends.md works an example.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from statistics import fmean, pstdev

from django.db import transaction

from ai_artist.kit.portions import in_portions
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

Point = tuple[datetime, float]


@dataclass(frozen=True)
class Series:
    """One topic at one source: (start, x) of each window, oldest first, never empty."""

    topic_id: int
    source: TrendSource
    points: tuple[Point, ...]

    def span(self, moment: datetime) -> tuple[int, int]:
        """Return the slice of points already known at `moment`; empty if start equals end."""
        start = bisect_right(self.points, moment - HISTORY, key=itemgetter(0))
        return start, bisect_right(self.points, moment, start, key=itemgetter(0))


def score_topics(now: datetime) -> int:
    """Recompute the score of every topic. Returns how many have recent observations."""
    scores = _scores(list(_series(now - HISTORY)), now)
    # Topics that no source saw lately lose their score.
    faded = set(Topic.objects.filter(score__gt=0).values_list("pk", flat=True)) - scores.keys()
    changed = scores | dict.fromkeys(faded, 0.0)
    for topics in in_portions(sorted(changed), ROWS_AT_A_TIME):
        with transaction.atomic():
            locked = Topic.objects.select_for_update(no_key=True).order_by("pk")
            rows = list(locked.filter(pk__in=topics))
            for topic in rows:
                topic.score, topic.scored_at = changed[topic.pk], now
            # An upsert of rows that are there: a bulk update spells a case for each of them.
            Topic.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["pk"],
                update_fields=["score", "scored_at"],
            )
    return len(scores)


def score_history(
    now: datetime, *, days: int, topic_ids: Collection[int]
) -> Mapping[int, list[float | None]]:
    """Return scores of topics at this time of the last `days` days, oldest first, `now` last.

    Uses the present sources and weights; None on days without a recent observation.
    """
    series = list(_series(now - HISTORY - days * ONE_DAY))
    history: dict[int, list[float | None]] = {pk: [] for pk in topic_ids}
    for days_ago in reversed(range(days)):
        scores = _scores(series, now - days_ago * ONE_DAY, only=topic_ids)
        for pk, line in history.items():
            line.append(scores.get(pk))
    return history


def _scores(
    series: Iterable[Series], moment: datetime, *, only: Collection[int] | None = None
) -> dict[int, float]:
    """Return scores by topic. `series` must be ordered by topic."""
    current: list[tuple[Series, tuple[Point, ...]]] = []
    largest: dict[int, float] = {}
    for topic_series in series:
        start, end = topic_series.span(moment)
        if start == end:
            continue
        newest = topic_series.points[end - 1][1]
        largest[topic_series.source.pk] = max(largest.get(topic_series.source.pk, 0.0), newest)
        if only is None or topic_series.topic_id in only:
            current.append((topic_series, topic_series.points[start:end]))
    scores: dict[int, float] = {}
    for topic_id, sources in groupby(current, key=lambda part: part[0].topic_id):
        parts = [
            (
                topic_series.source.weight,
                momentum(
                    points,
                    largest=largest[topic_series.source.pk],
                    now=moment,
                    window=topic_series.source.window,
                ),
            )
            for topic_series, points in sources
        ]
        total = sum(weight for weight, _ in parts)
        scores[topic_id] = round(sum(weight * part for weight, part in parts) / total, DIGITS)
    return scores


def momentum(
    points: Sequence[Point],
    *,
    largest: float,
    now: datetime,
    window: timedelta = timedelta(0),
) -> float:
    """Return the momentum of one series of (start of window, x), oldest first.

    largest: newest x of the source's biggest topic. window: the length of its windows.
    """
    newest_at, newest = points[-1]
    if newest <= 0:
        return 0.0
    earlier = points[:-1]
    age_days = max(0.0, (now - newest_at - window).total_seconds() / DAY_S)
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


def _growth(newest_at: datetime, newest: float, earlier: Sequence[Point]) -> float:
    """Compare with the window nearest to a week ago; shorter spans are not extrapolated."""
    older = [point for point in earlier if newest_at - point[0] >= ONE_DAY]
    if not older:
        return UNKNOWN
    at, then = min(older, key=lambda point: abs(newest_at - ONE_WEEK - point[0]))
    weeks = max(1.0, (newest_at - at) / ONE_WEEK)
    return _sigmoid((newest - then) / weeks / math.log(2))


def _sigmoid(value: float) -> float:
    # Limited, because exp overflows; at 50 the result is 0 or 1 in any case.
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, value))))


def _series(since: datetime) -> Iterator[Series]:
    """Yield the series of the enabled sources, ordered by topic, then source."""
    sources = {source.pk: source for source in TrendSource.objects.filter(enabled=True)}
    rows = (
        Observation.objects.since(since)
        .filter(source_id__in=list(sources))
        .order_by("topic_id", "source_id", "observed_at")
        .values_list("topic_id", "source_id", "observed_at", "volume", "engagement")
    )
    for (topic_id, source_id), group in groupby(rows.iterator(), key=lambda row: row[:2]):
        points = tuple((at, math.log1p(volume + engaged)) for _, _, at, volume, engaged in group)
        yield Series(topic_id, sources[source_id], points)
