"""Where days, weeks and months begin, in the site's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone


def day_start(now: datetime) -> datetime:
    """The last midnight."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def month_start(now: datetime) -> datetime:
    """Midnight of the month's first day."""
    return day_start(now).replace(day=1)


def monday_of(day: date) -> date:
    """The first day of the week a day lies in."""
    return day - timedelta(days=day.weekday())
