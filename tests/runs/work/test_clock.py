"""A clock that goes back an hour silences nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone
from django_q.models import Schedule

from runs import tasks
from runs.models import Run, RunEvent, Step, TelegramBot, TelegramMessage, WorkerBeat
from runs.reviewing import leases
from runs.reviewing.reviews import apply_due, decide
from runs.work import clock, schedules
from runs.work.pipeline import create_steps
from tests.factories import RunFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
SOON = timedelta(minutes=11)
States = Run.Status


def in_state(status: str, due_at: datetime, **fields: Any) -> Run:
    return RunFactory(status=status, due_at=due_at, **fields)


def parked(due_at: datetime, waiting_for: str) -> Run:
    run = in_state(States.WAITING, due_at)
    create_steps([run])
    run.steps.filter(name="music").update(status=Step.Status.WAITING, waiting_for=waiting_for)
    return run


def written_in_the_future(now: datetime) -> None:
    RunEvent.objects.create(run=RunFactory(status=States.CANCELLED), at=now + HOUR, kind="queued")


def test_a_queued_run_is_due_within_its_longest_delay(now: datetime) -> None:
    run = in_state(States.QUEUED, now + HOUR)

    clock.bring_within_reach(now=now)

    assert Run.objects.due(now=now + SOON).get() == run


def test_a_run_of_a_dead_worker_is_queued_within_a_lease(now: datetime) -> None:
    in_state(States.RUNNING, now + HOUR, owner="elsewhere/1/2/3")

    clock.bring_within_reach(now=now)

    held_until = Run.objects.get().due_at
    assert held_until == now + timedelta(seconds=site.LEASE_S)


@pytest.mark.parametrize(
    ("waiting_for", "woken"),
    [("provider", True), ("disk", True), ("budget", False), ("operator", False)],
)
def test_a_waiting_run_is_looked_at_again_once(
    now: datetime, waiting_for: str, woken: bool
) -> None:
    run = parked(now + HOUR, waiting_for)
    written_in_the_future(now)

    clock.bring_within_reach(now=now)

    assert (run in Run.objects.due(now=now)) == woken
    # A provider that then asks for an hour is given it.
    Run.objects.filter(pk=run.pk).update(due_at=now + HOUR)
    clock.bring_within_reach(now=now)
    if woken:
        assert run not in Run.objects.due(now=now)


def test_a_long_wait_is_left_alone_while_the_clock_is_right(now: datetime) -> None:
    run = parked(now + 6 * HOUR, "provider")
    RunEvent.objects.create(run=run, at=now, kind="waiting")

    assert clock.bring_within_reach(now=now) == 0


def test_a_schedule_that_a_person_put_off_stays_put_off(now: datetime) -> None:
    schedules.install(now=now)
    Schedule.objects.filter(name="daily batch").update(next_run=now + 72 * HOUR)

    clock.bring_within_reach(now=now)

    assert Schedule.objects.get(name="daily batch").next_run == now + 72 * HOUR


def test_the_desk_and_the_undo_period_end(now: datetime) -> None:
    first, second = RunFactory(reviewable=True), RunFactory(reviewable=True)
    leases.lease_runs(UserFactory(), now=now + HOUR, count=1)
    held = Run.objects.exclude(reviewed_by=None).get()
    other = second if held == first else first
    decide(run_id=other.pk, decision="approve", reviewer=None, now=now + HOUR, grace_s=5)

    clock.bring_within_reach(now=now)

    later = now + timedelta(seconds=leases.LEASE_S + 1)
    assert held in leases.free_for(UserFactory(), now=later)
    assert apply_due(now=now + timedelta(seconds=site.REVIEW_GRACE_S)) == 1


def test_the_bot_goes_on(now: datetime) -> None:
    written_in_the_future(now)
    TelegramBot.objects.create(
        bot_id=7, poller="gone", poller_until=now + HOUR, quiet_until=now + HOUR
    )
    TelegramMessage.objects.create(run=RunFactory(), chat_id=1, candidate_at=now, due_at=now + HOUR)

    clock.bring_within_reach(now=now)

    bot = TelegramBot.objects.get()
    assert bot.quiet_until is None
    assert bot.poller_until is not None and bot.poller_until <= now + timedelta(minutes=3)
    assert TelegramMessage.objects.get().due_at == now


def test_a_beat_from_the_future_proves_no_life_for_an_hour(now: datetime) -> None:
    WorkerBeat.objects.create(cluster="dead", at=now + HOUR)

    clock.bring_within_reach(now=now)

    assert WorkerBeat.objects.get().at == now


def test_a_sweep_puts_it_right(fake_steps: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    schedules.install(now=now)
    Schedule.objects.update(next_run=now + 2 * HOUR)
    WorkerBeat.objects.create(cluster="mine", at=now + 2 * HOUR)
    in_state(States.QUEUED, now + 2 * HOUR)

    tasks.sweep()

    every_five_minutes = Schedule.objects.get(name="evolve artists")
    assert every_five_minutes.next_run <= now + timedelta(minutes=6)
    assert Run.objects.due(now=now + SOON).exists()
