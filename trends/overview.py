"""What the trends page shows: topics over time, and the age and cost of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Max
from django.utils import timezone

from ai_artist.kit import charts
from ai_artist.kit.admin import BAD, GOOD, PLAIN
from ai_artist.kit.periods import month_start
from trends.models import Collection, Observation, Spending, Topic, TrendSource
from trends.scoring import score_history
from trends.sources import BUILDERS, configured
from trends.sources.base import SpendingLimits

DAYS = 30
LINES = 8
ROWS = 25


@dataclass(frozen=True)
class TopicRow:
    """A topic of the table. change: of its momentum within a week; None if unknown."""

    topic: Topic
    change: float | None
    sources: tuple[str, ...]
    seen_at: datetime | None


@dataclass(frozen=True)
class SourceRow:
    """A source of the table. newest_at: end of its newest window."""

    source: TrendSource
    state: str
    tone: str
    newest_at: datetime | None
    last: Collection | None
    month: Spending
    limits: SpendingLimits


def overview(now: datetime, *, genre: str = "") -> dict[str, Any]:
    """Return everything on the page. genre: only topics that its artists may follow."""
    rising = Topic.objects.rising()
    topics = list((rising.for_genre(genre) if genre else rising)[:ROWS])
    history = score_history(now, days=DAYS, topic_ids=[topic.pk for topic in topics])
    month = Collection.objects.since(month_start(now)).spending()
    rows, fault = _source_rows(now)
    return {
        "now": now,
        "days": DAYS,
        "chart": chart(topics[:LINES], history, now) if topics else "",
        "chart_options": charts.percent_lines(),
        "topics": _topic_rows(topics, history),
        "topic_count": rising.count(),
        "genre": genre,
        "genres": sorted(set(rising.exclude(genre="").values_list("genre", flat=True))),
        "sources": rows,
        "month": month,
        "newest_at": max((row.newest_at for row in rows if row.newest_at), default=None),
        "settings_fault": fault,
        "others": [name for name in BUILDERS if name not in settings.TRENDS["sources"]],
    }


def topic_chart(topic: Topic, now: datetime) -> dict[str, Any]:
    """Return the chart for one topic's page."""
    history = score_history(now, days=DAYS, topic_ids=[topic.pk])
    seen = any(score is not None for score in history[topic.pk])
    return {
        "days": DAYS,
        "chart": chart([topic], history, now) if seen else "",
        "chart_options": charts.percent_lines(),
    }


def chart(topics: Sequence[Topic], history: Mapping[int, list[float | None]], now: datetime) -> str:
    """Return chart data: momentum in percent, one line per topic."""
    days = [timezone.localdate(now) - timedelta(days=back) for back in reversed(range(DAYS))]
    momentum = [(topic.name, charts.in_percent(history[topic.pk])) for topic in topics]
    return charts.data([charts.day_label(day) for day in days], charts.lines_of(momentum))


def _topic_rows(
    topics: Sequence[Topic], history: Mapping[int, list[float | None]]
) -> list[TopicRow]:
    seen: dict[int, list[tuple[str, datetime]]] = {}
    newest = (
        Observation.objects.filter(topic__in=topics)
        .order_by()
        .values_list("topic_id", "source__name", "source__window_hours")
        .annotate(at=Max("observed_at"))
        .order_by("source__name")
    )
    for topic_id, name, hours, at in newest:
        seen.setdefault(topic_id, []).append((name, at + timedelta(hours=hours)))
    rows = []
    for topic in topics:
        line, places = history[topic.pk], seen.get(topic.pk, [])
        before, today = line[-8], line[-1]
        rows.append(
            TopicRow(
                topic=topic,
                change=None if before is None or today is None else today - before,
                sources=tuple(name for name, _ in places),
                seen_at=max((at for _, at in places), default=None),
            )
        )
    return rows


def _source_rows(now: datetime) -> tuple[list[SourceRow], str]:
    """Return the rows of the sources, and what is wrong with their settings."""
    fault = ""
    limits: dict[str, SpendingLimits] = {}
    try:
        limits = {reader.name: reader.limits for reader in configured()}
    except ImproperlyConfigured as error:
        fault = str(error)
    newest = dict(Observation.objects.order_by().values_list("source").annotate(Max("observed_at")))
    rows = []
    for source in TrendSource.objects.all():
        newest_at = newest.get(source.pk)
        state, tone = state_of(source)
        rows.append(
            SourceRow(
                source=source,
                state=state,
                tone=tone,
                newest_at=newest_at and newest_at + source.window,
                last=source.collections.first(),
                month=source.collections.since(month_start(now)).spending(),
                limits=limits.get(source.name, SpendingLimits()),
            )
        )
    return rows, fault


def state_of(source: TrendSource) -> tuple[str, str]:
    """Return a source's state in one word, and its tone."""
    if not source.enabled:
        return "disabled", PLAIN
    return ("failing", BAD) if source.last_error else ("enabled", GOOD)
