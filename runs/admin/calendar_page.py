"""The calendar of publications: a month or a week, and what moving something would break."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from media_tools.foreign import digits
from runs.models import Channel, Publication, Series
from runs.publishing import calendar
from runs.publishing.calendar import Entry

WEEK = timedelta(days=7)
MONTH_WEEKS = 6
# A day of the month's page names so many; the rest is on the week's.
SHOWN_A_DAY = 6


@dataclass(frozen=True)
class Day:
    """A cell. folded: entries that did not fit."""

    date: date
    entries: Sequence[Entry]
    folded: int
    is_today: bool
    is_other_month: bool


def context(request: HttpRequest, *, may_publish: bool) -> dict[str, Any]:
    """What the page shows; an unreadable day or view is today's month."""
    now = timezone.now()
    today = timezone.localdate(now)
    day = wanted_day(request.GET.get("day", ""), today)
    week = request.GET.get("view") == "week"
    first, weeks = span_of(day, week=week)
    found = calendar.entries(first, first + weeks * WEEK - timedelta(days=1), now=now)
    if channel := request.GET.get("channel", ""):
        found = [entry for entry in found if str(entry.channel_id) == channel]
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in found:
        by_day[timezone.localdate(entry.at)].append(entry)
    shown = None if week else SHOWN_A_DAY

    def cell(at: date) -> Day:
        entries = by_day[at]
        folded = len(entries[shown:]) if shown else 0
        return Day(at, entries[:shown], folded, at == today, not week and at.month != day.month)

    before, after = (day - WEEK, day + WEEK) if week else (month_before(day), month_after(day))
    return {
        "title": "Calendar",
        "weeks": [
            [cell(first + row * WEEK + timedelta(days=n)) for n in range(7)] for row in range(weeks)
        ],
        "week": week,
        "day": day,
        "today": today,
        "first": first,
        "days": weeks * 7,
        "before": before,
        "after": after,
        "late": [entry for entry in found if entry.late],
        "channels": Channel.objects.order_by("name"),
        "channel_shown": channel,
        "is_empty": not Publication.objects.exists(),
        "series": Series.objects.filter(active=True).select_related("artist"),
        "zone": timezone.get_current_timezone_name(),
        "may_publish": may_publish,
        "feed": request.build_absolute_uri(
            reverse("calendar_feed", args=[calendar.feed_token(cast("User", request.user))])
        ),
    }


def conflicts(
    publication: Publication, asked: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    """Sentences by day, for `days` from `first` on, at the publication's time of day."""
    first = wanted_day(asked.get("first", ""), timezone.localdate(now))
    count = min(digits(asked.get("days", "")) or 7, MONTH_WEEKS * 7)
    time = timezone.localtime(publication.due_at).time()
    moments = {}
    for number in range(count):
        day = first + timedelta(days=number)
        moments[day.isoformat()] = timezone.make_aware(datetime.combine(day, time))
    return {"days": calendar.conflicts_by_moment(publication, moments, now=now)}


def wanted_day(text: str, today: date) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    # Far from both ends of what a date can be.
    return day if day and abs(day.year - today.year) < 100 else today


def span_of(day: date, *, week: bool) -> tuple[date, int]:
    """The first day to show, a Monday, and how many weeks."""
    first = day if week else day.replace(day=1)
    monday = first - timedelta(days=first.weekday())
    if week:
        return monday, 1
    return monday, -(-((month_after(day).replace(day=1) - monday).days) // 7)


def month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
