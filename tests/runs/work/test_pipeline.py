"""Order, checkpoint and resume."""

from __future__ import annotations

import errno
import shutil
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DataError, OperationalError

from artists.models import Artist, PerformanceEntry
from media_tools.errors import (
    JobFailed,
    MediaInvalid,
    ProviderRejected,
    ProviderUnavailable,
    ToolFailed,
)
from media_tools.findings import Finding, Severity
from media_tools.providers.breaker import CIRCUIT_OPEN
from runs.errors import GateFailed, LostLease, Pending
from runs.models import Artifact, Run, RunEvent, Step
from runs.outputs import MusicOutput
from runs.steps import NAMES
from runs.steps.definition import StepDefinition
from runs.storage import NewArtifact, StepResult
from runs.work import pipeline
from runs.work.claims import claim_run, requeue_dropped
from runs.work.operating import cancel_run
from tests.factories import CONCEPT, NOON
from tests.runs.conftest import MADE_BY

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
    assert list(NAMES) == STEPS


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
    assert claim_run(queued_run.pk, now=wake - timedelta(seconds=1)) is None
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
    assert (fake_steps.takes["lyrics"], fake_steps.takes["music"]) == (0, 1)
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


ODD = "a\x00b\ud800\ufffe\x1b[31m" + "long " * 1000


@pytest.mark.parametrize(
    "error",
    [
        ProviderRejected("suno", ODD, code=ODD),
        JobFailed("suno", ODD),
        ProviderUnavailable("suno", ODD, retry_after_s=1e300),
        ProviderUnavailable("suno", "busy", retry_after_s=float("nan")),
        MediaInvalid(ODD, ODD),
        RuntimeError(ODD),
        OSError(ODD),
        Pending(NOON, ODD),
        ValueError(),
        RecursionError("maximum recursion depth exceeded"),
    ],
)
def test_odd_words_of_an_error_are_written_cleaned_and_cut(
    queued_run, fake_steps, work, error: Exception
) -> None:
    fake_steps.before["music"] = failing(1, error)

    work(queued_run)

    queued_run.refresh_from_db()
    said = queued_run.steps.get(name="music").error
    assert queued_run.status != Run.Status.RUNNING
    assert 0 < len(said) <= 1000
    assert all(character.isprintable() for character in said)


@pytest.mark.parametrize("take_on", [False, True])
def test_odd_words_of_a_gate_end_no_worker(queued_run, fake_steps, work, take_on: bool) -> None:
    finding = Finding("lyrics_odd", Severity.FAIL, ODD, retryable=take_on)
    fake_steps.before["lyrics"] = failing(1, GateFailed([finding], redo_from="lyrics"))

    work(queued_run)

    queued_run.refresh_from_db()
    wanted = Run.Status.AWAITING_REVIEW if take_on else Run.Status.FAILED
    assert queued_run.status == wanted


def test_an_error_of_the_database_is_told_without_its_sql(
    queued_run, fake_steps, work, settings
) -> None:
    settings.STEP_ATTEMPTS = 1
    sql = DataError('value too long for "runs_artifact": INSERT INTO "runs_artifact" VALUES (1)')
    fake_steps.before["music"] = failing(1, sql)

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED
    assert "DataError" in queued_run.error
    assert "INSERT" not in queued_run.error
    assert "runs_artifact" not in queued_run.error


def test_a_failure_that_cannot_be_written_leaves_the_run_to_the_sweep(
    queued_run, fake_steps, work, settings, monkeypatch
) -> None:
    settings.STEP_ATTEMPTS = 1
    fake_steps.before["music"] = failing(1, RuntimeError("broken reed"))
    with monkeypatch.context() as broken:
        broken.setattr(RunEvent.objects, "create", raising(OperationalError("no connection")))
        work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.RUNNING
    later = queued_run.due_at + timedelta(seconds=1)
    assert requeue_dropped(now=later) == [queued_run.pk]
    work(queued_run, now=later)
    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.FAILED


def raising(error: Exception) -> Callable[..., None]:
    def call(*arguments: object, **options: object) -> None:
        raise error

    return call


def test_what_a_step_made_is_stored_however_odd_its_labels(queued_run, fake_steps, work) -> None:
    def perform(context) -> StepResult[MusicOutput]:
        path = context.workdir / "mix.wav"
        path.write_text("a song")
        song = NewArtifact(
            path,
            Artifact.Kind.MIX,
            "audio/wav" + ODD,
            replace(MADE_BY, model=ODD, seed=2**63 - 1),
            name=ODD,
            duration_s=float("nan"),
        )
        return StepResult(
            MusicOutput(prompt=ODD, facts={ODD: [ODD, float("nan"), 10**400, {"seed": 2**63 - 1}]}),
            fields={"title": ODD, "tempo_bpm": float("inf"), "concept": {**CONCEPT, "hook": ODD}},
            artifacts=(song,),
        )

    fake_steps.others["music"] = StepDefinition(perform)

    work(queued_run)

    queued_run.refresh_from_db()
    song = queued_run.artifacts.get(kind=Artifact.Kind.MIX)
    (items,) = queued_run.output(MusicOutput).facts.values()
    assert queued_run.status == Run.Status.AWAITING_REVIEW
    assert (len(queued_run.title), queued_run.tempo_bpm, song.duration_s) == (120, None, None)
    assert (song.provenance["seed"], items[3]["seed"]) == (2**63 - 1, 2**63 - 1)
    assert items[1:3] == ["nan", "1.00e+400"]
    assert "\x00" not in song.provenance["model"] + song.name + song.media_type


def test_a_lost_run_is_left_alone_by_its_stale_worker(
    queued_run, fake_steps, work, monkeypatch, settings
) -> None:
    """It wakes when its successor is in the middle of the same step."""
    stale = claim_run(queued_run.pk, now=NOON)
    assert stale is not None
    seen: list[bool] = []

    def music(context) -> None:
        mark = context.workdir / "half a song"
        mark.write_text("la")
        if context.run.attempt == 1:
            later = NOON + timedelta(hours=1)
            requeue_dropped(now=later)
            work(queued_run, now=later)
        elif context.run.attempt == 2:
            # The first one's folder is still its own.
            seen.append(len(list(Path(settings.WORK_DIR).iterdir())) == 2)

    fake_steps.before["music"] = music
    pipeline.perform_steps(stale, SimpleNamespace(), clock=lambda: NOON)

    queued_run.refresh_from_db()
    assert seen == [True]
    assert queued_run.status == Run.Status.AWAITING_REVIEW
    assert list(Path(settings.WORK_DIR).iterdir()) == []


NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        NO_SPACE,
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        ToolFailed(
            "video.mp4: ffmpeg failed (228): av_interleaved_write_frame(): No space left on device"
        ),
        caused_by(MediaInvalid("mix.wav", "it cannot be written"), NO_SPACE),
    ],
)
def test_a_disk_that_fills_up_inside_a_step_parks_the_run(
    queued_run, fake_steps, work, error: Exception
) -> None:
    fake_steps.before["video"] = failing(1, error)

    work(queued_run)

    queued_run.refresh_from_db()
    step = queued_run.steps.get(name="video")
    assert (queued_run.status, step.waiting_for) == (Run.Status.WAITING, Step.WaitingFor.DISK)
    assert queued_run.due_at == NOON + timedelta(seconds=pipeline.DISK_RETRY_S)
    work(queued_run, now=queued_run.due_at)
    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.AWAITING_REVIEW
    assert queued_run.steps.get(name="video").attempts == 1


def test_a_disk_that_fills_up_while_files_are_stored_parks_the_run(
    queued_run, fake_steps, work, monkeypatch
) -> None:
    monkeypatch.setattr("runs.storage.folder.os.link", raising(NO_SPACE))
    monkeypatch.setattr("runs.storage.folder.shutil.copyfile", raising(NO_SPACE))

    work(queued_run)

    queued_run.refresh_from_db()
    assert queued_run.steps.get(name="lyrics").waiting_for == Step.WaitingFor.DISK
    assert not queued_run.artifacts.exists()


def test_a_provider_without_space_is_an_outage(queued_run, fake_steps, work) -> None:
    fake_steps.before["music"] = failing(1, ProviderUnavailable("suno", "No space left on device"))

    work(queued_run)

    assert queued_run.steps.get(name="music").waiting_for == Step.WaitingFor.PROVIDER


def test_a_night_without_disk_is_no_outage_of_a_provider(queued_run, fake_steps, work) -> None:
    fake_steps.before["music"] = failing(1, NO_SPACE)
    work(queued_run)
    fake_steps.before["music"] = failing(1, ProviderUnavailable("suno", "HTTP 503"))

    work(queued_run, now=NOON + timedelta(hours=12))

    queued_run.refresh_from_db()
    assert queued_run.status == Run.Status.WAITING


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (gate("music"), pipeline.Outcome.RETAKE),
        (gate("music", retryable=False), pipeline.Outcome.FAILED),
        (Pending(NOON + timedelta(hours=1), "It is being made."), pipeline.Outcome.PARKED),
        (NO_SPACE, pipeline.Outcome.PARKED),
        (ProviderUnavailable("suno", "HTTP 503"), pipeline.Outcome.PARKED),
        (OSError("gone"), pipeline.Outcome.REQUEUED),
        (MediaInvalid("x", "y"), pipeline.Outcome.FAILED),
    ],
)
def test_an_attempt_ends_in_an_outcome_with_a_name(
    queued_run, fake_steps, work, monkeypatch, error: Exception, outcome: pipeline.Outcome
) -> None:
    outcomes: list[pipeline.Outcome] = []
    perform_step = pipeline.perform_step

    def noted(*arguments: Any) -> pipeline.Outcome:
        outcomes.append(perform_step(*arguments))
        return outcomes[-1]

    monkeypatch.setattr(pipeline, "perform_step", noted)
    fake_steps.before["master"] = failing(1, error)

    work(queued_run)

    assert outcomes[:3] == [pipeline.Outcome.DONE] * 3
    assert outcomes[3] == outcome
    assert (len(outcomes) > 4) == (outcome in pipeline.GOES_ON)


def test_work_folder_is_removed_whatever_happens(queued_run, fake_steps, work, settings) -> None:
    fake_steps.before["music"] = failing(9, MediaInvalid("x", "y"))

    work(queued_run)

    assert list(Path(settings.WORK_DIR).iterdir()) == []


def test_a_lost_run_begins_no_step(queued_run, fake_steps) -> None:
    claim = claim_run(queued_run.pk, now=NOON)
    assert claim is not None
    step = queued_run.steps.get(name="concept")
    cancel_run(run_id=queued_run.pk, actor=None, now=NOON)

    with pytest.raises(LostLease):
        pipeline.begin(claim, step, now=NOON)
