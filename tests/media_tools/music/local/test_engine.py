from dataclasses import replace
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from media_tools.errors import ProviderRejected, ToolMissing
from media_tools.files import sha256_of
from media_tools.music.base import MusicRequest, MusicTrack
from media_tools.music.local.engine import LocalMusic, order_of
from media_tools.music.local.genres import SYNTHWAVE
from tests.media_tools.providers.contract import JobContract

from .conftest import SOUNDFONT, MakeRequest

MUSIC = LocalMusic(SOUNDFONT)


@pytest.fixture(scope="module")
def track(request_for: MakeRequest, tmp_path_factory: pytest.TempPathFactory) -> MusicTrack:
    """One chorus, made once for all tests that only read it."""
    return MUSIC.collect("local-1", request_for(), tmp_path_factory.mktemp("track"))


def test_submit_does_no_work_and_names_the_job(request_for: MakeRequest) -> None:
    request = request_for()
    first = MUSIC.submit(request, idempotency_key="a")
    assert first == MUSIC.submit(request, idempotency_key="a")
    assert first != MUSIC.submit(replace(request, seed=2), idempotency_key="a")


def test_files_and_facts_of_a_track(track: MusicTrack) -> None:
    info = soundfile.info(track.audio)
    assert (info.samplerate, info.channels, info.subtype) == (44_100, 2, "PCM_24")
    assert info.duration == pytest.approx(track.duration_s, abs=1e-3)
    assert track.tempo_bpm == 174
    assert track.key == "A minor"
    assert track.midi is not None
    assert mido.MidiFile(track.midi).length > 2
    assert {"drums", "bass", "chords", "melody", "fx", "space"} == set(track.stems)
    assert track.facts["progressions"]["chorus"]
    assert track.facts["chords"][0]["start_s"] == 0.0
    assert track.provenance.as_json()["licence"].startswith("Apache-2.0")
    assert track.provenance.seed == 1


def test_mix_and_stems_do_not_clip(track: MusicTrack) -> None:
    for path in (track.audio, *track.stems.values()):
        sound, _ = soundfile.read(path, dtype="float32")
        assert np.abs(sound).max() < 0.95
    mix, _ = soundfile.read(track.audio, dtype="float32")
    assert -6.0 <= 20 * np.log10(np.abs(mix).max()) <= -3.0


def test_sections_follow_each_other_to_the_end(track: MusicTrack) -> None:
    assert track.sections[0].start_s == 0.0
    assert track.sections[-1].end_s == pytest.approx(track.duration_s)
    ends = [section.end_s for section in track.sections[:-1]]
    assert ends == [section.start_s for section in track.sections[1:]]
    assert "chorus" in [section.kind for section in track.sections]


def test_same_request_gives_the_same_bytes(
    request_for: MakeRequest, tmp_path: Path, track: MusicTrack
) -> None:
    again = MUSIC.collect("local-1", request_for(), tmp_path / "again")
    assert sha256_of(again.audio) == sha256_of(track.audio)
    assert again.midi is not None
    assert track.midi is not None
    assert sha256_of(again.midi) == sha256_of(track.midi)


def test_artist_keeps_instruments_when_the_song_changes(
    request_for: MakeRequest, tmp_path: Path, track: MusicTrack
) -> None:
    other = MUSIC.collect("x", request_for(seed=9, key="C minor"), tmp_path / "b")
    assert other.facts["instruments"] == track.facts["instruments"]
    assert sha256_of(other.audio) != sha256_of(track.audio)


def test_key_is_chosen_when_none_is_asked(request_for: MakeRequest) -> None:
    keys = {order_of(request_for(key=None, seed=seed)).key.name for seed in range(12)}
    assert len(keys) > 1
    assert keys <= set(SYNTHWAVE.default_keys)


@pytest.mark.parametrize(
    "change", [{"tempo_bpm": 20}, {"tempo_bpm": 400}, {"key": "H major"}, {"duration_s": 9999.0}]
)
def test_impossible_requests_are_rejected_at_once(
    request_for: MakeRequest, change: dict[str, object]
) -> None:
    with pytest.raises(ProviderRejected, match="local: "):
        MUSIC.submit(request_for(**change), idempotency_key="a")


def test_missing_soundfont_leaves_no_files(request_for: MakeRequest, tmp_path: Path) -> None:
    unequipped = LocalMusic(tmp_path / "none.sf3")
    with pytest.raises(ToolMissing, match=r"none\.sf3"):
        unequipped.collect("x", request_for(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


class TestContract(JobContract):
    adapter = LocalMusic
    charges = False

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"soundfont": SOUNDFONT}

    @pytest.fixture
    def wanted(self, request_for: MakeRequest) -> MusicRequest:
        return request_for()
