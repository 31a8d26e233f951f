"""Mel bands: spectra weighted as the ear does."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from media_tools.music.singing.voice import SAMPLE_RATE_HZ

BANDS = 24
_RANGE_HZ = (100.0, 8000.0)
_FLOOR = 1e-6


@functools.lru_cache(maxsize=4)
def mel_weights(bins: int) -> NDArray[np.float64]:
    """Return triangular bands, shape (BANDS, bins), for a power spectrum from 0 to 12 kHz.

    Mel is 2595 log10(1 + hz / 700).
    """
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in _RANGE_HZ)
    edges = 700.0 * (10.0 ** (np.linspace(low, high, BANDS + 2) / 2595.0) - 1.0)
    hz = np.linspace(0.0, SAMPLE_RATE_HZ / 2, bins)
    return np.array(
        [
            np.interp(hz, edges[band : band + 3], [0.0, 1.0, 0.0], left=0.0, right=0.0)
            for band in range(BANDS)
        ]
    )


def band_levels_db(power: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the bands' levels, shape (frames, BANDS), of power spectra of shape (bins, frames)."""
    return np.asarray(10.0 * np.log10((mel_weights(power.shape[0]) @ power).T + _FLOOR))
