"""Measures from the sound alone how late the vowels of a sung line begin on their notes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from media_tools.music.singing.bands import band_levels_db
from media_tools.music.singing.voice import SAMPLE_RATE_HZ, Floats

_HEARD_DB = 30.0
_ONSET_HOP = 24  # 1 ms
_BEFORE, _AFTER = 110, 90  # hops around a note in which its onset is searched
_ARRIVED = 2.0 / 3.0

Doubles = NDArray[np.float64]


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
