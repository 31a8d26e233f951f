"""Music takes its time at the provider; no worker waits with it."""

from __future__ import annotations

from pathlib import Path

from tests.contract_servers.suno import SunoServer
from tests.processes.clusters import wait_until
from tests.processes.crew import Plan
from tests.processes.crews import Site

RUNS = 20
# None is ready while the test lasts: workers that waited for theirs would never submit the rest.
WORK_S = 3600.0


def test_two_workers_submit_twenty_songs_while_the_first_is_being_made(
    database_url: str, tmp_path: Path
) -> None:
    with SunoServer() as suno:
        suno.work_s = WORK_S
        site = Site(tmp_path, database_url, (suno,))
        with site.crew(Plan(runs=RUNS, workers=2, poll_s=10.0)):
            wait_until(lambda: suno.paid == RUNS, what="all songs are submitted")
            ended = suno.count("GET /files")

    assert ended == 0, "the provider was still at work on every one of them"
