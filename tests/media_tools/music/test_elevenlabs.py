"""ElevenLabs Music: the plan that is sent, the paid answer that is kept, and each error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import soundfile

from media_tools.errors import (
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.music.base import MusicRequest
from media_tools.music.elevenlabs import ElevenLabsMusic, ElevenLabsMusicOptions
from media_tools.providers.http import Timeouts
from tests.contract_servers.elevenlabs import KEY, ElevenLabsServer, refusal
from tests.media_tools.music.conftest import QUICK
from tests.media_tools.providers.contract import SpooledContract
from tests.prices import price_of

Asked = Callable[..., MusicRequest]
COMPOSE = "POST /v1/music"
HASTY = replace(QUICK, timeouts=Timeouts(connect_s=2.0, read_s=0.6, total_s=0.6))


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def elevenlabs(elevenlabs_server: ElevenLabsServer, spool: Path) -> ElevenLabsMusic:
    return adapter(elevenlabs_server, spool)


def adapter(server: ElevenLabsServer, spool: Path, **changes: Any) -> ElevenLabsMusic:
    fields: dict[str, Any] = {
        "api_key": KEY,
        "spool": spool,
        "base_url": server.url,
    }
    return ElevenLabsMusic(ElevenLabsMusicOptions(**(fields | changes)), HASTY)


# What is sent


def test_song_is_asked_for_by_a_plan(
    elevenlabs: ElevenLabsMusic, elevenlabs_server: ElevenLabsServer, asked: Asked
) -> None:
    elevenlabs.submit(asked(), idempotency_key="k")

    (request,) = elevenlabs_server.seen(COMPOSE)
    body = request.json
    assert request.query == {"output_format": "auto"}
    assert (body["model_id"], body["seed"]) == ("music_v2_5", 7)
    chunks = body["composition_plan"]["chunks"]
    assert [chunk["text"].splitlines()[0] for chunk in chunks] == [
        "[Intro]",
        "[Verse 1]",
        "[Chorus]",
        "[Outro]",
    ]
    assert sum(chunk["duration_ms"] for chunk in chunks) == 60_000
    assert chunks[0]["positive_styles"][:2] == ["glassy lead", "gated snare"]


def test_first_model_takes_sections(
    elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    adapter(elevenlabs_server, spool, model="music_v1").submit(asked(), idempotency_key="k")

    body = elevenlabs_server.seen(COMPOSE)[0].json
    assert body["respect_sections_durations"] is True
    verse = body["composition_plan"]["sections"][1]
    assert verse["section_name"] == "Verse 1"
    assert verse["lines"][0] == "Under the cables, a promise to keep"


def test_instrumental_is_asked_for_by_a_prompt(elevenlabs: ElevenLabsMusic, asked: Asked) -> None:
    body = elevenlabs.body(asked(instrumental=True, duration_s=90.5))

    assert body == {
        "model_id": "music_v2_5",
        "prompt": "glassy lead, gated snare, synth pop, restless, 118 BPM, A minor",
        "music_length_ms": 90_500,
        "force_instrumental": True,
    }


def test_price_goes_by_the_length(
    elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    elevenlabs = adapter(elevenlabs_server, spool, price=price_of("elevenlabs"))

    assert elevenlabs.estimate_cost(asked(duration_s=120.0)) == Decimal("0.3000")
    assert elevenlabs.estimate_cost(asked(instrumental=True, duration_s=90)) == Decimal("0.2250")


# What comes back


def test_song_is_decoded_with_the_planned_sections(
    elevenlabs: ElevenLabsMusic, asked: Asked, workdir: Path
) -> None:
    track = elevenlabs.collect(elevenlabs.submit(asked(), idempotency_key="k"), asked(), workdir)

    assert soundfile.info(track.audio).subtype == "PCM_24"
    assert [section.kind for section in track.sections] == ["intro", "verse", "chorus", "outro"]
    assert track.sections[-1].end_s == pytest.approx(track.duration_s)
    assert track.facts["song_id"] == "song-1"
    assert track.facts["request_id"] == "request-1"
    assert track.provenance.generator == "ai"
    assert "Creator plan" in track.provenance.licence


def test_sections_of_an_instrumental_are_unknown(
    elevenlabs: ElevenLabsMusic, asked: Asked, workdir: Path
) -> None:
    request = asked(instrumental=True)
    track = elevenlabs.collect(elevenlabs.submit(request, idempotency_key="k"), request, workdir)

    assert track.sections == ()


def test_song_without_its_note_is_collected(
    elevenlabs: ElevenLabsMusic, spool: Path, asked: Asked, workdir: Path
) -> None:
    song = elevenlabs.submit(asked(), idempotency_key="k")
    (spool / f"{song}.json").unlink()

    assert elevenlabs.collect(song, asked(), workdir).facts["song_id"] == ""


def test_credits_left_are_the_health(elevenlabs: ElevenLabsMusic) -> None:
    health = elevenlabs.health()

    assert (health.credits, health.note) == (Decimal(90_000), "plan creator")


# Errors


def _error(
    elevenlabs: ElevenLabsMusic, spool: Path, asked: Asked, kind: type[ProviderError]
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        elevenlabs.submit(asked(), idempotency_key="k")
    assert type(caught.value) is kind
    assert KEY not in str(caught.value)
    assert not spool.exists() or list(spool.iterdir()) == []
    return caught.value


def _refused(server: ElevenLabsServer, status: int, word: str, **data: Any) -> None:
    reply = refusal(status, word, "what the provider says", **data)
    server.fault(status=status, body=reply.body)


@pytest.mark.provider_error(adapter="elevenlabs", row="400 bad_prompt", outcome="ProviderRejected")
def test_refused_prompt_shows_the_suggestion(
    elevenlabs: ElevenLabsMusic, elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    _refused(elevenlabs_server, 400, "bad_prompt", prompt_suggestion="a calm synth song")

    error = _error(elevenlabs, spool, asked, ProviderRejected)

    assert "it suggests “a calm synth song”" in error.action
    assert elevenlabs_server.count(COMPOSE) == 1


@pytest.mark.provider_error(
    adapter="elevenlabs", row="400 bad_composition_plan", outcome="ProviderRejected"
)
def test_refused_plan(
    elevenlabs: ElevenLabsMusic, elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    _refused(elevenlabs_server, 400, "bad_composition_plan", composition_plan_suggestion={})

    assert "names of artists" in _error(elevenlabs, spool, asked, ProviderRejected).action


@pytest.mark.provider_error(
    adapter="elevenlabs",
    row="400 max_character_limit_exceeded, voice_not_found",
    outcome="ProviderRejected",
)
@pytest.mark.parametrize("word", ["max_character_limit_exceeded", "voice_not_found"])
def test_invalid_request(
    elevenlabs: ElevenLabsMusic,
    elevenlabs_server: ElevenLabsServer,
    spool: Path,
    asked: Asked,
    word: str,
) -> None:
    _refused(elevenlabs_server, 400, word)

    assert word in _error(elevenlabs, spool, asked, ProviderRejected).code


@pytest.mark.provider_error(
    adapter="elevenlabs", row="401 quota_exceeded", outcome="ProviderRejected"
)
def test_empty_account(
    elevenlabs: ElevenLabsMusic, elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    elevenlabs_server.used = elevenlabs_server.limit

    assert "add credits" in _error(elevenlabs, spool, asked, ProviderRejected).action


@pytest.mark.provider_error(
    adapter="elevenlabs",
    row="401, 402, 403 paid_plan_required, subscription_required, feature_not_available",
    outcome="ProviderRejected",
)
@pytest.mark.parametrize(
    ("status", "word"),
    [
        (401, "paid_plan_required"),
        (402, "subscription_required"),
        (403, "feature_not_available"),
        (403, "music_terms_not_accepted"),
        (403, ""),
    ],
)
def test_plan_does_not_allow_it(
    elevenlabs: ElevenLabsMusic,
    elevenlabs_server: ElevenLabsServer,
    spool: Path,
    asked: Asked,
    status: int,
    word: str,
) -> None:
    _refused(elevenlabs_server, status, word)

    assert "accept the music terms" in _error(elevenlabs, spool, asked, ProviderRejected).action


@pytest.mark.provider_error(
    adapter="elevenlabs", row="422 list of field errors", outcome="ProviderRejected"
)
def test_field_errors_are_named(
    elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    elevenlabs = adapter(elevenlabs_server, spool, model="music_v9")

    assert "body.model_id: unknown model" in str(_error(elevenlabs, spool, asked, ProviderRejected))


def test_detail_may_be_a_plain_sentence(
    elevenlabs: ElevenLabsMusic, elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    elevenlabs_server.fault(status=400, body={"detail": "that is not possible"})

    assert "that is not possible" in str(_error(elevenlabs, spool, asked, ProviderRejected))


@pytest.mark.provider_error(
    adapter="elevenlabs",
    row="429 too_many_concurrent_requests, system_busy",
    outcome="ProviderUnavailable",
)
@pytest.mark.parametrize(
    ("word", "wait_s"), [("too_many_concurrent_requests", 30), ("system_busy", 60), ("", 30)]
)
def test_busy(
    elevenlabs: ElevenLabsMusic,
    elevenlabs_server: ElevenLabsServer,
    spool: Path,
    asked: Asked,
    word: str,
    wait_s: float,
) -> None:
    _refused(elevenlabs_server, 429, word)

    error = _error(elevenlabs, spool, asked, ProviderUnavailable)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s == wait_s


@pytest.mark.provider_error(
    adapter="elevenlabs", row="503 before the work began", outcome="ProviderUnavailable"
)
def test_unavailable(
    elevenlabs: ElevenLabsMusic, elevenlabs_server: ElevenLabsServer, spool: Path, asked: Asked
) -> None:
    elevenlabs_server.fault(status=503, headers={"Retry-After": "9"})

    error = _error(elevenlabs, spool, asked, ProviderUnavailable)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s == 9


@pytest.mark.provider_error(
    adapter="elevenlabs", row="a paid song that cannot be decoded", outcome="ProviderRejected"
)
def test_broken_song_is_kept_for_a_person(
    elevenlabs: ElevenLabsMusic,
    elevenlabs_server: ElevenLabsServer,
    spool: Path,
    asked: Asked,
    workdir: Path,
) -> None:
    elevenlabs_server.fault(status=200, body=b"ID3" + bytes(500))
    song = elevenlabs.submit(asked(), idempotency_key="k")

    with pytest.raises(ProviderRejected, match="import it"):
        elevenlabs.collect(song, asked(), workdir)

    assert (spool / song).is_file()


class TestContract(SpooledContract):
    adapter, shown_as = ElevenLabsMusic, "elevenlabs"
    key, key_setting = KEY, "ELEVENLABS_API_KEY"
    submit_line = COMPOSE

    @pytest.fixture
    def server(self, elevenlabs_server: ElevenLabsServer) -> ElevenLabsServer:
        return elevenlabs_server

    @pytest.fixture
    def options(self, server: ElevenLabsServer, spool: Path) -> dict[str, Any]:
        return {"api_key": KEY, "spool": spool, "base_url": server.url}

    @pytest.fixture
    def wanted(self, asked: Asked) -> MusicRequest:
        return asked()
