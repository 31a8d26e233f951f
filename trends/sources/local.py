"""The local calendar: what people sing about at this time of the year and of the week.

It needs no key and no network and claims nothing about what others publish: seasons, feasts, the
moon and the days of the week, for the northern hemisphere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from media_tools.providers.health import ProviderHealth
from trends.sources.base import FreeReader, Sighting, Visit, day_window

HISTORY_DAYS = 28  # enough for a baseline from the first collection on
LEAST_VOLUME = 1.0

SYNODIC_MONTH_DAYS = 29.530588
A_NEW_MOON = date(2000, 1, 6)


@dataclass(frozen=True)
class Occasion:
    """A day of the year that casts its light ahead. lead_days: how far, to about a third."""

    topic: str
    month: int
    day: int
    lead_days: float
    genre: str = ""


OCCASIONS = (
    Occasion("new year resolutions", 1, 1, 6),
    Occasion("winter blues", 1, 20, 12),
    Occasion("love letters", 2, 14, 9),
    Occasion("carnival masks", 2, 24, 6, "house"),
    Occasion("first warm evening", 3, 20, 10),
    Occasion("april showers", 4, 12, 10, "lofi"),
    Occasion("may morning", 5, 1, 7, "folk"),
    Occasion("exam nights", 5, 25, 10, "lofi"),
    Occasion("midsummer bonfire", 6, 21, 9),
    Occasion("open road summer", 7, 10, 16, "synthwave"),
    Occasion("festival fields", 7, 20, 14, "techno"),
    Occasion("falling stars", 8, 12, 7, "ambient"),
    Occasion("last days of summer", 8, 30, 10, "indie_pop"),
    Occasion("harvest moon", 9, 22, 9, "folk"),
    Occasion("falling leaves", 10, 12, 12),
    Occasion("haunted houses", 10, 31, 12),
    Occasion("november fog", 11, 12, 10, "ambient"),
    Occasion("first snow", 12, 3, 10),
    Occasion("longest night", 12, 21, 8, "cinematic"),
    Occasion("winter lights", 12, 24, 14),
    Occasion("year in review", 12, 30, 7),
)

# Volume by weekday, Monday first.
WEEK = {
    "monday morning": (30.0, 12.0, 6.0, 4.0, 2.0, 4.0, 18.0),
    "midweek escape": (6.0, 18.0, 30.0, 20.0, 6.0, 0.0, 0.0),
    "friday night": (2.0, 4.0, 8.0, 18.0, 40.0, 24.0, 4.0),
    "sunday afternoon": (2.0, 0.0, 0.0, 2.0, 4.0, 16.0, 32.0),
}


class LocalCalendar(FreeReader):
    """A keyless source; volumes are closeness on a scale of 0 to 100."""

    name = "local-calendar"

    def health(self, visit: Visit) -> ProviderHealth:
        return ProviderHealth(self.name, note="needs no network")

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        """One sighting a topic for today and for each of the HISTORY_DAYS - 1 days before."""
        today = timezone.localdate(visit.now)
        for days_ago in range(HISTORY_DAYS):
            day = today - timedelta(days=days_ago)
            window = day_window(day)
            for topic, volume, genre in _topics_of(day):
                if volume >= LEAST_VOLUME:
                    yield Sighting(topic, round(volume, 3), window, genre=genre)


def _topics_of(day: date) -> Iterable[tuple[str, float, str]]:
    for occasion in OCCASIONS:
        yield occasion.topic, _closeness(occasion, day), occasion.genre
    for topic, volumes in WEEK.items():
        yield topic, volumes[day.weekday()], ""
    yield "full moon", 60.0 * _moonlight(day) ** 4, ""


def _closeness(occasion: Occasion, day: date) -> float:
    """100 on the day; before it exp(-days / lead_days); after it four times as fast."""
    best = 0.0
    for year in (day.year - 1, day.year, day.year + 1):
        days_to_go = (date(year, occasion.month, occasion.day) - day).days
        scale = occasion.lead_days if days_to_go >= 0 else occasion.lead_days / 4
        best = max(best, 100.0 * math.exp(-abs(days_to_go) / scale))
    return best


def _moonlight(day: date) -> float:
    """Lit share of the moon, 0 to 1, from the mean synodic month (within about a day)."""
    age_days = (day - A_NEW_MOON).days % SYNODIC_MONTH_DAYS
    return (1.0 - math.cos(2.0 * math.pi * age_days / SYNODIC_MONTH_DAYS)) / 2.0
