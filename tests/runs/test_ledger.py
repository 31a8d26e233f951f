"""The ledger of provider calls."""

from __future__ import annotations

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable
from runs import ledger
from runs.models import ProviderCall
from tests.factories import NOON, RunFactory

pytestmark = pytest.mark.django_db


def open_music_call(run) -> ProviderCall:
    return ledger.open_call(
        run=run, step="music", purpose="music", provider="suno", model="v5", now=NOON
    )


def test_a_second_attempt_finds_the_first_ones_row() -> None:
    run = RunFactory()

    assert open_music_call(run) == open_music_call(run)


def test_another_take_has_a_row_of_its_own() -> None:
    run = RunFactory()
    first = open_music_call(run)
    run.take = 1

    assert open_music_call(run) != first


def test_the_external_id_is_saved_and_never_asked_for_again() -> None:
    call = open_music_call(RunFactory())
    asked = []

    def submit() -> str:
        asked.append(1)
        return "job-1"

    first = ledger.submit_once(call, submit, resubmit_safe=False)
    second = ledger.submit_once(call, submit, resubmit_safe=False)

    assert (first, second, len(asked)) == ("job-1", "job-1", 1)
    call.refresh_from_db()
    assert call.status == ProviderCall.Status.SUBMITTED


def test_an_interrupted_submission_is_never_repeated() -> None:
    call = open_music_call(RunFactory())
    with pytest.raises(KeyboardInterrupt):
        ledger.submit_once(call, interrupted, resubmit_safe=False)

    with pytest.raises(ProviderRejected, match="may have been charged"):
        ledger.submit_once(call, lambda: "job-2", resubmit_safe=False)

    call.refresh_from_db()
    assert call.status == ProviderCall.Status.UNKNOWN
    assert call.external_id == ""


def test_a_harmless_submission_is_repeated_after_a_crash() -> None:
    call = open_music_call(RunFactory())
    with pytest.raises(KeyboardInterrupt):
        ledger.submit_once(call, interrupted, resubmit_safe=True)

    assert ledger.submit_once(call, lambda: "job-2", resubmit_safe=True) == "job-2"


def test_a_refused_submission_may_be_tried_again() -> None:
    call = open_music_call(RunFactory())
    with pytest.raises(ProviderUnavailable):
        ledger.submit_once(call, busy, resubmit_safe=False)

    assert ledger.submit_once(call, lambda: "job-2", resubmit_safe=False) == "job-2"


def test_an_answer_is_written_with_its_latency() -> None:
    call = open_music_call(RunFactory())

    assert ledger.ask(call, lambda: "words") == "words"

    call.refresh_from_db()
    assert call.status == ProviderCall.Status.SUCCEEDED
    assert call.latency_ms is not None


def test_a_failed_question_is_written_down() -> None:
    call = open_music_call(RunFactory())

    with pytest.raises(ProviderUnavailable):
        ledger.ask(call, busy)

    call.refresh_from_db()
    assert call.status == ProviderCall.Status.FAILED
    assert "busy" in call.error


def interrupted() -> str:
    raise KeyboardInterrupt


def busy() -> str:
    raise ProviderUnavailable("suno", "busy")
