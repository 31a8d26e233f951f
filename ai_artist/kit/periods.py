"""Finds the start of days, weeks and months in the site's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone


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
