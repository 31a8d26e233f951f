from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.errors import MediaInvalid
from media_tools.video.features import BANDS, AudioFeatures, features


def test_there_is_a_row_for_every_frame(music: AudioFeatures) -> None:
    assert music.duration_s == pytest.approx(3.0, abs=0.001)
    assert music.frames == 45
    assert music.bands.shape == (45, BANDS)


def test_values_keep_to_their_range(music: AudioFeatures) -> None:
    for values in (music.bands, music.beat, music.bass, music.energy):
        assert values.dtype == np.float32
        assert float(values.min()) >= 0.0 and float(values.max()) <= 1.0


def test_kicks_raise_beat_and_bass(music: AudioFeatures) -> None:
    kicks = [15, 22, 30, 37]
    assert max(music.beat[2:12]) < 0.3
    assert all(max(music.beat[kick : kick + 3]) > 0.35 for kick in kicks)
    assert max(music.bass[2:12]) < 0.2 < max(music.bass[15:18])


def test_the_tone_lights_its_own_band(music: AudioFeatures) -> None:
    edges = np.geomspace(40, 10_000, BANDS + 1)
    tone = int(np.searchsorted(edges, 880)) - 1

    assert abs(int(np.argmax(music.bands[8])) - tone) <= 1


def test_silence_gives_zeros(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros((44_100, 2)), 44_100)

    quiet = features(path, 15)

    assert not quiet.bands.any() and not quiet.beat.any()


def test_a_missing_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="missing"):
        features(tmp_path / "none.wav", 15)


def test_text_named_wav_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    path.write_text("<html>not found</html>")

    with pytest.raises(MediaInvalid, match="web page"):
        features(path, 15)
