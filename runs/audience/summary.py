"""The audience of an artist in a few figures, for its page."""

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
# Series that ended longer before the newest one are not preferred for their detail.
STALE = timedelta(days=45)
# Days are added up over four weeks; monthly figures stand alone.
SPAN_DAYS = {"day": 28, "week": 28, "month": 1, "total": 1}
PERIOD_RANK = {"day": 0, "week": 1, "total": 2, "month": 3}
LIMITED = re.compile(r"_(\d+ ?[a-z]+)$")
TRACKS_SHOWN = 8


@dataclass(frozen=True)
class AudienceLine:
    """A metric on a platform. before: of the span before, if known. span: what `value` is of."""

    platform: str
    metric: str
    value: float
    before: float | None
    span: str
    until: date

    @property
    def platform_name(self) -> str:
        return PLATFORMS[self.platform]

    @property
    def change(self) -> float | None:
        """Growth against the span before: 0.1 is ten percent more."""
        return self.value / self.before - 1 if self.before else None


@dataclass(frozen=True)
class AudienceTrack:
    """A song beside the verdict of its reviewer. plays: platform, metric and figure;
    platforms count differently, so they are not added up."""

    run: Run
    rating: int | None
    plays: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class AudienceSummary:
    """suspicious: figures left out as bots'. Nothing known: no lines."""

    lines: tuple[AudienceLine, ...]
    tracks: tuple[AudienceTrack, ...]
    suspicious: int


@dataclass(frozen=True)
class PlaysByWeek:
    """weeks: Mondays, oldest first. lines: name and plays of each; None before the first figure."""

    weeks: tuple[date, ...]
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
    """What is known of an artist's audience, without suspicious figures.

    Of several series about one metric on a platform one is shown, the freshest and finest: figures
    of two sources count the same plays. Listeners and averages are never added up.
    """
    standing = PerformanceEntry.objects.standing().filter(
        artist=artist, kind=PerformanceEntry.Kind.AUDIENCE, at__gte=now - LOOK_BACK
    )
    found = (
        standing.filter(metric__in=SHOWN)
        .order_by()
        .values_list("series", "metric")
        .annotate(
            newest=Max("at", filter=Q(suspicious=False)),
            doubtful=Count("pk", filter=Q(suspicious=True)),
        )
    )
    rows = list(found)
    series = [Series(name, metric, newest) for name, metric, newest, _ in rows if newest]
    entries = standing.filter(suspicious=False)
    lines = [_line(entries, one) for one in chosen_series(series, levels=(ARTIST, TRACK))]
    return AudienceSummary(
        lines=tuple(sorted(lines, key=lambda line: (line.platform, SHOWN.index(line.metric)))),
        tracks=_tracks(entries, series),
        suspicious=sum(doubtful for *_, doubtful in rows),
    )


def chosen_series(series: Iterable[Series], *, levels: tuple[str, ...]) -> list[Series]:
    """One series for each metric on each platform."""
    by_metric: dict[tuple[str, str], list[Series]] = {}
    for one in series:
        if one.level == PLAYLIST or one.level not in levels:
            continue
        if one.metric not in ADDITIVE and one.level != ARTIST:
            continue
        by_metric.setdefault((one.platform, one.metric), []).append(one)
    chosen = []
    for group in by_metric.values():
        latest = max(one.newest for one in group)
        chosen.append(
            min(
                group,
                key=lambda one: (
                    latest - one.newest > STALE,
                    PERIOD_RANK[one.period],
                    levels.index(one.level),
                    -one.newest.timestamp(),
                    len(one.name),
                    one.name,
                ),
            )
        )
    return chosen


def _of_span(
    entries: PerformanceQuerySet, one: Series, *, spans_ago: int = 0
) -> PerformanceQuerySet:
    """Entries of a series in its last span, or in one before."""
    span = timedelta(days=SPAN_DAYS[one.period])
    until = one.newest - spans_ago * span
    return entries.filter(
        series=one.name, metric=one.metric, at__gt=until - span, at__lte=until
    ).order_by()


def _line(entries: PerformanceQuerySet, one: Series) -> AudienceLine:
    value: float
    before: float | None = None
    if one.metric in ADDITIVE:
        value = _of_span(entries, one).aggregate(sum=Sum("value"))["sum"] or 0.0
        if one.period in ("day", "week"):
            before = _of_span(entries, one, spans_ago=1).aggregate(sum=Sum("value"))["sum"]
    else:
        newest = entries.filter(series=one.name, metric=one.metric, at=one.newest)
        value = newest.aggregate(max=Max("value"))["max"] or 0.0
    return AudienceLine(
        platform=one.platform,
        metric=one.metric,
        value=value,
        before=before,
        span=_span(one),
        until=timezone.localdate(one.newest),
    )


def _span(one: Series) -> str:
    until = timezone.localdate(one.newest)
    if one.metric not in ADDITIVE:
        return f"on {until}"
    if one.period == "month":
        return f"in {until:%Y-%m}"
    if one.period == "total":
        # Exports of a limited period have it in their source, as youtube_studio_28d.
        limited = LIMITED.search(one.name)
        return f"{limited[1]} to {until}" if limited else f"total, {until}"
    return f"{SPAN_DAYS[one.period]} days to {until}"


def _tracks(entries: PerformanceQuerySet, series: Iterable[Series]) -> tuple[AudienceTrack, ...]:
    """The songs with the most plays on any platform."""
    plays: dict[UUID, list[tuple[str, str, float]]] = {}
    of_plays = [one for one in series if one.metric in PLAYS]
    for one in chosen_series(of_plays, levels=(TRACK,)):
        sums = _of_span(entries, one).filter(run_id__isnull=False).values_list("run_id")
        for run_id, value in sums.annotate(plays=Sum("value")):
            plays.setdefault(run_id, []).append((PLATFORMS[one.platform], one.metric, value))
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


def plays_by_week(artist: Artist, now: datetime, *, weeks: int) -> PlaysByWeek:
    """Plays of the last weeks on each platform that tells them by day or by week.

    Without suspicious figures; the week that is not over yet is left out.
    """
    monday = monday_of(timezone.localdate(now))
    mondays = tuple(monday - timedelta(weeks=back) for back in range(weeks, 0, -1))
    since = midnight(mondays[0])
    entries = PerformanceEntry.objects.audience().filter(
        artist=artist, metric__in=PLAYS, at__gte=since
    )
    found = entries.order_by().values_list("series", "metric").annotate(newest=Max("at"))
    series = [one for one in (Series(*row) for row in found) if one.period in ("day", "week")]
    lines = []
    for one in sorted(chosen_series(series, levels=(ARTIST, TRACK)), key=lambda one: one.name):
        of_series = entries.filter(series=one.name, metric=one.metric).order_by()
        sums = dict(of_series.values_list(TruncWeek("at")).annotate(plays=Sum("value")))
        by_week = {timezone.localdate(moment): plays for moment, plays in sums.items()}
        name = f"{PLATFORMS[one.platform]} {one.metric}"
        lines.append((name, tuple(by_week.get(week) for week in mondays)))
    return PlaysByWeek(mondays, tuple(lines))
