"""Loudness of parts and mixes as the ear weighs it."""

from __future__ import annotations

import functools

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal

_FRAME = 4096


@functools.lru_cache(maxsize=1)
def _weights() -> NDArray[np.float32]:
    """Return the power response of BS.1770-4's K weighting at the bins of a frame."""
    hz = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
    )
    lows = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    response = np.ones(len(hz))
    for numerator, denominator in (shelf, lows):
        # The standard lists the coefficients for 48 kHz.
        _, part = scipy.signal.freqz(numerator, denominator, worN=hz, fs=48_000)
        response = response * np.abs(part) ** 2
    return response.astype(np.float32)


def loudness_db(signal: Signal) -> float:
    """Return the K-weighted level of what sounds: frames within 20 dB of the loudest.

    Like LUFS, but measured on frames of 93 ms, so that short hits count at their own level. Silence
    is -120.
    """
    count = signal.shape[1] // _FRAME
    if count == 0:
        return -120.0
    window = np.hanning(_FRAME).astype(np.float32)
    power = np.zeros(count)
    for channel in signal:
        frames = channel[: count * _FRAME].reshape(count, _FRAME)
        for start in range(0, count, 64):
            spectrum = scipy.fft.rfft(frames[start : start + 64] * window, axis=1)
            power[start : start + 64] += (spectrum.real**2 + spectrum.imag**2) @ _weights()
    # Parseval: two-sided spectrum, and 3/8 for the mean square of the window.
    power *= 2.0 / (_FRAME**2 * 0.375)
    loud = power[power > power.max() * 0.01]
    return float(-0.691 + 10.0 * np.log10(loud.mean())) if len(loud) else -120.0
