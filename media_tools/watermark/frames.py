"""Frames of a track as embedding and detection both cut them: by time, at any sample rate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft

from media_tools.audio.io import Samples
from media_tools.watermark.pattern import BINS, FIRST_BIN, FRAMES_PER_S

Spectra = npt.NDArray[np.complex64]
Floats = npt.NDArray[np.float32]

# Edges of the critical bands after Zwicker, in bins of 25 Hz from FIRST_BIN: 300 Hz ... 6.4 kHz.
BARK_HZ = [300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700]
BARK_HZ += [4400, 5300, 6400]
BAND_STARTS = np.array([-(-hz // 25) - FIRST_BIN for hz in BARK_HZ])
BAND_WIDTHS = np.diff(np.append(BAND_STARTS, BINS)).astype(np.float32)


def hop_of(rate: int) -> int:
    """Frames from one frame to the next; a frame is twice as long."""
    return round(rate / FRAMES_PER_S)


def start_of(frame: int, rate: int) -> int:
    """Sample at which a frame begins; frame 0 has its middle there where the track begins."""
    return round(frame * rate / FRAMES_PER_S) - hop_of(rate)


def window_of(rate: int) -> Floats:
    """The root of a Hann window: applied twice, overlapping frames add up to one."""
    frame = 2 * hop_of(rate)
    window: Floats = np.sin(np.pi * np.arange(frame) / frame).astype(np.float32)
    return window


def spectra_of(samples: Samples, starts: list[int], rate: int) -> Spectra:
    """Bins of the mark, of shape (frames, channels, BINS); those above half the rate are zero."""
    window = window_of(rate)
    # One channel after the other in memory: frames are then copied whole.
    channels = np.ascontiguousarray(samples[starts[0] : starts[-1] + len(window)].T)
    windows = np.lib.stride_tricks.sliding_window_view(channels, len(window), axis=1)
    cut = windows[:, np.array(starts) - starts[0]].swapaxes(0, 1) * window
    bins = fft.rfft(cut, axis=2)[:, :, FIRST_BIN : FIRST_BIN + BINS]
    missing = BINS - bins.shape[2]
    return np.pad(bins, ((0, 0), (0, 0), (0, missing))) if missing else bins


def band_power(power: Floats) -> Floats:
    """Power of each critical band from that of the bins, which are the last axis."""
    sums: Floats = np.add.reduceat(power, BAND_STARTS, axis=-1)
    return sums


def spread(bands: Floats) -> Floats:
    """A value of each band, repeated for its bins."""
    return np.repeat(bands, BAND_WIDTHS.astype(np.intp), axis=-1)
