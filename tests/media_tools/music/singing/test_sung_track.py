"""The local engine with lyrics: one short track, made once."""

import json
import sys
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from media_tools.errors import ToolMissing
from media_tools.music.base import MusicRequest, MusicTrack
from media_tools.music.local.engine import LocalMusic

SOUNDFONT = Path(__file__).parents[4] / "assets" / "soundfont" / "fluidr3-16.sf3"


def wish(**changes: object) -> MusicRequest:
    values: dict[str, object] = {
        "title": "Night Drive",
        "genre": "synthwave",
        "prompt": "",
        "mood": "",
        "duration_s": 14.0,
        "tempo_bpm": 120,
        "key": "A minor",
        "lyrics": "[Chorus]\nCarry me home tonight\n",
        "lyric_form": ("chorus",),
        "instrumental": False,
        "artist_sound": "Neon Fox",
        "seed": 1,
    }
    return MusicRequest(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> MusicTrack:
    return LocalMusic(SOUNDFONT).collect("1", wish(), tmp_path_factory.mktemp("track"))


def test_vocals_are_a_stem_and_words_have_times(track: MusicTrack) -> None:
    chorus = next(section for section in track.sections if section.kind == "chorus")

    assert "vocals" in track.stems
    assert [word.text for word in track.words] == ["Carry", "me", "home", "tonight"]
    assert chorus.start_s <= track.words[0].start_s < track.words[-1].end_s <= chorus.end_s


def test_facts_tell_who_sang(track: MusicTrack) -> None:
    assert track.facts["sung"] is True
    assert track.facts["lines_sung"] == 1
    json.dumps(track.facts)


def test_a_sung_track_is_declared_as_made_by_ai(track: MusicTrack) -> None:
    assert track.provenance.generator == "ai"
    assert "Kokoro" in track.provenance.licence


def test_the_lead_leaves_the_sung_section_to_the_voice(track: MusicTrack) -> None:
    assert track.midi is not None
    names = {part.name for part in mido.MidiFile(track.midi).tracks}

    assert "vocals" in names
    assert "lead" not in names


def test_the_voice_is_heard_in_the_mix(track: MusicTrack) -> None:
    vocals, rate = soundfile.read(track.stems["vocals"])
    band = sum(
        soundfile.read(path)[0] for name, path in track.stems.items() if name not in ("vocals",)
    )
    span = slice(int(track.words[0].start_s * rate), int(track.words[-1].end_s * rate))
    over_db = 10 * np.log10(np.mean(vocals[span] ** 2) / np.mean(band[span] ** 2))

    assert -9.0 < over_db < 3.0


def test_lyrics_that_cannot_be_sung_leave_an_instrumental(tmp_path: Path) -> None:
    track = LocalMusic(SOUNDFONT).collect(
        "1", wish(lyrics="", duration_s=6.0, tempo_bpm=174), tmp_path
    )

    assert track.words == ()
    assert "sung" not in track.facts
    assert "vocals" not in track.stems


def test_singing_without_the_voice_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hibari.g2p", None)

    with pytest.raises(ToolMissing, match=r"requirements-voice\.txt"):
        LocalMusic(SOUNDFONT).collect("1", wish(), tmp_path)


def test_instrumentals_need_no_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("hibari", "hibari.g2p", "onnx", "onnxruntime"):
        monkeypatch.setitem(sys.modules, package, None)

    track = LocalMusic(SOUNDFONT).collect(
        "1", wish(instrumental=True, duration_s=6.0, tempo_bpm=174), tmp_path
    )

    assert track.words == ()
