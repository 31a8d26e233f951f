"""Mastering: turns a mix into a 24-bit WAV at the wanted loudness under a true-peak ceiling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, signal

from media_tools.audio.dynamics import apply_reduction, compressor_reduction, limiter_reduction
from media_tools.audio.io import Samples, read_audio, write_wav24
from media_tools.audio.loudness import (
    SILENCE_LUFS,
    gated_loudness,
    hop_frames,
    integrated_lufs,
    segment_true_peaks,
    true_peak_dbtp,
    weighted_energy,
)
from media_tools.audio.spectrum import Balance, band_balance
from media_tools.errors import MediaInvalid

Floats = npt.NDArray[np.float64]

MIN_DURATION_S = 1.0
NEAR_SILENT_LUFS = -60.0

BLOCK = 32  # frames: 0.7 ms at 44.1 kHz, the step of every gain curve
HIGH_PASS_HZ = 25.0
LOW_SHELF_HZ = 160.0
HIGH_SHELF_HZ = 5_000.0
MAX_SHELF_DB = 2.0

# Long-term balance of released pop, in dB of band power against the middle band, and how far a mix
# may differ before the shelves act: style is left to the artist, only faults are corrected.
_USUAL_LOW_DB = 1.0
_USUAL_HIGH_DB = -14.0
_FREE_DB = 6.0

# A mix whose peaks are this close above its loudness is dense already: do not compress it.
_DENSE_PEAK_TO_LOUDNESS_DB = 11.0
_THRESHOLD_OVER_LOUDNESS_DB = 1.0
_MAX_COMPRESSION_DB = 6.0  # a lone click is left to the limiter

_CEILING_MARGIN_DB = 0.1  # other meters interpolate a little differently
_MAX_EXTRA_GAIN_DB = 12.0  # beyond the plain gain; more would only turn music into a square wave
_CLOSE_ENOUGH_LU = 0.03
_ROUNDS = 4
_FILTER_CHUNK_S = 20
# A file that starts or ends off zero clicks, and the step overshoots in every interpolator.
_FADE_IN_S = 0.002
_FADE_OUT_S = 0.02


class Level(NamedTuple):
    """Measured on the master."""

    integrated_lufs: float
    true_peak_dbtp: float


def master(
    input: Path,
    output: Path,
    *,
    target_lufs: float = -14.0,
    ceiling_dbtp: float = -1.0,
) -> Level:
    """Write `output` (stereo 24-bit WAV at the input's rate) from any readable audio.

    High-pass and corrective shelves, bus compressor, then gain and limiter together, adjusted until
    the measured loudness meets the target. A mix too sparse to reach it within 12 dB of extra gain
    stays quieter. The same input gives the same bytes.
    Raises MediaInvalid (unreadable, shorter than 1 s, near-silent), ToolMissing.
    """
    samples, rate = read_audio(input, workdir=_folder(output))
    duration_s = len(samples) / rate
    if duration_s < MIN_DURATION_S:
        raise MediaInvalid(input, f"it is {duration_s:.2f} s long; mastering needs 1 s or more.")
    input_lufs = integrated_lufs(samples, rate)
    if input_lufs < NEAR_SILENT_LUFS:
        raise MediaInvalid(
            input, f"it is near-silent ({input_lufs:.1f} LUFS); render the mix again."
        )

    _equalise(samples, rate)
    _fade_edges(samples, rate)
    mix = _Mix.of(samples, rate, target_lufs)
    mix.compress()
    result, level = _level(mix, target_lufs, ceiling_dbtp)
    write_wav24(output, result, rate)
    return level


def _folder(output: Path) -> Path:
    output.parent.mkdir(parents=True, exist_ok=True)
    return output.parent


def _equalise(samples: Samples, rate: int) -> None:
    """Apply high-pass and shelves, in place."""
    low_db, high_db = shelf_gains(band_balance(samples, rate))
    sections = [signal.butter(2, HIGH_PASS_HZ, "highpass", fs=rate, output="sos")]
    if low_db:
        sections.append(_shelf(LOW_SHELF_HZ, low_db, rate, high=False))
    if high_db and 0.45 * rate > HIGH_SHELF_HZ:
        sections.append(_shelf(HIGH_SHELF_HZ, high_db, rate, high=True))
    _filter(samples, rate, np.concatenate(sections))


def shelf_gains(balance: Balance) -> tuple[float, float]:
    """Return low and high shelf in dB: half a band's distance from the usual range, at most 2."""
    middle = max(balance.mid, 1e-9)

    def gain(share: float, usual_db: float) -> float:
        off_db = 10 * math.log10(max(share, 1e-9) / middle) - usual_db
        outside = math.copysign(max(0.0, abs(off_db) - _FREE_DB), off_db)
        return round(-max(-MAX_SHELF_DB, min(MAX_SHELF_DB, outside / 2)), 2) + 0.0

    return gain(balance.low, _USUAL_LOW_DB), gain(balance.high, _USUAL_HIGH_DB)


def _shelf(frequency_hz: float, gain_db: float, rate: int, *, high: bool) -> Floats:
    """Return a shelving section after the Audio EQ Cookbook (R. Bristow-Johnson), slope 0.7."""
    a = 10 ** (gain_db / 40)
    w = 2 * math.pi * frequency_hz / rate
    alpha = math.sin(w) / 2 * math.sqrt((a + 1 / a) * (1 / 0.7 - 1) + 2)
    cos, root = math.cos(w) * (-1 if high else 1), 2 * math.sqrt(a) * alpha
    # The cookbook's high shelf is its low shelf with the cosine and the odd terms negated.
    odd = -1 if high else 1
    b = [
        a * ((a + 1) - (a - 1) * cos + root),
        odd * 2 * a * ((a - 1) - (a + 1) * cos),
        a * ((a + 1) - (a - 1) * cos - root),
    ]
    d = [
        (a + 1) + (a - 1) * cos + root,
        odd * -2 * ((a - 1) + (a + 1) * cos),
        (a + 1) + (a - 1) * cos - root,
    ]
    return np.array([[*b, *d]]) / d[0]


def _filter(samples: Samples, rate: int, sections: Floats) -> None:
    """Filter in place, in double precision: 25 Hz is too low for a float32 recursion."""
    state = np.zeros((len(sections), samples.shape[1], 2))
    chunk = _FILTER_CHUNK_S * rate
    for start in range(0, len(samples), chunk):
        part = samples[start : start + chunk]
        filtered, state = signal.sosfilt(sections, part.T.astype(np.float64), axis=1, zi=state)
        part[:] = filtered.T


def _fade_edges(samples: Samples, rate: int) -> None:
    for seconds, frames in ((_FADE_IN_S, samples), (_FADE_OUT_S, samples[::-1])):
        length = round(seconds * rate)
        frames[:length] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length))[:, None]


@dataclass
class _Mix:
    """Samples, and what the gain stages need of them per block of BLOCK frames.

    A slow gain passes through the K filter and the interpolator almost unchanged. So energy and
    peaks are measured once, and each trial of a gain costs only work per block.
    """

    samples: Samples
    rate: int
    energy: Floats  # K-weighted
    peak_db: Floats  # true peak
    reduction_db: Floats

    @classmethod
    def of(cls, samples: Samples, rate: int, target_lufs: float) -> _Mix:
        energy = weighted_energy(samples, rate, BLOCK)
        blocks = len(energy)
        mix = cls(samples, rate, energy, np.zeros(blocks), np.zeros(blocks))
        # Only blocks that may come near full scale after the gain need interpolation.
        gain_db = target_lufs - mix.loudness(np.zeros(blocks)) + _MAX_EXTRA_GAIN_DB
        over = 10 ** (-max(gain_db, 0.0) / 20)
        peaks = segment_true_peaks(samples, rate, over=over, segment=BLOCK)
        mix.peak_db = 20 * np.log10(np.maximum(peaks, 1e-9).astype(np.float64))
        return mix

    @property
    def block_rate(self) -> float:
        return self.rate / BLOCK

    def loudness(self, reduction_db: Floats) -> float:
        """Return the integrated loudness after a reduction, from the energy of the blocks."""
        hop = hop_frames(self.rate)
        energy = np.append(0, np.cumsum(self.energy * 10 ** (-reduction_db / 10)))
        edges = np.arange(0, len(self.samples) + 1, hop) / BLOCK
        at_edges = np.interp(edges, np.arange(len(energy)), energy)
        return gated_loudness(np.diff(at_edges), hop)

    def compress(self) -> None:
        """Add the bus compressor's reduction, unless the mix is dense already."""
        loudness = self.loudness(self.reduction_db)
        peak_to_loudness = float(self.peak_db.max()) - loudness
        if peak_to_loudness >= _DENSE_PEAK_TO_LOUDNESS_DB and loudness > SILENCE_LUFS:
            wanted_db = compressor_reduction(
                self.energy / BLOCK,
                block_rate=self.block_rate,
                threshold_db=loudness + _THRESHOLD_OVER_LOUDNESS_DB,
            )
            self.reduction_db = np.minimum(wanted_db, _MAX_COMPRESSION_DB)

    def limiting(self, gain_db: float, ceiling_db: float) -> Floats:
        return limiter_reduction(
            self.peak_db - self.reduction_db + gain_db - ceiling_db, block_rate=self.block_rate
        )

    def gain_for(self, aim_lufs: float, ceiling_db: float, most_db: float) -> float:
        """Return the gain in dB that brings the limited mix to the aim, at most most_db."""

        def missing(gain_db: float) -> float:
            limited = self.reduction_db + self.limiting(gain_db, ceiling_db)
            return self.loudness(limited - gain_db) - aim_lufs

        plain = aim_lufs - self.loudness(self.reduction_db)
        if plain >= most_db or missing(most_db) < 0:
            return most_db
        if missing(plain) >= 0:  # nothing is limited
            return plain
        return float(optimize.brentq(missing, plain, most_db, xtol=0.003, rtol=1e-9))


def _level(mix: _Mix, target_lufs: float, ceiling_dbtp: float) -> tuple[Samples, Level]:
    """Apply gain and limiter together; measure, and correct the aim by what was missed."""
    aim_lufs, aim_db = target_lufs, ceiling_dbtp - _CEILING_MARGIN_DB
    most_db = target_lufs - mix.loudness(mix.reduction_db) + _MAX_EXTRA_GAIN_DB
    for _ in range(_ROUNDS):
        gain_db = mix.gain_for(aim_lufs, aim_db, most_db)
        limiting = mix.limiting(gain_db, aim_db)
        result = apply_reduction(
            mix.samples, mix.reduction_db + limiting, block=BLOCK, gain_db=gain_db
        )
        level = _measure(result, mix.rate)
        off_lu = target_lufs - level.integrated_lufs
        over_db = level.true_peak_dbtp - (ceiling_dbtp - _CEILING_MARGIN_DB / 2)
        if over_db <= 0 and (abs(off_lu) <= _CLOSE_ENOUGH_LU or gain_db >= most_db):
            break
        aim_lufs += off_lu
        aim_db -= max(0.0, over_db)
    if over_db > 0:
        result *= np.float32(10 ** (-over_db / 20))
        level = _measure(result, mix.rate)
    return result, level


def _measure(samples: Samples, rate: int) -> Level:
    return Level(integrated_lufs(samples, rate), true_peak_dbtp(samples, rate))
