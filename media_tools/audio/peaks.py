"""Pictures of a track: waveform values for a player, and a spectrogram."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import fft

from media_tools.audio.io import Samples, read_audio
from media_tools.files import atomic_output

_FRAME = 4096
_LOW_HZ = 40.0
_HIGH_HZ = 16_000.0
_RANGE_DB = 72.0
_QUIETEST_TOP_DB = -60.0  # of a full-scale tone: near-silence is shown dark, not stretched
_COLUMNS_AT_ONCE = 256
_QUALITY = 85  # a fifth of a PNG's size: it is as noisy as the music
# Level from silent to loud: near-black, violet, magenta, orange, pale yellow.
_PALETTE = ((6, 5, 16), (62, 18, 110), (170, 40, 120), (244, 120, 60), (252, 246, 190))


def waveform_peaks(path: Path, points: int = 1200, *, workdir: Path | None = None) -> list[float]:
    """Return `points` values 0..1: the highest absolute sample of each equal part, 1 = full scale.

    A track of fewer frames than points gives one value per frame.
    Raises MediaInvalid.
    """
    samples, _ = read_audio(path, workdir=workdir)
    loudest = np.abs(samples).max(axis=1)
    starts = np.linspace(0, len(loudest), min(points, len(loudest)), endpoint=False).astype(int)
    peaks = np.minimum(np.maximum.reduceat(loudest, starts), 1)
    return [round(float(peak), 4) for peak in peaks]


def spectrogram(
    path: Path,
    output_jpg: Path,
    size: tuple[int, int] = (1200, 300),
    *,
    workdir: Path | None = None,
) -> None:
    """Write a JPEG of `size` (width, height): time to the right, 40 Hz to 16 kHz upwards.

    Frequency is logarithmic; brightness covers 72 dB below the loudest point.
    Raises MediaInvalid.
    """
    samples, rate = read_audio(path, workdir=workdir)
    levels = _levels(samples.mean(axis=1, dtype=np.float32)[:, None], rate, size)
    top_db = max(float(levels.max()), _QUIETEST_TOP_DB)
    shade = np.clip(1 + (levels - top_db) / _RANGE_DB, 0, 1)
    stops = np.linspace(0, 1, len(_PALETTE))
    colours = np.array(_PALETTE, dtype=float)
    picture = np.stack([np.interp(shade, stops, colours[:, part]) for part in range(3)], axis=-1)
    shown = Image.fromarray(picture.round().astype(np.uint8)[::-1])
    with atomic_output(output_jpg) as partial:
        shown.save(partial, "JPEG", quality=_QUALITY)


def _levels(mono: Samples, rate: int, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return (height, width) levels in dB of a full-scale tone, lowest frequency first."""
    width, height = size
    padded = np.pad(mono[:, 0], _FRAME // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)
    centres = np.linspace(0, len(mono) - 1, width).round().astype(int)
    taper = np.hanning(_FRAME).astype(np.float32)
    taper *= 2 / taper.sum()
    edges_hz = np.geomspace(_LOW_HZ, min(_HIGH_HZ, rate / 2), height)
    bins = edges_hz * _FRAME / rate
    below = np.minimum(bins.astype(int), _FRAME // 2 - 1)
    share = (bins - below).astype(np.float32)[None, :]
    levels = np.empty((height, width), np.float32)
    for start in range(0, width, _COLUMNS_AT_ONCE):
        columns = windows[centres[start : start + _COLUMNS_AT_ONCE]] * taper
        amplitude = np.abs(fft.rfft(columns, axis=1))
        rows = amplitude[:, below] * (1 - share) + amplitude[:, below + 1] * share
        levels[:, start : start + len(rows)] = 20 * np.log10(rows.T + 1e-7)
    return levels
