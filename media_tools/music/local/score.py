"""The score: written by the composer, read by the renderer and the MIDI export."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from media_tools.music.local.theory import Chord, Key

BEATS_PER_BAR = 4


class Note(NamedTuple):
    """A note of a part; drums use General MIDI pitches."""

    start: float  # beats from the start of the track
    length: float  # beats
    pitch: int
    velocity: float  # 0..1
    glide: int = 0  # semitones from its pitch at which it begins, to slide there at once


class Effect(NamedTuple):
    """A sound between the notes: kind is a texture (textures.py)."""

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
    """A chord and the beats in which it sounds."""

    start: float
    length: float
    chord: Chord


@dataclass(frozen=True)
class ScoreSection:
    """A part of the form."""

    kind: str
    first_bar: int  # from 0
    bars: int
    occurrence: int  # how many of its kind came before
    intensity: float  # 0..1
    key: Key

    @property
    def start(self) -> float:
        """The first beat."""
        return float(self.first_bar * BEATS_PER_BAR)

    @property
    def end(self) -> float:
        """The beat after the last one."""
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
        """Length of the written bars, in beats."""
        return self.form[-1].end

    def seconds(self, beats: float) -> float:
        return beats * 60.0 / self.tempo_bpm

    def chord_at(self, beat: float) -> Chord:
        """Return the chord that sounds at a beat."""
        for span in self.chords:
            if span.start <= beat < span.start + span.length:
                return span.chord
        return self.chords[-1].chord
