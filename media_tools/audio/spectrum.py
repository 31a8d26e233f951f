"""The average spectrum of a track, and figures computed from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from media_tools.audio.io import Samples

Floats = npt.NDArray[np.float64]

LOW_HZ = 200.0
HIGH_HZ = 4_000.0
BRIGHT_HZ = 1_500.0
_FRAME = 4096
_FRAMES_AT_ONCE = 256


@dataclass(frozen=True)
class Balance:
    """Shares of the power below 200 Hz, between, and above 4 kHz; their sum is 1."""

    low: float
    mid: float
    high: float
    bright: float  # share above 1500 Hz (brightness after Juslin 2000)
    centroid_hz: float  # mean frequency weighted by amplitude


def average_power(samples: Samples, rate: int) -> tuple[Floats, Floats]:
    """Return frequencies in Hz and mean power per bin, channels summed.

    Hann frames of 4096 samples, each overlapping the previous one by half.
    """
    frame = min(_FRAME, len(samples))
    hop = max(1, frame // 2)
    window = np.hanning(frame).astype(np.float32)
    total = np.zeros(frame // 2 + 1)
    count = 0
    for channel in range(samples.shape[1]):
        frames = np.lib.stride_tricks.sliding_window_view(samples[:, channel], frame)[::hop]
        count += len(frames)
        for start in range(0, len(frames), _FRAMES_AT_ONCE):
            spectra = fft.rfft(frames[start : start + _FRAMES_AT_ONCE] * window, axis=1)
            total += (spectra.real**2 + spectra.imag**2).sum(axis=0, dtype=np.float64)
    return fft.rfftfreq(frame, 1 / rate), total / count


def band_balance(samples: Samples, rate: int) -> Balance:
    """Return the balance of (n, channels) samples; all zero for silence. DC is left out."""
    frequencies, power = average_power(samples, rate)
    frequencies, power = frequencies[1:], power[1:]
    whole = float(power.sum())
    if whole <= 0:
        return Balance(0.0, 0.0, 0.0, 0.0, 0.0)
    low = float(power[frequencies < LOW_HZ].sum()) / whole
    high = float(power[frequencies > HIGH_HZ].sum()) / whole
    amplitude = np.sqrt(power)
    return Balance(
        low=low,
        mid=max(0.0, 1 - low - high),
        high=high,
        bright=float(power[frequencies > BRIGHT_HZ].sum()) / whole,
        centroid_hz=float((frequencies * amplitude).sum() / amplitude.sum()),
    )
