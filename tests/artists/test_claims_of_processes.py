"""Processes that claim turns at the same time never get the same one."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from artists.models import Artist
from tests.databases import address_for_processes
from tests.factories import ArtistFactory

PROJECT = Path(__file__).resolve().parents[2]
PROCESSES = 4
TURNS = 20

# Ready, then wait for the start signal, so that no process is done before the others begin.
CLAIM = f"""
import random
from datetime import UTC, datetime
from artists.roster import next_artist
print("ready", flush=True)
input()
for _ in range({TURNS}):
    artist = next_artist(
        rng=random.Random(1), now=datetime.now(UTC), create=None,
        creation_probability=0.0, roster_cap=1,
    )
    print(artist.pk, flush=True)
"""


@pytest.fixture
def database_url(transactional_db, tmp_path: Path) -> str:
    """A database that other processes see, with one artist for every turn."""
    ArtistFactory.create_batch(PROCESSES * TURNS)
    return address_for_processes(tmp_path)


def test_four_processes_claim_every_artist_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", CLAIM],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    claimed = Counter(
        int(line) for process in processes for line in process.communicate()[0].split()
    )

    assert all(process.returncode == 0 for process in processes)
    assert claimed == Counter(Artist.objects.values_list("pk", flat=True))
