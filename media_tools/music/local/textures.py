"""Makes sounds between the notes: risers, falls, impacts, reversed cymbals, hiss and vinyl."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered, frames_of
from media_tools.music.local.effects import swept
from media_tools.seeds import stream


def texture(kind: str, length_s: float, seed: int) -> Signal:
    """Return a stereo sound of that kind and length; two with different seeds differ."""
    rng = stream("texture", kind, seed)
    count = frames_of(length_s)
    noise = rng.standard_normal((2, count)).astype(np.float32) * np.float32(0.3)
    place = np.linspace(0.0, 1.0, count, dtype=np.float32)
    if kind == "riser":
        swept(noise, 0, count, 400.0, 11_000.0)
        tone = np.sin(2 * np.pi * np.cumsum(110.0 * 8.0**place) / SAMPLE_RATE_HZ)
        return np.asarray((noise + 0.05 * tone) * place**2, dtype=np.float32)
    if kind == "downlifter":
        swept(noise, 0, count, 9000.0, 250.0)
        return np.asarray(noise * (1.0 - place) ** 1.5, dtype=np.float32)
    if kind == "impact":
        time = np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
        boom = np.sin(2 * np.pi * (38.0 * time + 1.5 * (1.0 - np.exp(-time * 12.0))))
        rumble = filtered(noise, "lowpass", 900.0) * np.exp(-time * 2.5)
        return np.asarray(0.8 * boom * np.exp(-time * 2.2) + 0.7 * rumble, dtype=np.float32)
    if kind == "reverse":
        bright = filtered(noise, "highpass", 3000.0)
        return np.asarray(bright * place**3, dtype=np.float32)
    if kind == "shimmer":
        return _shimmer(noise, place)
    if kind == "air":
        return _air(count, noise, place)
    return _vinyl(count, rng, noise)


def _shimmer(noise: Signal, place: NDArray[np.float32]) -> Signal:
    """Return the hiss of distant cymbals, which swells over a third and ebbs over a sixth."""
    hiss = filtered(filtered(noise, "highpass", 2000.0), "lowpass", 5500.0, order=1)
    edges = np.minimum(1.0, np.minimum(3.0 * place, 6.0 * (1.0 - place)))
    return np.asarray(hiss * edges**1.5, dtype=np.float32)


def _air(count: int, noise: Signal, place: NDArray[np.float32]) -> Signal:
    """Return wind: noise in a band that swells slowly, at different times on the two sides."""
    wind = filtered(noise, "bandpass", 350.0, 2600.0)
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    for side, period_s in zip(wind, (13.0, 17.0), strict=True):
        side *= (0.55 + 0.45 * np.sin(2 * np.pi * time_s / period_s)).astype(np.float32)
    return np.asarray(wind * np.minimum(1.0, 12.0 * np.minimum(place, 1.0 - place)), np.float32)


def _vinyl(count: int, rng: np.random.Generator, noise: Signal) -> Signal:
    """Return hiss in a band and about nine crackles a second, fading out at the end."""
    hiss = filtered(noise, "bandpass", 300.0, 6000.0) * np.float32(0.05)
    crackle = np.zeros((2, count), dtype=np.float32)
    places = rng.integers(0, count, max(1, 9 * count // SAMPLE_RATE_HZ))
    crackle[:, places] = rng.standard_normal(len(places)).astype(np.float32)
    sound = hiss + filtered(crackle, "bandpass", 1500.0, 9000.0) * np.float32(0.6)
    fade = min(count, SAMPLE_RATE_HZ)
    sound[:, -fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return sound
