"""Makes sound from the voice's spectra: pulses at the sung pitch, noise, and a part with own phase.

As hibari documents its outputs, with E the transform of the pulses and Z complex noise: S =
exp(harmonic) exp(i pi tanh(turn)) E + exp(noise) Z + exp(free) exp(i free_phase), inverse STFT with
a Hann window of 1200 samples every 300.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from media_tools.music.singing.voice import BINS, SAMPLE_RATE_HZ, Floats, Spectra

WINDOW = 1200
HOP = 300
_OVERLAPS = WINDOW // HOP
_HIGHEST_HZ = 11_000.0
_LOUDEST = 7.0  # the network's log magnitudes are capped here
_BREATHY_FREE = 1.0  # nepers removed from the free part where the voice is pitched
_HELD_FREE = 3.0  # and more where a sound is held, because its phases would repeat as a buzz

_HANN: Floats = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@dataclass(frozen=True)
class Timbre:
    """A line's sound without its pitch, each array of shape (BINS, frames)."""

    harmonic: NDArray[np.complex64]  # complex response applied to the pulses
    noise: Floats  # magnitude
    free: NDArray[np.complex64]  # complex spectrum
    voiced: Floats  # 0..1 per frame

    @property
    def frames(self) -> int:
        return len(self.voiced)


def timbre(
    spectra: Spectra,
    source: NDArray[np.float64],
    *,
    voiced: Floats,
    held: NDArray[np.bool_],
    gain: NDArray[np.float64],
    formant: float = 1.0,
    breath: float = 0.0,
) -> Timbre:
    """Read the spectra at fractional source frames.

    formant: factor on the frequencies of the vocal tract. breath: nepers added to the noise of
    pitched frames.
    """
    bins = _shifted_bins(formant)
    last = spectra.log_harmonic.shape[1] - 1
    place = np.clip(source, 0.0, float(last))
    left = np.floor(place).astype(int)
    right = np.minimum(left + 1, last)
    nearest = np.rint(place).astype(int)
    weight = (place - left).astype(np.float32)
    level = np.asarray(np.log(np.maximum(gain, 1e-6)), dtype=np.float32)

    def read(part: Floats) -> Floats:
        moved = _moved(part, bins)
        return np.asarray(moved[:, left] + (moved[:, right] - moved[:, left]) * weight)

    harmonic = _polar(read(spectra.log_harmonic) + level, np.pi * np.tanh(read(spectra.turn)))
    noise = np.exp(np.minimum(read(spectra.log_noise) + level + breath * voiced, _LOUDEST))
    quieter = _BREATHY_FREE * voiced + _HELD_FREE * held
    free = _polar(
        _moved(spectra.log_free, bins)[:, nearest] + level - quieter.astype(np.float32),
        _moved(spectra.free_phase, bins, nearest=True)[:, nearest],
    )
    return Timbre(harmonic, np.asarray(noise, dtype=np.float32), free, voiced)


def _shifted_bins(formant: float) -> NDArray[np.float64] | None:
    """Return the bin to read for each bin of the result, or None if nothing moves."""
    if formant == 1.0:
        return None
    return np.asarray(np.minimum(np.arange(BINS) / formant, BINS - 1.0))


def _moved(part: Floats, bins: NDArray[np.float64] | None, *, nearest: bool = False) -> Floats:
    if bins is None:
        return part
    if nearest:
        return np.asarray(part[np.rint(bins).astype(int)])
    low = np.floor(bins).astype(int)
    high = np.minimum(low + 1, BINS - 1)
    share = (bins - low).astype(np.float32)[:, np.newaxis]
    return np.asarray(part[low] + (part[high] - part[low]) * share)


def _polar(log_magnitude: Floats, angle: NDArray[np.floating]) -> NDArray[np.complex64]:
    magnitude = np.exp(np.minimum(log_magnitude, _LOUDEST))
    result = np.empty(angle.shape, dtype=np.complex64)
    result.real = magnitude * np.cos(angle)
    result.imag = magnitude * np.sin(angle)
    return result


def sound(
    timbre: Timbre, f0_hz: NDArray[np.float64], rng: np.random.Generator, *, noise: float = 1.0
) -> Floats:
    """Return one voice at 24 kHz, HOP samples per frame. f0_hz: a value per frame, without gaps."""
    pulses = _pulses(f0_hz, timbre.voiced)
    spectrum = _transformed(pulses, timbre.frames)
    spectrum *= timbre.harmonic
    shape = (2, *timbre.noise.shape)
    hiss = rng.standard_normal(shape, dtype=np.float32)
    spectrum.real += hiss[0] * (timbre.noise * np.float32(noise))
    spectrum.imag += hiss[1] * (timbre.noise * np.float32(noise))
    spectrum += timbre.free
    return _overlapped(spectrum)


def _pulses(f0_hz: NDArray[np.float64], voiced: Floats) -> Floats:
    """Return band-limited pulses: every harmonic below 11 kHz at one amplitude.

    The sum of cos(h t) for h = 1..H is sin((H + 1/2) t) / (2 sin(t/2)) - 1/2.
    """
    count = len(f0_hz) * HOP
    centres = (np.arange(len(f0_hz)) * HOP).astype(float)
    samples = np.arange(count, dtype=float)
    hz = np.interp(samples, centres, f0_hz)
    turns = np.cumsum(hz) / SAMPLE_RATE_HZ
    half = np.pi * (turns - np.floor(turns))
    harmonics = np.floor(_HIGHEST_HZ / hz)
    below = 2.0 * np.sin(half)
    flat = np.abs(below) < 2e-3
    below[flat] = 1.0
    train = np.sin((2.0 * harmonics + 1.0) * half) / below
    train[flat] = harmonics[flat] + 0.5
    train = (train - 0.5) * np.interp(samples, centres, voiced)
    return np.asarray(train, dtype=np.float32)


def _transformed(signal: Floats, frames: int) -> NDArray[np.complex64]:
    """Return the STFT centred on each frame's first sample; a harmonic has magnitude 1."""
    padded = np.pad(signal, WINDOW // 2, mode="reflect")
    pieces = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:frames]
    spectrum = scipy.fft.rfft(pieces * (_HANN / np.float32(WINDOW / 4)), axis=1, overwrite_x=True)
    return np.ascontiguousarray(spectrum.T)


def _overlapped(spectrum: NDArray[np.complex64]) -> Floats:
    """Invert _transformed by overlap-add, normalised by the summed squared window."""
    frames = spectrum.shape[1]
    pieces = scipy.fft.irfft(spectrum.T, WINDOW, axis=1, overwrite_x=True) * _HANN
    pieces = pieces.reshape(frames, _OVERLAPS, HOP)
    squares = (_HANN * _HANN).reshape(_OVERLAPS, HOP)
    signal = np.zeros((frames + _OVERLAPS - 1, HOP), dtype=np.float32)
    weight = np.zeros_like(signal)
    for part in range(_OVERLAPS):
        signal[part : part + frames] += pieces[:, part]
        weight[part : part + frames] += squares[part]
    flat = (signal / np.maximum(weight, 1e-11)).reshape(-1)
    return np.ascontiguousarray(flat[WINDOW // 2 : WINDOW // 2 + frames * HOP])
