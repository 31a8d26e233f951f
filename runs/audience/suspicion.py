"""Finds sudden jumps, as bots make them, compared with an artist's own past.

A window is a day, week or month of one series (platform, period, source, metric) of an artist, all
tracks and countries together. It is compared with the windows before it on a logarithmic scale,
because audiences grow by factors:

    z = (ln(1 + x) - median) / max(1.4826 * MAD, 0.25)

with the median and the median absolute deviation of ln(1 + x) over the last 28 windows (1.4826
makes MAD the standard deviation of a normal distribution; Iglewicz and Hoaglin, How to Detect and
Handle Outliers, 1993). A window with z above 6 and at least 100 above the median is suspicious,
which means at least 4.5 times the usual. Windows with fewer than 7 before them are not judged.
Growth that lasts becomes usual itself once it fills half of the windows. Totals are not judged,
because they always grow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median

from django.db.models import Sum

from artists.models import PerformanceEntry

WINDOWS = 28
FEWEST_WINDOWS = 7
LIMIT_Z = 6.0
LEAST_SPREAD = 0.25
LEAST_EXCESS = 100.0
MAD_TO_SIGMA = 1.4826
# Counts of events and people. Money follows them, and averages are not counts.
JUDGED = frozenset(
    {
        "views",
        "engaged_views",
        "streams",
        "listeners",
        "monthly_listeners",
        "followers",
        "subscribers_gained",
        "likes",
        "comments",
        "shares",
        "saves",
        "playlist_adds",
        "watch_time_minutes",
        "impressions",
    }
)

# Artist, series and metric.
SeriesKey = tuple[int, str, str]


def jumps(values: Sequence[float]) -> list[bool]:
    """Return, for each window of a series, oldest first, whether it is suspicious."""
    logs = [math.log1p(max(0.0, value)) for value in values]
    verdicts = []
    for index, value in enumerate(values):
        before = logs[max(0, index - WINDOWS) : index]
        if len(before) < FEWEST_WINDOWS:
            verdicts.append(False)
            continue
        usual = median(before)
        spread = MAD_TO_SIGMA * median(abs(log - usual) for log in before)
        z = (logs[index] - usual) / max(spread, LEAST_SPREAD)
        # Small audiences grow by large factors easily, so a jump must also be large in numbers.
        excess = value - math.expm1(usual)
        verdicts.append(z > LIMIT_Z and excess >= LEAST_EXCESS)
    return verdicts


def mark_suspicious(keys: Iterable[SeriesKey]) -> int:
    """Judge whole series again. Returns how many of their standing entries are now suspicious.

    The marks depend only on the figures, not on the order of imports.
    """
    return sum(_mark(key) for key in sorted(set(keys)) if _is_judged(key))


def _is_judged(key: SeriesKey) -> bool:
    _, series, metric = key
    return metric in JUDGED and series.split("/")[1] != "total"


def _mark(key: SeriesKey) -> int:
    artist_id, series, metric = key
    entries = PerformanceEntry.objects.standing().filter(
        kind=PerformanceEntry.Kind.AUDIENCE, artist_id=artist_id, series=series, metric=metric
    )
    windows = list(entries.order_by("at").values_list("at").annotate(figure=Sum("value")))
    verdicts = jumps([figure for _, figure in windows])
    flagged = {at for (at, _), verdict in zip(windows, verdicts, strict=True) if verdict}
    marked = set(entries.filter(suspicious=True).order_by().values_list("at", flat=True))
    for at in marked - flagged:
        entries.filter(at=at).update(suspicious=False)
    return sum(entries.filter(at=at).update(suspicious=True) for at in flagged)
