"""What a music provider is asked for and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from media_tools.errors import (
    JobFailed,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.music.callbacks import CallbackRefused
from media_tools.provenance import Provenance

RESOLVE_LOST = "look the job up at the provider, then resolve its ledger row; it is not sent again"


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
    the provider does not tell. takes: further songs of the same answer, without takes of their
    own; facts["take"] counts them from 1.
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
    takes: tuple[MusicTrack, ...] = ()


@dataclass(frozen=True)
class MusicHealth:
    """A provider that answered. credits: left in the account, in `unit`; None: it does not tell."""

    provider: str
    model: str
    credits: Decimal | None = None
    unit: str = ""
    note: str = ""


class MusicProvider(Protocol):
    """Submit once, then collect until the track is there. Providers inherit from it.

    resubmit_safe: submitting the same request twice costs nothing and does no harm.
    sings: follows the lyrics, so that a request need not be instrumental.
    deadline_s: how long after submission a job is still believed in; None: for ever.
    Every method raises ProviderUnavailable (retry later) or ProviderRejected (do not).
    """

    name: str
    model: str
    resubmit_safe: bool
    sings: bool = False
    deadline_s: float | None = None

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        """Ask for the track; returns the provider's id of the job, to be saved before collect.

        Raises SubmissionUnknown when the answer of a provider that is not resubmit_safe is lost.
        """

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The finished track with its files in workdir, or None while the provider works.

        Raises JobFailed when the job ended without a track: only a new submission can help;
        JobRefused when it did and the same request must not be repeated. Every other error says
        nothing about the job: it is collected again. PartlyMade holds a track that lacks some of
        its takes, for a caller that waits no longer.
        """

    def recover(self, idempotency_key: str) -> str | None:
        """The id of a job whose submission a dead worker did not write down, where it is certain.

        To be asked before a ledger row without an id counts as "submission unknown".
        """
        return None

    def waits_for(self, external_id: str) -> str:
        """What an unfinished job waits for, in words for the operator."""
        return f"{self.name} is making the music"

    def callback_job(self, body: bytes, headers: Mapping[str, str], *, now: float) -> str:
        """The id of the job a callback of the provider speaks of: a hint to collect it now.

        Nothing else of it is believed, and an unknown id is no error. now: Unix seconds.
        Raises CallbackRefused.
        """
        raise CallbackRefused(f"{self.name} sends no callbacks")

    def poll_after_s(self, waited_s: float) -> float:
        """Seconds until the next collect, for a job submitted waited_s ago."""
        return 20.0

    def estimate_cost(self, request: MusicRequest) -> Decimal | None:
        """USD the submission will cost at most, by the price table; None: no price is known."""
        return Decimal(0)

    def health(self) -> MusicHealth:
        """One cheap call that costs nothing."""
        return MusicHealth(self.name, self.model)


class Patient(Protocol):
    """What check_deadline has to know of any provider that takes its time."""

    name: str
    resubmit_safe: bool
    deadline_s: float | None


def check_deadline(provider: Patient, external_id: str, *, waited_s: float) -> None:
    """Give up a job that collect() still calls unfinished after the provider's deadline.

    waited_s: since its submission. Raises JobFailed where a new submission does no harm, else
    ProviderRejected: a retry of the run then looks at the same job once more.
    """
    if provider.deadline_s is None or waited_s <= provider.deadline_s:
        return
    cause = f"job {external_id} is not finished after {waited_s / 60:.0f} min"
    if provider.resubmit_safe:
        raise JobFailed(provider.name, cause, code="deadline", action="it is submitted again")
    raise ProviderRejected(
        provider.name,
        cause,
        code="deadline",
        action="look at the job there; a retry of the run collects it without a new charge",
    )


def late_backoff_s(waited_s: float, *, first_s: float = 10.0, last_s: float = 30.0) -> float:
    """A pause between polls that grows from first_s to last_s over the first five minutes."""
    return first_s + (last_s - first_s) * min(1.0, max(0.0, waited_s) / 300.0)


def checked_key(provider: str, key: str, setting: str) -> str:
    """A key without blanks around it. Raises ProviderRejected if it is empty."""
    key = key.strip()
    if not key:
        raise ProviderRejected(
            provider, "it has no key", code="no_key", action=f"set {setting} in the environment"
        )
    return key


def unusable(provider: str, what: str) -> ProviderUnavailable:
    """For an answer to a reading call that does not keep the contract."""
    return ProviderUnavailable(
        provider, f"{what} cannot be read", code="bad_answer", action="it is tried again later"
    )


def lost_submission(provider: str, what: str) -> SubmissionUnknown:
    """For a good answer to a paid submission that names no job."""
    return SubmissionUnknown(
        provider,
        f"{what}; the request may have been taken and charged",
        code="submission_unknown",
        action=RESOLVE_LOST,
    )
