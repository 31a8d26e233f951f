from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media_tools.audio.loudness import (
    SILENCE_DB,
    SILENCE_LUFS,
    gated_range,
    hop_frames,
    integrated_lufs,
    k_weighting,
    segment_true_peaks,
    to_db,
    true_peak_dbtp,
    whole_hop_energy,
)
from tests.media_tools.audio.signals import RATE, ffmpeg_meter, noise, sine, track, write


def test_k_weighting_matches_the_listed_coefficients() -> None:
    shelf, high_pass = k_weighting(48_000)

    # ITU-R BS.1770, tables 1 and 2
    assert shelf[:3] == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285])
    assert shelf[4:] == pytest.approx([-1.69065929318241, 0.73248077421585])
    assert high_pass[4:] == pytest.approx([-1.99004745483398, 0.99007225036621])


def test_full_scale_tone_on_one_channel_reads_minus_3() -> None:
    tone = sine(3, amplitude=1.0, rate=48_000)[:, :1]

    assert integrated_lufs(tone, 48_000) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_loudness_agrees_with_ffmpeg(tmp_path: Path, rate: int) -> None:
    samples = track(5, rate=rate)
    meter = ffmpeg_meter(write(tmp_path / "a.wav", samples, rate))

    assert integrated_lufs(samples, rate) == pytest.approx(meter.lufs, abs=0.1)


def test_quiet_parts_are_gated_as_in_ffmpeg(tmp_path: Path) -> None:
    samples = track(8)
    samples[3 * RATE : 6 * RATE] *= 0.01
    meter = ffmpeg_meter(write(tmp_path / "a.wav", samples))

    assert integrated_lufs(samples, RATE) == pytest.approx(meter.lufs, abs=0.1)


def test_range_agrees_with_ffmpeg(tmp_path: Path) -> None:
    samples = track(12)
    samples[: 6 * RATE] *= 0.4
    meter = ffmpeg_meter(write(tmp_path / "a.wav", samples))

    own = gated_range(whole_hop_energy(samples, RATE), hop_frames(RATE))

    assert own == pytest.approx(meter.range_lu, abs=0.3)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_true_peak_agrees_with_ffmpeg(tmp_path: Path, rate: int) -> None:
    samples = np.clip(track(3, rate=rate, level=1.5), -0.9, 0.9)
    samples[:500] *= np.linspace(0, 1, 500, dtype=np.float32)[:, None]
    meter = ffmpeg_meter(write(tmp_path / "a.wav", samples, rate))

    assert true_peak_dbtp(samples, rate) == pytest.approx(meter.true_peak_dbtp, abs=0.2)


def test_peak_between_samples_is_found() -> None:
    rate = 48_000
    time = np.arange(rate)
    tone = np.sin(np.pi / 2 * time + np.pi / 4).astype(np.float32)[:, None]

    assert to_db(float(np.abs(tone).max())) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbtp(tone[100:-100], rate) == pytest.approx(0, abs=0.15)


def test_quick_peaks_find_the_same_highest_peak() -> None:
    samples = noise(1)
    highest = float(np.abs(samples).max())

    quick = segment_true_peaks(samples, RATE, over=highest).max()

    assert quick == segment_true_peaks(samples, RATE).max()


def test_peak_across_a_segment_edge_is_found() -> None:
    samples = np.zeros((256, 1), np.float32)
    samples[63:65] = 0.5  # the true peak stands between two segments of 64

    peaks = segment_true_peaks(samples, RATE)

    assert peaks[0] > 0.6


def test_silence_has_a_floor() -> None:
    silence = np.zeros((RATE, 2), np.float32)

    assert integrated_lufs(silence, RATE) == SILENCE_LUFS
    assert true_peak_dbtp(silence, RATE) == SILENCE_DB
