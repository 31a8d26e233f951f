"""The charts of an artist's page: decisions and audience over time."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ai_artist.kit import charts
from ai_artist.kit.periods import monday_of
from artists.models import Artist, PerformanceEntry
from runs.audience.summary import plays_by_week

WEEKS = 26
FEWEST_WEEKS = 8
# Number of decisions before a week's end that its approval rate is computed from.
RATE_OF = 10
DECISIONS_READ = 1000


def decision_context(artist: Artist, now: datetime) -> dict[str, Any]:
    """Return the chart of decisions as JSON, empty if there is nothing to draw."""
    return {
        "decision_chart": decision_chart(artist, now),
        "decision_options": charts.bars_with_rate(),
        "chart_weeks": WEEKS,
        "rate_of": RATE_OF,
    }


def audience_context(artist: Artist, now: datetime) -> dict[str, Any]:
    """Return the chart of plays as JSON, empty if there is nothing to draw."""
    return {
        "audience_chart": audience_chart(artist, now),
        "audience_options": charts.lines(),
    }


def decision_chart(artist: Artist, now: datetime) -> str:
    """Return approvals and rejections by week, and the rate of the last RATE_OF decisions."""
    rows = artist.performance.decisions().values_list("at", "kind")[:DECISIONS_READ]
    decided = [(timezone.localdate(at), kind) for at, kind in reversed(rows)]
    this_week = monday_of(timezone.localdate(now))
    if not decided or decided[-1][0] <= this_week - timedelta(weeks=WEEKS):
        return ""
    since_first = (this_week - monday_of(decided[0][0])).days // 7 + 1
    shown = min(WEEKS, max(FEWEST_WEEKS, since_first))
    mondays = [this_week - timedelta(weeks=back) for back in reversed(range(shown))]
    counts = Counter((monday_of(day), kind) for day, kind in decided)
    approved, rejected = (
        [counts[week, kind] for week in mondays]
        for kind in (PerformanceEntry.Kind.APPROVED, PerformanceEntry.Kind.REJECTED)
    )
    rates = [rate_until(week + timedelta(weeks=1), decided) for week in mondays]
    return charts.data(
        [charts.day_label(week) for week in mondays],
        [
            *charts.decision_bars(approved, rejected),
            charts.line(
                f"Approved of the last {RATE_OF}, percent",
                rates,
                charts.COLOURS[0],
                yAxisID="rate",
                spanGaps=True,
            ),
        ],
    )


def rate_until(day: date, decided: list[tuple[date, str]]) -> float | None:
    """Return the percentage approved of the last RATE_OF decisions before a day.

    None if there are fewer.
    """
    last = [kind for at, kind in decided if at < day][-RATE_OF:]
    if len(last) < RATE_OF:
        return None
    return 100 * last.count(PerformanceEntry.Kind.APPROVED) / RATE_OF


def audience_chart(artist: Artist, now: datetime) -> str:
    """Return plays by week, one line for each platform."""
    plays = plays_by_week(artist, now, weeks=WEEKS)
    if not plays.lines:
        return ""
    labels = [charts.day_label(week) for week in plays.weeks]
    return charts.data(labels, charts.lines_of(plays.lines, spanGaps=True))
