"""Cancel and retry."""

from __future__ import annotations

from uuid import uuid4

import pytest

from artists.models import PerformanceEntry
from media_tools.errors import MediaInvalid
from runs.control import cancel_run, retry_run
from runs.errors import RunRefused
from runs.models import Artifact, Run
from tests.factories import NOON, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed_run(queued_run, fake_steps, work) -> Run:
    """Failed in its cover step."""
    fake_steps.before["cover"] = refuse
    work(queued_run)
    fake_steps.before.clear()
    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    return queued_run


def refuse(context) -> None:
    raise MediaInvalid("palette", "no colours")


def test_a_retry_goes_on_at_the_failed_step(failed_run, fake_steps, work) -> None:
    fake_steps.done.clear()

    retry_run(run_id=failed_run.pk, actor=None, now=NOON)
    work(failed_run)

    failed_run.refresh_from_db()
    assert failed_run.status == Run.Status.AWAITING_REVIEW
    assert fake_steps.done[0] == "cover"


def test_a_retry_from_an_earlier_step_replaces_its_files(failed_run, fake_steps, work) -> None:
    fake_steps.done.clear()

    retry_run(run_id=failed_run.pk, actor=None, now=NOON, from_step="music")
    work(failed_run)

    assert fake_steps.done[0] == "music"
    assert failed_run.artifacts.filter(kind=Artifact.Kind.MIX).count() == 2
    assert failed_run.artifacts.current().filter(kind=Artifact.Kind.MIX).count() == 1


def test_a_retried_run_is_no_failure_any_more(failed_run) -> None:
    retry_run(run_id=failed_run.pk, actor=None, now=NOON)

    failed_run.artist.refresh_from_db()
    assert failed_run.artist.failed_count == 0
    assert not PerformanceEntry.objects.standing().exists()


def test_only_failed_runs_are_retried() -> None:
    with pytest.raises(RunRefused, match="only failed"):
        retry_run(run_id=RunFactory(reviewable=True).pk, actor=None, now=NOON)


def test_unknown_steps_are_named(failed_run) -> None:
    with pytest.raises(RunRefused, match="mastering"):
        retry_run(run_id=failed_run.pk, actor=None, now=NOON, from_step="mastering")


def test_unknown_runs_are_named() -> None:
    missing = uuid4()

    with pytest.raises(RunRefused, match=str(missing)):
        cancel_run(run_id=missing, actor=None, now=NOON)


def test_a_candidate_in_review_cannot_be_cancelled() -> None:
    with pytest.raises(RunRefused, match="awaiting review"):
        cancel_run(run_id=RunFactory(reviewable=True).pk, actor=None, now=NOON)
