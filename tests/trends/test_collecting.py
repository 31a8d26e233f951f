"""Sources are asked, and one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from media_tools.errors import ProviderUnavailable
from tests.factories import NOON, TrendSourceFactory
from trends.collecting import collect
from trends.models import Observation, Topic, TrendSource
from trends.sources.base import Sighting
from trends.sources.local import HISTORY_DAYS, LocalCalendar


@dataclass
class FakeReader:
    name: str
    topics: tuple[str, ...] = ("moon",)
    fails: bool = False

    def sightings(self, now: datetime) -> Iterable[Sighting]:
        for topic in self.topics:
            yield Sighting(topic, 5.0, now)
        if self.fails:
            raise ProviderUnavailable(self.name, "no answer")


def volumes(day: datetime) -> dict[str, float]:
    """The calendar's volumes on the day itself."""
    sightings = list(LocalCalendar().sightings(day))
    today = max(sighting.observed_at for sighting in sightings)
    return {s.topic: s.volume for s in sightings if s.observed_at == today}


@pytest.mark.django_db
def test_a_collection_is_stored_and_scored() -> None:
    (collection,) = collect(now=NOON, sources=[FakeReader("one", ("moon", "rain"))])

    assert (collection.source, collection.recorded.observations_new) == ("one", 2)
    assert TrendSource.objects.get().last_collected_at == NOON
    assert Topic.objects.filter(score__gt=0).count() == 2


@pytest.mark.django_db
def test_a_failing_source_keeps_its_error_and_the_others_go_on() -> None:
    failed, done = collect(now=NOON, sources=[FakeReader("bad", fails=True), FakeReader("good")])

    assert failed.error == TrendSource.objects.get(name="bad").last_error == "bad: no answer"
    assert done.recorded.observations_new == 1
    assert not Observation.objects.filter(source__name="bad").exists()


@pytest.mark.django_db
def test_a_good_collection_clears_the_error() -> None:
    collect(now=NOON, sources=[FakeReader("one", fails=True)])

    collect(now=NOON, sources=[FakeReader("one")])

    assert TrendSource.objects.get().last_error == ""


@pytest.mark.django_db
def test_a_disabled_source_is_not_asked() -> None:
    TrendSourceFactory(name="one", enabled=False)

    assert collect(now=NOON, sources=[FakeReader("one", fails=True)]) == []


@pytest.mark.django_db
def test_the_calendar_works_without_anything() -> None:
    (collection,) = collect(now=NOON)

    assert collection.source == "local-calendar"
    assert collection.error == ""
    assert Topic.objects.rising().exists()


@pytest.mark.django_db
def test_the_calendar_adds_only_the_new_day() -> None:
    collect(now=NOON)

    (collection,) = collect(now=NOON + timedelta(days=1))

    assert collection.recorded.updated == 0
    assert 1 <= collection.recorded.observations_new <= 30


def test_the_calendar_is_about_the_season() -> None:
    october = volumes(datetime(2026, 10, 30, 12, tzinfo=UTC))
    june = volumes(datetime(2026, 6, 20, 12, tzinfo=UTC))

    assert october["haunted houses"] > 80
    assert "haunted houses" not in june
    assert max(june, key=lambda topic: june[topic]) == "midsummer bonfire"


def test_the_calendar_looks_across_the_new_year() -> None:
    assert volumes(datetime(2026, 12, 30, 12, tzinfo=UTC))["new year resolutions"] > 50


def test_the_calendar_knows_the_weekday() -> None:
    friday, monday = (volumes(datetime(2026, 3, day, 12, tzinfo=UTC)) for day in (6, 9))

    assert friday["friday night"] > monday["friday night"]
    assert monday["monday morning"] > friday["monday morning"]


@pytest.mark.parametrize(
    "day", [datetime(2026, 1, 3, 12, tzinfo=UTC), datetime(2026, 8, 28, 12, tzinfo=UTC)]
)
def test_the_calendar_knows_the_full_moon(day: datetime) -> None:
    assert volumes(day)["full moon"] > 55
    assert volumes(day + timedelta(days=14)).get("full moon", 0) < 5


def test_the_calendar_gives_a_window_a_day() -> None:
    windows = {sighting.observed_at for sighting in LocalCalendar().sightings(NOON)}

    assert len(windows) == HISTORY_DAYS
    assert {(moment.hour, moment.minute) for moment in windows} == {(0, 0)}
