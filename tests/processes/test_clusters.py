"""Two real clusters on one database."""

from __future__ import annotations

import os
import signal
import time

from tests.processes.conftest import Project


def test_a_task_delivered_twice_is_done_once(project: Project) -> None:
    project.manage("run_batch", "--no-wait", "--seed", "3")
    # The same message again, as at-least-once delivery may bring it.
    columns = "key, payload, lock"
    copy = f"INSERT INTO django_q_ormq ({columns}) SELECT {columns} FROM django_q_ormq"
    for _ in range(2):
        project.rows(copy)
    clusters = [project.start("qcluster") for _ in range(2)]

    try:
        settled = wait_for_review(project)
    finally:
        for cluster in clusters:
            cluster.terminate()
        for cluster in clusters:
            try:
                cluster.communicate(timeout=30)
            except Exception:
                os.killpg(cluster.pid, signal.SIGKILL)
                cluster.communicate()

    assert settled
    assert project.rows("SELECT status, attempt FROM runs_run") == [("awaiting_review", 1)]
    assert project.rows("SELECT DISTINCT status, attempts FROM runs_step") == [("done", 1)]
    assert project.rows("SELECT COUNT(*) FROM runs_artifact WHERE kind = 'video'") == [(1,)]


def wait_for_review(project: Project, timeout_s: float = 120.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        done = project.rows("SELECT COUNT(*) FROM runs_run WHERE status = 'awaiting_review'")
        left = project.rows("SELECT COUNT(*) FROM django_q_ormq")
        if done == [(1,)] and left == [(0,)]:
            return True
        time.sleep(0.5)
    return False
