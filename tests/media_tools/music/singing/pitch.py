"""Measures from the sound alone how well a line was sung in tune."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from media_tools.music.singing.voice import SAMPLE_RATE_HZ, Floats

VOICELESS = frozenset("ptkfsʃθhʧ")

_PERIOD_WINDOW_S = 0.04
_HOP = 120  # 5 ms
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 900.0
_DIP_WIDTH = 0.2
_CLEAR = 0.15  # a frame with less of YIN's aperiodicity counts as pitched

Doubles = NDArray[np.float64]


def track_pitch(signal: Floats, *, hop: int = _HOP) -> tuple[Doubles, Doubles]:
    """Track pitch by YIN (de Cheveigne and Kawahara, 2002).

    Returns frequencies (0 where there is none) and aperiodicity, a frame every `hop` samples,
    centred.
    """
    window = int(_PERIOD_WINDOW_S * SAMPLE_RATE_HZ)
    longest = int(SAMPLE_RATE_HZ / _LOWEST_HZ) + 2
    shortest = int(SAMPLE_RATE_HZ / _HIGHEST_HZ)
    half = (window + longest) // 2
    padded = np.pad(signal.astype(np.float64), (half, half + longest))
    count = 1 + (len(signal) - 1) // hop
    pitches_hz, aperiodic = np.zeros(count), np.ones(count)
    size = scipy.fft.next_fast_len(window + 2 * longest, real=True)
    for number in range(count):
        piece = padded[number * hop : number * hop + window + longest]
        energy = np.concatenate([[0.0], np.cumsum(piece * piece)])
        total = energy[window]
        if total < 1e-7 * window:
            continue
        spectrum = scipy.fft.rfft(piece[:window], size).conj() * scipy.fft.rfft(piece, size)
        product = scipy.fft.irfft(spectrum, size)[:longest]
        lags = np.arange(longest)
        difference = total + energy[lags + window] - energy[lags] - 2.0 * product
        means = np.cumsum(difference[1:]) / np.arange(1, longest)
        normal = np.concatenate([[1.0], difference[1:] / np.maximum(means, 1e-12)])
        lag = _first_dip(normal, shortest)
        if not 1 <= lag < longest - 1:
            continue
        aperiodic[number] = normal[lag]
        left, middle, right = normal[lag - 1 : lag + 2]
        bend = left - 2.0 * middle + right
        shift = 0.5 * (left - right) / bend if bend > 0 else 0.0
        pitches_hz[number] = SAMPLE_RATE_HZ / (lag + shift)
    return pitches_hz, aperiodic


def _first_dip(normal: Doubles, shortest: int) -> int:
    """Return the bottom of the first dip that is deep enough, or else the deepest place.

    A loud formant makes ripples in the dip of a low voice, so its bottom is searched over a fifth
    of the lag and not only downhill.
    """
    below = np.flatnonzero(normal[shortest:] < _CLEAR)
    if not len(below):
        return shortest + int(np.argmin(normal[shortest:]))
    lag = shortest + int(below[0])
    return lag + int(np.argmin(normal[lag : lag + max(4, round(_DIP_WIDTH * lag))]))


def pitch_errors_cents(signal: Floats, times_s: Doubles, f0_hz: Doubles) -> Doubles:
    """Return the error of every pitched frame against the curve (times_s, f0_hz), in cents."""
    pitches_hz, aperiodic = track_pitch(signal)
    places = np.arange(len(pitches_hz)) * _HOP / SAMPLE_RATE_HZ
    wanted = np.interp(places, times_s, f0_hz)
    clear = (pitches_hz > 0) & (aperiodic < _CLEAR)
    return np.asarray(1200.0 * np.log2(pitches_hz[clear] / wanted[clear]))
