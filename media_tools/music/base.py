"""What a music provider is asked for and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from media_tools.provenance import Provenance


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


@dataclass(frozen=True)
class MusicTrack:
    """A finished, unmastered track in the work folder.

    audio: stereo WAV, 44.1 or 48 kHz. stems: name -> WAV. tempo_bpm, key: as composed, None when
    the provider does not tell.
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


class MusicProvider(Protocol):
    """Submit once, then collect until the track is there.

    resubmit_safe: submitting the same request twice costs nothing and does no harm.
    Raises ProviderUnavailable (retry later) or ProviderRejected (do not).
    """

    name: str
    model: str
    resubmit_safe: bool

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """Ask for the track; returns the provider's id of the job, to be saved before collect."""

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The finished track with its files in workdir, or None while the provider works."""
