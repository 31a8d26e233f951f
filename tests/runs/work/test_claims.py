"""The right to work on a run."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest

from runs.errors import LostLease
from runs.models import Run
from runs.work import claims
from runs.work.claims import Claim, Heartbeat, claim_next, claim_run, requeue_dropped
from runs.work.operating import cancel_run
from runs.work.workers import is_gone, worker_name
from tests.factories import NOON, RunFactory

pytestmark = pytest.mark.django_db


def test_second_claim_is_refused() -> None:
    run = RunFactory()

    first, second = claim_run(run.pk, now=NOON), claim_run(run.pk, now=NOON)

    assert first is not None
    assert second is None


def test_the_run_due_for_longest_is_claimed_first() -> None:
    RunFactory(due_at=NOON)
    older = RunFactory(due_at=NOON - timedelta(hours=1))
    RunFactory(due_at=NOON + timedelta(hours=1))

    claim = claim_next(now=NOON)

    assert claim is not None
    assert claim.run_id == older.pk


def test_a_run_that_is_not_due_is_left_alone() -> None:
    RunFactory(due_at=NOON + timedelta(seconds=1))

    assert claim_next(now=NOON) is None


def test_claim_takes_a_lease_and_counts_the_attempt(settings) -> None:
    run = RunFactory()

    claim_run(run.pk, now=NOON)

    run.refresh_from_db()
    assert run.status == Run.Status.RUNNING
    assert run.attempt == 1
    assert run.owner == worker_name()
    assert run.due_at == NOON + timedelta(seconds=settings.LEASE_S)
    assert run.started_at == NOON


def test_late_worker_cannot_write() -> None:
    run = RunFactory()
    late = claim_run(run.pk, now=NOON)
    assert late is not None
    Run.objects.filter(pk=run.pk).update(status=Run.Status.QUEUED, owner="", due_at=NOON)
    claim_run(run.pk, now=NOON)

    with pytest.raises(LostLease):
        late.write(title="too late")

    run.refresh_from_db()
    assert run.title == ""


def test_expired_lease_is_queued_again_and_says_why() -> None:
    run = RunFactory(
        status=Run.Status.RUNNING, owner="elsewhere/1/2/3", due_at=NOON - timedelta(seconds=1)
    )

    assert requeue_dropped(now=NOON) == [run.pk]

    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED
    assert "no heartbeat" in run.events.get().message


def test_live_lease_of_another_machine_is_respected() -> None:
    RunFactory(
        status=Run.Status.RUNNING, owner="elsewhere/1/2/3", due_at=NOON + timedelta(seconds=1)
    )

    assert requeue_dropped(now=NOON) == []


def test_dead_process_of_this_machine_is_noticed_before_its_lease_ends() -> None:
    place = worker_name().rsplit("/", 2)[0]
    run = RunFactory(
        status=Run.Status.RUNNING,
        owner=f"{place}/{os.getpid()}/1",  # our process id, but another start time
        due_at=NOON + timedelta(hours=1),
    )

    assert requeue_dropped(now=NOON) == [run.pk]


def test_this_process_is_not_gone() -> None:
    assert not is_gone(worker_name())


@pytest.mark.parametrize("name", ["", "host", "host/1/x/2", "other/9/1/1"])
def test_unknown_workers_are_never_called_gone(name: str) -> None:
    assert not is_gone(name)


@pytest.mark.django_db(transaction=True)
def test_heartbeat_renews_the_lease(settings, monkeypatch) -> None:
    monkeypatch.setattr(claims, "PROGRESS_EVERY_S", 0.01)
    settings.LEASE_S = 0.04
    run = RunFactory()
    claim = claim_run(run.pk, now=NOON)
    assert claim is not None

    with Heartbeat(claim) as heartbeat:
        renewed = wait_until(lambda: Run.objects.get(pk=run.pk).due_at > NOON + timedelta(days=1))

    assert renewed
    assert not heartbeat.lost.is_set()


@pytest.mark.django_db(transaction=True)
def test_heartbeat_notices_a_cancelled_run(settings, monkeypatch) -> None:
    monkeypatch.setattr(claims, "PROGRESS_EVERY_S", 0.01)
    settings.LEASE_S = 0.04
    run = RunFactory()
    claim = claim_run(run.pk, now=NOON)
    assert claim is not None

    with Heartbeat(claim) as heartbeat:
        cancel_run(run_id=run.pk, actor=None, now=NOON)
        lost = heartbeat.lost.wait(timeout=5)

    assert lost


def test_claim_names_the_worker_it_lost() -> None:
    run = RunFactory()

    with pytest.raises(LostLease, match="me"):
        Claim(run_id=run.pk, owner="me", attempt=1).renew(now=NOON)


def wait_until(true_at_last, timeout_s: float = 60.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if true_at_last():
            return True
        time.sleep(0.01)
    return False
