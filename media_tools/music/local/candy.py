"""Small surprises, one a section: a ping, a run, a stutter, a reversed chord, a hole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from media_tools.music.local.score import BEATS_PER_BAR, Effect, Note, Score, ScoreSection

KINDS = ("ping", "run", "stutter", "reverse", "hole")
_FEWEST_BARS = 4
_VOICES = ("counter", "arp", "chords", "pad")  # who plays one, the first that is there
_SILENCED = ("kick", "snare", "hats", "perc", "bass", "chords", "arp")


@dataclass(frozen=True)
class Candy:
    """One surprise. hole: beats in which only melody and pad sound."""

    kind: str
    beat: float
    notes: tuple[tuple[str, Note], ...] = ()
    effects: tuple[Effect, ...] = ()
    hole: tuple[float, float] = (0.0, 0.0)

    def silences(self, part: str, note: Note) -> bool:
        return part in _SILENCED and self.hole[0] <= note.start < self.hole[1]


def candy_for(
    score: Score, section: ScoreSection, playing: Collection[str], rng: np.random.Generator
) -> Candy | None:
    """Return the surprise of a section; None for a short one or one without chords."""
    voice = next((part for part in _VOICES if part in playing), None)
    if section.bars < _FEWEST_BARS or section.kind == "outro" or voice is None:
        return None
    kind = KINDS[int(rng.integers(len(KINDS)))]
    bar = int(rng.integers(1, section.bars - 1))
    beat = section.start + bar * BEATS_PER_BAR + float(rng.choice([2.0, 2.5, 3.0]))
    plain = Candy(kind, beat)
    if kind == "ping":
        return replace(plain, notes=_of(voice, _ping(score, beat)))
    if kind == "run":
        return replace(plain, notes=_of(voice, _run(score, beat)))
    if kind == "stutter":
        chords = "chords" if "chords" in playing else voice
        return replace(plain, notes=_of(chords, _stutter(score, beat)))
    if kind == "reverse":
        return replace(plain, effects=(Effect("reverse", beat - 1.0, 2.0, 0.5),))
    return replace(plain, hole=(beat, section.start + (bar + 1) * BEATS_PER_BAR))


def _of(part: str, notes: list[Note]) -> tuple[tuple[str, Note], ...]:
    return tuple((part, note) for note in notes)


def _ping(score: Score, beat: float) -> list[Note]:
    """A high tone of the chord that repeats like an echo."""
    pcs = score.chord_at(beat).pcs
    pitch = 84 + (pcs[min(2, len(pcs) - 1)] - 84) % 12
    return [Note(beat + 0.75 * i, 0.4, pitch, 0.8 - 0.22 * i) for i in range(3)]


def _run(score: Score, beat: float) -> list[Note]:
    """Four quick steps up the scale to a tone of the chord."""
    chord = score.chord_at(beat)
    degrees = range(chord.degree + 4, chord.degree + 8)
    return [
        Note(beat + 0.25 * i, 0.24, chord.pitch(degree), 0.5 + 0.1 * i)
        for i, degree in enumerate(degrees)
    ]


def _stutter(score: Score, beat: float) -> list[Note]:
    """The chord again and again, each time weaker."""
    pitches = [62 + (pc - 62) % 12 for pc in score.chord_at(beat).pcs[:3]]
    return [
        Note(beat + 0.25 * i, 0.2, pitch, 0.75 - 0.13 * i) for i in range(4) for pitch in pitches
    ]
