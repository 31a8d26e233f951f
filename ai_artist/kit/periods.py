"""Finds the start of days, weeks and months in the site's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

EARLIER = -1


def midnight(day: date) -> datetime:
    """Return the time at which a day begins."""
    return timezone.make_aware(datetime.combine(day, time()))


def day_start(now: datetime) -> datetime:
    """Return the last midnight."""
    return midnight(timezone.localdate(now))


def month_start(now: datetime) -> datetime:
    """Return midnight of the month's first day."""
    return midnight(timezone.localdate(now).replace(day=1))


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def place_in(days: Sequence[date], at: str) -> Case:
    """Return where a time lies among days or weeks that begin so, as a database expression.

    at: the time's column. EARLIER before the first; the last has no end.
    """
    starts = [midnight(day) for day in days]
    # By plain comparisons: SQLite has no date type, and Django's function for dates is slow there.
    return Case(
        When(**{f"{at}__lt": starts[0]}, then=Value(EARLIER)),
        *(When(**{f"{at}__lt": end}, then=Value(place)) for place, end in enumerate(starts[1:])),
        default=Value(len(starts) - 1),
        output_field=IntegerField(),
    )
