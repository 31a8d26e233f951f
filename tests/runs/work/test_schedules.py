"""Schedules: once for each time of day on the site's clock, and never silent for long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from runs import tasks
from runs.models import Batch
from runs.work import schedules
from tests.factories import ArtistFactory

YEAR = (date(2026, 3, 1), date(2027, 4, 1))  # each change of the clock, one of them twice
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/New_York",
    "America/Havana",  # changes at midnight
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",  # back for one month
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Auckland",
)


# These read the messages in the database; with Redis the suite on SQLite has shown it already.
in_database = pytest.mark.skipif(bool(settings.REDIS_URL), reason="messages are in Redis")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("cron", "a_day"),
    [
        ("30 2 * * *", 1),
        ("0 0 * * *", 1),
        ("15 0 * * *", 1),
        ("30 1 * * *", 1),
        ("0 3 * * *", 1),
        ("0 6,18 * * *", 2),
        ("30 1,14,22 * * *", 3),
    ],
)
def test_each_slot_comes_once_a_day_in_every_zone(
    settings: Any, zone: str, cron: str, a_day: int
) -> None:
    settings.TIME_ZONE = zone
    first, end = YEAR
    moment = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
    moment -= timedelta(seconds=1)
    slots = set()

    while (slot := schedules.slot_of(moment := schedules.next_date(cron, now=moment))) < str(end):
        slots.add(slot)

    days = Counter(slot[:10] for slot in slots)
    assert len(days) == (end - first).days
    assert set(days.values()) == {a_day}


@pytest.fixture
def site_in(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put the site and django-q2's scheduler in a time zone."""

    def choose(zone: str) -> None:
        settings.TIME_ZONE = zone
        monkeypatch.setattr(Conf, "TIME_ZONE", zone)

    return choose


def fire(monkeypatch: pytest.MonkeyPatch, *, now: datetime) -> int:
    """Let django-q2's own scheduler look at a time; returns how many batches it asked for."""
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: now)
        scheduler(get_broker())
        asked = [SignedPackage.loads(row.payload) for row in OrmQ.objects.all()]
        get_broker().purge_queue()
        calls = [task for task in asked if task["func"] == schedules.BATCH_TASK]
        for task in calls:
            tasks.scheduled_batch(*task["args"], **task["kwargs"])
    return len(calls)


@in_database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("cron", "night", "batches"),
    [
        ("30 2 * * *", datetime(2026, 10, 24, 22, 0, tzinfo=UTC), 1),  # 02:30 comes twice
        ("30 2 * * *", datetime(2027, 3, 27, 23, 0, tzinfo=UTC), 1),  # 02:30 does not exist
        ("0 6,18 * * *", datetime(2026, 10, 24, 22, 0, tzinfo=UTC), 2),
        ("30 2 * * *", datetime(2026, 7, 1, 22, 0, tzinfo=UTC), 1),
    ],
)
def test_a_cluster_makes_one_batch_for_each_slot_of_a_local_day(
    settings: Any,
    site_in: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    cron: str,
    night: datetime,
    batches: int,
) -> None:
    site_in("Europe/Berlin")
    settings.BATCH_CRON, settings.BATCH_SIZE = cron, 1
    ArtistFactory()
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: night)
        schedules.install(now=night)

    for minutes in range(0, 25 * 60, 30):
        fire(monkeypatch, now=night + timedelta(minutes=minutes, seconds=20))

    assert Batch.objects.count() == batches


@in_database
@pytest.mark.django_db(transaction=True)
def test_a_cluster_that_was_down_catches_up_once(
    settings: Any, site_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    site_in("Europe/Berlin")
    settings.BATCH_SIZE = 1
    ArtistFactory()
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: now)
        schedules.install(now=now)

    asked = [fire(monkeypatch, now=now + timedelta(days=3, minutes=m)) for m in range(3)]

    assert asked == [1, 0, 0]
    assert Batch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_doubled_message_makes_one_batch(settings: Any) -> None:
    settings.BATCH_SIZE = 1
    ArtistFactory()
    planned_at = "2026-03-02T06:00:00+00:00"

    first, second = (tasks.scheduled_batch(planned_at=planned_at) for _ in range(2))

    assert first == second
    assert Batch.objects.get().slot == "2026-03-02 06:00"


@pytest.mark.django_db
def test_installing_reads_the_cron_in_the_sites_zone(
    settings: Any, site_in: Callable[[str], None], now: datetime
) -> None:
    site_in("Europe/Berlin")
    schedules.install(now=now)
    settings.BATCH_CRON = "0 14 * * *"

    done = schedules.install(now=now)

    assert done["updated"] == ["daily batch"]
    assert Schedule.objects.get(name="daily batch").next_run == now + timedelta(hours=1)


@pytest.mark.django_db
def test_installing_leaves_one_row_for_each_name(now: datetime) -> None:
    schedules.install(now=now)
    Schedule.objects.create(name="collect trends", func="runs.tasks.collect_trends", next_run=None)

    done = schedules.install(now=now)

    assert done["updated"] == ["collect trends"]
    assert Schedule.objects.filter(name="collect trends").count() == 1
    assert set(schedules.install(now=now)["kept"]) == {p.name for p in schedules.planned()}


@pytest.mark.django_db
def test_a_schedule_that_lies_too_far_ahead_is_pulled_back(now: datetime) -> None:
    schedules.install(now=now)
    Schedule.objects.update(next_run=now + timedelta(hours=1))

    corrected = schedules.pull_back(now=now)

    daily = {
        "clean up",
        "daily batch",
        "evaluate roster",
        "learn from audience",
        "read audience",
    }
    assert set(corrected) == {plan.name for plan in schedules.planned()} - daily
    assert Schedule.objects.get(name="evolve artists").next_run == now + timedelta(minutes=5)
    assert schedules.pull_back(now=now) == []


@pytest.mark.django_db
def test_a_broken_row_does_not_keep_others_from_being_pulled_back(now: datetime) -> None:
    schedules.install(now=now)
    far = now + timedelta(days=2)
    Schedule.objects.filter(name="collect trends").update(cron="0 6 31 2 *", next_run=far)
    Schedule.objects.filter(name="evolve artists").update(next_run=far)

    corrected = schedules.pull_back(now=now)

    assert "evolve artists" in corrected
    assert "collect trends" not in corrected
