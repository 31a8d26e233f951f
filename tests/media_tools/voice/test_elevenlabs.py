"""ElevenLabs speaks a tag; each failure says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from media_tools.audio.io import read_native
from media_tools.errors import (
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from media_tools.voice.base import TagRequest
from media_tools.voice.elevenlabs import ElevenLabsVoice, ElevenLabsVoiceOptions
from tests.contract_servers.elevenlabs import KEY, refusal
from tests.contract_servers.elevenlabs_voice import ElevenLabsVoiceServer
from tests.media_tools.providers.contract import SpooledContract
from tests.prices import price_of

SPEAK = "POST /v1/text-to-speech"
TAG = TagRequest("This is Nova.", seed=5)
Make = Callable[..., ElevenLabsVoice]


@pytest.fixture(scope="module")
def _server() -> Iterator[ElevenLabsVoiceServer]:
    with ElevenLabsVoiceServer() as server:
        yield server


@pytest.fixture
def server(_server: ElevenLabsVoiceServer) -> ElevenLabsVoiceServer:
    _server.clear()
    return _server


@pytest.fixture
def make(server: ElevenLabsVoiceServer, tmp_path: Path) -> Make:
    def build(**changes: Any) -> ElevenLabsVoice:
        options: dict[str, Any] = {
            "api_key": KEY,
            "spool": tmp_path / "spool",
            "base_url": server.url,
            "voice": "v_stock",
        }
        line = Line(Timeouts(2.0, 1.5, 4.0), RetryPolicy(retries=0))
        return ElevenLabsVoice(ElevenLabsVoiceOptions(**(options | changes)), line)

    return build


def error_of(adapter: ElevenLabsVoice, request: TagRequest = TAG) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        adapter.submit(request, idempotency_key="k")
    assert KEY not in str(caught.value)
    return caught.value


def test_request_is_what_the_contract_takes(make: Make, server: ElevenLabsVoiceServer) -> None:
    make().submit(TAG, idempotency_key="k")

    sent = server.seen(SPEAK)[0]
    assert sent.path == "/v1/text-to-speech/v_stock"
    assert sent.query == {"output_format": "mp3_44100_128"}
    assert sent.json == {
        "text": "This is Nova.",
        "model_id": "eleven_v4_turbo",
        "seed": 5,
        "language_code": "en",
    }


def test_model_without_language_field_is_not_sent_one(
    make: Make, server: ElevenLabsVoiceServer
) -> None:
    make(model="eleven_multilingual_v2").submit(TAG, idempotency_key="k")

    assert "language_code" not in server.seen(SPEAK)[0].json


def test_tag_is_a_wav_with_provenance_and_cost(make: Make, tmp_path: Path) -> None:
    adapter = make(price=price_of("elevenlabs/eleven_v4_turbo"))

    tag = adapter.collect(adapter.submit(TAG, idempotency_key="k"), TAG, tmp_path)

    samples, rate = read_native(tag.audio)
    assert (samples.shape[1], rate) == (2, 44_100)
    assert tag.duration_s == pytest.approx(1.2, abs=0.1)
    assert tag.provenance.licence == "ElevenLabs creator plan: commercial use"
    assert tag.provenance.model == "eleven_v4_turbo/v_stock"
    assert adapter.estimate_cost(TAG) == Decimal("0.000520")


def test_free_plan_shows_in_the_licence(
    make: Make, server: ElevenLabsVoiceServer, tmp_path: Path
) -> None:
    server.tier = "free"
    adapter = make()
    spoken = adapter.submit(TAG, idempotency_key="k")
    server.tier = "pro"

    # The plan when it was spoken decides, not the one of today.
    assert "not for commercial use" in adapter.collect(spoken, TAG, tmp_path).provenance.licence


def test_hidden_plan_shows_in_the_licence(
    make: Make, server: ElevenLabsVoiceServer, tmp_path: Path
) -> None:
    reply = refusal(401, "missing_permissions", "The key lacks user_read")
    server.fault(status=401, body=reply.body, where="subscription")
    adapter = make()

    tag = adapter.collect(adapter.submit(TAG, idempotency_key="k"), TAG, tmp_path)

    assert "plan unknown" in tag.provenance.licence


def test_health_tells_what_is_left(make: Make) -> None:
    health = make().health()

    assert (health.credits, health.unit) == (Decimal(90_000), "characters")
    assert health.note == "plan creator, voices 1 of 30"


def test_health_of_a_restricted_key(make: Make, server: ElevenLabsVoiceServer) -> None:
    server.fault(status=401, body=refusal(401, "missing_permissions", "no").body)

    assert make().health().note == "the key works; its quota is hidden"


@pytest.mark.parametrize(
    ("words", "voice", "match"),
    [
        ("Hello.", "", "no voice yet"),
        ("Hello.", "../user", "no voice yet"),
        ("  ", "v_stock", "0 characters"),
        ("a" * 301, "v_stock", "301 characters"),
    ],
)
def test_bad_request_is_not_sent(
    make: Make, server: ElevenLabsVoiceServer, words: str, voice: str, match: str
) -> None:
    with pytest.raises(ProviderRejected, match=match):
        make(voice=voice).submit(TagRequest(words), idempotency_key="k")
    assert server.count("POST") == 0


def marked(row: str, outcome: str) -> pytest.MarkDecorator:
    return pytest.mark.provider_error(adapter="elevenlabs voice", row=row, outcome=outcome)


@pytest.mark.parametrize(
    ("reply", "code", "action"),
    [
        pytest.param(
            refusal(401, "invalid_api_key", "Invalid"),
            "auth",
            "check ELEVENLABS_API_KEY",
            marks=marked("401 invalid_api_key", "ProviderRejected"),
        ),
        pytest.param(
            refusal(401, "quota_exceeded", "Quota"),
            "insufficient_credits",
            "add credits",
            marks=marked("401 quota_exceeded", "ProviderRejected"),
        ),
        pytest.param(
            refusal(401, "missing_permissions", "Missing"),
            "permission",
            "give the key the permission",
            marks=marked("401 missing_permissions", "ProviderRejected"),
        ),
        pytest.param(
            refusal(402, "paid_plan_required", "Free users cannot use library voices"),
            "plan_required",
            "change the plan",
            marks=marked("402 plan", "ProviderRejected"),
        ),
        pytest.param(
            refusal(403, "subscription_required", "Upgrade"),
            "plan_required",
            "change the plan",
            marks=marked("403 plan", "ProviderRejected"),
        ),
        pytest.param(
            refusal(400, "voice_not_found", "A voice with this id was not found"),
            "voice_missing",
            "ELEVENLABS_VOICE_ID",
            marks=marked("400 voice_not_found", "ProviderRejected"),
        ),
        pytest.param(
            refusal(404, "not_found", "The voice does not exist"),
            "voice_missing",
            "ELEVENLABS_VOICE_ID",
            marks=marked("404 unknown voice", "ProviderRejected"),
        ),
        pytest.param(
            refusal(400, "max_character_limit_exceeded", "Too long"),
            "validation",
            "length of the words",
            marks=marked("400 max_character_limit_exceeded", "ProviderRejected"),
        ),
        pytest.param(
            refusal(400, "voice_limit_reached", "Limit"),
            "plan_required",
            "delete a voice",
            marks=marked("400 / 403 voice slots", "ProviderRejected"),
        ),
        pytest.param(
            refusal(403, "blocked_text", "Blocked by our safety systems"),
            "content_policy",
            "change the spoken words",
            marks=marked("400 / 403 safety", "ProviderRejected"),
        ),
    ],
)
def test_refusal_is_final_and_says_what_to_do(
    make: Make, server: ElevenLabsVoiceServer, reply: Any, code: str, action: str
) -> None:
    server.fault(status=reply.status, body=reply.body, where=SPEAK)

    found = error_of(make())

    assert isinstance(found, ProviderRejected)
    assert found.code.startswith(code)
    assert action in found.action


@marked("422 list of fields", "ProviderRejected")
def test_refused_fields_are_named(make: Make) -> None:
    found = error_of(make(model="eleven_v0"))

    assert isinstance(found, ProviderRejected)
    assert "body.model_id: unknown model" in found.cause


@marked("detail as plain text", "ProviderRejected")
def test_detail_may_be_plain_text(make: Make, server: ElevenLabsVoiceServer) -> None:
    server.fault(status=400, body={"detail": "Something is wrong"}, where=SPEAK)

    found = error_of(make())
    assert isinstance(found, ProviderRejected)
    assert "Something is wrong" in found.cause


@pytest.mark.parametrize(
    ("status", "word", "wait_s"),
    [
        pytest.param(
            429,
            "too_many_concurrent_requests",
            30,
            marks=marked("429 too_many_concurrent_requests", "ProviderUnavailable"),
        ),
        pytest.param(
            429, "system_busy", 60, marks=marked("429 system_busy", "ProviderUnavailable")
        ),
        pytest.param(409, "conflict", None, marks=marked("409", "ProviderUnavailable")),
        pytest.param(425, "too_early", None, marks=marked("425", "ProviderUnavailable")),
        pytest.param(
            500, "internal", None, marks=marked("5xx with its own body", "ProviderUnavailable")
        ),
    ],
)
def test_passing_trouble_is_waited_for(
    make: Make, server: ElevenLabsVoiceServer, status: int, word: str, wait_s: float | None
) -> None:
    server.fault(status=status, body=refusal(status, word, "Busy").body, where=SPEAK)
    adapter = make()

    found = error_of(adapter)
    assert isinstance(found, ProviderUnavailable)
    assert found.retry_after_s == wait_s
    assert adapter.submit(TAG, idempotency_key="k")


class TestContract(SpooledContract):
    adapter, shown_as = ElevenLabsVoice, "elevenlabs voice"
    key, key_setting = KEY, "ELEVENLABS_API_KEY"
    submit_line = SPEAK

    @pytest.fixture
    def options(self, server: ElevenLabsVoiceServer, tmp_path: Path) -> dict[str, Any]:
        given = {"api_key": KEY, "spool": tmp_path / "spool", "base_url": server.url}
        return {**given, "voice": "v_stock"}

    @pytest.fixture
    def wanted(self) -> TagRequest:
        return TAG
