import numpy as np
import pytest

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered
from media_tools.music.local.evening import evened

from .test_effects import noise, rms_db


def _dull_then_bright(seconds: float = 20.0) -> Signal:
    """Noise whose second half is quieter and has hardly any lows."""
    signal = noise(seconds)
    half = signal.shape[1] // 2
    bright = filtered(signal[:, half:], "highpass", 2000.0)
    signal[:, half:] = 0.05 * signal[:, half:] + 0.25 * bright
    return signal


def _tilt_db(sound: Signal) -> float:
    high, low = filtered(sound, "highpass", 3000.0), filtered(sound, "lowpass", 500.0)
    return rms_db(high) - rms_db(low)


def test_timbre_is_evened_and_a_quiet_section_stays_quiet() -> None:
    before = _dull_then_bright()
    after = before.copy()
    evened(after, 0.5)
    half = before.shape[1] // 2
    early, late = slice(0, half - 3 * SAMPLE_RATE_HZ), slice(half + 3 * SAMPLE_RATE_HZ, None)
    steps = [_tilt_db(sound[:, late]) - _tilt_db(sound[:, early]) for sound in (before, after)]
    assert steps[0] > 12.0
    assert steps[0] - 10.0 <= steps[1] < steps[0] - 5.0  # five decibels a band at most, each way
    for part in (early, late):
        assert rms_db(after[:, part]) == pytest.approx(rms_db(before[:, part]), abs=4.0)


def test_a_steady_sound_stays_as_it_is() -> None:
    steady = noise(10.0)
    after = steady.copy()
    evened(after, 0.5)
    assert rms_db(after - steady) < rms_db(steady) - 20.0


def test_a_sound_too_short_to_judge_stays_as_it_is() -> None:
    brief = noise(2.0)
    after = brief.copy()
    evened(after, 0.5)
    assert np.array_equal(after, brief)
