"""What the queue calls."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.brokers import get_broker

from runs import tasks
from runs.models import Run, WorkerBeat
from runs.pipeline import create_steps
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def instant(fake_steps, monkeypatch):
    monkeypatch.setattr(tasks.engines, "configured", lambda: None)
    get_broker().purge_queue()
    return fake_steps


def queued_run(**fields) -> Run:
    run = RunFactory(**fields)
    create_steps(run)
    return run


def test_a_pump_does_all_that_is_due_and_a_second_one_nothing() -> None:
    runs = [queued_run() for _ in range(2)]

    assert tasks.pump() == 2
    assert tasks.pump() == 0

    statuses = Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("status", flat=True)
    assert set(statuses) == {Run.Status.AWAITING_REVIEW}


def test_a_sweep_queues_dropped_runs_and_wakes_workers() -> None:
    past = timezone.now() - timedelta(minutes=1)
    run = queued_run(status=Run.Status.RUNNING, owner="elsewhere/1/2/3", due_at=past)

    found = tasks.sweep()

    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED
    assert (found["requeued"], found["due"]) == (1, 1)
    assert get_broker().queue_size() >= 1


def test_a_sweep_clears_the_spool_of_old_answers(settings, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path
    old, new = tmp_path / "old.mp3", tmp_path / "new.mp3"
    for path in (old, new):
        path.write_bytes(b"song")
    os.utime(old, (0, 0))

    tasks.sweep()

    assert [path.name for path in tmp_path.iterdir()] == ["new.mp3"]


def test_a_run_that_is_not_approved_is_not_packaged() -> None:
    assert tasks.package(str(queued_run().pk)) == ""


def test_the_canary_stamps_its_cluster() -> None:
    tasks.canary()
    first = WorkerBeat.objects.get().at

    tasks.canary()

    assert WorkerBeat.objects.get().at >= first
