"""Any /audio/speech server: formats, voices in both shapes, errors in both shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from media_tools.voice.base import TagRequest
from media_tools.voice.speech import SpeechOptions, SpeechVoice
from tests.contract_servers import media
from tests.contract_servers.speech import KEY, SpeechServer
from tests.media_tools.providers.contract import SpooledContract

SPEAK = "POST /v1/audio/speech"
TAG = TagRequest("This is Nova.")
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


def error_of(adapter: SpeechVoice) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter.submit(TAG, idempotency_key="k")
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
    make(voice="am_adam").submit(TagRequest(" This  is Nova. "), idempotency_key="k")

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


@marked("400 unknown voice", "ProviderRejected")
@pytest.mark.parametrize("detail", [False, True])
def test_unknown_voice_is_named(make: Make, server: SpeechServer, detail: bool) -> None:
    server.detail_errors = detail

    found = error_of(make(voice="nobody"))
    assert isinstance(found, ProviderRejected)
    assert "voice nobody is not known" in found.cause


@marked("404 model", "ProviderRejected")
def test_unknown_model_is_final(make: Make) -> None:
    found = error_of(make(model="tts-1"))
    assert isinstance(found, ProviderRejected)
    assert "check SPEECH_MODEL" in found.action


@marked("402, 429 insufficient_quota", "ProviderRejected")
@pytest.mark.parametrize("status", [402, 429])
def test_empty_account_is_final(make: Make, server: SpeechServer, status: int) -> None:
    server.fault(
        status=status, body={"error": {"message": "no money", "code": "insufficient_quota"}}
    )

    found = error_of(make())
    assert isinstance(found, ProviderRejected)
    assert "add credit" in found.action


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


class TestContract(SpooledContract):
    """An own server."""

    adapter, shown_as = SpeechVoice, "speech"
    charges, lost = False, ProviderUnavailable
    key = KEY
    submit_line = SPEAK

    @pytest.fixture
    def options(self, server: SpeechServer, tmp_path: Path) -> dict[str, Any]:
        return {"api_key": KEY, "spool": tmp_path / "spool", "base_url": server.base_url}

    @pytest.fixture
    def wanted(self) -> TagRequest:
        return TAG


class TestPaidContract(TestContract):
    """One that charges."""

    charges, lost = True, SubmissionUnknown

    @pytest.fixture
    def options(self, server: SpeechServer, tmp_path: Path) -> dict[str, Any]:
        given = {"api_key": KEY, "spool": tmp_path / "spool", "base_url": server.base_url}
        return {**given, "paid": True}
