"""Suno through a gateway: what is sent, what comes back, and what each of its errors leads to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import soundfile

from media_tools.errors import (
    JobFailed,
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.music.base import MusicRequest
from media_tools.music.suno import SunoMusic, SunoOptions
from media_tools.providers.callbacks import CallbackRefused
from media_tools.providers.job import check_deadline
from tests.contract_servers.suno import (
    KEY,
    STAGES,
    WEBHOOK_KEY,
    Ending,
    KieServer,
    SunoServer,
    envelope,
)
from tests.media_tools.music.conftest import QUICK
from tests.media_tools.providers.contract import PolledContract

Asked = Callable[..., MusicRequest]
GENERATE = "POST /api/v1/generate"
RECORD = "GET /api/v1/generate/record-info"
NOW = 1_795_000_000.0


def adapter(server: SunoServer, **changes: Any) -> SunoMusic:
    fields: dict[str, Any] = {
        "api_key": KEY,
        "profile": server.profile,
        "base_url": server.url,
        "webhook_key": WEBHOOK_KEY,
    }
    return SunoMusic(SunoOptions(**(fields | changes)), QUICK)


def said(code: int) -> dict[str, Any]:
    """A fault: HTTP 200 with an error code in the body."""
    return {"status": 200, "body": envelope(code, "what the gateway says").body}


# What is sent


def test_request_carries_style_lyrics_and_length(suno_server: SunoServer, asked: Asked) -> None:
    suno = adapter(suno_server)

    task = suno.submit(asked(), idempotency_key="k")

    assert task == "task-0001"
    (request,) = suno_server.seen(GENERATE)
    assert request.bearer == KEY
    assert request.json == {
        "customMode": True,
        "instrumental": False,
        "model": "V6",
        "callBackUrl": "https://callback.invalid/suno",
        "style": "glassy lead, gated snare, synth pop, restless, 118 BPM, A minor",
        "title": "Night Bus",
        "lyrics": asked().lyrics.strip(),
        "duration": 60,
    }


def test_model_before_v6_takes_the_lyrics_as_prompt(suno_server: SunoServer, asked: Asked) -> None:
    body = adapter(suno_server, model="V5").body(asked())

    assert body["prompt"].startswith("[Verse 1]")
    assert "lyrics" not in body
    assert "duration" not in body


def test_field_of_the_lyrics_can_be_set(suno_server: SunoServer, asked: Asked) -> None:
    body = adapter(suno_server, lyrics_field="prompt").body(asked())

    assert "prompt" in body
    assert "lyrics" not in body


def test_instrumental_sends_no_lyrics(suno_server: SunoServer, asked: Asked) -> None:
    body = adapter(suno_server).body(asked(instrumental=True))

    assert body["instrumental"] is True
    assert not {"lyrics", "prompt"} & set(body)


def test_length_and_title_stay_within_the_limits(suno_server: SunoServer, asked: Asked) -> None:
    body = adapter(suno_server).body(asked(duration_s=500.0, title="night " * 30))

    assert body["duration"] == 360
    assert len(body["title"]) <= 80
    assert body["title"].endswith("night")


def test_lyrics_too_long_are_refused_before_anything_is_paid(
    suno_server: SunoServer, asked: Asked
) -> None:
    with pytest.raises(ProviderRejected, match="5001 characters; it takes 5000"):
        adapter(suno_server).submit(asked(lyrics="a" * 5001), idempotency_key="k")

    assert suno_server.count() == 0


def test_unknown_profile_names_the_setting(suno_server: SunoServer) -> None:
    with pytest.raises(ProviderRejected, match="SUNO_PROFILE to sunoapi or kie"):
        adapter(suno_server, profile="other")


# What comes back


def test_songs_come_when_the_record_says_success(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.stages = STAGES
    suno = adapter(suno_server)
    task = suno.submit(asked(), idempotency_key="k")

    waiting = [suno.collect(task, asked(), tmp_path) for _ in STAGES]
    track = suno.collect(task, asked(), tmp_path)

    assert waiting == [None, None, None]
    assert track is not None
    assert soundfile.info(track.audio).samplerate == 44_100
    assert soundfile.info(track.audio).channels == 2
    assert suno_server.count(GENERATE) == 1


def test_both_songs_are_kept(suno_server: SunoServer, asked: Asked, tmp_path: Path) -> None:
    track = _collected(suno_server, asked, tmp_path)

    (other,) = track.takes
    assert {track.audio.name, other.audio.name} == {"take-1.wav", "take-2.wav"}
    assert {track.facts["song_id"], other.facts["song_id"]} == {"task-0001_0", "task-0001_1"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["take-1.wav", "take-2.wav"]


def test_rights_of_a_song_are_marked_unverified(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    provenance = _collected(suno_server, asked, tmp_path).provenance

    assert provenance.licence.startswith("unverified")
    assert (provenance.generator, provenance.provider) == ("ai", "suno")
    assert provenance.model == "chirp-v6"
    assert provenance.source_url == ""


def test_response_may_be_json_in_a_string(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.endings = [Ending(as_text=True)]

    assert len(_collected(suno_server, asked, tmp_path).takes) == 1


def test_song_without_a_file_is_told(suno_server: SunoServer, asked: Asked, tmp_path: Path) -> None:
    suno_server.endings = [Ending(files=1)]

    track = _collected(suno_server, asked, tmp_path)

    assert track.takes == ()
    assert track.facts["lost_takes"] == ["it has no file"]


def test_one_broken_file_leaves_the_other_song(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.fault(status=200, body=b"ID3" + bytes(200), where="GET /files/task-0001_0")

    track = _collected(suno_server, asked, tmp_path)

    assert track.facts["song_id"] == "task-0001_1"
    assert len(track.facts["lost_takes"]) == 1


@pytest.mark.provider_error(
    adapter="suno", row="CALLBACK_EXCEPTION with songs", outcome="the songs are taken"
)
def test_unreached_callback_does_not_lose_the_songs(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.endings = [Ending(status="CALLBACK_EXCEPTION")]

    assert len(_collected(suno_server, asked, tmp_path).takes) == 1


@pytest.mark.provider_error(
    adapter="suno", row="CALLBACK_EXCEPTION without songs", outcome="polled until the deadline"
)
def test_unreached_callback_without_songs_is_waited_for(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.endings = [Ending(status="CALLBACK_EXCEPTION", files=1)]
    suno = adapter(suno_server)
    task = suno.submit(asked(), idempotency_key="k")

    assert suno.collect(task, asked(), tmp_path) is None


@pytest.mark.provider_error(
    adapter="suno", row="SUCCESS without audioUrl", outcome="polled until the deadline"
)
def test_success_without_files_is_waited_for(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.endings = [Ending(files=0)]
    suno = adapter(suno_server)
    task = suno.submit(asked(), idempotency_key="k")

    assert suno.collect(task, asked(), tmp_path) is None


@pytest.mark.provider_error(
    adapter="suno", row="unknown status word", outcome="polled until the deadline"
)
def test_unknown_status_is_waited_for(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.endings = [Ending(forever="POLISHING")]
    suno = adapter(suno_server)
    task = suno.submit(asked(), idempotency_key="k")

    assert suno.collect(task, asked(), tmp_path) is None


@pytest.mark.provider_error(
    adapter="suno", row="FIRST_SUCCESS for ever (own deadline)", outcome="ProviderRejected"
)
def test_job_past_the_deadline_goes_to_a_person(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.endings = [Ending(forever="FIRST_SUCCESS")]
    suno = adapter(suno_server)
    task = suno.submit(asked(), idempotency_key="k")

    assert suno.collect(task, asked(), tmp_path) is None
    with pytest.raises(ProviderRejected, match="task-0001 is not finished after 20 min"):
        check_deadline(suno, task, waited_s=1201.0)


def test_polls_become_rarer(suno_server: SunoServer) -> None:
    suno = adapter(suno_server)

    assert [suno.poll_after_s(waited) for waited in (0.0, 150.0, 300.0, 900.0)] == [10, 20, 30, 30]


def test_credits_left_are_the_health(suno_server: SunoServer) -> None:
    health = adapter(suno_server).health()

    assert (health.credits, health.unit) == (Decimal(1200), "credits")


def test_credits_may_be_fractional_at_kie(kie_server: KieServer) -> None:
    assert adapter(kie_server).health().credits == Decimal("1200.5")


# Errors of a submission


def _submit_error(server: SunoServer, asked: Asked, kind: type[ProviderError]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter(server).submit(asked(), idempotency_key="k")
    assert type(caught.value) is kind
    assert KEY not in str(caught.value)
    return caught.value


@pytest.mark.provider_error(
    adapter="suno", row="400 invalid parameters", outcome="ProviderRejected"
)
def test_invalid_parameters(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(400))

    assert "the request is invalid" in str(_submit_error(suno_server, asked, ProviderRejected))


@pytest.mark.provider_error(adapter="suno", row="402 no credits", outcome="ProviderRejected")
def test_no_credits(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(402))

    assert "add credits" in _submit_error(suno_server, asked, ProviderRejected).action


@pytest.mark.provider_error(
    adapter="suno", row="429 at sunoapi.org: no credits", outcome="ProviderRejected"
)
def test_429_of_sunoapi_is_an_empty_account(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.credits = 5

    assert "out of credits" in str(_submit_error(suno_server, asked, ProviderRejected))


@pytest.mark.provider_error(
    adapter="suno", row="429 at kie.ai: too fast", outcome="ProviderUnavailable"
)
def test_429_of_kie_is_a_rate_limit(kie_server: KieServer, asked: Asked) -> None:
    kie_server.fault(**said(429), headers={"Retry-After": "40"})

    error = _submit_error(kie_server, asked, ProviderUnavailable)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s == 40


def test_kie_calls_an_empty_account_402(kie_server: KieServer, asked: Asked) -> None:
    kie_server.credits = 5

    assert "out of credits" in str(_submit_error(kie_server, asked, ProviderRejected))


@pytest.mark.provider_error(adapter="suno", row="404 wrong path", outcome="ProviderRejected")
def test_wrong_path(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(404))

    assert "SUNO_BASE_URL" in _submit_error(suno_server, asked, ProviderRejected).action


@pytest.mark.provider_error(
    adapter="suno", row="405, 430, 433 too fast", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize("code", [405, 430, 433])
def test_too_many_requests(suno_server: SunoServer, asked: Asked, code: int) -> None:
    suno_server.fault(**said(code))

    error = _submit_error(suno_server, asked, ProviderUnavailable)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s == 15


@pytest.mark.provider_error(adapter="suno", row="409 already exists", outcome="ProviderRejected")
def test_task_exists_already(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(409))

    assert "exists already" in str(_submit_error(suno_server, asked, ProviderRejected))


@pytest.mark.provider_error(adapter="suno", row="413 too long", outcome="ProviderRejected")
def test_too_long(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(413))

    assert "shorten" in _submit_error(suno_server, asked, ProviderRejected).action


@pytest.mark.provider_error(adapter="suno", row="422 validation", outcome="ProviderRejected")
def test_missing_field(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(422))

    assert "callback URL" in _submit_error(suno_server, asked, ProviderRejected).action


@pytest.mark.provider_error(adapter="suno", row="455 maintenance", outcome="ProviderUnavailable")
def test_maintenance(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(455))

    error = _submit_error(suno_server, asked, ProviderUnavailable)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s == 300


@pytest.mark.provider_error(
    adapter="suno", row="500, 501, 531 in the body", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize("code", [500, 501, 531])
def test_failure_told_in_the_body(suno_server: SunoServer, asked: Asked, code: int) -> None:
    suno_server.fault(**said(code))

    assert "failed on its side" in str(_submit_error(suno_server, asked, ProviderUnavailable))


@pytest.mark.provider_error(
    adapter="suno",
    row="another 5xx or 408 in the body of a submission",
    outcome="SubmissionUnknown",
)
@pytest.mark.parametrize("code", [408, 504, 599])
def test_unclear_failure_in_the_body(suno_server: SunoServer, asked: Asked, code: int) -> None:
    suno_server.fault(**said(code))

    _submit_error(suno_server, asked, SubmissionUnknown)


def test_unknown_code_is_not_tried_again(suno_server: SunoServer, asked: Asked) -> None:
    suno_server.fault(**said(477))

    assert _submit_error(suno_server, asked, ProviderRejected).code == "code 477"


def test_http_status_counts_where_there_is_no_envelope(
    suno_server: SunoServer, asked: Asked
) -> None:
    suno_server.fault(status=402, body="no")

    assert "out of credits" in str(_submit_error(suno_server, asked, ProviderRejected))


# Errors of a task


def _collect_error(
    server: SunoServer, asked: Asked, workdir: Path, kind: type[ProviderError]
) -> ProviderError:
    suno = adapter(server)
    task = suno.submit(asked(), idempotency_key="k")
    with pytest.raises(ProviderError) as caught:
        suno.collect(task, asked(), workdir)
    assert type(caught.value) is kind
    assert KEY not in str(caught.value)
    assert list(workdir.iterdir()) == []
    return caught.value


def _collected(server: SunoServer, asked: Asked, workdir: Path) -> Any:
    suno = adapter(server)
    track = suno.collect(suno.submit(asked(), idempotency_key="k"), asked(), workdir)
    assert track is not None
    return track


@pytest.mark.provider_error(adapter="suno", row="SENSITIVE_WORD_ERROR", outcome="JobRefused")
def test_sensitive_words(suno_server: SunoServer, asked: Asked, tmp_path: Path) -> None:
    suno_server.endings = [Ending("SENSITIVE_WORD_ERROR", 400, "Song contains a word")]

    error = _collect_error(suno_server, asked, tmp_path, JobRefused)

    assert "change the lyrics" in error.action


@pytest.mark.provider_error(
    adapter="suno", row="CREATE_TASK_FAILED, GENERATE_AUDIO_FAILED", outcome="JobFailed"
)
@pytest.mark.parametrize("status", ["CREATE_TASK_FAILED", "GENERATE_AUDIO_FAILED"])
def test_failed_task_may_be_submitted_anew(
    suno_server: SunoServer, asked: Asked, tmp_path: Path, status: str
) -> None:
    suno_server.endings = [Ending(status, 501, "Generation failed")]

    error = _collect_error(suno_server, asked, tmp_path, JobFailed)

    assert error.code == f"{status} 501"
    assert "Generation failed" in str(error)


@pytest.mark.provider_error(
    adapter="suno", row="errorCode 400, 413, 451 of a failed task", outcome="JobRefused"
)
@pytest.mark.parametrize("code", [400, 413, 451])
def test_task_refused_for_its_words(
    suno_server: SunoServer, asked: Asked, tmp_path: Path, code: int
) -> None:
    suno_server.endings = [Ending("GENERATE_AUDIO_FAILED", code, "no")]

    _collect_error(suno_server, asked, tmp_path, JobRefused)


@pytest.mark.provider_error(
    adapter="suno", row="402, 429 while polling a paid task", outcome="ProviderUnavailable"
)
def test_empty_account_does_not_give_up_a_paid_task(
    suno_server: SunoServer, asked: Asked, tmp_path: Path
) -> None:
    suno_server.fault(**said(429), where=RECORD)

    _collect_error(suno_server, asked, tmp_path, ProviderUnavailable)


@pytest.mark.provider_error(
    adapter="suno", row="408, 504 in the body while polling", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize(
    "fault",
    [
        said(408),
        said(504),
        {"status": 200, "body": "{}"},
    ],
    ids=["code 408", "code 504", "no envelope"],
)
def test_trouble_while_polling(
    suno_server: SunoServer, asked: Asked, tmp_path: Path, fault: dict[str, Any]
) -> None:
    suno_server.fault(**fault, where=RECORD)

    _collect_error(suno_server, asked, tmp_path, ProviderUnavailable)


@pytest.mark.provider_error(adapter="suno", row="files gone or expired", outcome="JobRefused")
def test_expired_files(suno_server: SunoServer, asked: Asked, tmp_path: Path) -> None:
    suno_server.fault(status=404, where="GET /files", times=2)

    error = _collect_error(suno_server, asked, tmp_path, JobRefused)

    assert "expired" in str(error)


@pytest.mark.provider_error(
    adapter="suno", row="truncated or broken files, web page", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize(
    "fault",
    [{"truncate_at": 900}, {"status": 200, "body": "<html>"}, {"status": 200, "body": b"ID3" * 99}],
    ids=["truncated", "web page", "broken"],
)
def test_broken_files(
    suno_server: SunoServer, asked: Asked, tmp_path: Path, fault: dict[str, Any]
) -> None:
    suno_server.fault(**fault, where="GET /files", times=2)

    _collect_error(suno_server, asked, tmp_path, ProviderUnavailable)


def test_unknown_task_is_waited_for(suno_server: SunoServer, asked: Asked, tmp_path: Path) -> None:
    assert adapter(suno_server).collect("task-9999", asked(), tmp_path) is None


# Callbacks


@pytest.mark.parametrize("kind", ["text", "first", "complete", "error"])
def test_every_callback_is_a_hint_to_look(suno_server: SunoServer, kind: str) -> None:
    body, headers = suno_server.callback("task-0001", kind, now=NOW)

    assert adapter(suno_server).callback_job(body, headers, now=NOW) == "task-0001"


def test_signed_callback_is_taken(kie_server: KieServer) -> None:
    body, headers = kie_server.callback("task-0001", "complete", now=NOW)

    assert adapter(kie_server).callback_job(body, headers, now=NOW + 299) == "task-0001"


@pytest.mark.parametrize(
    ("change", "late_s", "why"),
    [
        ({"X-Webhook-Signature": "AAAA"}, 0, "signature is wrong"),
        ({"X-Webhook-Signature": "\N{SNOWMAN}"}, 0, "signature is wrong"),
        ({"X-Webhook-Timestamp": "1795000001"}, 0, "signature is wrong"),
        ({"X-Webhook-Timestamp": ""}, 0, "no time stamp"),
        ({}, 301, "too old"),
        ({}, -301, "too old or in the future"),
    ],
)
def test_forged_or_old_callback_is_refused(
    kie_server: KieServer, change: dict[str, str], late_s: float, why: str
) -> None:
    body, headers = kie_server.callback("task-0001", "complete", now=NOW)

    with pytest.raises(CallbackRefused, match=why):
        adapter(kie_server).callback_job(body, headers | change, now=NOW + late_s)


def test_callback_of_kie_needs_our_key(kie_server: KieServer) -> None:
    body, headers = kie_server.callback("task-0001", "complete", now=NOW)

    with pytest.raises(CallbackRefused, match="SUNO_WEBHOOK_KEY"):
        adapter(kie_server, webhook_key="").callback_job(body, headers, now=NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"data": {"task_id": 7}}',
        b'{"data": {"task_id": "a b"}}',
        b'{"data": {"task_id": "' + b"a" * 8_001 + b'"}}',
        b"[" * 100_000,
        b" " * 2_000_000,
    ],
)
def test_malformed_callback_is_refused(suno_server: SunoServer, body: bytes) -> None:
    with pytest.raises(CallbackRefused):
        adapter(suno_server).callback_job(body, {}, now=NOW)


class TestContract(PolledContract):
    adapter, shown_as = SunoMusic, "suno"
    key, key_setting = KEY, "SUNO_API_KEY"
    submit_line, collect_line = GENERATE, RECORD

    @pytest.fixture
    def server(self, suno_server: SunoServer) -> SunoServer:
        return suno_server

    @pytest.fixture
    def options(self, server: SunoServer) -> dict[str, Any]:
        return {"api_key": KEY, "base_url": server.url}

    @pytest.fixture
    def wanted(self, asked: Asked) -> MusicRequest:
        return asked()

    def delay(self, server: SunoServer) -> None:
        server.stages = STAGES[:1]

    def fail(self, server: SunoServer, said: str) -> None:
        server.endings = [Ending("GENERATE_AUDIO_FAILED", 501, said)]

    def with_id(self, body: Any, job: Any) -> Any:
        return {**body, "data": {"taskId": job}}
