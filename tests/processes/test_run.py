"""Whole runs with the real engines, through the commands; kill -9 in every step of one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from media_tools.ffmpeg import run_ffmpeg
from media_tools.video.probe import probe
from runs.steps import NAMES
from tests.processes.conftest import Project
from tests.processes.preloaded import ROOT, Preloaded

DOOMED_WORKER = Path(__file__).with_name("doomed_worker.py")
MANAGE = str(ROOT / "manage.py")
HEAVY = (
    "media_tools.audio.analysis",
    "media_tools.images.cover",
    "media_tools.music.local.engine",
    "media_tools.video.render",
)


def sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def project(
    new_project: Callable[[Path], Project], tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """One project for the whole module: its runs are expensive."""
    return new_project(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def programs(project: Project) -> Iterator[Preloaded]:
    """Starts what need not load the project again: only the first batch is to do that."""
    folder = project.folder / "output"
    folder.mkdir()
    programs = Preloaded(project.environment, folder, HEAVY)
    yield programs
    programs.close()


@pytest.fixture(scope="module")
def manage(programs: Preloaded) -> Callable[..., Any]:
    """Runs a command; returns what it prints as JSON."""

    def run(*arguments: str) -> Any:
        return json.loads(programs.run(MANAGE, *arguments, "--json"))

    return run


@pytest.fixture(scope="module")
def runs(project: Project) -> list[dict]:
    """Two runs of different artists."""
    return project.json("run_batch", "--size", "2", "--seed", "21")["runs"]


def test_runs_come_to_review_with_all_their_files(runs) -> None:
    for run in runs:
        assert run["status"] == "awaiting_review", run["error"]
        assert all(Path(path).is_file() for path in run["files"].values())


def test_loudness_and_peak_hold_by_another_meter(runs) -> None:
    for run in runs:
        log = run_ffmpeg(
            ["-i", run["files"]["master"], "-af", "ebur128=peak=true", "-f", "null", "-"],
            timeout_s=60,
            what="meter",
        ).log
        summary = log[log.rindex("Summary") :]
        loudness = float(re.search(r"I:\s+(-?[\d.]+) LUFS", summary)[1])
        peak = float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)[1])
        assert abs(loudness + 14) <= 1
        assert peak <= -1.0 + 0.05  # the meter rounds to a tenth
        assert abs(loudness - run["lufs"]) <= 0.1


def test_the_video_is_h264_and_aac_and_as_long_as_the_track(runs) -> None:
    for run in runs:
        info = probe(Path(run["files"]["video"]))
        assert (info.video_codec, info.audio_codec) == ("h264", "aac")
        assert abs(info.duration_s - run["duration_s"]) <= 0.1


def test_lyrics_have_at_least_sixteen_lines(runs) -> None:
    for run in runs:
        lines = Path(run["files"]["lyrics"]).read_text().splitlines()
        assert len([line for line in lines if line and not line.startswith("[")]) >= 16


def test_artists_differ_audibly(runs) -> None:
    first, second = runs
    assert first["artist"] != second["artist"]
    assert sha256(first["files"]["master"]) != sha256(second["files"]["master"])
    assert abs(first["bpm"] - second["bpm"]) > 1


def test_a_reflection_was_written(project: Project, runs) -> None:
    texts = project.rows("SELECT text, alignment FROM runs_reflection")
    assert len(texts) == len(runs)
    assert all(len(text) > 100 and 0 <= alignment <= 1 for text, alignment in texts)


def test_a_run_killed_in_each_of_its_steps_makes_the_same_bytes_and_does_no_step_twice(
    project: Project, programs: Preloaded, manage: Callable[..., Any], runs
) -> None:
    first, log = runs[0], project.folder / "steps.log"
    same = ("--artist", first["artist"], "--seed", str(first["seed"]))
    (begun,) = manage("run_batch", "--no-wait", *same)["runs"]

    programs.run(str(DOOMED_WORKER), str(log))
    (again,) = manage("resume_runs")["runs"]

    assert (again["id"], again["status"]) == (begun["id"], "awaiting_review")
    # Each step was begun once by the worker it killed; the next worker did it again, once, and
    # committed it: no step that had been committed was ever begun again.
    assert log.read_text().split() == [name for step in NAMES for name in (step, step)][:-1]
    steps = "SELECT DISTINCT status, attempts FROM runs_step WHERE run_id = '{}'"
    assert project.rows(steps.format(begun["id"].replace("-", ""))) == [("done", 2)]
    for kind in ("lyrics", "master", "cover"):
        assert sha256(again["files"][kind]) == sha256(first["files"][kind]), kind
    assert not any(path.is_file() for path in (project.folder / "work").rglob("*"))


def test_every_recorded_hash_is_the_files(project: Project, runs) -> None:
    rows = project.rows("SELECT file, sha256 FROM runs_artifact")
    assert len(rows) > 20
    for file, digest in rows:
        assert sha256(str(project.folder / "media" / file)) == digest


def test_an_approval_makes_a_bundle(manage: Callable[..., Any], runs) -> None:
    decided = manage("review_run", runs[1]["id"], "approve")

    assert decided["status"] == "approved"
    packaged = manage("package_release", runs[1]["id"])
    metadata = json.loads((Path(packaged["folder"]) / "metadata.json").read_text())
    assert metadata["files"]["audio/master.mp3"]["bytes"] > 100_000
    states = {
        file["file"]: file["state"] for file in manage("verify_release", runs[1]["id"])["files"]
    }
    assert states.pop("audio/master.wav") == "not signed"
    assert set(states.values()) == {"trusted"}


def test_missing_ffmpeg_is_said_plainly(project: Project, programs: Preloaded) -> None:
    output = programs.run(MANAGE, "run_batch", code=1, IMAGEIO_FFMPEG_EXE="/nowhere/ffmpeg")

    assert "ffmpeg" in output
    assert "Traceback" not in output


def test_a_full_disk_is_said_plainly_and_nothing_is_begun(project: Project) -> None:
    output = project.manage("run_batch", code=1, AI_ARTIST_MIN_FREE_MB="999999999")

    assert "MB of disk are free" in output
    assert project.rows("SELECT COUNT(*) FROM runs_run WHERE status = 'waiting'") == [(1,)]


def test_an_unreadable_database_is_said_plainly(project: Project, tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_text("this is not a database, not even a small one" * 50)

    output = project.manage("run_batch", code=1, DATABASE_URL=f"sqlite:///{broken}")

    assert "Traceback" not in output
    assert "database" in output
