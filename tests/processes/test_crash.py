"""kill -9 in every step of a real run with the real engines."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from runs.steps import NAMES
from tests.processes.conftest import ROOT, Project

DOOMED_WORKER = Path(__file__).with_name("doomed_worker.py")


def test_a_run_killed_in_each_of_its_steps_completes_without_doing_one_twice(
    project: Project,
) -> None:
    run = project.json("run_batch", "--no-wait", "--seed", "11")["runs"][0]
    log = project.folder / "steps.log"

    killed = subprocess.run(
        [sys.executable, str(DOOMED_WORKER), str(log)],
        env=project.environment,
        cwd=ROOT,
        capture_output=True,
        timeout=240,
    )
    assert killed.returncode == 0, killed.stderr.decode()
    data = project.json("resume_runs")

    assert data["runs"][0]["id"] == run["id"]
    assert data["runs"][0]["status"] == "awaiting_review"
    # Each step was begun once by the worker it killed; the next worker did it again, once, and
    # committed it: no step that had been committed was ever begun again.
    begun = log.read_text().split()
    assert begun == [name for step in NAMES for name in (step, step)][:-1]
    assert project.rows("SELECT DISTINCT status, attempts FROM runs_step") == [("done", 2)]
    for file, sha256 in project.rows("SELECT file, sha256 FROM runs_artifact"):
        content = (project.folder / "media" / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
    assert not any(path.is_file() for path in (project.folder / "work").rglob("*"))
