"""Failing providers and dying workers; `python -m tests.chaos` does the same with 200 runs."""

from __future__ import annotations

from pathlib import Path

from tests.chaos import Chaos, Gateway, perform, site_for
from tests.contract_servers.llm import LlmServer

RUNS = 16


def test_every_run_ends_and_nothing_is_paid_twice(database_url: str, tmp_path: Path) -> None:
    with LlmServer() as llm, Gateway() as suno:
        site = site_for(tmp_path, database_url, llm, suno)
        done: Chaos = perform(site, llm, suno, runs=RUNS, workers=3, seed=3)

    assert done.first.wrong == []
    assert done.first.statuses["awaiting_review"] > RUNS / 2
    assert done.kills > 0
    # What waited for a person goes on, to a reviewer or to an error with its reason.
    assert done.after_person.wrong == []
    assert done.after_person.statuses["waiting"] == 0
    assert done.after_person.statuses.total() == RUNS
