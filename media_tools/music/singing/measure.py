"""Measures how well a line was sung: pitch against the curve, vowel onsets against the notes.

Works on the sound alone; from the synthesis it uses only the intended pitches and times.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from media_tools.music.singing.bands import band_levels_db
from media_tools.music.singing.voice import SAMPLE_RATE_HZ, Floats

_PERIOD_WINDOW_S = 0.04
_HOP = 120  # 5 ms
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 900.0
_HEARD_DB = 30.0
_ONSET_HOP = 24  # 1 ms
_BEFORE, _AFTER = 110, 90  # hops around a note in which its onset is searched
_ARRIVED = 2.0 / 3.0
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


def onset_errors_s(signal: Floats, starts_s: Sequence[float]) -> Doubles:
    """Return how late the vowel of each note begins, in seconds; negative is early.

    The sound before the note turns into the vowel; the onset is where the spectrum has gone two
    thirds of that way. The vowel is taken from 30 to 90 ms after the note. The sound before it is
    the 20 ms least like the vowel within the last 110 ms. Log bands of 20 ms windows, every
    millisecond.
    """
    return np.array([_onset_error_s(signal, start_s) for start_s in starts_s])


def _onset_error_s(signal: Floats, start_s: float) -> float:
    note = round(start_s * SAMPLE_RATE_HZ / _ONSET_HOP)
    first = max(0, note - _BEFORE)
    levels_db = _log_bands(signal, first, note + _AFTER)
    here = note - first
    vowel = levels_db[here + 30 :].mean(axis=0)
    # What is far below the vowel's level is not heard beside it.
    floor_db = float(vowel.max()) - _HEARD_DB
    vowel = np.maximum(vowel, floor_db)
    bands = np.maximum(levels_db, floor_db)
    pieces = np.lib.stride_tricks.sliding_window_view(bands[: here + 4], 20, axis=0).mean(axis=2)
    unlike = int(np.argmax(np.linalg.norm(pieces - vowel, axis=1)))
    way = vowel - pieces[unlike]
    place = (bands[unlike + 10 :] - pieces[unlike]) @ way / float(way @ way)
    # Searched backwards from the vowel, because a burst may look like the vowel for a moment.
    smooth = np.convolve(place, np.ones(5) / 5, "same")[: here + 60 - unlike - 10]
    below = np.flatnonzero(smooth < _ARRIVED)
    crossed = int(below[-1]) + 1 if len(below) else 0
    return (unlike + 10 + crossed - here) * _ONSET_HOP / SAMPLE_RATE_HZ


def _log_bands(signal: Floats, first: int, last: int) -> Doubles:
    """Return the band levels of Hann windows of 20 ms, a row per hop first..last, centred there."""
    window = 480
    start = first * _ONSET_HOP - window // 2
    end = (last - 1) * _ONSET_HOP + window // 2
    piece = signal[max(0, start) : max(0, end)]
    piece = np.pad(piece, (max(0, -start), end - start - len(piece) - max(0, -start)))
    frames = np.lib.stride_tricks.sliding_window_view(piece, window)[::_ONSET_HOP]
    spectrum = scipy.fft.rfft(frames * np.hanning(window).astype(np.float32), 1024, axis=1)
    return band_levels_db((np.abs(spectrum) ** 2).T)
