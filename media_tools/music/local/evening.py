"""Brings the timbre of each few seconds nearer to that of the whole track, as a slow equalizer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal

Doubles = NDArray[np.float64]

_HOP = 2048
_FRAME = 2 * _HOP
_AT_ONCE = 128  # frames
_CENTRES_HZ = np.geomspace(60.0, 14_000.0, 16)  # half an octave apart
_MOST_DB = 5.0
_AROUND_S = 4.0
_FLOOR_DB = 80.0  # under the loudest band
_SOUNDS_DB = 30.0  # under the loudest moment

# Used before and after the transform, so that frames that overlap by half add up to one.
_WINDOW = np.sqrt(np.hanning(_FRAME + 1)[:-1]).astype(np.float32)


def _shares() -> NDArray[np.float32]:
    """Return the share of each band in each bin, shape (bins, bands); a bin's shares sum to 1."""
    hz = np.maximum(scipy.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ), 1.0)
    bands = np.arange(len(_CENTRES_HZ))
    places = np.interp(np.log(hz), np.log(_CENTRES_HZ), bands)
    shares = np.maximum(0.0, 1.0 - np.abs(places[:, None] - bands))
    return np.asarray(shares, dtype=np.float32)


_SHARES = _shares()


def evened(signal: Signal, share: float) -> None:
    """Move sixteen bands slowly against their deviation from their mean over the track, in place.

    The bands' gains at a time average to nearly nothing: a quiet section stays quiet, and has more
    of what it lacked and less of what it had too much of. A signal under four seconds stays as it
    is. share: of the deviation that is taken back.
    """
    around = round(_AROUND_S * SAMPLE_RATE_HZ / _HOP) | 1
    levels_db = _levels_db(signal)
    if len(levels_db) < around:
        return
    gains = 10.0 ** (_gains_db(levels_db, around, share) / 20.0)
    for row in signal:
        row[:] = _filtered(row, gains.astype(np.float32))


def _spectra(row: Signal) -> Iterator[NDArray[np.complex64]]:
    """Yield the spectra of the frames, some at a time; every sample lies in two frames."""
    hops = -(-len(row) // _HOP)
    padded = np.pad(row, (_HOP, (hops + 1) * _HOP - len(row)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    for start in range(0, len(frames), _AT_ONCE):
        yield scipy.fft.rfft(frames[start : start + _AT_ONCE] * _WINDOW)


def _levels_db(signal: Signal) -> Doubles:
    """Return the mean level of a bin of each band, by frame.

    In decibels, so that what sounds between hits counts as much as the hits.
    """
    mean = _SHARES / _SHARES.sum(axis=0)
    power = sum(
        np.concatenate([(part.real**2 + part.imag**2) @ mean for part in _spectra(row)])
        for row in signal
    )
    levels_db = 10.0 * np.log10(np.asarray(power, dtype=np.float64) + 1e-12)
    return np.asarray(np.maximum(levels_db, levels_db.max() - _FLOOR_DB))


def _gains_db(levels_db: Doubles, around: int, share: float) -> Doubles:
    """Return the gain of each band by frame.

    around: frames over which levels are averaged. share: of the deviation that is taken back.
    """
    window = np.hanning(around + 2)[1:-1]

    def averaged(rows: Doubles) -> Doubles:
        padded = np.pad(rows, ((around // 2, around // 2), (0, 0)), mode="edge")
        shape = window[:, None] / window.sum()
        return np.asarray(scipy.signal.oaconvolve(padded, shape, "valid", axes=0))

    smooth = averaged(levels_db)
    loud = 10.0 * np.log10(10.0 ** (smooth / 10.0) @ _SHARES.sum(axis=0))
    sounds = loud > loud.max() - _SOUNDS_DB
    off_db = smooth - smooth[sounds].mean(axis=0)
    off_db -= off_db.mean(axis=1, keepdims=True)
    # Silence is left alone, and its border is no switch.
    fade = averaged(sounds[:, None].astype(np.float64))
    return np.asarray(np.clip(-share * off_db, -_MOST_DB, _MOST_DB) * fade)


def _filtered(row: Signal, gains: NDArray[np.float32]) -> Signal:
    """Return the row with each frame's bands multiplied by its gains."""
    halves = np.zeros((len(gains) + 1, _HOP), dtype=np.float32)
    start = 0
    for spectra in _spectra(row):
        end = start + len(spectra)
        pieces = scipy.fft.irfft(spectra * (gains[start:end] @ _SHARES.T), _FRAME) * _WINDOW
        halves[start:end] += pieces[:, :_HOP]
        halves[start + 1 : end + 1] += pieces[:, _HOP:]
        start = end
    return halves[1:].reshape(-1)[: len(row)]
