from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from media_tools.music.base import MusicRequest
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from tests.contract_servers.acestep import AceStepServer
from tests.contract_servers.elevenlabs import ElevenLabsServer
from tests.contract_servers.replicate import ReplicateServer
from tests.contract_servers.suno import KieServer, SunoServer

QUICK = Line(Timeouts(connect_s=2.0, read_s=1.5, total_s=6.0), RetryPolicy(retries=0))
SONG_S = 2.0

LYRICS = """[Verse 1]
Under the cables, a promise to keep
Nobody taught us to fall asleep

[Chorus]
Ask the machine if it learned to dream
Nothing but servers without a trace
"""


@pytest.fixture
def asked() -> Callable[..., MusicRequest]:
    """Builds a request; by default a sung one of 60 s."""

    def build(**changes: object) -> MusicRequest:
        fields: dict[str, object] = {
            "title": "Night Bus",
            "genre": "synth pop",
            "prompt": "glassy lead, gated snare",
            "mood": "restless",
            "duration_s": 60.0,
            "tempo_bpm": 118,
            "key": "A minor",
            "lyrics": LYRICS,
            "lyric_form": ("verse", "chorus"),
            "instrumental": False,
            "artist_sound": "artist-1",
            "seed": 7,
        }
        return MusicRequest(**(fields | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture(scope="session")
def _suno() -> Iterator[SunoServer]:
    with SunoServer() as server:
        yield server


@pytest.fixture(scope="session")
def _kie() -> Iterator[KieServer]:
    with KieServer() as server:
        yield server


@pytest.fixture(scope="session")
def _elevenlabs() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as server:
        yield server


@pytest.fixture(scope="session")
def _acestep() -> Iterator[AceStepServer]:
    with AceStepServer() as server:
        yield server


@pytest.fixture(scope="session")
def _replicate() -> Iterator[ReplicateServer]:
    with ReplicateServer() as server:
        yield server


@pytest.fixture
def suno_server(_suno: SunoServer) -> SunoServer:
    _suno.clear()
    _suno.song_s, _suno.stages = SONG_S, ()
    return _suno


@pytest.fixture
def kie_server(_kie: KieServer) -> KieServer:
    _kie.clear()
    _kie.song_s, _kie.stages = SONG_S, ()
    return _kie


@pytest.fixture
def elevenlabs_server(_elevenlabs: ElevenLabsServer) -> ElevenLabsServer:
    _elevenlabs.clear()
    _elevenlabs.song_s = SONG_S
    return _elevenlabs


@pytest.fixture
def acestep_server(_acestep: AceStepServer) -> AceStepServer:
    _acestep.clear()
    _acestep.song_s, _acestep.polls_needed = SONG_S, 0
    return _acestep


@pytest.fixture
def replicate_server(_replicate: ReplicateServer) -> ReplicateServer:
    _replicate.clear()
    _replicate.song_s, _replicate.polls_needed = SONG_S, 0
    return _replicate
