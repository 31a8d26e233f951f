"""Estimates the tempo from the autocorrelation of spectral flux."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft

from media_tools.audio.io import Samples

Floats = npt.NDArray[np.float64]

MIN_BPM = 50.0
MAX_BPM = 210.0
MIN_DURATION_S = 4.0

_FRAME_S = 0.046
_STEP_S = 0.0115
_BANDS = 24
_FRAMES_AT_ONCE = 1024
_GRID_BPM = 0.1
_BEATS = (1, 2, 3, 4, 8)  # multiples of the beat compared: longer ones sharpen the estimate

# How listeners tap without instruction: around 120, with an octave either way still likely
# (Moelants 2002 finds 120 to 125). A known tempo allows little else.
_USUAL_BPM = 120.0
_USUAL_OCTAVES = 0.9
_PRIOR_OCTAVES = 0.15
_CLEAR_PULSE = 0.1  # normalised autocorrelation, for long tracks
_CHANCE = 4.0  # in standard errors: noise does not reach this in a short track
_LEAST_MOVEMENT = 0.25  # spread of the flux: a held chord stays below, beats reach 1 and more


def tempo_of(samples: Samples, rate: int, *, prior_bpm: float | None = None) -> float | None:
    """Return the tempo in BPM of (n, channels) samples, or None if there is no steady pulse."""
    if len(samples) < MIN_DURATION_S * rate:
        return None
    flux, flux_rate = onset_strength(samples, rate)
    flux = flux - flux.mean()
    energy = float(np.einsum("n,n->", flux, flux))
    if energy < _LEAST_MOVEMENT**2 * len(flux):
        return None
    size = fft.next_fast_len(2 * len(flux))
    spectrum = fft.rfft(flux, size)
    correlation = fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[: len(flux)] / energy
    # Correct the decrease towards long lags, where fewer frames overlap.
    correlation *= len(flux) / (len(flux) - np.arange(len(flux)))

    bpm = np.arange(MIN_BPM, MAX_BPM + _GRID_BPM / 2, _GRID_BPM)
    lags = 60 * flux_rate / bpm
    usable = [beats for beats in _BEATS if beats * lags.max() < len(flux) / 2] or [1]
    pulse = np.mean(
        [np.interp(beats * lags, np.arange(len(flux)), correlation) for beats in usable], axis=0
    )
    middle, octaves = (
        (_USUAL_BPM, _USUAL_OCTAVES) if prior_bpm is None else (prior_bpm, _PRIOR_OCTAVES)
    )
    expected = np.exp(-0.5 * (np.log2(bpm / middle) / octaves) ** 2)
    best = int(np.argmax(np.maximum(pulse, 0) * expected))
    if pulse[best] < max(_CLEAR_PULSE, _CHANCE / len(flux) ** 0.5):
        return None
    return _refined(pulse, best, bpm)


def onset_strength(samples: Samples, rate: int) -> tuple[Floats, float]:
    """Return the rise of the log spectrum over all bands, per frame, and the frames per second."""
    step = max(1, round(_STEP_S * rate))
    frame = max(64, round(_FRAME_S * rate))
    mono = samples.mean(axis=1, dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, frame)[::step]
    window = np.hanning(frame).astype(np.float32)
    frequencies = fft.rfftfreq(frame, 1 / rate)
    edges_hz = np.geomspace(40, min(12_000, 0.45 * rate), _BANDS + 1)
    edges = np.unique(np.searchsorted(frequencies, edges_hz))
    levels = np.empty((len(frames), len(edges) - 1), np.float32)
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        spectra = np.abs(fft.rfft(frames[start : start + _FRAMES_AT_ONCE] * window, axis=1))
        bands = np.add.reduceat(spectra[:, : edges[-1]], edges[:-1], axis=1)
        levels[start : start + len(bands)] = bands
    # Compression relative to the track's own level, so that quiet hiss does not count as rhythm.
    levels = np.log1p(100 * levels / max(float(levels.max()), 1e-9))
    rise = np.maximum(np.diff(levels, axis=0), 0).sum(axis=1, dtype=np.float64)
    return rise, rate / step


def _refined(pulse: Floats, best: int, bpm: Floats) -> float:
    """Return the top of the parabola through the best point and its neighbours."""
    if not 0 < best < len(bpm) - 1:
        return float(bpm[best])
    before, here, after = pulse[best - 1 : best + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(bpm[best] + np.clip(shift, -1, 1) * _GRID_BPM)
