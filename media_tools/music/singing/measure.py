"""How well a line was sung: pitch against the curve, vowel onsets against the notes.

Works on sound alone; of the synthesis nothing is used but the pitches and times aimed at.
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
_ARRIVED = 2.0 / 3.0
_CLEAR = 0.15  # YIN's aperiodicity below which a frame counts as pitched

Doubles = NDArray[np.float64]


def track_pitch(signal: Floats, *, hop: int = _HOP) -> tuple[Doubles, Doubles]:
    """Pitch by YIN (de Cheveigne and Kawahara, 2002): frequencies (0 where none) and aperiodicity.

    A frame every `hop` samples, centred there.
    """
    window = int(_PERIOD_WINDOW_S * SAMPLE_RATE_HZ)
    longest = int(SAMPLE_RATE_HZ / _LOWEST_HZ) + 2
    shortest = int(SAMPLE_RATE_HZ / _HIGHEST_HZ)
    half = (window + longest) // 2
    padded = np.pad(signal.astype(np.float64), (half, half + longest))
    count = 1 + (len(signal) - 1) // hop
    found, aperiodic = np.zeros(count), np.ones(count)
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
        found[number] = SAMPLE_RATE_HZ / (lag + shift)
    return found, aperiodic


def _first_dip(normal: Doubles, shortest: int) -> int:
    """The first lag whose dip is deep enough, followed down to its bottom; else the deepest."""
    below = np.flatnonzero(normal[shortest:] < _CLEAR)
    if not len(below):
        return shortest + int(np.argmin(normal[shortest:]))
    lag = shortest + int(below[0])
    while lag + 1 < len(normal) and normal[lag + 1] < normal[lag]:
        lag += 1
    return lag


def pitch_errors_cents(signal: Floats, times_s: Doubles, f0_hz: Doubles) -> Doubles:
    """Error of every pitched frame against the curve aimed at (times_s, f0_hz), in cents."""
    found, aperiodic = track_pitch(signal)
    places = np.arange(len(found)) * _HOP / SAMPLE_RATE_HZ
    wanted = np.interp(places, times_s, f0_hz)
    clear = (found > 0) & (aperiodic < _CLEAR)
    return np.asarray(1200.0 * np.log2(found[clear] / wanted[clear]))


def onset_errors_s(signal: Floats, starts_s: Sequence[float]) -> Doubles:
    """How late the vowel of each note begins, in seconds; negative is early.

    The sound before the note turns into the vowel; the onset is where the spectrum has gone two
    thirds of that way. Vowel: 30 to 90 ms after the note. Before it: of the last 110 ms the 20 ms
    least like the vowel. Log bands of 20 ms windows, every millisecond.
    """
    levels_db = _log_bands(signal, _ONSET_HOP)
    errors = []
    for start in starts_s:
        here = round(start * SAMPLE_RATE_HZ / _ONSET_HOP)
        vowel = levels_db[here + 30 : here + 90].mean(axis=0)
        # What lies far below the vowel is not heard beside it.
        floor_db = float(vowel.max()) - _HEARD_DB
        vowel = np.maximum(vowel, floor_db)
        bands = np.maximum(levels_db, floor_db)
        reach = range(max(0, here - 110), here - 15)
        unlike = [float(np.linalg.norm(bands[at : at + 20].mean(axis=0) - vowel)) for at in reach]
        first = reach[int(np.argmax(unlike))]
        before = bands[first : first + 20].mean(axis=0)
        way = vowel - before
        place = (bands[first + 10 : here + 90] - before) @ way / float(way @ way)
        # From the vowel back: a burst may look like the vowel for a moment.
        smooth = np.convolve(place, np.ones(5) / 5, "same")[: here + 60 - first - 10]
        below = np.flatnonzero(smooth < _ARRIVED)
        crossed = int(below[-1]) + 1 if len(below) else 0
        errors.append((first + 10 + crossed - here) * _ONSET_HOP / SAMPLE_RATE_HZ)
    return np.array(errors)


def _log_bands(signal: Floats, hop: int) -> Doubles:
    """Band levels of Hann windows of 20 ms, a row every hop samples, centred there."""
    window = 480
    padded = np.pad(signal, (window // 2, window))
    count = len(signal) // hop
    pieces = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:count]
    spectrum = scipy.fft.rfft(pieces * np.hanning(window).astype(np.float32), 1024, axis=1)
    return band_levels_db((np.abs(spectrum) ** 2).T)
