"""Any /audio/speech server: formats, voices in both shapes, errors in both shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from media_tools.audio.io import read_native
from media_tools.errors import (
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from media_tools.providers.prices import Price, Unit
from media_tools.voice.base import TagRequest
from media_tools.voice.speech import SpeechOptions, SpeechVoice
from tests.contract_servers import media
from tests.contract_servers.speech import KEY, SpeechServer

SPEAK = "POST /v1/audio/speech"
TAG = TagRequest("This is Nova.", speed=1.1)
Make = Callable[..., SpeechVoice]


@pytest.fixture(scope="module")
def _server() -> Iterator[SpeechServer]:
    with SpeechServer() as server:
        yield server


@pytest.fixture
def server(_server: SpeechServer) -> SpeechServer:
    _server.clear()
    return _server


@pytest.fixture
def make(server: SpeechServer, tmp_path: Path) -> Make:
    def build(**changes: Any) -> SpeechVoice:
        options: dict[str, Any] = {
            "spool": tmp_path / "spool",
            "base_url": server.base_url,
            "api_key": KEY,
        }
        line = Line(Timeouts(2.0, 1.5, 4.0), RetryPolicy(retries=0))
        return SpeechVoice(SpeechOptions(**(options | changes)), line)

    return build


def error_of(adapter: SpeechVoice, request: TagRequest = TAG) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter.submit(request, idempotency_key="k")
    assert KEY not in str(caught.value)
    return caught.value


def marked(row: str, outcome: str) -> pytest.MarkDecorator:
    return pytest.mark.provider_error(adapter="speech", row=row, outcome=outcome)


@pytest.mark.parametrize("form", ["mp3", "wav", "flac"])
def test_tag_is_a_wav_whatever_the_server_sends(make: Make, tmp_path: Path, form: str) -> None:
    adapter = make(response_format=form)

    tag = adapter.collect(adapter.submit(TAG, idempotency_key="k"), TAG, tmp_path)

    assert read_native(tag.audio)[0].shape[1] == 2
    assert tag.duration_s == pytest.approx(1.2, abs=0.1)
    assert tag.provenance.model == "kokoro/af_bella"
    assert adapter.estimate_cost(TAG) == 0


def test_request_is_what_the_contract_takes(make: Make, server: SpeechServer) -> None:
    make().submit(TagRequest(" This  is Nova. ", voice="am_adam"), idempotency_key="k")

    sent = server.seen(SPEAK)[0]
    assert sent.bearer == KEY
    assert sent.json == {
        "model": "kokoro",
        "input": "This is Nova.",
        "voice": "am_adam",
        "response_format": "mp3",
        "speed": 1.0,
    }


def test_local_server_needs_no_key(make: Make, server: SpeechServer) -> None:
    make(api_key="").submit(TAG, idempotency_key="k")

    assert server.seen(SPEAK)[0].header("Authorization") == ""


@pytest.mark.parametrize("plain", [False, True])
def test_voices_are_read_in_both_shapes(make: Make, server: SpeechServer, plain: bool) -> None:
    server.plain_list = plain

    assert make().voices() == ["af_bella", "am_adam"]
    assert make().health().note == "2 voices"


def test_server_without_a_list_of_voices_has_none(make: Make, server: SpeechServer) -> None:
    server.fault(status=404, body={"detail": "Not Found"})

    assert make().voices() == []


def test_paid_server_has_a_price(make: Make) -> None:
    adapter = make(paid=True, price=Price("speech", Decimal("0.015"), Unit.CHARACTERS))

    assert adapter.estimate_cost(TAG) == Decimal("0.000195")
    assert not adapter.resubmit_safe


def test_same_key_is_asked_once(make: Make, server: SpeechServer) -> None:
    first = make().submit(TAG, idempotency_key="k")

    assert make().submit(TAG, idempotency_key="k") == first
    assert server.count(SPEAK) == 1


@marked("400 unknown voice", "ProviderRejected")
@pytest.mark.parametrize("detail", [False, True])
def test_unknown_voice_is_named(make: Make, server: SpeechServer, detail: bool) -> None:
    server.detail_errors = detail

    found = error_of(make(), TagRequest("Hello.", voice="nobody"))
    assert isinstance(found, ProviderRejected)
    assert "voice nobody is not known" in found.cause


@marked("404 model", "ProviderRejected")
def test_unknown_model_is_final(make: Make) -> None:
    found = error_of(make(model="tts-1"))
    assert isinstance(found, ProviderRejected)
    assert "check SPEECH_MODEL" in found.action


@marked("401 / 403", "ProviderRejected")
def test_wrong_key_is_final(make: Make) -> None:
    found = error_of(make(api_key="wrong-key-0123456789"))
    assert isinstance(found, ProviderRejected)
    assert "check SPEECH_API_KEY" in found.action


@marked("429", "ProviderUnavailable")
def test_rate_limit_is_waited_for(make: Make, server: SpeechServer) -> None:
    server.fault(status=429, body={"error": {"message": "slow"}}, headers={"Retry-After": "9"})

    found = error_of(make())
    assert isinstance(found, ProviderUnavailable)
    assert found.retry_after_s == 9


@marked("402, 429 insufficient_quota", "ProviderRejected")
@pytest.mark.parametrize("status", [402, 429])
def test_empty_account_is_final(make: Make, server: SpeechServer, status: int) -> None:
    server.fault(
        status=status, body={"error": {"message": "no money", "code": "insufficient_quota"}}
    )

    found = error_of(make())
    assert isinstance(found, ProviderRejected)
    assert "add credit" in found.action


@marked("5xx, web page, lost answer (free server)", "ProviderUnavailable")
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "body": {"detail": "CUDA error"}},
        {"status": 502, "body": "<html>no</html>"},
        {"status": 200, "body": "<html>Sign in</html>"},
        {"reset": "after"},
        {"truncate_at": 300},
    ],
    ids=["500", "502", "page", "reset", "cut off"],
)
def test_free_server_is_asked_again(
    make: Make, server: SpeechServer, fault: dict[str, Any]
) -> None:
    server.fault(**fault)
    adapter = make()

    assert isinstance(error_of(adapter), ProviderUnavailable)
    assert adapter.submit(TAG, idempotency_key="k")


@marked("lost answer (paid server)", "SubmissionUnknown")
def test_paid_server_is_not_asked_again(make: Make, server: SpeechServer) -> None:
    server.fault(reset="after")

    assert isinstance(error_of(make(paid=True)), SubmissionUnknown)
    assert server.count(SPEAK) == 1


@marked("200 with silence or too little sound", "JobRefused")
@pytest.mark.parametrize("what", ["silent", "short"])
def test_unusable_sound_is_refused(
    make: Make, server: SpeechServer, tmp_path: Path, what: str
) -> None:
    whole = media.audio(".wav", duration_s=1.2)
    data = (
        whole[:44] + bytes(len(whole) - 44)
        if what == "silent"
        else media.audio(".wav", duration_s=0.1)
    )
    server.fault(status=200, body=data)
    adapter = make()
    external_id = adapter.submit(TAG, idempotency_key="k")

    with pytest.raises(JobRefused, match=r"silent|s long only"):
        adapter.collect(external_id, TAG, tmp_path)
    assert not (tmp_path / "tag.wav").exists()
