"""ACE-Step on an own server, with its odd habits."""

from __future__ import annotations

from collections.abc import Callable
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
)
from media_tools.music.acestep import AceStepMusic, AceStepOptions
from media_tools.music.base import MusicRequest
from media_tools.providers.job import check_deadline
from tests.contract_servers.acestep import KEY, AceStepServer, wrapped
from tests.media_tools.music.conftest import QUICK
from tests.media_tools.providers.contract import PolledContract

Asked = Callable[..., MusicRequest]
RELEASE = "POST /release_task"
QUERY = "POST /query_result"


@pytest.fixture
def acestep(acestep_server: AceStepServer) -> AceStepMusic:
    return adapter(acestep_server)


def adapter(server: AceStepServer, **changes: Any) -> AceStepMusic:
    fields: dict[str, Any] = {
        "base_url": server.url,
        "api_key": KEY,
    }
    return AceStepMusic(AceStepOptions(**(fields | changes)), QUICK)


def test_request_is_told_in_full(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked
) -> None:
    acestep.submit(asked(), idempotency_key="k")

    (request,) = acestep_server.seen(RELEASE)
    assert request.bearer == KEY
    assert request.json == {
        "prompt": "glassy lead, gated snare, synth pop, restless, 118 BPM, A minor",
        "lyrics": asked().lyrics.strip(),
        "vocal_language": "en",
        "audio_duration": 60.0,
        "bpm": 118,
        "key_scale": "A minor",
        "time_signature": "4",
        "audio_format": "flac",
        "batch_size": 1,
        "thinking": False,
        "use_random_seed": False,
        "seed": 7,
        "task_type": "text2music",
    }


def test_instrumental_is_marked_in_the_lyrics(acestep: AceStepMusic, asked: Asked) -> None:
    assert acestep.body(asked(lyrics=""))["lyrics"] == "[Instrumental]"


def test_church_mode_is_left_to_the_prompt(acestep: AceStepMusic, asked: Asked) -> None:
    body = acestep.body(asked(key="D dorian"))

    assert "key_scale" not in body
    assert "D dorian" in body["prompt"]


def test_no_key_sends_no_header(acestep_server: AceStepServer, asked: Asked) -> None:
    with pytest.raises(ProviderRejected):
        adapter(acestep_server, api_key="").submit(asked(), idempotency_key="k")

    assert acestep_server.seen(RELEASE)[0].header("Authorization") == ""


def test_song_comes_with_what_the_server_planned(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked, tmp_path: Path
) -> None:
    acestep_server.polls_needed = 1
    task = acestep.submit(asked(), idempotency_key="k")

    assert acestep.collect(task, asked(), tmp_path) is None
    track = acestep.collect(task, asked(), tmp_path)

    assert track is not None
    assert soundfile.info(track.audio).channels == 2
    assert (track.tempo_bpm, track.key) == (118.0, "A minor")
    assert (track.provenance.model, track.provenance.seed) == ("acestep-v15-turbo", 7)
    assert track.provenance.licence.startswith("MIT")


def test_every_song_of_a_batch_is_a_take(
    acestep_server: AceStepServer, asked: Asked, tmp_path: Path
) -> None:
    acestep = adapter(acestep_server, takes=2)

    track = acestep.collect(acestep.submit(asked(), idempotency_key="k"), asked(), tmp_path)

    assert track is not None
    assert sorted(take.provenance.seed or 0 for take in (track, *track.takes)) == [7, 8]


def test_health_tells_the_queue(acestep: AceStepMusic) -> None:
    assert acestep.health().note == "2 queued, 1 running"


def test_unwell_server_is_unavailable(acestep: AceStepMusic, acestep_server: AceStepServer) -> None:
    acestep_server.fault(status=200, body=wrapped({"status": "loading"}).body)

    with pytest.raises(ProviderUnavailable, match="healthy"):
        acestep.health()


# Errors


def _submit_error(acestep: AceStepMusic, asked: Asked, kind: type[ProviderError]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        acestep.submit(asked(), idempotency_key="k")
    assert type(caught.value) is kind
    assert KEY not in str(caught.value)
    return caught.value


def _collect_error(
    acestep: AceStepMusic, asked: Asked, workdir: Path, kind: type[ProviderError]
) -> ProviderError:
    task = acestep.submit(asked(), idempotency_key="k")
    with pytest.raises(ProviderError) as caught:
        acestep.collect(task, asked(), workdir)
    assert type(caught.value) is kind
    assert KEY not in str(caught.value)
    return caught.value


@pytest.mark.provider_error(adapter="acestep", row="400, 415", outcome="ProviderRejected")
@pytest.mark.parametrize("status", [400, 415])
def test_refused_request(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked, status: int
) -> None:
    acestep_server.fault(status=status, body={"detail": "bpm is out of range"})

    assert "bpm is out of range" in str(_submit_error(acestep, asked, ProviderRejected))


@pytest.mark.provider_error(
    adapter="acestep", row="404 another server's contract", outcome="ProviderRejected"
)
def test_other_contract(acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked) -> None:
    acestep_server.fault(status=404, body={"detail": "Not Found"})

    assert "base URL" in _submit_error(acestep, asked, ProviderRejected).action


@pytest.mark.provider_error(
    adapter="acestep", row="429 queue is full", outcome="ProviderUnavailable"
)
def test_full_queue(acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked) -> None:
    acestep_server.fault(status=429, body={"detail": "Server busy: queue is full"})

    error = _submit_error(acestep, asked, ProviderUnavailable)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s == 30


@pytest.mark.provider_error(
    adapter="acestep", row="503 language model not loaded", outcome="ProviderUnavailable"
)
def test_missing_model(acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked) -> None:
    acestep_server.fault(status=503, body={"detail": "LLM not initialized"})

    assert "thinking off" in _submit_error(acestep, asked, ProviderUnavailable).action


@pytest.mark.provider_error(
    adapter="acestep",
    row="500, code 500 inside HTTP 200, no envelope",
    outcome="ProviderUnavailable",
)
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "body": {"detail": "CUDA out of memory"}},
        {"status": 200, "body": wrapped(None, code=500, error="it broke").body},
        {"status": 200, "body": {"detail": "odd"}},
        {"status": 200, "body": wrapped({}).body},
    ],
    ids=["500", "code 500", "no envelope", "no task"],
)
def test_troubled_server(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked, fault: dict[str, Any]
) -> None:
    acestep_server.fault(**fault)

    _submit_error(acestep, asked, ProviderUnavailable)


def test_refusal_inside_a_good_answer(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked
) -> None:
    acestep_server.fault(status=200, body=wrapped(None, code=400, error="bad bpm").body)

    assert "bad bpm" in str(_submit_error(acestep, asked, ProviderRejected))


@pytest.mark.provider_error(
    adapter="acestep", row="task failed, with or without a word", outcome="JobFailed"
)
@pytest.mark.parametrize(
    ("ending", "said"), [("silent", "it says no cause"), ("CUDA error", "CUDA error")]
)
def test_failed_task(
    acestep: AceStepMusic,
    acestep_server: AceStepServer,
    asked: Asked,
    tmp_path: Path,
    ending: str,
    said: str,
) -> None:
    acestep_server.endings = [ending]

    assert said in str(_collect_error(acestep, asked, tmp_path, JobFailed))


@pytest.mark.provider_error(adapter="acestep", row="succeeded without a file", outcome="JobFailed")
def test_success_without_a_file(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked, tmp_path: Path
) -> None:
    acestep_server.endings = ["no-file"]

    _collect_error(acestep, asked, tmp_path, JobFailed)


@pytest.mark.provider_error(
    adapter="acestep", row="forgotten task looks queued (own deadline)", outcome="JobFailed"
)
def test_forgotten_task_ends_at_the_deadline(
    acestep: AceStepMusic, asked: Asked, tmp_path: Path
) -> None:
    assert acestep.collect("forgotten", asked(), tmp_path) is None

    with pytest.raises(JobFailed, match="not finished after 65 min"):
        check_deadline(acestep, "forgotten", waited_s=3901.0)


@pytest.mark.provider_error(adapter="acestep", row="file is gone (404)", outcome="JobFailed")
def test_deleted_file(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked, tmp_path: Path
) -> None:
    acestep_server.forgets_files = True

    _collect_error(acestep, asked, tmp_path, JobFailed)


@pytest.mark.provider_error(
    adapter="acestep", row="file outside the audio folder (403)", outcome="JobRefused"
)
def test_file_outside_the_folder(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked, tmp_path: Path
) -> None:
    acestep_server.fault(status=403, body={"detail": "Access denied"}, where="/v1/audio")

    _collect_error(acestep, asked, tmp_path, JobRefused)


def test_file_at_another_host_is_not_asked_for_with_the_key(
    acestep: AceStepMusic, acestep_server: AceStepServer, asked: Asked, tmp_path: Path
) -> None:
    song = '[{"file": "https://elsewhere.example/song.flac", "status": 1}]'
    task = {"task_id": "00000000-0000-4000-8000-000000000001", "status": 1, "result": song}
    acestep_server.fault(status=200, body=wrapped([task]).body, where=QUERY)

    assert "another host" in str(_collect_error(acestep, asked, tmp_path, ProviderRejected))


@pytest.mark.provider_error(
    adapter="acestep", row="no task, trouble while fetching", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 200, "body": wrapped([]).body, "where": QUERY},
        {"status": 200, "body": wrapped("odd").body, "where": QUERY},
        {"truncate_at": 500, "where": "/v1/audio"},
        {"status": 200, "body": "<html>", "where": "/v1/audio"},
        {"status": 200, "body": b"fLaC" * 99, "where": "/v1/audio"},
    ],
    ids=["no task", "no list", "truncated", "web page", "broken"],
)
def test_trouble_on_the_way(
    acestep: AceStepMusic,
    acestep_server: AceStepServer,
    asked: Asked,
    tmp_path: Path,
    fault: dict[str, Any],
) -> None:
    acestep_server.fault(**fault)

    _collect_error(acestep, asked, tmp_path, ProviderUnavailable)


class TestContract(PolledContract):
    adapter, shown_as = AceStepMusic, "acestep"
    lost = ProviderUnavailable
    charges = False
    key = KEY
    submit_line, collect_line = RELEASE, QUERY

    @pytest.fixture
    def server(self, acestep_server: AceStepServer) -> AceStepServer:
        return acestep_server

    @pytest.fixture
    def options(self, server: AceStepServer) -> dict[str, Any]:
        return {"api_key": KEY, "base_url": server.url}

    @pytest.fixture
    def wanted(self, asked: Asked) -> MusicRequest:
        return asked()

    def delay(self, server: AceStepServer) -> None:
        server.polls_needed = 1

    def fail(self, server: AceStepServer, said: str) -> None:
        server.endings = [said]

    def with_id(self, body: Any, job: Any) -> Any:
        return {**body, "data": {"task_id": job}}
