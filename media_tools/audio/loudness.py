"""Loudness and true peak after ITU-R BS.1770-5, loudness range after EBU Tech 3342."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import signal

from media_tools.audio.io import Samples

Floats = npt.NDArray[np.float64]

SILENCE_LUFS = -70.0  # the absolute gate: nothing quieter is measured
SILENCE_DB = -120.0  # stands for minus infinity, which JSON cannot hold

_OFFSET_LU = -0.691  # BS.1770: 0 dBFS of 997 Hz on one channel reads -3.01 LKFS
_HOP_S = 0.1
_CHUNK_S = 20  # K-weighting uses double precision; chunks limit its memory

# True peak: polyphase interpolation (BS.1770 annex 2), windowed sinc. Twice the annex's 4x at 44.1
# and 48 kHz: at 4x, a limiter that obeys the meter still leaves 0.2 dB that finer meters find.
_MIN_OVERSAMPLED_HZ = 352_800
_MAX_OVERSAMPLING = 16
_HALF_TAPS = 16
_KAISER_BETA = 6.0
_SEGMENT = 64
# A peak between samples is rarely 6 dB above them; quieter segments are not interpolated.
_INTERSAMPLE_MARGIN = 0.5
_SEGMENTS_AT_ONCE = 4096


def k_weighting(rate: int) -> Floats:
    """Return second-order sections of the K filter for any rate in Hz.

    BS.1770 lists coefficients for 48 kHz only. These are its analogue prototypes put through the
    bilinear transform (as in libebur128), and equal the listed ones at 48 kHz.
    """
    gain_db, quality, frequency_hz = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = math.tan(math.pi * frequency_hz / rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    norm = 1 + k / quality + k * k
    shelf = [
        (high + band * k / quality + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / quality + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / quality + k * k) / norm,
    ]
    quality, frequency_hz = 0.5003270373238773, 38.13547087602444
    k = math.tan(math.pi * frequency_hz / rate)
    norm = 1 + k / quality + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / quality + k * k) / norm]
    return np.array([shelf, high_pass])


def weighted_energy(samples: Samples, rate: int, block: int) -> Floats:
    """Return the sum over channels of squared K-weighted samples, per block of `block` frames.

    samples: (n, channels). The last block may be partial.
    """
    frames, channels = samples.shape
    sections = k_weighting(rate)
    state = np.zeros((len(sections), channels, 2))
    chunk = max(1, _CHUNK_S * rate // block) * block
    energy = np.zeros(-(-frames // block))
    for start in range(0, frames, chunk):
        part = samples[start : start + chunk].T.astype(np.float64)
        weighted, state = signal.sosfilt(sections, part, axis=1, zi=state)
        power = np.einsum("cn,cn->n", weighted, weighted)
        sums = np.add.reduceat(power, np.arange(0, len(power), block))
        energy[start // block : start // block + len(sums)] = sums
    return energy


def hop_frames(rate: int) -> int:
    """Return the frames in a hop of 100 ms, the step between measuring blocks."""
    return round(_HOP_S * rate)


def _window_loudness(hop_energy: Floats, hops: int, hop: int) -> Floats:
    """Return the loudness in LUFS of every window of `hops` hops; hop_energy holds whole hops."""
    if len(hop_energy) < hops:  # shorter than one window: measure all there is
        hops = max(1, len(hop_energy))
    sums = np.convolve(hop_energy, np.ones(hops), mode="valid")
    return _lufs(sums / (hops * hop))


def _lufs(power: Floats) -> Floats:
    loudness: Floats = _OFFSET_LU + 10 * np.log10(np.maximum(power, 1e-15))
    return loudness


def gated_loudness(hop_energy: Floats, hop: int) -> float:
    """Return integrated loudness in LUFS from the K-weighted energy of each hop of `hop` frames.

    Blocks of 400 ms overlap by 75 %; gates at -70 LUFS and 10 LU under the mean of the rest.
    """
    blocks = _window_loudness(hop_energy, 4, hop)
    heard = blocks[blocks > SILENCE_LUFS]
    if not heard.size:
        return SILENCE_LUFS
    gate = _mean_loudness(heard) - 10
    return _mean_loudness(heard[heard > gate])


def _mean_loudness(blocks: Floats) -> float:
    return float(10 * np.log10(np.mean(10 ** (blocks / 10))))


def gated_range(hop_energy: Floats, hop: int) -> float:
    """Return the loudness range in LU: 10th to 95th percentile of 3 s windows above the gates."""
    windows = _window_loudness(hop_energy, 30, hop)
    heard = windows[windows > SILENCE_LUFS]
    if not heard.size:
        return 0.0
    kept = heard[heard > _mean_loudness(heard) - 20]
    low, high = np.percentile(kept, (10, 95))
    return float(high - low)


def whole_hop_energy(samples: Samples, rate: int) -> Floats:
    """Return the energy per 100 ms, without a partial last hop unless there is no other."""
    hop = hop_frames(rate)
    energy = weighted_energy(samples, rate, hop)
    return energy[: max(1, len(samples) // hop)]


def integrated_lufs(samples: Samples, rate: int) -> float:
    """Return the integrated loudness of (n, channels) samples in LUFS; -70 for silence."""
    return gated_loudness(whole_hop_energy(samples, rate), hop_frames(rate))


def oversampling(rate: int) -> int:
    """Return the oversampling factor for true peak: 8 at 44.1 and 48 kHz, at most 16."""
    return min(_MAX_OVERSAMPLING, max(1, math.ceil(_MIN_OVERSAMPLED_HZ / rate)))


def _interpolators(factor: int) -> npt.NDArray[np.float32]:
    """Return (factor - 1, 2 * _HALF_TAPS) taps for the values between two neighbouring samples."""
    taps = np.arange(-_HALF_TAPS + 1, _HALF_TAPS + 1)
    rows = []
    for phase in range(1, factor):
        offset = phase / factor - taps
        inside = np.clip(1 - (offset / _HALF_TAPS) ** 2, 0, None)
        row = np.sinc(offset) * np.i0(_KAISER_BETA * np.sqrt(inside)) / np.i0(_KAISER_BETA)
        rows.append(row / row.sum())
    return np.array(rows, dtype=np.float32)


def segment_true_peaks(
    samples: Samples, rate: int, *, over: float = 0.0, segment: int = _SEGMENT
) -> npt.NDArray[np.float32]:
    """Return the true peak (linear) of each segment of `segment` frames, all channels together.

    over: peaks under this value may be returned as sample peaks, which is quicker.
    """
    frames, channels = samples.shape
    count = -(-frames // segment)
    factor = oversampling(rate)
    taps = _interpolators(factor)
    peaks = np.zeros(count, np.float32)
    for channel in range(channels):
        padded = np.zeros(count * segment + 2 * _HALF_TAPS, np.float32)
        padded[_HALF_TAPS : _HALF_TAPS + frames] = samples[:, channel]
        body = padded[_HALF_TAPS : _HALF_TAPS + count * segment].reshape(count, segment)
        sample_peaks = np.abs(body).max(axis=1)
        np.maximum(peaks, sample_peaks, out=peaks)
        if factor == 1:
            continue
        # A peak between two segments belongs to the first, whose last sample may be lower than the
        # next.
        near = np.maximum(sample_peaks, np.append(sample_peaks[1:], np.float32(0)))
        chosen = np.flatnonzero(near > max(over * _INTERSAMPLE_MARGIN, 1e-6))
        windows = np.lib.stride_tricks.sliding_window_view(padded, segment + 2 * _HALF_TAPS)
        windows = windows[::segment]
        for start in range(0, len(chosen), _SEGMENTS_AT_ONCE):
            rows = chosen[start : start + _SEGMENTS_AT_ONCE]
            peaks[rows] = np.maximum(peaks[rows], _between(windows[rows], taps, segment))
    return peaks


def _between(
    windows: npt.NDArray[np.float32], taps: npt.NDArray[np.float32], segment: int
) -> npt.NDArray[np.float32]:
    """Return the largest absolute value between samples of each row.

    By plain sums, not a matrix product, so that every machine computes the same.
    """
    # Transposed, so that rows are long and the inner loops read contiguous memory.
    columns = np.ascontiguousarray(windows.T)
    largest = np.zeros(columns.shape[1], np.float32)
    total = np.empty((segment, columns.shape[1]), np.float32)
    product = np.empty_like(total)
    for row in taps:
        total[:] = 0
        for tap, weight in enumerate(row):
            np.multiply(columns[tap + 1 : tap + 1 + segment], weight, out=product)
            total += product
        np.maximum(largest, np.abs(total).max(axis=0), out=largest)
    return largest


def true_peak_dbtp(samples: Samples, rate: int) -> float:
    """Return the true peak of (n, channels) samples in dBTP; -120 for silence."""
    if not samples.size:
        return SILENCE_DB
    highest = float(np.abs(samples).max())
    return to_db(float(segment_true_peaks(samples, rate, over=highest).max()))


def to_db(amplitude: float) -> float:
    """Return 20 log10, not below -120 dB."""
    return max(SILENCE_DB, 20 * math.log10(amplitude)) if amplitude > 0 else SILENCE_DB
