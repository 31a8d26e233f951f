"""A spoken tag over the start of a track."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media_tools.audio.io import read_audio, write_wav24
from media_tools.errors import MediaInvalid
from media_tools.voice.mixing import DUCK_DB, FADE_S, mix_tag

RATE = 44_100


def tone(path: Path, *, hz: float, seconds: float, peak: float, rate: int = RATE) -> Path:
    wave = peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    write_wav24(path, np.stack([wave, wave], axis=1).astype(np.float32), rate)
    return path


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    return tone(tmp_path / "mix.wav", hz=200, seconds=3, peak=0.8)


@pytest.fixture
def tag(tmp_path: Path) -> Path:
    return tone(tmp_path / "tag.wav", hz=2000, seconds=1, peak=0.3, rate=48_000)


def level(samples: np.ndarray, start_s: float, end_s: float, hz: float) -> float:
    """Amplitude of one frequency in a stretch of whole periods."""
    part = samples[round(start_s * RATE) : round(end_s * RATE), 0].astype(np.float64)
    turning = np.exp(-2j * np.pi * hz * np.arange(len(part)) / RATE)
    return float(2 * abs(part @ turning) / len(part))


def test_the_tag_lies_12_db_under_the_peak_and_the_music_steps_back(mix, tag, tmp_path) -> None:
    mix_tag(mix, tag, tmp_path / "out.wav", start_s=0.5)

    samples, rate = read_audio(tmp_path / "out.wav")
    assert rate == RATE
    assert 20 * np.log10(level(samples, 0.8, 1.2, 2000) / 0.8) == pytest.approx(-12, abs=0.2)
    assert 20 * np.log10(level(samples, 0.8, 1.2, 200) / 0.8) == pytest.approx(-DUCK_DB, abs=0.1)


def test_the_rest_of_the_music_is_untouched(mix, tag, tmp_path) -> None:
    mix_tag(mix, tag, tmp_path / "out.wav", start_s=0.5)

    before, _ = read_audio(mix)
    after, _ = read_audio(tmp_path / "out.wav")
    first = round((0.5 - FADE_S) * RATE)
    last = round((1.5 + FADE_S) * RATE)
    assert len(after) == len(before)
    assert np.array_equal(after[:first], before[:first])
    assert np.array_equal(after[last:], before[last:])


def test_together_they_never_pass_the_musics_peak(tag, tmp_path) -> None:
    loud = tone(tmp_path / "loud.wav", hz=200, seconds=3, peak=0.999)

    mix_tag(loud, tag, tmp_path / "out.wav")

    assert np.abs(read_audio(tmp_path / "out.wav")[0]).max() <= 0.9991


def test_the_same_files_give_the_same_bytes(mix, tag, tmp_path) -> None:
    for name in ("one.wav", "two.wav"):
        mix_tag(mix, tag, tmp_path / name)

    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


def test_a_tag_that_does_not_fit_is_refused(mix, tmp_path) -> None:
    long = tone(tmp_path / "long.wav", hz=500, seconds=2.5, peak=0.3)

    with pytest.raises(MediaInvalid, match=r"2\.5 s do not fit into 3\.0 s"):
        mix_tag(mix, long, tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


def test_a_silent_tag_is_refused(mix, tmp_path) -> None:
    silent = tone(tmp_path / "silent.wav", hz=500, seconds=1, peak=0.0)

    with pytest.raises(MediaInvalid, match="silent"):
        mix_tag(mix, silent, tmp_path / "out.wav")
