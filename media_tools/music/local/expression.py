"""Plays written notes as hands do: accents, phrases that swell, a part's own feel in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from media_tools.music.local.score import BEATS_PER_BAR, Note, ScoreSection
from media_tools.music.local.variation import PHRASE_BARS

_STEPS = 16
_PHRASE_BEATS = float(PHRASE_BARS * BEATS_PER_BAR)
_GROOVE = 0.5  # how much weaker the weakest step is than the strongest
_HEIGHT = 0.025  # force for each semitone above the middle of the part
_HIGHEST = 0.2
_LONG_BEATS = 0.75
# A section that leads on grows; one that leads out fades.
_SLOPES = {"prechorus": 0.3, "break": 0.25, "intro": 0.2, "outro": -0.3}
LEAST_SPREAD = 0.11  # standard deviation of a melodic part's velocities
_FEWEST = 12
_DRIFT = 0.6  # how much of one note's lateness the next one keeps


@dataclass(frozen=True)
class Feel:
    """How loosely a part is played, and how far behind the beat (before it, if negative)."""

    behind_beats: float = 0.0
    spread_beats: float = 0.0
    spread_velocity: float = 0.0


def accented(
    notes: list[Note], section: ScoreSection, accents: str, *, sings: bool = False
) -> list[Note]:
    """Return a section's notes with the accents of the groove, of the phrase and of high notes.

    accents: a digit for each of the sixteen steps of a bar, 9 the strongest. sings: a melody leans
    on its long and high notes, and less on the groove, so that its syncopations are heard.
    """
    if not notes:
        return []
    middle = sum(note.pitch for note in notes) / len(notes)
    slope = _SLOPES.get(section.kind, 0.0)
    depth = 0.5 if sings else 1.0
    played: list[Note] = []
    for note in notes:
        beat = note.start - section.start
        # A strummed string belongs to the step at which the strum began.
        step = int(beat * 4.0 + 0.3) % _STEPS
        force = 1.0 - depth * _GROOVE * (9 - int(accents[step])) / 9.0
        force *= 0.8 + 0.3 * math.sin(math.pi * (beat % _PHRASE_BEATS) / _PHRASE_BEATS)
        force *= 1.0 + slope * (beat / (section.end - section.start) - 0.5)
        force *= 1.0 + min(_HIGHEST, max(-_HIGHEST, _HEIGHT * (note.pitch - middle)))
        if sings:
            force *= 1.15 if note.length >= _LONG_BEATS else 0.9
        velocity = min(1.0, max(0.05, note.velocity * force))
        played.append(Note(note.start, note.length, note.pitch, velocity, note.glide))
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
        start = max(0.0, note.start + shift)
        velocity = min(1.0, max(0.05, note.velocity * (1.0 + float(force))))
        moved.append(Note(start, note.length, note.pitch, velocity, note.glide))
    return moved


def widened(notes: list[Note]) -> list[Note]:
    """Return a part's notes with deeper accents if it is played more evenly than hands play.

    A part of few notes is left alone: its spread does not tell how it is played.
    """
    forces = [note.velocity for note in notes]
    if len(forces) < _FEWEST or (spread := float(np.std(forces))) >= LEAST_SPREAD:
        return notes
    middle, deeper = float(np.mean(forces)), LEAST_SPREAD / max(spread, 0.01)
    return [
        note._replace(velocity=min(1.0, max(0.05, middle + deeper * (note.velocity - middle))))
        for note in notes
    ]


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
