"""The score: what the composer writes and the renderer, the MIDI export and the tests read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from media_tools.music.local.theory import Chord, Key

BEATS_PER_BAR = 4


class Note(NamedTuple):
    """start, length: beats from the start of the track. velocity: 0..1. Drums use GM pitches.

    glide: semitones from its own pitch at which the note begins, to slide there at once.
    """

    start: float
    length: float
    pitch: int
    velocity: float
    glide: int = 0


class Effect(NamedTuple):
    """A sound between the notes: kind is riser, downlifter, impact, reverse, vinyl or air."""

    kind: str
    start: float
    length: float
    level: float


class Sweep(NamedTuple):
    """A low-pass filter moving over a group of parts, in beats and Hz."""

    group: str
    start: float
    end: float
    from_hz: float
    to_hz: float


class ChordSpan(NamedTuple):
    """A chord and the beats it sounds."""

    start: float
    length: float
    chord: Chord


@dataclass(frozen=True)
class ScoreSection:
    """A part of the form.

    first_bar: from 0. occurrence: how many of its kind came before. intensity: 0..1.
    """

    kind: str
    first_bar: int
    bars: int
    occurrence: int
    last_of_kind: bool
    intensity: float
    key: Key

    @property
    def start(self) -> float:
        """First beat."""
        return float(self.first_bar * BEATS_PER_BAR)

    @property
    def end(self) -> float:
        """Beat after the last."""
        return float((self.first_bar + self.bars) * BEATS_PER_BAR)


@dataclass(frozen=True)
class Score:
    """A composed piece. parts: role -> notes in order of their start."""

    genre: str
    key: Key
    tempo_bpm: float
    form: tuple[ScoreSection, ...]
    chords: tuple[ChordSpan, ...]
    parts: dict[str, tuple[Note, ...]]
    effects: tuple[Effect, ...]
    sweeps: tuple[Sweep, ...]
    progressions: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def beats(self) -> float:
        """Length of the written bars."""
        return self.form[-1].end

    def seconds(self, beats: float) -> float:
        return beats * 60.0 / self.tempo_bpm

    def chord_at(self, beat: float) -> Chord:
        """The chord that sounds at a beat."""
        for span in self.chords:
            if span.start <= beat < span.start + span.length:
                return span.chord
        return self.chords[-1].chord
