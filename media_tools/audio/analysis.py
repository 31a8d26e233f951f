"""Measures a finished track."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.io import Samples, read_native
from media_tools.audio.loudness import (
    gated_loudness,
    gated_range,
    hop_frames,
    to_db,
    true_peak_dbtp,
    whole_hop_energy,
)
from media_tools.audio.spectrum import band_balance
from media_tools.audio.tempo import tempo_of

SILENCE_DBFS = -60.0
LONG_SILENCE_S = 2.0
_SILENCE_STEP_S = 0.01

_FULL_SCALE = 0.9999  # the highest 16-bit value is 0.99997
_CLIPPED_RUN = 3  # frames at full scale in a row; a single peak there may be genuine


def analyze(
    path: Path, tempo_prior_bpm: float | None = None, *, workdir: Path | None = None
) -> AudioAnalysis:
    """Measure an audio file.

    tempo_prior_bpm: the tempo it was composed in, which decides between the estimate and its
    octaves.
    Raises MediaInvalid, ToolMissing.
    """
    native, rate = read_native(path, workdir=workdir)
    channels = native.shape[1]
    samples = np.repeat(native, 2, axis=1) if channels == 1 else native
    energy, hop = whole_hop_energy(samples, rate), hop_frames(rate)
    peak = float(np.abs(native).max())
    rms = float(np.sqrt(np.mean(np.square(native), dtype=np.float64)))
    leading_s, trailing_s, silences = _silences(native, rate)
    balance = band_balance(native, rate)
    tempo_bpm = tempo_of(native, rate, prior_bpm=tempo_prior_bpm)
    clipped, first_clipped = _clipped_samples(native)
    return AudioAnalysis(
        duration_s=round(len(native) / rate, 3),
        sample_rate=rate,
        channels=channels,
        integrated_lufs=round(gated_loudness(energy, hop), 2),
        loudness_range_lu=round(gated_range(energy, hop), 2),
        true_peak_dbtp=round(true_peak_dbtp(native, rate), 2),
        sample_peak_dbfs=round(to_db(peak), 2),
        crest_db=round(to_db(peak) - to_db(rms), 2),
        stereo_correlation=round(_correlation(samples), 4),
        clipped_samples=clipped,
        clipped_from_s=None if first_clipped is None else round(first_clipped / rate, 3),
        silences=silences,
        leading_silence_s=leading_s,
        trailing_silence_s=trailing_s,
        tempo_bpm=None if tempo_bpm is None else round(tempo_bpm, 2),
        spectral_centroid_hz=round(balance.centroid_hz, 1),
        low_share=round(balance.low, 4),
        mid_share=round(balance.mid, 4),
        high_share=round(balance.high, 4),
        brightness=round(balance.bright, 4),
    )


def _correlation(samples: Samples) -> float:
    left, right = samples[:, 0], samples[:, 1]
    # einsum, not a matrix product: its sums do not depend on the number of cores.
    cross = float(np.einsum("n,n->", left, right, dtype=np.float64))
    left_energy = float(np.einsum("n,n->", left, left, dtype=np.float64))
    right_energy = float(np.einsum("n,n->", right, right, dtype=np.float64))
    norm = (left_energy * right_energy) ** 0.5
    return max(-1.0, min(1.0, cross / norm)) if norm > 0 else 0.0


def _clipped_samples(samples: Samples) -> tuple[int, int | None]:
    """Return how many samples are clipped, and the number of the first."""
    total, firsts = 0, []
    for channel in range(samples.shape[1]):
        for sign in (1, -1):
            starts, lengths = _runs(samples[:, channel] * sign >= _FULL_SCALE)
            clipped = lengths >= _CLIPPED_RUN
            total += int(lengths[clipped].sum())
            firsts += starts[clipped][:1].tolist()
    return total, min(firsts, default=None)


def _silences(samples: Samples, rate: int) -> tuple[float, float, tuple[tuple[float, float], ...]]:
    """Return leading and trailing silence in seconds, and the long silences in between."""
    step = max(1, round(_SILENCE_STEP_S * rate))
    loudest = np.abs(samples).max(axis=1)
    peaks = np.maximum.reduceat(loudest, np.arange(0, len(loudest), step))
    duration_s = len(samples) / rate
    starts, lengths = _runs(peaks < 10 ** (SILENCE_DBFS / 20))
    leading_s = trailing_s = 0.0
    inside: list[tuple[float, float]] = []
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        start_s = start * step / rate
        end_s = min((start + length) * step / rate, duration_s)
        if start == 0:
            leading_s = round(end_s, 3)
        if start + length == len(peaks):
            trailing_s = round(end_s - start_s, 3)
        elif start and end_s - start_s > LONG_SILENCE_S:
            inside.append((round(start_s, 3), round(end_s, 3)))
    return leading_s, trailing_s, tuple(inside)


def _runs(
    flags: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return start and length of each run of True."""
    edges = np.diff(flags.astype(np.int8), prepend=0, append=0)
    starts = np.flatnonzero(edges == 1)
    return starts, np.flatnonzero(edges == -1) - starts
