"""Finding watermarks in any audio file, whole or cut out, by their key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from media_tools.audio.io import Samples, read_audio
from media_tools.watermark.frames import (
    BAND_WIDTHS,
    Floats,
    band_power,
    hop_of,
    spectra_of,
    spread,
    start_of,
)
from media_tools.watermark.pattern import (
    BINS_OF_CELL,
    BLOCK_FRAMES,
    CELLS,
    FRAMES_PER_S,
    Pattern,
)

# Below which nothing counts as a mark; docs/watermark.md has the scores of unmarked music.
LEAST_SCORE = 6.0
SHIFTS = 8  # positions within a hop at which the block may begin
_SEGMENT_FRAMES = 375  # two of them are looked at together: 15 s
_BEST_PLACES = 5
_FLOOR = np.float32(1e-10)
_MOST_RESIDUAL = 1.5
_MOST_WEIGHT = 2.0
_SPREAD_OF_NORMAL = 1.4826  # standard deviation by median deviation


@dataclass(frozen=True)
class Watermark:
    """A payload that was found, and from where to where it was looked for.

    score: how far the pattern stands out of chance, in standard deviations.
    """

    payload: int
    score: float
    start_s: float
    end_s: float


def find_watermarks(path: Path, key: bytes) -> list[Watermark]:
    """Every payload in a file with the place where it is clearest, the clearest first.

    Looks at 15 s at a time, and at the whole file. Raises MediaInvalid, ToolMissing.
    """
    samples, rate = read_audio(path)
    pattern = Pattern.of(key)
    clearest: dict[int, Watermark] = {}
    whole = np.zeros((SHIFTS, BLOCK_FRAMES, CELLS), np.float32)
    previous = whole.copy()
    start_s = end_s = 0.0
    for cells, end_s in folded_segments(samples, rate):
        _keep(clearest, best_match(previous + cells, pattern), start_s, end_s)
        start_s = max(0.0, end_s - _SEGMENT_FRAMES / FRAMES_PER_S)
        whole += cells
        previous = cells
    _keep(clearest, best_match(whole, pattern), 0.0, end_s)
    return sorted(clearest.values(), key=lambda mark: -mark.score)


def _keep(
    clearest: dict[int, Watermark], found: tuple[int, float] | None, start_s: float, end_s: float
) -> None:
    if found is None:
        return
    mark = Watermark(*found, start_s=start_s, end_s=end_s)
    if mark.payload not in clearest or clearest[mark.payload].score < mark.score:
        clearest[mark.payload] = mark


def folded_segments(samples: Samples, rate: int) -> Iterator[tuple[Floats, float]]:
    """Measured cells of each 7.5 s, summed by their place in the block; and where it ends, in s.

    Of shape (SHIFTS, BLOCK_FRAMES, CELLS). A rest shorter than a segment belongs to the last.
    """
    hop = hop_of(rate)
    frames = (len(samples) - hop // SHIFTS * (SHIFTS - 1) - hop) * FRAMES_PER_S // rate
    for first in range(1, max(2, frames - _SEGMENT_FRAMES + 2), _SEGMENT_FRAMES):
        is_last = first + 2 * _SEGMENT_FRAMES > frames + 1
        last = frames if is_last else first + _SEGMENT_FRAMES - 1
        if last < first:
            return
        yield _folded(samples, rate, range(first, last + 1)), last / FRAMES_PER_S


def _folded(samples: Samples, rate: int, frames: range) -> Floats:
    folded = np.zeros((SHIFTS, BLOCK_FRAMES, CELLS), np.float32)
    for shift in range(SHIFTS):
        late = shift * hop_of(rate) // SHIFTS
        starts = [start_of(frame, rate) + late for frame in frames]
        cells = measured_cells(spectra_of(samples, starts, rate))
        np.add.at(folded[shift], np.array(frames) % BLOCK_FRAMES, cells)
    return folded


def measured_cells(spectra: npt.NDArray[np.complex64]) -> Floats:
    """How far each cell stands above or below its surroundings, of shape (frames, CELLS).

    What lasts for several frames or spans many bins is music and is taken away; the rest counts in
    units of its usual size there, more where the mark is strong for its bin.
    """
    power = (spectra.real**2 + spectra.imag**2).sum(axis=1) + _FLOOR
    level = np.float32(0.5) * np.log(power)
    residual = level - ndimage.uniform_filter1d(level, 5, axis=0, mode="nearest")
    residual -= ndimage.uniform_filter1d(residual, 17, axis=1, mode="nearest")
    usual = np.sqrt(ndimage.uniform_filter(residual**2, (25, 9))) + np.float32(1e-3)
    residual = np.clip(residual / usual, -_MOST_RESIDUAL, _MOST_RESIDUAL)
    mean: Floats = np.float32(0.5) * np.log(band_power(power) / BAND_WIDTHS)
    weight = np.exp(spread(mean) - ndimage.uniform_filter(level, (3, 5)))
    residual *= np.minimum(weight, np.float32(_MOST_WEIGHT))
    cells: Floats = residual.reshape(len(residual), CELLS, BINS_OF_CELL).sum(axis=2)
    return cells


def best_match(folded: Floats, pattern: Pattern) -> tuple[int, float] | None:
    """Payload and score of the mark in folded cells; None if there is none."""
    scores = match_scores(folded, pattern)
    best = np.argsort(scores, axis=None)[::-1][:_BEST_PLACES]
    for shift, place in zip(*np.unravel_index(best, scores.shape), strict=True):
        if scores[shift, place] < LEAST_SCORE:
            return None
        payload = pattern.read(np.roll(folded[shift], place, axis=0))
        if payload is not None:
            return payload, float(scores[shift, place])
    return None


def match_scores(folded: Floats, pattern: Pattern) -> npt.NDArray[np.float64]:
    """Likeness to the pattern at each place where the block may begin: (SHIFTS, BLOCK_FRAMES).

    In standard deviations, which the places themselves tell: at most one of them has the mark.
    """
    spectra = np.conj(fft.rfft(folded, axis=1)) * fft.rfft(pattern.sync, axis=0)
    likeness = fft.irfft(spectra.sum(axis=2), n=BLOCK_FRAMES, axis=1).astype(np.float64)
    deviation = _SPREAD_OF_NORMAL * float(np.median(np.abs(likeness)))
    return likeness / deviation if deviation > 0 else np.zeros_like(likeness)
