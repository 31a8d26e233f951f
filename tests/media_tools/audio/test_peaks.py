from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_tools.audio.peaks import spectrogram, waveform_peaks
from tests.media_tools.audio.signals import RATE, noise, sine, write


def test_peaks_follow_the_level(tmp_path: Path) -> None:
    samples = sine(2, amplitude=0.5)
    samples[RATE:] *= 0.5

    peaks = waveform_peaks(write(tmp_path / "a.wav", samples), points=10)

    assert peaks == pytest.approx([0.5] * 5 + [0.25] * 5, abs=0.01)


def test_peaks_over_full_scale_are_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(1, amplitude=3))

    assert max(waveform_peaks(path, points=50)) == 1


def test_few_frames_give_few_peaks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(1)[:100])

    assert len(waveform_peaks(path)) == 100


def test_spectrogram_has_its_size_and_shows_the_tone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(2, hz=1000))

    spectrogram(path, tmp_path / "a.jpg", size=(200, 100))

    with Image.open(tmp_path / "a.jpg") as picture:
        assert picture.size == (200, 100)
        rows = np.asarray(picture.convert("L"))[:, 100]
    # 1 kHz on a logarithmic axis from 40 Hz to 16 kHz, counted from the top
    expected = 99 - 99 * np.log(1000 / 40) / np.log(16_000 / 40)
    assert abs(int(rows.argmax()) - expected) <= 1
    assert rows.max() > 180
    assert np.median(rows) < 40


def test_spectrogram_of_silence_is_dark(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.zeros((RATE, 2), np.float32))

    spectrogram(path, tmp_path / "a.jpg", size=(20, 10))

    with Image.open(tmp_path / "a.jpg") as picture:
        assert np.asarray(picture).max() < 40
