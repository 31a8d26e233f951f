"""Weeks of charts and tables: from Monday to Sunday."""

from __future__ import annotations

from datetime import date, timedelta


def monday_of(day: date) -> date:
    """The first day of the week a day lies in."""
    return day - timedelta(days=day.weekday())
