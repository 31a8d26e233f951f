"""Folders of steps: one's own is removed at the end, a dead worker's by the sweep."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from runs.work.claims import Claim
from runs.work.workers import worker_name
from runs.work.workfolders import LEFT_AFTER, remove_left, work_folder
from tests.conftest import NOON


@pytest.fixture
def claim() -> Claim:
    return Claim(uuid4(), worker_name(), attempt=3)


@pytest.fixture
def work(settings) -> Path:
    return Path(settings.WORK_DIR)


def abandoned(claim: Claim, owner: str, *, touched: datetime = NOON) -> Path:
    """The folder of a worker that was killed."""
    with work_folder(Claim(claim.run_id, owner, attempt=1), "music") as folder:
        pass
    folder.mkdir()
    (folder / "half a song").write_text("la")
    os.utime(folder, (touched.timestamp(), touched.timestamp()))
    return folder


def gone(owner: str) -> str:
    """A worker of this machine that is gone: its process id has another start time."""
    return f"{owner.rpartition('/')[0]}/1"


def test_a_folder_is_empty_and_removed_at_the_end(claim: Claim, work: Path) -> None:
    with work_folder(claim, "music") as folder:
        (folder / "mix.wav").write_text("la")
    with work_folder(claim, "music") as folder:
        assert list(folder.iterdir()) == []

    assert list(work.iterdir()) == []


def test_what_a_killed_worker_left_is_removed(claim: Claim) -> None:
    left = abandoned(claim, gone(claim.owner))

    with work_folder(claim, "music") as own:
        assert remove_left(now=NOON) == 1
        assert own.is_dir()

    assert not left.exists()


@pytest.mark.parametrize("owner", ["", "elsewhere/1/2/3"], ids=["itself", "another host"])
def test_a_worker_that_may_live_keeps_its_folder(claim: Claim, owner: str) -> None:
    folder = abandoned(claim, owner or worker_name(), touched=NOON - LEFT_AFTER)

    assert remove_left(now=NOON) == 0
    assert folder.is_dir()
    assert remove_left(now=NOON + timedelta(seconds=1)) == 1
    assert not folder.exists()


def test_folders_of_others_are_left_alone(work: Path) -> None:
    for name in ("keep", "keep.me", f"{uuid4()}x"):
        (work / name).mkdir(parents=True)
        os.utime(work / name, (0, 0))

    assert remove_left(now=NOON) == 0


def test_there_may_be_no_folder_yet() -> None:
    assert remove_left(now=NOON) == 0
