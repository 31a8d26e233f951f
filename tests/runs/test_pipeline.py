"""Order, checkpoint and resume."""

from __future__ import annotations

import shutil
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest

from artists.models import Artist, PerformanceEntry
from media_tools.breaker import CIRCUIT_OPEN
from media_tools.errors import JobFailed, MediaInvalid, ProviderUnavailable
from media_tools.findings import Finding, Severity
from runs import pipeline
from runs.claims import take
from runs.control import cancel_run
from runs.errors import GateFailed, LostLease, Pending
from runs.models import Artifact, Run, Step
from runs.steps import ORDER
from tests.factories import NOON

pytestmark = pytest.mark.django_db

STEPS = [
    "concept",
    "lyrics",
    "music",
    "master",
    "cover",
    "visuals",
    "video",
    "quality",
    "reflection",
]


def failing(times: int, error: Exception):
    """A `before` hook that raises the first `times` times."""
    calls = []

    def hook(context) -> None:
        calls.append(1)
        if len(calls) <= times:
            raise error

    return hook


def test_steps_are_the_documented_nine_in_order() -> None:
    assert list(ORDER) == STEPS


def test_all_steps_run_in_order_and_the_run_comes_to_review(queued_run, fake_steps, work) -> None:
    work(queued_run)

    queued_run.refresh_from_db()
    assert fake_steps.done == STEPS
    assert queued_run.status == Run.Status.AWAITING_REVIEW
    assert queued_run.owner == ""
    assert queued_run.title == "Neon Rivers"
    assert set(queued_run.steps.values_list("status", flat=True)) == {Step.Status.DONE}


def test_artifacts_are_stored_under_their_hash(queued_run, fake_steps, work) -> None:
    work(queued_run)

    for artifact in queued_run.artifacts.all():
        assert artifact.sha256 in artifact.file.name
        assert artifact.path.stat().st_size == artifact.bytes


def test_a_finished_step_is_not_done_again(queued_run, fake_steps, work) -> None:
    fake_steps.before["master"] = failing(1, ProviderUnavailable("suno", "busy"))
    work(queued_run)

    work(queued_run, now=NOON + timedelta(minutes=1))

    assert fake_steps.done == STEPS


def test_transient_errors_wait_longer_each_time(queued_run, fake_steps, work) -> None:
    fake_steps.before["music"] = failing(2, RuntimeError("broken reed"))

    work(queued_run)
    queued_run.refresh_from_db()
    first = queued_run.due_at - NOON
    work(queued_run, now=queued_run.due_at)
    queued_run.refresh_from_db()
    second = queued_run.due_at - NOON - first

    assert queued_run.status == Run.Status.QUEUED
    assert second > first > timedelta(0)


def test_a_provider_that_is_down_is_waited_for_without_using_up_attempts(
    queued_run, fake_steps, work, settings
) -> None:
    settings.STEP_ATTEMPTS = 2
    fake_steps.before["music"] = failing(8, ProviderUnavailable("suno", "HTTP 503"))

    waits, now = [], NOON
    for _ in range(8):
        work(queued_run, now=now)
        queued_run.refresh_from_db()
        assert queued_run.status == Run.Status.WAITING
        waits.append((queued_run.due_at - now).total_seconds())
        now = queued_run.due_at
    work(queued_run, now=now)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.AWAITING_REVIEW
    assert waits == [10, 10, 20, 40, 80, 160, 300, 300]
    assert queued_run.steps.get(name="music").attempts == 1


def test_an_outage_without_end_fails_the_run(queued_run, fake_steps, work) -> None:
    fake_steps.before["music"] = failing(99, ProviderUnavailable("suno", "HTTP 503"))
    work(queued_run)

    work(queued_run, now=NOON + timedelta(seconds=pipeline.OUTAGE_PATIENCE_S))

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    assert queued_run.error == "music: Gave up after 6 hours: suno: HTTP 503"


def test_a_job_that_failed_at_the_provider_uses_up_an_attempt(
    queued_run, fake_steps, work, settings
) -> None:
    settings.STEP_ATTEMPTS = 2
    fake_steps.before["music"] = failing(9, JobFailed("suno", "GENERATE_AUDIO_FAILED"))

    work(queued_run)
    work(queued_run, now=NOON + timedelta(minutes=1))

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    assert "Gave up after 2 attempts: suno: GENERATE_AUDIO_FAILED" in queued_run.error


def test_a_providers_retry_after_is_honoured(queued_run, fake_steps, work) -> None:
    fake_steps.before["music"] = failing(1, ProviderUnavailable("suno", "busy", retry_after_s=1234))

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.due_at == NOON + timedelta(seconds=1234)


def test_a_provider_that_is_not_asked_costs_no_attempt(
    queued_run, fake_steps, work, settings
) -> None:
    settings.STEP_ATTEMPTS = 2
    spared = ProviderUnavailable("suno", "not asked", code=CIRCUIT_OPEN, retry_after_s=30)
    fake_steps.before["music"] = failing(5, spared)

    for minute in range(5):
        work(queued_run, now=NOON + timedelta(minutes=minute))
        queued_run.refresh_from_db()
        assert queued_run.status == Run.Status.WAITING
        assert queued_run.due_at == NOON + timedelta(minutes=minute, seconds=30)
    work(queued_run, now=NOON + timedelta(minutes=5))

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.AWAITING_REVIEW


def test_a_step_is_given_up_after_its_attempts(queued_run, fake_steps, work, settings) -> None:
    settings.STEP_ATTEMPTS = 2
    fake_steps.before["music"] = failing(9, RuntimeError("broken reed"))

    work(queued_run)
    work(queued_run, now=NOON + timedelta(minutes=1))

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    assert "broken reed" in queued_run.error
    assert "music" in queued_run.error
    assert (queued_run.failure_kind, queued_run.failure_subject) == ("software", "RuntimeError")
    assert queued_run.steps.get(name="music").attempts == 2


def test_a_killed_workers_attempt_counts(queued_run, fake_steps, work, settings) -> None:
    settings.STEP_ATTEMPTS = 2
    fake_steps.before["music"] = failing(9, KeyboardInterrupt())
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            work(queued_run)
        Run.objects.filter(pk=queued_run.pk).update(status="queued", owner="", due_at=NOON)

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    assert "killed" in queued_run.error
    assert queued_run.failure_kind == Run.FailureKind.LOST_WORKER


@pytest.mark.parametrize(("field", "value"), [("keys", ["H minor"]), ("preferred_music", "nosuch")])
def test_profile_that_cannot_be_used_fails_the_run_before_anything_is_asked(
    queued_run, work, field, value
) -> None:
    Artist.objects.filter(pk=queued_run.artist_id).update(**{field: value})

    work(queued_run)

    queued_run.refresh_from_db()
    assert (queued_run.failure_kind, queued_run.failure_subject) == ("profile", field)
    assert queued_run.steps.get(name="concept").status == Step.Status.FAILED
    assert not queued_run.provider_calls.exists()


def test_bad_media_fails_at_once(queued_run, fake_steps, work) -> None:
    fake_steps.before["master"] = failing(9, MediaInvalid("mix.wav", "truncated"))

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    assert queued_run.error == "master: mix.wav: truncated"


def test_a_failed_run_counts_as_error_not_as_rejection(queued_run, fake_steps, work) -> None:
    fake_steps.before["music"] = failing(9, MediaInvalid("x", "y"))

    work(queued_run)

    artist = queued_run.artist
    artist.refresh_from_db()
    assert (artist.failed_count, artist.rejected_count) == (1, 0)
    assert artist.consecutive_rejections == 0
    assert PerformanceEntry.objects.get().kind == PerformanceEntry.Kind.FAILED


def test_waiting_parks_the_run_without_using_an_attempt(queued_run, fake_steps, work) -> None:
    wake = NOON + timedelta(minutes=3)
    fake_steps.before["music"] = failing(1, Pending(wake, "composing"))

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.WAITING
    assert queued_run.due_at == wake
    assert take(queued_run.pk, now=wake - timedelta(seconds=1)) is None
    work(queued_run, now=wake)
    assert queued_run.steps.get(name="music").attempts == 1
    assert fake_steps.done == STEPS


def gate(redo_from: str, *, retryable: bool = True) -> GateFailed:
    finding = Finding("audio_silent", Severity.FAIL, "The track is silent.", retryable=retryable)
    return GateFailed([finding], redo_from=redo_from)


def test_a_failed_gate_makes_another_take_of_what_it_names(queued_run, fake_steps, work) -> None:
    fake_steps.before["master"] = failing(1, gate("music"))

    work(queued_run)

    queued_run.refresh_from_db()
    assert fake_steps.done == ["concept", "lyrics", "music", *STEPS[2:]]
    assert queued_run.take == 1
    assert queued_run.step_output("lyrics")["take"] == 0
    assert queued_run.step_output("music")["take"] == 1
    mixes = queued_run.artifacts.filter(kind=Artifact.Kind.MIX)
    assert mixes.count() == 2
    assert mixes.current().get().path.read_text().endswith("take 1")


def test_the_third_bad_take_ends_the_run(queued_run, fake_steps, work) -> None:
    fake_steps.before["master"] = failing(9, gate("music"))

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    assert fake_steps.done.count("music") == 3
    assert "The track is silent." in queued_run.error


def test_a_gate_no_seed_can_cure_ends_the_run_at_once(queued_run, fake_steps, work) -> None:
    fake_steps.before["master"] = failing(9, gate("music", retryable=False))

    work(queued_run)

    assert fake_steps.done.count("music") == 1


def test_a_cancelled_run_keeps_nothing_of_the_step_in_progress(
    queued_run, fake_steps, work
) -> None:
    fake_steps.before["music"] = lambda context: cancel_run(
        run_id=queued_run.pk, actor=None, now=NOON
    )

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.CANCELLED
    assert not queued_run.artifacts.filter(kind=Artifact.Kind.MIX).exists()
    assert queued_run.steps.get(name="music").status != Step.Status.DONE


def test_output_and_files_are_committed_together(queued_run, fake_steps, work, monkeypatch) -> None:
    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(Artifact.objects, "bulk_create", broken)

    work(queued_run)

    assert queued_run.steps.get(name="lyrics").status == Step.Status.PENDING
    assert not queued_run.artifacts.exists()


def test_a_full_disk_parks_the_run_and_says_what_to_do(
    queued_run, fake_steps, work, monkeypatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 5_000_000))

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.WAITING
    assert "Only 5 MB of disk are free" in queued_run.events.get().message
    assert fake_steps.done == []


def test_work_folder_is_removed_whatever_happens(queued_run, fake_steps, work, settings) -> None:
    fake_steps.before["music"] = failing(9, MediaInvalid("x", "y"))

    work(queued_run)

    assert not any(path.is_file() for path in Path(settings.WORK_DIR).rglob("*"))


def test_a_lost_run_begins_no_step(queued_run, fake_steps) -> None:
    claim = take(queued_run.pk, now=NOON)
    assert claim is not None
    step = queued_run.steps.get(name="concept")
    cancel_run(run_id=queued_run.pk, actor=None, now=NOON)

    with pytest.raises(LostLease):
        pipeline.begin(claim, step, now=NOON)
