"""Processes that claim turns at the same time never get the same one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from artists.models import Artist
from tests.databases import address_for_processes
from tests.factories import ArtistFactory
from tests.together import work_together

PROCESSES = 4
TURNS = 20

CLAIM = f"""
import random, sys
from datetime import UTC, datetime
from artists.roster import Casting, next_artists

def work(seed):
    casting = Casting(create=None, creation_probability=0.0, roster_cap=1)
    for _ in range({TURNS}):
        [artist] = next_artists([random.Random(int(seed))], casting, now=datetime.now(UTC))
        sys.stdout.write(f"{{artist.pk}}\\n")  # whole: all write to one pipe
"""


@pytest.fixture
def database_url(transactional_db, tmp_path: Path) -> str:
    """A database that other processes see, with one artist for every turn."""
    ArtistFactory.create_batch(PROCESSES * TURNS)
    return address_for_processes(tmp_path)


def test_four_processes_claim_every_artist_once(database_url: str) -> None:
    # One seed: all would take the same turn.
    claimed = work_together(CLAIM, ["1"] * PROCESSES, database_url=database_url)

    assert Counter(map(int, claimed)) == Counter(Artist.objects.values_list("pk", flat=True))
