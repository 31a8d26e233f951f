"""A project of its own on disk, for tests that start and kill real processes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.databases import address_for_processes, copy_database
from tests.processes.preloaded import ROOT
from tests.sharing import made_once

SMALL = {
    "AI_ARTIST_TRACK_MIN_S": "12",
    "AI_ARTIST_TRACK_MAX_S": "16",
    "AI_ARTIST_COVER_PX": "320",
    "AI_ARTIST_VIDEO_SIDE": "216",
    "AI_ARTIST_VIDEO_FPS": "5",
    "AI_ARTIST_VIDEO_PRESET": "ultrafast",
    "ARTIST_CREATION_PROBABILITY": "0",
    "AI_ARTIST_SINGING": "false",
    "AI_ARTIST_MIN_FREE_MB": "50",
}


@dataclass(frozen=True)
class Project:
    """Commands against a database and a media folder in `folder`."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **SMALL,
            "DATABASE_URL": f"sqlite:///{self.folder / 'db.sqlite3'}",
            "MEDIA_ROOT": str(self.folder / "media"),
            "AI_ARTIST_WORK_DIR": str(self.folder / "work"),
            "AI_ARTIST_SIGNING_DIR": str(self.folder / "signing"),
            "REDIS_URL": "",
            "PYTHONPATH": str(ROOT),
        }

    def manage(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run a command to its end and give its output."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env={**self.environment, **environment},
            cwd=ROOT,
            text=True,
            capture_output=True,
            timeout=240,
        )
        assert done.returncode == code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout + (done.stderr if code else "")

    def json(self, *arguments: str) -> Any:
        return json.loads(self.manage(*arguments, "--json"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=20) as database:
            return database.execute(query).fetchall()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was migrated from nothing."""

    def make(folder: Path) -> None:
        Project(folder).manage("migrate", "--verbosity", "0")

    return made_once(tmp_path_factory, "migrated", make) / "db.sqlite3"


@pytest.fixture(scope="session")
def new_project(
    migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Project]:
    """Makes projects in empty folders, migrated and with the starter roster."""

    def make(folder: Path) -> None:
        copy_database(migrated, folder / "db.sqlite3")
        Project(folder).manage("seed_roster")

    seeded = made_once(tmp_path_factory, "seeded", make) / "db.sqlite3"

    def copy(folder: Path) -> Project:
        copy_database(seeded, folder / "db.sqlite3")
        return Project(folder)

    return copy


@pytest.fixture
def database_url(transactional_db: None, tmp_path: Path) -> str:
    """An empty migrated database that other processes see, on SQLite or PostgreSQL."""
    return address_for_processes(tmp_path)
