"""Where days, weeks and months begin, in the site's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def midnight(day: date) -> datetime:
    """When a day begins."""
    return timezone.make_aware(datetime.combine(day, time()))


def day_start(now: datetime) -> datetime:
    """The last midnight."""
    return midnight(timezone.localdate(now))


def month_start(now: datetime) -> datetime:
    """Midnight of the month's first day."""
    return midnight(timezone.localdate(now).replace(day=1))


def monday_of(day: date) -> date:
    """The first day of the week a day lies in."""
    return day - timedelta(days=day.weekday())
