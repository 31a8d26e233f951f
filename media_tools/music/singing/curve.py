"""The pitch a voice follows: glides between notes, vibrato on long ones, a slight drift."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from media_tools.music.singing.phrase import SungNote

GLIDE_S = 0.06
VIBRATO_AFTER_S = 0.28
_VIBRATO_RISE_S = 0.35

Doubles = NDArray[np.float64]


def pitch_curve(
    notes: Sequence[SungNote],
    times_s: Doubles,
    *,
    vibrato_cents: float,
    vibrato_hz: float = 5.5,
) -> Doubles:
    """Return the MIDI pitch at each time; glides are centred a little before the notes' starts.

    The voice arrives as the vowel begins: two thirds of the glide are in the consonants before it.
    """
    starts = np.array([note.start_s for note in notes])
    pitches = np.array([float(note.pitch) for note in notes])
    curve = np.full(len(times_s), pitches[0])
    for start, before, after in zip(starts[1:], pitches[:-1], pitches[1:], strict=True):
        place = np.clip((times_s - start) / GLIDE_S + 2.0 / 3.0, 0.0, 1.0)
        # Raised cosine: no corner at the beginning or end of the glide.
        curve += (after - before) * (0.5 - 0.5 * np.cos(np.pi * place))
    index = np.clip(np.searchsorted(starts, times_s, side="right") - 1, 0, len(starts) - 1)
    lengths = np.array([note.end_s - note.start_s for note in notes])
    since = times_s - starts[index]
    depth = np.clip((since - VIBRATO_AFTER_S) / _VIBRATO_RISE_S, 0.0, 1.0)
    # Vibrato fades before the next glide, so that the note ends at its own pitch.
    depth *= np.clip((lengths[index] - since) / 0.08, 0.0, 1.0)
    phase = 2.0 * np.pi * vibrato_hz * (since - VIBRATO_AFTER_S)
    return np.asarray(curve + vibrato_cents / 100.0 * depth * np.sin(phase))


def hz_of(pitches: Doubles) -> Doubles:
    """Return the frequencies of MIDI pitches."""
    return np.asarray(440.0 * 2.0 ** ((pitches - 69.0) / 12.0))
