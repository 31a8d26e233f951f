"""A cap holds for any number of workers."""

from __future__ import annotations

from pathlib import Path

from tests.chaos import Gateway
from tests.processes.crew import Plan
from tests.processes.crews import Site

RUNS = 14
AFFORDABLE = 8  # calls of 0.06 in 0.50


def test_eight_workers_stop_before_the_ninth_call(database_url: str, tmp_path: Path) -> None:
    with Gateway() as suno:
        site = Site(tmp_path, database_url, (suno,))
        site.settle(Plan(runs=RUNS, workers=8, cap_usd="0.50"), timeout_s=240)

        assert suno.paid == AFFORDABLE
    booked = site.rows(
        "SELECT COUNT(*), SUM(committed_usd) FROM runs_providercall WHERE committed_usd > 0"
    )
    assert [(count, f"{usd:.2f}") for count, usd in booked] == [(AFFORDABLE, "0.48")]
    statuses = dict(site.rows("SELECT status, COUNT(*) FROM runs_run GROUP BY status"))
    assert statuses == {"awaiting_review": AFFORDABLE, "waiting": RUNS - AFFORDABLE}
    waits = site.rows("SELECT DISTINCT waiting_for FROM runs_step WHERE status = 'waiting'")
    assert waits == [("budget",)]
