"""Plays written notes as hands do: accents, phrases that swell, a part's own feel in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from media_tools.music.local.score import BEATS_PER_BAR, Note, ScoreSection
from media_tools.music.local.variation import PHRASE_BARS

_STEPS = 16
_PHRASE_BEATS = float(PHRASE_BARS * BEATS_PER_BAR)
_HEIGHT = 0.016  # force for each semitone above the middle of the part
_HIGHEST = 0.2
# A section that leads on grows; one that leads out fades.
_SLOPES = {"prechorus": 0.3, "break": 0.25, "intro": 0.2, "outro": -0.3}
_DRIFT = 0.6  # how much of one note's lateness the next one keeps


@dataclass(frozen=True)
class Feel:
    """How loosely a part is played, and how far behind the beat (before it, if negative)."""

    behind_beats: float = 0.0
    spread_beats: float = 0.0
    spread_velocity: float = 0.0


def accented(notes: list[Note], section: ScoreSection, accents: str) -> list[Note]:
    """Return a section's notes with the accents of the groove, of the phrase and of high notes.

    accents: a digit for each of the sixteen steps of a bar, 9 the strongest.
    """
    if not notes:
        return []
    middle = sum(note.pitch for note in notes) / len(notes)
    slope = _SLOPES.get(section.kind, 0.0)
    played: list[Note] = []
    for note in notes:
        beat = note.start - section.start
        # A strummed string belongs to the step at which the strum began.
        step = int(beat * 4.0 + 0.3) % _STEPS
        groove = 0.44 + 0.069 * int(accents[step])
        swell = 0.8 + 0.3 * math.sin(math.pi * (beat % _PHRASE_BEATS) / _PHRASE_BEATS)
        height = min(_HIGHEST, max(-_HIGHEST, _HEIGHT * (note.pitch - middle)))
        growth = 1.0 + slope * (beat / (section.end - section.start) - 0.5)
        force = note.velocity * groove * swell * growth * (1.0 + height)
        played.append(note._replace(velocity=min(1.0, max(0.05, force))))
    return played


def played(notes: list[Note], feel: Feel, rng: np.random.Generator) -> list[Note]:
    """Return the notes moved a little in time and force.

    Hands drift: a note is late if the one before was.
    """
    if not notes:
        return []
    times = rng.normal(0.0, 1.0, len(notes))
    forces = rng.normal(0.0, 1.0, len(notes)) * feel.spread_velocity
    late = 0.0
    moved: list[Note] = []
    for note, time, force in zip(sorted(notes), times, forces, strict=True):
        late = _DRIFT * late + math.sqrt(1.0 - _DRIFT**2) * float(time)
        shift = feel.behind_beats + min(3.0, max(-3.0, late)) * feel.spread_beats
        moved.append(
            note._replace(
                start=max(0.0, note.start + shift),
                velocity=min(1.0, max(0.05, note.velocity * (1.0 + float(force)))),
            )
        )
    return moved


def swung(beat: float, swing: float, step: float) -> float:
    """Move a beat to the swung grid: the first of each pair of steps lasts `swing` of the pair."""
    if swing == 0.5:
        return beat
    pair = 2.0 * step
    start = beat // pair * pair
    place = (beat - start) / pair
    if place <= 0.5:
        return start + place * 2.0 * swing * pair
    return start + (swing + (place - 0.5) * 2.0 * (1.0 - swing)) * pair
