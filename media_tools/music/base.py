"""What a music provider is asked for and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from media_tools.music.brief import Breach, Brief
from media_tools.provenance import Provenance
from media_tools.providers.job import JobOptions, JobProvider
from media_tools.providers.prices import Unit
from media_tools.taste import Taste


@dataclass(frozen=True)
class Section:
    """A part of a track: kind is intro, verse, prechorus, chorus, bridge, break, drop or outro."""

    kind: str
    start_s: float
    end_s: float

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "start_s": self.start_s, "end_s": self.end_s}


@dataclass(frozen=True)
class MusicRequest:
    """One track to be made.

    genre: one of the local engine's names, or free text for text-driven providers.
    prompt: style in words, any experiment's prefix included.
    key: such as "A minor"; None leaves it to the provider.
    lyric_form: kinds of the lyrics' sections in order ("verse", "chorus" ...), so that the
    arrangement has a place for each; empty for an instrumental.
    artist_sound: stable identity of the artist; the same text gives related sounds.
    brief: what the music must do without, and what it was asked for.
    taste: what people preferred, for a provider that chooses among candidates.
    """

    title: str
    genre: str
    prompt: str
    mood: str
    duration_s: float
    tempo_bpm: int
    key: str | None
    lyrics: str
    lyric_form: tuple[str, ...]
    instrumental: bool
    artist_sound: str
    seed: int
    brief: Brief = field(default_factory=Brief)
    taste: Taste = field(default_factory=Taste)


@dataclass(frozen=True)
class TimedWord:
    """A sung word. line: index of its line among all the lines of the lyrics, from 0."""

    start_s: float
    end_s: float
    text: str
    line: int = 0


@dataclass(frozen=True)
class MusicTrack:
    """A finished, unmastered track in the work folder.

    audio: stereo WAV, 44.1 or 48 kHz. stems: name -> WAV. tempo_bpm, key: as composed, None when
    the provider does not tell. breaches, unheard: as in brief_findings; empty for an unreadable
    score. takes: further songs of the same answer, without takes of their own; facts["take"] counts
    them from 1. lufs: loudness, where it was measured.
    """

    audio: Path
    duration_s: float
    tempo_bpm: float | None
    key: str | None
    sections: tuple[Section, ...]
    provenance: Provenance
    midi: Path | None = None
    stems: dict[str, Path] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    words: tuple[TimedWord, ...] = ()
    breaches: tuple[Breach, ...] = ()
    unheard: tuple[str, ...] = ()
    takes: tuple[MusicTrack, ...] = ()
    lufs: float | None = None


@dataclass(frozen=True, kw_only=True)
class MusicOptions(JobOptions):
    """What an operator may set for any music provider."""

    units: ClassVar[tuple[Unit, ...]] = (Unit.JOB, Unit.MINUTE)


class MusicProvider(JobProvider[MusicRequest, MusicTrack], Protocol):
    """Makes tracks. sings: follows the lyrics, so that a request need not be instrumental."""

    sings: bool = False
    doing: str = "making the music"
