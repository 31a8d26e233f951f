"""What the music does at each video frame: the spectrum's bands, the beat, the energy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media_tools.audio.io import complete_sound, ffmpeg_input, undecodable
from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.ffmpeg import MEMORY_FOR_STRANGERS_BYTES, run_ffmpeg

Array = npt.NDArray[np.float32]

BANDS = 64
LONGEST_S = 600.0
"""Of a song with a video. What follows is not decoded."""

_RATE_HZ = 22_050
_WINDOW = 2048
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 10_000.0
_BASS_BELOW_HZ = 180.0
_BLOCK_FRAMES = 256
_FALL_S = 0.16  # bands and beat fall to 1/e in this time


@dataclass(frozen=True)
class AudioFeatures:
    """One row per video frame; every value 0..1."""

    fps: int
    duration_s: float  # of the decoded audio, exact to a sample
    # (frames, 64), log-spaced from 40 Hz to 10 kHz; quick to rise, slow to fall.
    bands: Array
    onset: Array  # (frames,) how suddenly it grows louder
    beat: Array  # (frames,) the onset, falling slowly after each beat
    bass: Array  # (frames,) level below 180 Hz
    energy: Array  # (frames,) loudness averaged over about two seconds

    @property
    def frames(self) -> int:
        return len(self.beat)


def features(audio: Path, fps: int) -> AudioFeatures:
    """Analyse a sound file for `fps` video frames per second.

    Raises MediaInvalid if the file contains no sound.
    """
    samples = _decode(audio)
    duration_s = len(samples) / _RATE_HZ
    frames = max(1, round(duration_s * fps))
    loudness = _band_levels(samples, frames, fps)
    frequencies = _band_edges_hz()[:-1]
    flux = np.maximum(np.diff(loudness, axis=0, prepend=loudness[:1]), 0.0)
    low = frequencies < _BASS_BELOW_HZ
    onset = flux[:, low].mean(axis=1) * 1.5 + flux.mean(axis=1)
    onset = _scaled(np.maximum(onset - _moving_average(onset, round(fps * 0.75)), 0.0), 98.5)
    fall = math.exp(-1 / (fps * _FALL_S))
    scaled = _scaled(loudness, 99.5)
    return AudioFeatures(
        fps=fps,
        duration_s=duration_s,
        bands=_falling(scaled**1.6, fall),
        onset=onset,
        beat=_falling(onset, fall),
        bass=_falling(_scaled(loudness[:, low].mean(axis=1), 99.0) ** 2, fall),
        energy=_scaled(_moving_average(loudness.mean(axis=1), fps * 2), 99.0),
    )


def _decode(audio: Path) -> Array:
    # Never more than is used, because ffmpeg's output is held in memory.
    options = ["-map", "0:a:0", "-t", f"{LONGEST_S + 1:g}", "-ac", "1", "-ar", str(_RATE_HZ)]
    try:
        with complete_sound(audio) as source:
            result = run_ffmpeg(
                ["-v", "error", *ffmpeg_input(source), *options, "-f", "f32le", "pipe:1"],
                timeout_s=120.0,
                what=f"sound of {audio.name}",
                memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
            )
    except ToolFailed as error:
        raise undecodable(audio, error) from error
    samples = np.frombuffer(result.stdout, dtype="<f4")
    if not len(samples):
        raise MediaInvalid(audio, "holds no sound.")
    return samples


def _band_edges_hz() -> Array:
    return np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BANDS + 1).astype(np.float32)


def _band_levels(samples: Array, frames: int, fps: int) -> Array:
    """Return the log magnitude of each band at each frame: (frames, BANDS), 0 in silence."""
    edges = np.round(_band_edges_hz() * _WINDOW / _RATE_HZ).astype(int)
    lows = edges[:-1]
    # The lowest bands are narrower than a bin, so each gets at least one bin.
    highs = np.maximum(edges[1:], lows + 1)
    padded = np.pad(samples, (_WINDOW // 2, _WINDOW))
    starts = (np.arange(frames) * _RATE_HZ / fps).astype(int)
    window = np.hanning(_WINDOW).astype(np.float32)
    levels = np.empty((frames, BANDS), dtype=np.float32)
    for first in range(0, frames, _BLOCK_FRAMES):
        chosen = starts[first : first + _BLOCK_FRAMES]
        blocks = padded[chosen[:, None] + np.arange(_WINDOW)] * window
        magnitude = np.abs(np.fft.rfft(blocks, axis=1)) / (_WINDOW / 4)
        summed = np.concatenate([np.zeros((len(chosen), 1)), np.cumsum(magnitude, axis=1)], axis=1)
        mean = (summed[:, highs] - summed[:, lows]) / (highs - lows)
        levels[first : first + _BLOCK_FRAMES] = np.log1p(400.0 * mean)
    return levels


def _scaled(values: npt.NDArray[np.floating], percentile: float) -> Array:
    """Divide values by their percentile, limited to 0..1; silence stays zero."""
    top = float(np.percentile(values, percentile))
    return np.asarray(np.clip(values / max(top, 1e-3), 0.0, 1.0), dtype=np.float32)


def _moving_average(values: npt.NDArray[np.floating], width: int) -> Array:
    width = max(1, min(width, len(values)))
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    summed = np.cumsum(np.insert(padded.astype(np.float64), 0, 0.0))
    return ((summed[width:] - summed[:-width]) / width).astype(np.float32)


def _falling(values: Array, fall: float) -> Array:
    """Rise at once, fall by the factor `fall` per frame."""
    out = values.copy()
    for index in range(1, len(out)):
        out[index] = np.maximum(out[index], out[index - 1] * fall)
    return out
