"""The queue's benchmarks work on the tables as they are, on a small scale and in this process."""

from __future__ import annotations

import json
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from typing import Any

import pytest

from ai_artist.benchmarks import queueing
from ai_artist.benchmarks.measuring import Cost
from runs.work import pipeline


def printed(code: str) -> str:
    """What a benchmark's code prints; Django is set up already."""
    with redirect_stdout(StringIO()) as output:
        exec(code.removeprefix(queueing.SETUP), {})
    return output.getvalue()


@pytest.mark.django_db(transaction=True)  # django-q2 closes connections as it works
def test_runs_are_measured_against_bare_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    def cost_here(code: str, **_: Any) -> Cost:
        return Cost(cpu_s=0, peak_mib=0, stdout=printed(code))

    monkeypatch.setattr(queueing, "RUNS", 3)
    monkeypatch.setattr(queueing, "scratch_project", lambda: nullcontext({}))
    monkeypatch.setattr(queueing, "cost_of_python", cost_here)
    monkeypatch.setattr(pipeline, "step_named", pipeline.step_named)  # its steps are replaced

    result = queueing.pipeline()

    assert result.figures["runs_per_s"] > 0
    assert result.figures["bare_tasks_per_s"] > 0


@pytest.mark.django_db
def test_artists_are_claimed_in_turn() -> None:
    printed(queueing.POPULATE % {"artists": 1_000})

    claimed = json.loads(printed(queueing.CLAIM % {"seconds": 0.05}))

    assert len(set(claimed)) == len(claimed) > 0
