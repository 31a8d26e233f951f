"""Real clusters on one database."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.clusters import Stage, wait_until
from tests.processes.crews import Site
from tests.processes.private_redis import PrivateRedis


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """Two workers in each cluster; a roster that stays as it is."""
    settings = {"AI_ARTIST_WORKERS": "2", "ARTIST_CREATION_PROBABILITY": "0"}
    stage = Stage(Site(tmp_path, database_url, ()), settings)
    yield stage
    stage.close()


def test_a_batch_wakes_all_workers_of_all_clusters_and_each_run_is_done_once(
    stage: Stage,
) -> None:
    stage.hold.touch()
    with stage.clusters(4):
        stage.queue(40)

        took_s = wait_until(lambda: stage.runs("running") == 8, what="eight workers are busy")

        print(f"8 workers busy {took_s:.2f} s after the batch was made")
        assert took_s < 45, "they were found by the sweep, which comes each minute"
        stage.hold.unlink()
        wait_until(lambda: stage.runs("awaiting_review") == 40, what="all runs are done")
    assert stage.site.rows("SELECT DISTINCT attempt FROM runs_run") == [(1,)]
    assert stage.site.rows("SELECT DISTINCT status, attempts FROM runs_step") == [("done", 1)]
    assert stage.site.rows("SELECT COUNT(*) FROM runs_artifact WHERE kind = 'video'") == [(40,)]


def test_the_sweep_does_not_wait_and_sigterm_ends_a_cluster_after_its_present_steps(
    stage: Stage,
) -> None:
    stage.hold.touch()
    stage.queue(5)
    with stage.clusters() as (cluster,):
        wait_until(lambda: stage.steps("running") == 2, what="both workers are in a step")
        stage.python("-c", BACK_DATE)
        fresh = "SELECT COUNT(*) FROM runs_workerbeat WHERE cluster = 'sweep' AND at > '2026-01-01'"
        wait_until(lambda: stage.site.rows(fresh) == [(1,)], what="a sweep began")
        assert stage.steps("running") == 2

        cluster.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            cluster.wait(timeout=1)  # the steps are not cut off
        assert stage.runs("running") == 2

        stage.hold.unlink()

        took_s = wait_until(lambda: cluster.poll() is not None, what="the cluster has ended")
        print(f"ended {took_s:.2f} s after its steps")
        assert cluster.returncode == 0
    assert stage.runs("queued") == 5
    done = stage.site.rows("SELECT name, attempts FROM runs_step WHERE status = 'done'")
    assert done == [("concept", 1)] * 2
    assert stage.site.rows("SELECT COUNT(*) FROM runs_workerbeat WHERE cluster <> 'sweep'") == [
        (0,)
    ]

    with stage.clusters():
        wait_until(lambda: stage.runs("awaiting_review") == 5, what="another cluster goes on")

    assert stage.site.rows("SELECT DISTINCT status, attempts FROM runs_step") == [("done", 1)]
    attempts = stage.site.rows("SELECT attempt FROM runs_run ORDER BY attempt")
    assert attempts == [(1,), (1,), (1,), (2,), (2,)]


BACK_DATE = """
import manage; manage.load_apps()
from runs.models import WorkerBeat
WorkerBeat.objects.filter(cluster="sweep").update(at="2020-01-01 00:00:00+00:00")
"""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[PrivateRedis]:
    with PrivateRedis(tmp_path) as server:
        yield server


def test_work_goes_on_without_redis_and_messages_when_it_is_back(
    stage: Stage, redis: PrivateRedis
) -> None:
    stage.settings["REDIS_URL"] = redis.url
    with stage.clusters():
        redis.stop()

        status, slept_s, said = json.loads(stage.python("-c", PRESS))

        assert status == 302
        assert slept_s < 1
        assert said == ["success"]
        wait_until(lambda: stage.runs("awaiting_review") == 3, what="runs are done without Redis")
        wait_until(lambda: "Redis is away" in stage.log, what="the outage is in the log")
        seen = stage.python("-c", METRICS + DOCTOR)
        assert "ai_artist_queue_tasks NaN" in seen
        assert "no worker" not in seen

        redis.start()

        wait_until(lambda: "Redis is back" in stage.log, what="Redis is back")
        assert "ai_artist_queue_tasks 0" in stage.python("-c", METRICS)


# Waits are added up, not taken: a busy machine has none more than a quiet one.
PRESS = """
import io, json, manage, redis.retry, time; manage.load_apps()
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.core.management import call_command
from django.urls import reverse
call_command("seed_roster", verbosity=0, stdout=io.StringIO())
browser = Client(headers={"host": "localhost"})
browser.force_login(User.objects.create_superuser("boss"))
dashboard = browser.get(reverse("admin:index")).content.decode()
assert "task queue does not answer" in dashboard
waits = []
time.sleep = redis.retry.sleep = waits.append
answer = browser.post(reverse("admin:start_batch"), {"size": "3"})
tags = [message.level_tag for message in get_messages(answer.wsgi_request)]
print(json.dumps([answer.status_code, sum(waits), tags]))
"""
METRICS = """
import manage; manage.load_apps()
from django.utils import timezone
from ai_artist.operations.probes import exposition
print(exposition(now=timezone.now()))
"""
DOCTOR = """
from django.core.management import call_command
call_command("doctor", "--only", "queue", "--strict")
"""
