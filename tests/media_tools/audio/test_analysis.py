from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from media_tools.audio.analysis import analyze
from media_tools.audio.io import Samples
from tests.media_tools.audio.signals import RATE, ffmpeg_meter, noise, sine, track, write


def test_levels_agree_with_ffmpeg(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", track(5))

    analysis, meter = analyze(path), ffmpeg_meter(path)

    assert analysis.integrated_lufs == pytest.approx(meter.lufs, abs=0.1)
    assert analysis.true_peak_dbtp == pytest.approx(meter.true_peak_dbtp, abs=0.2)
    assert analysis.duration_s == pytest.approx(5, abs=0.001)


def test_mono_counts_as_played_on_both_speakers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", track(4)[:, :1])

    analysis = analyze(path)

    assert analysis.channels == 1
    assert analysis.stereo_correlation == 1
    assert analysis.integrated_lufs == pytest.approx(
        ffmpeg_meter(path, dualmono=True).lufs, abs=0.1
    )


def test_crest_of_a_sine_is_3_db(tmp_path: Path) -> None:
    analysis = analyze(write(tmp_path / "a.wav", sine(2)))

    assert analysis.crest_db == pytest.approx(3.01, abs=0.02)
    assert analysis.sample_peak_dbfs == pytest.approx(-12.04, abs=0.02)


@pytest.mark.parametrize(("right", "expected"), [(1.0, 1.0), (-1.0, -1.0), (0.0, 0.0)])
def test_correlation(tmp_path: Path, right: float, expected: float) -> None:
    samples = sine(1)
    samples[:, 1] *= right

    analysis = analyze(write(tmp_path / "a.wav", samples))

    assert analysis.stereo_correlation == pytest.approx(expected, abs=0.001)


def test_runs_at_full_scale_count_as_clipped(tmp_path: Path) -> None:
    samples = sine(1, amplitude=0.5)
    samples[1000:1004, 0] = 1.0
    samples[2000:2003, 1] = -1.0
    samples[3000, 0] = 1.0  # a single peak

    analysis = analyze(write(tmp_path / "a.wav", samples))

    assert (analysis.clipped_samples, analysis.clipped_from_s) == (7, round(1000 / RATE, 3))


def test_silences_are_found_in_their_place(tmp_path: Path) -> None:
    samples = noise(10)
    samples[: round(0.5 * RATE)] = 0
    samples[3 * RATE : round(5.5 * RATE)] = 0
    samples[7 * RATE : 8 * RATE] = 0  # too short to matter
    samples[9 * RATE :] = 0

    analysis = analyze(write(tmp_path / "a.wav", samples))

    assert len(analysis.silences) == 1
    assert analysis.silences[0] == pytest.approx((3.0, 5.5), abs=0.02)
    assert analysis.leading_silence_s == pytest.approx(0.5, abs=0.02)
    assert analysis.trailing_silence_s == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("bpm", [84.0, 97.0, 120.0])
def test_tempo_within_one_percent(tmp_path: Path, bpm: float) -> None:
    path = write(tmp_path / "a.wav", track(12, bpm=bpm))

    assert analyze(path, tempo_prior_bpm=bpm).tempo_bpm == pytest.approx(bpm, rel=0.01)


def test_prior_settles_the_octave(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", track(12, bpm=120))

    assert analyze(path, tempo_prior_bpm=60).tempo_bpm == pytest.approx(60, rel=0.01)


@pytest.mark.parametrize("samples", [noise(5), sine(5), track(2)])
def test_no_tempo_without_a_pulse_to_hear(tmp_path: Path, samples: Samples) -> None:
    assert analyze(write(tmp_path / "a.wav", samples)).tempo_bpm is None


def test_bands_follow_the_tone(tmp_path: Path) -> None:
    low = analyze(write(tmp_path / "low.wav", sine(1, hz=80)))
    high = analyze(write(tmp_path / "high.wav", sine(1, hz=9000)))

    assert low.low_share > 0.99
    assert high.high_share > 0.99
    assert high.brightness > 0.99
    assert high.spectral_centroid_hz > low.spectral_centroid_hz


def test_silence_gives_plain_figures(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.zeros((RATE * 5, 2), np.float32))

    figures = analyze(path).as_json()

    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert figures["integrated_lufs"] == -70
    assert figures["leading_silence_s"] == 5
    assert figures["silences"] == []


def test_a_tenth_of_a_second_is_measured(tmp_path: Path) -> None:
    analysis = analyze(write(tmp_path / "a.wav", sine(0.05)))

    assert analysis.integrated_lufs > -30
    assert analysis.tempo_bpm is None
