"""Music takes its time at the provider; no worker waits with it."""

from __future__ import annotations

import time
from pathlib import Path

from tests.contract_servers.suno import SunoServer
from tests.processes.crew import Plan
from tests.processes.crews import Site

RUNS = 50
WORK_S = 60.0
BOUND_S = 55.0


def test_two_workers_submit_fifty_songs_while_the_first_is_being_made(
    database_url: str, tmp_path: Path
) -> None:
    with SunoServer() as suno:
        suno.work_s = WORK_S
        site = Site(tmp_path, database_url, (suno,))
        with site.crew(Plan(runs=RUNS, workers=2, poll_s=10.0)):
            started = time.monotonic()
            while suno.paid < RUNS and time.monotonic() < started + WORK_S:
                time.sleep(0.02)
            ended = suno.count("GET /files")
        submitted = [task.made_at - started for task in suno.tasks.values()]

    assert len(submitted) == RUNS
    assert max(submitted) <= BOUND_S
    assert ended == 0, "the provider was still at work on every one of them"
