"""Sets sung vocals into the finished band: room for the words, level by section, slap and plate."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from media_tools.music.local import effects
from media_tools.music.local.dsp import Signal, filtered, frames_of, gain_of
from media_tools.music.local.levels import loudness_db
from media_tools.music.local.score import Score

Doubles = NDArray[np.float64]

OVER_BAND_DB = 1.0  # loudness while the voice sounds, in every section
DIP_DB = 4.0  # how far the band's middle steps back under words
_DIP_HZ = (1000.0, 4000.0)
_STEP_S = 0.05
_GATE_DB = -30.0
_SLAP_DB = -15.0
_PLATE_DB = -13.0
_PLATE_S = 1.1
_BLOCK = 1 << 16


def add_vocals(band: Signal, vocals: Signal, score: Score) -> Signal:
    """Return the wet part of the vocals. Adds both to the band, and levels the vocals, in place.

    vocals: sung over the track, as long as the band, of any level.
    """
    presence = _presence(vocals)
    _seat(vocals, band, presence, score)
    _dip(band, presence)
    wet = _space(vocals, score)
    band += vocals
    band += wet
    return wet


def _presence(vocals: Signal) -> Signal:
    """Return 1 while the voice sounds, 0 in its rests, with edges of a quarter of a second."""
    frames = vocals.shape[1]
    step = frames_of(_STEP_S)
    count = -(-frames // step)
    level = np.zeros(count * step, dtype=np.float32)
    np.maximum(np.abs(vocals[0]), np.abs(vocals[1]), out=level[:frames])
    peaks = level.reshape(count, step).max(axis=1)
    sounds = (peaks > peaks.max() * gain_of(_GATE_DB)).astype(np.float32)
    smooth = np.convolve(np.pad(sounds, 2, mode="edge"), np.full(5, 0.2), "valid")
    places = (np.arange(count) + 0.5) * step
    return _curve(places, smooth.astype(np.float64), frames)


def _curve(places: Doubles, values: Doubles, frames: int) -> Signal:
    """Return a value for each frame, interpolated between places."""
    curve = np.empty(frames, dtype=np.float32)
    for start in range(0, frames, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, frames))
        curve[block] = np.interp(block, places, values)
    return curve


def _seat(vocals: Signal, band: Signal, presence: Signal, score: Score) -> None:
    """Bring the vocals of each section to their level over what the band plays meanwhile."""
    frames = vocals.shape[1]
    places: list[float] = []
    gains: list[float] = []
    bounds = [frames_of(score.seconds(section.start)) for section in score.form] + [frames]
    glide = frames_of(0.15)
    for first, end in pairwise(bounds):
        last = min(end, frames)
        sounds = presence[first:last] > 0.5
        if sounds.sum() < frames_of(1.0):
            continue
        band_db = loudness_db(np.ascontiguousarray(band[:, first:last][:, sounds]))
        voice_db = loudness_db(np.ascontiguousarray(vocals[:, first:last][:, sounds]))
        places += [first + glide, last - glide]
        gains += [gain_of(band_db + OVER_BAND_DB - voice_db)] * 2
    if places:
        vocals *= _curve(np.array(places), np.array(gains), frames)


def _dip(band: Signal, presence: Signal) -> None:
    """Lower the band where words are told apart, while they sound, in place."""
    depth = np.float32(1.0 - gain_of(-DIP_DB))
    for channel in band:
        middle = filtered(channel, "bandpass", *_DIP_HZ, order=1)
        middle *= presence
        channel -= middle * depth


def _space(vocals: Signal, score: Score) -> Signal:
    """Return a slap of a sixteenth and a plate that starts after a thirty-second."""
    wet = np.zeros_like(vocals)
    # Pulled into the range in which a repeat thickens a voice and is not yet heard by itself.
    slap_s = score.seconds(0.25)
    while slap_s > 0.14:
        slap_s /= 2.0
    offset = frames_of(slap_s)
    dull = filtered(vocals, "lowpass", 3500.0, order=1)
    wet[:, offset:] = dull[::-1, :-offset] * np.float32(gain_of(_SLAP_DB))
    del dull
    bright = filtered(vocals, "highpass", 350.0)
    plate = effects.reverb(bright, _PLATE_S, predelay_s=min(0.06, score.seconds(0.125)))
    wet += plate * np.float32(gain_of(_PLATE_DB))
    return wet
