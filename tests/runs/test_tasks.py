"""What the queue calls."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from runs import queue, tasks
from runs.models import Run, WorkerBeat
from runs.work import workers
from runs.work.pipeline import create_steps
from tests.factories import RunFactory, single_of

pytestmark = pytest.mark.django_db(transaction=True)


SAYS_ITS_NAME = """
import manage; manage.load_apps()
from runs.work.workers import worker_name; print(worker_name())
"""


@pytest.fixture(autouse=True)
def instant(fake_steps, monkeypatch):
    monkeypatch.setattr(tasks.engines, "configured", lambda: None)
    return fake_steps


def queued_run(**fields) -> Run:
    run = RunFactory(**fields)
    create_steps([run])
    return run


def test_a_pump_does_all_that_is_due_and_a_second_one_nothing() -> None:
    runs = [queued_run() for _ in range(2)]

    assert tasks.pump() == 2
    assert tasks.pump() == 0

    statuses = Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("status", flat=True)
    assert set(statuses) == {Run.Status.AWAITING_REVIEW}


def test_a_pump_packs_bundles_too() -> None:
    queue.package_soon(single_of(RunFactory(reviewable=True)).pk, now=timezone.now())

    assert tasks.pump() == 1
    assert tasks.pump() == 0


def test_a_pump_of_a_cluster_that_ends_claims_nothing() -> None:
    run = queued_run()

    with workers.cluster(now=timezone.now()):
        workers.tell_to_stop()
        assert tasks.pump() == 0

    run.refresh_from_db()
    assert (run.status, run.attempt) == (Run.Status.QUEUED, 0)


def test_a_sweep_queues_dropped_runs() -> None:
    past = timezone.now() - timedelta(minutes=1)
    run = queued_run(status=Run.Status.RUNNING, owner="elsewhere/1/2/3", due_at=past)

    assert tasks.sweep()["requeued"] == 1

    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED


def test_of_many_clusters_one_sweeps_each_minute(monkeypatch) -> None:
    sweeps: list[int] = []
    monkeypatch.setattr(tasks, "sweep", lambda: sweeps.append(1))

    for _ in range(3):
        tasks.look_after()

    assert len(sweeps) == 1


@pytest.mark.parametrize("jump", [timedelta(minutes=-1), timedelta(hours=1)])
def test_a_sweep_follows_after_a_minute_and_after_a_clock_that_went_back(
    jump: timedelta, monkeypatch
) -> None:
    sweeps: list[int] = []
    monkeypatch.setattr(tasks, "sweep", lambda: sweeps.append(1))
    WorkerBeat.objects.create(cluster=WorkerBeat.SWEEP, at=timezone.now() + jump)

    tasks.look_after()

    assert len(sweeps) == 1
    assert abs(WorkerBeat.objects.get().at - timezone.now()) < timedelta(minutes=1)


def test_runs_of_a_worker_that_died_here_go_on_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAYS_ITS_NAME],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "ai_artist.settings"},
        capture_output=True,
        text=True,
    )
    later = timezone.now() + timedelta(minutes=2)
    run = queued_run(status=Run.Status.RUNNING, owner=done.stdout.strip(), due_at=later)

    tasks.look_after()

    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED


def test_the_beats_of_clusters_that_ended_here_are_forgotten() -> None:
    here = workers.worker_name()
    gone = f"{here.rpartition('/')[0]}/1"
    for name in (here, gone, "elsewhere/1/2/3"):
        WorkerBeat.objects.create(cluster=name, at=timezone.now())

    tasks.look_after()

    assert set(workers.clusters().values_list("cluster", flat=True)) == {here, "elsewhere/1/2/3"}


def test_a_sweep_clears_the_spool_of_old_answers(settings, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path
    old, new = tmp_path / "old.mp3", tmp_path / "new.mp3"
    for path in (old, new):
        path.write_bytes(b"song")
    os.utime(old, (0, 0))

    tasks.sweep()

    assert [path.name for path in tmp_path.iterdir()] == ["new.mp3"]


def test_the_canary_stamps_its_cluster_and_no_other_process() -> None:
    tasks.canary()
    assert not WorkerBeat.objects.exists()

    with workers.cluster(now=timezone.now() - timedelta(minutes=9)) as cluster:
        tasks.canary()
        beat = WorkerBeat.objects.get()

    assert beat.cluster == cluster.name
    assert timezone.now() - beat.at < timedelta(minutes=1)
    assert not WorkerBeat.objects.exists(), "a cluster that ended is not silent"
