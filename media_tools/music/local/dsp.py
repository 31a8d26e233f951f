"""Sample rate, array types and the few filters shared by the local engine.

A stereo signal is float32 of shape (2, frames); 1.0 is full scale.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.signal
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 44_100
_BLOCK = 1 << 16

Signal = NDArray[np.float32]


def gain_of(level_db: float) -> float:
    """Return the amplitude factor of a level in dB."""
    return float(10.0 ** (level_db / 20.0))


def frames_of(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE_HZ)


def pitch_hz(pitch: float) -> float:
    """Return the frequency of a MIDI pitch; 69 is 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


@functools.lru_cache(maxsize=128)
def _sections(kind: str, cutoff: tuple[float, ...], order: int) -> NDArray[np.float64]:
    wanted: Any = cutoff if len(cutoff) > 1 else cutoff[0]
    design = scipy.signal.butter(order, wanted, kind, fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(design, dtype=np.float64)


def filtered(signal: Signal, kind: str, *cutoff_hz: float, order: int = 2) -> Signal:
    """Apply a Butterworth filter along the last axis; kind: lowpass, highpass or bandpass.

    Computes in double precision, in blocks, so that a whole track needs no second copy in doubles.
    """
    sections = _sections(kind, tuple(float(hz) for hz in cutoff_hz), order)
    result = np.empty_like(signal)
    for source, target in zip(np.atleast_2d(signal), np.atleast_2d(result), strict=True):
        state = np.zeros((len(sections), 2))
        for start in range(0, len(source), _BLOCK):
            block = slice(start, start + _BLOCK)
            target[block], state = scipy.signal.sosfilt(sections, source[block], zi=state)
    return result


def add_at(target: Signal, sound: Signal, frame: int, gain: float = 1.0) -> None:
    """Mix a stereo sound into the target from a frame on, cut at the target's end."""
    count = min(sound.shape[1], target.shape[1] - frame)
    if count > 0:
        target[:, frame : frame + count] += sound[:, :count] * np.float32(gain)
