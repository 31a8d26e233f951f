"""What is done to the whole mix: tone and width, glue, peaks, and the end."""

from __future__ import annotations

import numpy as np
import scipy.fft

from media_tools.audio.loudness import integrated_lufs
from media_tools.music.local import effects
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered, frames_of, gain_of
from media_tools.music.local.evening import evened
from media_tools.music.local.genre import Genre
from media_tools.music.local.levels import loudness_db
from media_tools.music.local.sound import ArtistSound
from media_tools.music.local.tone import KNOTS_HZ, TONES, matched
from media_tools.seeds import stream

PEAK_DB = -4.0
_BUS_DB = -16.0  # level of the mix before the bus compressor, whose threshold is fixed
_WIDER_DB = 3.0  # per unit of an artist's width
_FLOOR_S = 6.0
_SILENCE_DB = -55.0
# Rounding off costs loudness, and filters of the mastering raise what was rounded off again: the
# more, the deeper it went. A mix as it comes has about this much between peaks and loudness.
_UNTOUCHED_DB = 13.0
_REGROWTH_DB, _REGROWTH_SHARE = 0.9, 0.5


def add_floor(mix: Signal, level_db: float) -> None:
    """Lay the hiss of a recorded room under the mix, in place. level_db: against the mix.

    Without it the highs fall silent whenever a cymbal rests, and each section begins like a switch.
    """
    count = frames_of(_FLOOR_S)
    hz = np.maximum(scipy.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ), 1.0)
    # Falls by 3.5 dB an octave above 160 Hz: a little duller than pink.
    shape = (np.maximum(hz, KNOTS_HZ[2]) / 1000.0) ** (-3.5 / 6.02)
    noise = stream("floor").standard_normal((2, count), dtype=np.float32)
    # Filtered as a circle, so that it repeats without a seam.
    loop = scipy.fft.irfft(scipy.fft.rfft(noise, axis=1) * shape.astype(np.float32), count, axis=1)
    loop *= np.float32(gain_of(loudness_db(mix) + level_db - loudness_db(loop)))
    for start in range(0, mix.shape[1], count):
        part = mix[:, start : start + count]
        part += loop[:, : part.shape[1]]


def balanced(mix: Signal, genre: Genre, sound: ArtistSound) -> Signal:
    """Return the band with the genre's tone and width and the artist's leaning, at _BUS_DB."""
    if genre.tape:
        mix = effects.tape(mix)
    mix = filtered(mix, "highpass", 26.0)
    wider_db = _WIDER_DB * (sound.width - 1.0)
    matched(mix, TONES[genre.name], tilt_db=sound.tilt_db, wider_db=wider_db)
    evened(mix, genre.evened)
    mix *= np.float32(gain_of(_BUS_DB - loudness_db(mix)))
    return mix


def finished(mix: Signal, genre: Genre) -> Signal:
    """Compress a mix at _BUS_DB, round off its peaks as far as the genre's records do, trim it."""
    mix = effects.compressed(mix, threshold_db=-12.0, ratio=1.8)
    mix = effects.saturated(mix, 0.5)
    wanted_db = TONES[genre.name].peak_to_loudness_db
    regrowth_db = _REGROWTH_DB + _REGROWTH_SHARE * (_UNTOUCHED_DB - wanted_db)
    ceiling_db = integrated_lufs(mix.T, SAMPLE_RATE_HZ) + wanted_db - regrowth_db
    effects.clipped(mix, gain_of(ceiling_db))
    mix = _trimmed(mix)
    mix *= np.float32(gain_of(PEAK_DB) / max(1e-9, float(np.abs(mix).max())))
    return mix


def _trimmed(mix: Signal) -> Signal:
    """Return the mix without trailing silence, faded out over its last 1.2 s."""
    level = np.maximum(np.abs(mix[0]), np.abs(mix[1]))
    loud = np.flatnonzero(level > float(level.max()) * gain_of(_SILENCE_DB))
    end = min(mix.shape[1], int(loud[-1]) + frames_of(0.2)) if len(loud) else mix.shape[1]
    mix = np.ascontiguousarray(mix[:, :end])
    fade = min(end, frames_of(1.2))
    mix[:, -fade:] *= np.cos(np.linspace(0.0, np.pi / 2, fade, dtype=np.float32)) ** 2
    return mix
