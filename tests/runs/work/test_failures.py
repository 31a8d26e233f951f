"""What runs failed of: told apart, grouped, and retried by cause."""

from __future__ import annotations

import errno
import importlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import (
    JobFailed,
    JobRefused,
    MediaInvalid,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
    ToolMissing,
)
from media_tools.findings import Finding, Severity
from runs import migrations
from runs.errors import GateFailed, ProfileUnfit, RunRefused
from runs.models import Run, RunEvent
from runs.work.failure_kinds import FailureCause, cause_of
from runs.work.failures import Cause, failures, retry_cause
from runs.work.operating import cancel_run, retry_run
from tests.factories import NOON, ArtistFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db

Kind = Run.FailureKind
MIGRATIONS = Path(migrations.__file__).parent
SILENT = Finding("silence", Severity.FAIL, "Silent for 3 s.")


@pytest.mark.parametrize(
    ("error", "kind", "subject"),
    [
        (ProfileUnfit("Ana", {"keys": ["No."], "genre": ["No."]}), Kind.PROFILE, "keys, genre"),
        (ProviderRejected("suno", "refused", code="HTTP 401"), Kind.PROVIDER_KEY, "suno"),
        (ProviderRejected("pexels", "refused", code="auth, HTTP 403"), Kind.PROVIDER_KEY, "pexels"),
        (ProviderRejected("suno", "it has no key", code="no_key"), Kind.PROVIDER_KEY, "suno"),
        (
            ProviderRejected("x", "no", code="insufficient_credits, HTTP 402"),
            Kind.PROVIDER_CREDIT,
            "x",
        ),
        (
            ProviderRejected("suno", "no", code="insufficient_credits, code 429"),
            Kind.PROVIDER_CREDIT,
            "suno",
        ),
        (
            ProviderUnavailable("openai", "quota", code="insufficient_quota, HTTP 429"),
            Kind.PROVIDER_CREDIT,
            "openai",
        ),
        (
            ProviderRejected("openai", "refused", code="content_policy, HTTP 400"),
            Kind.REFUSED_CONTENT,
            "openai",
        ),
        (
            JobRefused("suno", "failed", code="SENSITIVE_WORD_ERROR 400"),
            Kind.REFUSED_CONTENT,
            "suno",
        ),
        (ProviderUnavailable("ollama", "odd", code="bad_response"), Kind.UNUSABLE, "ollama"),
        (ProviderRejected("ollama", "cut", code="truncated"), Kind.UNUSABLE, "ollama"),
        (ProviderUnavailable("ollama", "down", code="HTTP 503"), Kind.PROVIDER_DOWN, "ollama"),
        (JobFailed("suno", "failed", code="task_failed"), Kind.PROVIDER_JOB, "suno"),
        (
            ProviderRejected("suno", "bpm", code="validation, HTTP 422"),
            Kind.PROVIDER_REQUEST,
            "suno",
        ),
        (ProviderRejected("kazoo", "none", code="configuration"), Kind.SETUP, "kazoo"),
        (SubmissionUnknown("suno", "lost", code="HTTP 401"), Kind.SUBMISSION_UNKNOWN, "suno"),
        (GateFailed([SILENT, SILENT], redo_from="music"), Kind.QUALITY_GATE, "silence"),
        (OSError(errno.ENOSPC, "No space left on device"), Kind.DISK, ""),
        (ToolMissing("ffmpeg"), Kind.SETUP, "ToolMissing"),
        (MediaInvalid("a.wav", "broken"), Kind.MEDIA, "MediaInvalid"),
        (PermissionError(13, "no"), Kind.SOFTWARE, "PermissionError"),
        (KeyError("tempo"), Kind.SOFTWARE, "KeyError"),
        (None, Kind.LOST_WORKER, ""),
    ],
)
def test_exception_tells_its_kind(error: Exception | None, kind: str, subject: str) -> None:
    assert cause_of(error) == FailureCause(Kind(kind), subject)


def test_long_subject_fits_its_column() -> None:
    assert len(FailureCause(Kind.QUALITY_GATE, "x" * 300).as_fields()["failure_subject"]) == 80


def failed(kind: str, subject: str = "", *, days_ago: int = 1, **fields: Any) -> Run:
    run: Run = RunFactory(
        status=Run.Status.FAILED,
        error="music: it stopped",
        failure_kind=kind,
        failure_subject=subject,
        finished_at=NOON - timedelta(days=days_ago),
        **fields,
    )
    return run


def test_failures_are_grouped_by_kind_and_subject() -> None:
    for _ in range(3):
        failed(Kind.PROVIDER_DOWN, "suno")
    for _ in range(2):
        failed(Kind.PROVIDER_KEY, "suno")
    failed(Kind.PROVIDER_DOWN, "openai")
    failed(Kind.DISK, days_ago=9)

    found = {(failure.cause, failure.count) for failure in failures(NOON)}

    assert found == {
        (Cause(Kind.PROVIDER_DOWN, "suno"), 3),
        (Cause(Kind.PROVIDER_KEY, "suno"), 2),
        (Cause(Kind.PROVIDER_DOWN, "openai"), 1),
    }


def test_each_artists_profile_is_a_cause_of_its_own() -> None:
    ana, ben = ArtistFactory.create_batch(2)
    for artist in (ana, ana, ben):
        failed(Kind.PROFILE, "keys", artist=artist)

    retry_cause(cause=Cause(Kind.PROFILE, "keys", ana.pk), actor=None, now=NOON)

    assert set(Run.objects.filter(status="queued").values_list("artist", flat=True)) == {ana.pk}
    assert [failure.count for failure in failures(NOON)] == [1]


def test_all_runs_of_a_cause_are_retried_and_no_other() -> None:
    ours = [failed(Kind.MEDIA, "ToolFailed") for _ in range(2)]
    other = failed(Kind.DISK)
    operator = UserFactory()

    count = retry_cause(cause=Cause(Kind.MEDIA, "ToolFailed"), actor=operator, now=NOON)

    other.refresh_from_db()
    assert count == 2
    assert set(Run.objects.filter(status="queued")) == set(ours)
    assert other.status == Run.Status.FAILED
    assert set(RunEvent.objects.values_list("actor", flat=True)) == {operator.pk}


def test_retried_run_forgets_what_it_failed_of() -> None:
    run = failed(Kind.DISK)

    retry_run(run_id=run.pk, actor=None, now=NOON)

    run.refresh_from_db()
    assert (run.failure_kind, run.failure_subject, run.error) == ("", "", "")


def test_cause_that_nothing_failed_for_is_refused() -> None:
    run = failed(Kind.DISK)
    cancel_run(run_id=run.pk, actor=None, now=NOON)

    with pytest.raises(RunRefused):
        retry_cause(cause=Cause(Kind.DISK, ""), actor=None, now=NOON)


# --- Runs that failed before kinds were stored ---


@pytest.mark.parametrize(
    ("message", "kind", "subject"),
    [
        ("quality: Quality gate: Silent for 3 s.", "quality_gate", ""),
        ("video: Gave up after 3 attempts: its worker was killed each time", "lost_worker", ""),
        ("concept: offline: the concept's $.key does not fit: 'H minor'", "profile", "keys"),
        ("music: nosuch: there is no such music provider - choose", "profile", "preferred_music"),
        ("music: suno: the key was refused (HTTP 401) - check", "provider_key", "suno"),
        ("lyrics: Gave up after 6 hours: openai: model x is busy", "provider_down", "openai"),
        ("music: Gave up after 3 attempts: TypeError: no", "software", "TypeError"),
        ("cover: Gave up after 3 attempts: OSError: No space left on device", "disk", ""),
        ("something else", "", ""),
    ],
)
def test_old_message_tells_its_kind(message: str, kind: str, subject: str) -> None:
    (name,) = (path.stem for path in MIGRATIONS.glob("*_kinds_of_failure.py"))
    migration = importlib.import_module(f"runs.migrations.{name}")

    assert migration.cause_by_message(message) == (kind, subject)
