"""Gain reduction curves for a compressor and a brick-wall limiter, computed per block of frames.

Curves are in dB of reduction (0 or more), one value per block. The decoupled peak detector follows
Giannoulis, Massberg, Reiss: "Digital Dynamic Range Compressor Design" (JAES 60, 2012).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import signal
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from media_tools.audio.io import Samples

Floats = npt.NDArray[np.float64]

_FLOOR_DB = 1e-6  # keeps the logarithm of "no reduction" finite


def soft_knee_reduction(
    level_db: Floats, *, threshold_db: float, ratio: float, knee_db: float
) -> Floats:
    """Return the static compressor curve: reduction in dB per level, quadratic inside the knee."""
    over = level_db - threshold_db
    slope = 1 - 1 / ratio
    inside = np.clip(over + knee_db / 2, 0, knee_db)
    reduction: Floats = slope * np.where(over > knee_db / 2, over, inside * inside / (2 * knee_db))
    return reduction


def held_decay(reduction_db: Floats, *, release_s: float, block_rate: float) -> Floats:
    """Return y[n] = max(x[n], y[n-1] * exp(-1 / (release_s * block_rate))), without a loop.

    In logarithms the decay is a straight line, so a running maximum does the recursion.
    """
    fall = np.arange(len(reduction_db)) / (release_s * block_rate)
    level = np.log(np.maximum(reduction_db, _FLOOR_DB)) + fall
    decayed: Floats = np.exp(np.maximum.accumulate(level) - fall)
    return decayed


def compressor_reduction(
    power: Floats,
    *,
    block_rate: float,
    threshold_db: float,
    ratio: float = 2.0,
    knee_db: float = 6.0,
    attack_s: float = 0.02,
    release_s: float = 0.2,
    window_s: float = 0.03,
) -> Floats:
    """Return the reduction of a feed-forward compressor.

    power: mean square of each block. threshold_db: in dB of mean square. window_s: the detector
    averages power over it, so that the gain does not follow single waves of the bass.
    """
    size = max(1, round(window_s * block_rate))
    level_db = 10 * np.log10(uniform_filter1d(power, size, mode="nearest") + 1e-12)
    wanted = soft_knee_reduction(level_db, threshold_db=threshold_db, ratio=ratio, knee_db=knee_db)
    held = held_decay(wanted, release_s=release_s, block_rate=block_rate)
    keep = math.exp(-1 / (attack_s * block_rate))
    smoothed: Floats = signal.lfilter([1 - keep], [1, -keep], held)
    return smoothed


def limiter_reduction(
    peak_over_db: Floats,
    *,
    block_rate: float,
    lookahead_s: float = 0.005,
    release_s: float = 0.1,
) -> Floats:
    """Return a reduction that holds every peak down.

    peak_over_db: how far each block exceeds the ceiling. The curve is at or above it in each block
    and in both neighbours, so it may be interpolated between blocks.
    """
    reach = max(1, round(lookahead_s * block_rate))
    needed = np.maximum(peak_over_db, 0)
    held = maximum_filter1d(needed, 2 * (reach + 1) + 1, mode="nearest")
    released = held_decay(held, release_s=release_s, block_rate=block_rate)
    # Each averaged value is at or above what the block needs, and so is their mean.
    window = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(released, reach, mode="edge")
    smoothed: Floats = np.convolve(padded, window / window.sum(), mode="valid")
    return smoothed


def apply_reduction(
    samples: Samples, reduction_db: Floats, *, block: int, gain_db: float = 0.0
) -> Samples:
    """Return a copy of (n, channels) samples, each frame changed by gain_db minus reduction.

    The gain is interpolated linearly between the middles of the blocks.
    """
    gains = 10 ** ((gain_db - reduction_db) / 20)
    middles = np.arange(len(gains)) * block + (block - 1) / 2
    curve = np.interp(np.arange(len(samples)), middles, gains).astype(np.float32)
    turned: Samples = samples * curve[:, None]
    return turned
