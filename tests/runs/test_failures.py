"""Failed runs by cause, and retrying a cause."""

from __future__ import annotations

from datetime import timedelta

import pytest

from runs.control import cancel_run
from runs.errors import RunRefused
from runs.failures import cause_of, failures, retry_cause
from runs.models import Run, RunEvent
from tests.factories import NOON, RunFactory, UserFactory

pytestmark = pytest.mark.django_db

RENDERER = "music: the renderer stopped"


def failed(error: str, *, days_ago: int = 1) -> Run:
    run: Run = RunFactory(
        status=Run.Status.FAILED, error=error, finished_at=NOON - timedelta(days=days_ago)
    )
    return run


def test_failures_are_grouped_by_cause() -> None:
    for number in range(3):
        failed(f"{RENDERER}: file {number}")
    failed("video: no space left")
    failed("old", days_ago=9)

    found = [(failure.cause, failure.count) for failure in failures(NOON)]

    assert found == [(RENDERER, 3), ("video: no space left", 1)]


def test_cause_is_the_first_clause() -> None:
    assert cause_of("The disk is full. Make room.") == "The disk is full"
    assert len(cause_of("x" * 300)) == 90


def test_cause_holds_no_ids() -> None:
    one, other = (
        cause_of(f"Run {run_id} ran out of time")
        for run_id in (
            "0b9f7a0e-52a4-4a8e-9a5e-0d3a3f6c2b11",
            "ffffffff-52a4-4a8e-9a5e-0d3a3f6c2b11",
        )
    )

    assert one == other == "Run … ran out of time"


def test_all_runs_of_a_cause_are_retried_and_no_other() -> None:
    ours = [failed(f"{RENDERER}: file {number}") for number in range(2)]
    other = failed("video: no space left")
    operator = UserFactory()

    count = retry_cause(cause=RENDERER, actor=operator, now=NOON)

    other.refresh_from_db()
    assert count == 2
    assert set(Run.objects.filter(status="queued")) == set(ours)
    assert other.status == Run.Status.FAILED
    assert set(RunEvent.objects.values_list("actor", flat=True)) == {operator.pk}


def test_cause_that_nothing_failed_for_is_named() -> None:
    run = failed(f"{RENDERER}: file 1")
    cancel_run(run_id=run.pk, actor=None, now=NOON)

    with pytest.raises(RunRefused, match=RENDERER):
        retry_cause(cause=RENDERER, actor=None, now=NOON)
