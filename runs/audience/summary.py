"""Sums up an artist's audience in a few figures, for its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from ai_artist.kit.periods import midnight, monday_of
from artists.models import Artist, PerformanceEntry, PerformanceQuerySet
from runs.audience.rows import ADDITIVE, ARTIST, PLATFORMS, PLAYLIST, TRACK
from runs.models import Review, Run

SHOWN = (
    "streams",
    "views",
    "monthly_listeners",
    "listeners",
    "followers",
    "saves",
    "likes",
    "comments",
    "shares",
)
PLAYS = ("streams", "views")
LOOK_BACK = timedelta(days=400)
# A more detailed series is not preferred if it ended this long before the newest one.
STALE = timedelta(days=45)
# Days are summed over four weeks; monthly figures are shown as they are.
SPAN_DAYS = {"day": 28, "week": 28, "month": 1, "total": 1}
PERIOD_RANK = {"day": 0, "week": 1, "total": 2, "month": 3}
LIMITED = re.compile(r"_(\d+ ?[a-z]+)$")
TRACKS_SHOWN = 8


@dataclass(frozen=True)
class AudienceLine:
    """A metric on a platform."""

    platform: str
    metric: str
    value: float
    before: float | None  # in the span before, if known
    span: str  # what `value` covers
    until: date

    @property
    def platform_name(self) -> str:
        return PLATFORMS[self.platform]

    @property
    def change(self) -> float | None:
        """Growth since the span before: 0.1 is ten percent more."""
        return self.value / self.before - 1 if self.before else None


@dataclass(frozen=True)
class AudienceTrack:
    """A song beside its reviewer's rating."""

    run: Run
    rating: int | None
    # Platform, metric and figure; platforms count differently, so figures are not added up.
    plays: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class AudienceSummary:
    """An artist's audience; without lines if nothing is known."""

    lines: tuple[AudienceLine, ...]
    tracks: tuple[AudienceTrack, ...]
    suspicious: int  # figures left out as made by bots


@dataclass(frozen=True)
class PlaysByWeek:
    """Weekly plays for a chart."""

    weeks: tuple[date, ...]  # Mondays, oldest first
    # Name and plays of each line; None before its first figure.
    lines: tuple[tuple[str, tuple[float | None, ...]], ...]


@dataclass(frozen=True)
class Series:
    name: str
    metric: str
    newest: datetime

    @property
    def platform(self) -> str:
        return self.name.split("/")[0]

    @property
    def period(self) -> str:
        return self.name.split("/")[1]

    @property
    def level(self) -> str:
        return self.name.split("/")[2]


def audience_summary(artist: Artist, now: datetime) -> AudienceSummary:
    """Return what is known of an artist's audience, without suspicious figures.

    If several series hold one metric of a platform, the freshest and most detailed one is shown,
    because two sources count the same plays. Listeners and averages are never added up.
    """
    standing = PerformanceEntry.objects.standing().filter(
        artist=artist, kind=PerformanceEntry.Kind.AUDIENCE, at__gte=now - LOOK_BACK
    )
    newest_by_series = (
        standing.filter(metric__in=SHOWN)
        .order_by()
        .values_list("series", "metric")
        .annotate(
            newest=Max("at", filter=Q(suspicious=False)),
            doubtful=Count("pk", filter=Q(suspicious=True)),
        )
    )
    rows = list(newest_by_series)
    series = [Series(name, metric, newest) for name, metric, newest, _ in rows if newest]
    entries = standing.filter(suspicious=False)
    lines = [_line(entries, chosen) for chosen in chosen_series(series, levels=(ARTIST, TRACK))]
    return AudienceSummary(
        lines=tuple(sorted(lines, key=lambda line: (line.platform, SHOWN.index(line.metric)))),
        tracks=_tracks(entries, series),
        suspicious=sum(doubtful for *_, doubtful in rows),
    )


def chosen_series(series: Iterable[Series], *, levels: tuple[str, ...]) -> list[Series]:
    """Choose one series for each metric on each platform."""
    by_metric: dict[tuple[str, str], list[Series]] = {}
    for candidate in series:
        if candidate.level == PLAYLIST or candidate.level not in levels:
            continue
        if candidate.metric not in ADDITIVE and candidate.level != ARTIST:
            continue
        by_metric.setdefault((candidate.platform, candidate.metric), []).append(candidate)
    chosen = []
    for group in by_metric.values():
        latest = max(candidate.newest for candidate in group)
        chosen.append(
            min(
                group,
                key=lambda candidate: (
                    latest - candidate.newest > STALE,
                    PERIOD_RANK[candidate.period],
                    levels.index(candidate.level),
                    -candidate.newest.timestamp(),
                    len(candidate.name),
                    candidate.name,
                ),
            )
        )
    return chosen


def _of_span(
    entries: PerformanceQuerySet, series: Series, *, spans_ago: int = 0
) -> PerformanceQuerySet:
    """Return the entries of a series in its last span, or in an earlier series."""
    span = timedelta(days=SPAN_DAYS[series.period])
    until = series.newest - spans_ago * span
    return entries.filter(
        series=series.name, metric=series.metric, at__gt=until - span, at__lte=until
    ).order_by()


def _line(entries: PerformanceQuerySet, series: Series) -> AudienceLine:
    value: float
    before: float | None = None
    if series.metric in ADDITIVE:
        value = _of_span(entries, series).aggregate(sum=Sum("value"))["sum"] or 0.0
        if series.period in ("day", "week"):
            before = _of_span(entries, series, spans_ago=1).aggregate(sum=Sum("value"))["sum"]
    else:
        newest = entries.filter(series=series.name, metric=series.metric, at=series.newest)
        value = newest.aggregate(max=Max("value"))["max"] or 0.0
    return AudienceLine(
        platform=series.platform,
        metric=series.metric,
        value=value,
        before=before,
        span=_span(series),
        until=timezone.localdate(series.newest),
    )


def _span(series: Series) -> str:
    until = timezone.localdate(series.newest)
    if series.metric not in ADDITIVE:
        return f"on {until}"
    if series.period == "month":
        return f"in {until:%Y-%m}"
    if series.period == "total":
        # Exports of a limited period have it in their source name, such as youtube_studio_28d.
        limited = LIMITED.search(series.name)
        return f"{limited[1]} to {until}" if limited else f"total, {until}"
    return f"{SPAN_DAYS[series.period]} days to {until}"


def _tracks(entries: PerformanceQuerySet, series: Iterable[Series]) -> tuple[AudienceTrack, ...]:
    """Return the songs with the most plays on any platform."""
    plays: dict[UUID, list[tuple[str, str, float]]] = {}
    of_plays = [candidate for candidate in series if candidate.metric in PLAYS]
    for chosen in chosen_series(of_plays, levels=(TRACK,)):
        sums = _of_span(entries, chosen).filter(run_id__isnull=False).values_list("run_id")
        for run_id, value in sums.annotate(plays=Sum("value")):
            plays.setdefault(run_id, []).append((PLATFORMS[chosen.platform], chosen.metric, value))
    most = sorted(plays, key=lambda run_id: (-max(v for *_, v in plays[run_id]), run_id))
    shown = most[:TRACKS_SHOWN]
    runs = Run.objects.in_bulk(shown)
    ratings = _ratings(shown)
    return tuple(
        AudienceTrack(runs[run_id], ratings.get(run_id), tuple(sorted(plays[run_id])))
        for run_id in shown
        if run_id in runs
    )


def _ratings(run_ids: Iterable[UUID]) -> Mapping[UUID, int | None]:
    reviews = Review.objects.standing().filter(run_id__in=list(run_ids))
    return dict(reviews.order_by("pk").values_list("run_id", "rating"))


def plays_of_runs(run_ids: Iterable[UUID]) -> dict[tuple[UUID, str], float]:
    """Return all plays of songs by platform: of the series that tells most, none added up."""
    entries = PerformanceEntry.objects.audience().filter(
        # There is an index by artist.
        artist__in=Run.objects.filter(pk__in=run_ids).values("artist"),
        run_id__in=run_ids,
        metric__in=PLAYS,
    )
    sums = entries.order_by().values_list("run_id", "series")
    most: dict[tuple[UUID, str], float] = {}
    for run_id, series, added, newest in sums.annotate(added=Sum("value"), newest=Max("value")):
        platform, period, *_ = series.split("/")
        if run_id:
            plays = newest if period == "total" else added
            most[run_id, platform] = max(plays, most.get((run_id, platform), 0.0))
    return most


def plays_by_week(artist: Artist, now: datetime, *, weeks: int) -> PlaysByWeek:
    """Return the plays of the last weeks on each platform that reports them by day or week.

    Leaves out suspicious figures, and the present week, which is not complete.
    """
    monday = monday_of(timezone.localdate(now))
    mondays = tuple(monday - timedelta(weeks=back) for back in range(weeks, 0, -1))
    since = midnight(mondays[0])
    entries = PerformanceEntry.objects.audience().filter(
        artist=artist, metric__in=PLAYS, at__gte=since
    )
    rows = entries.order_by().values_list("series", "metric").annotate(newest=Max("at"))
    every = [Series(*row) for row in rows]
    series = [candidate for candidate in every if candidate.period in ("day", "week")]
    lines = []
    chosen = chosen_series(series, levels=(ARTIST, TRACK))
    for weekly in sorted(chosen, key=lambda row: row.name):
        of_series = entries.filter(series=weekly.name, metric=weekly.metric).order_by()
        sums = dict(of_series.values_list(TruncWeek("at")).annotate(plays=Sum("value")))
        by_week = {timezone.localdate(moment): plays for moment, plays in sums.items()}
        name = f"{PLATFORMS[weekly.platform]} {weekly.metric}"
        lines.append((name, tuple(by_week.get(week) for week in mondays)))
    return PlaysByWeek(mondays, tuple(lines))
