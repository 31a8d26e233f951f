"""An artist's spoken tag: a few words in a synthetic voice, as a WAV file.

Only designed and stock voices; a real person's voice is never asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Protocol

from media_tools.audio.io import read_audio
from media_tools.errors import JobRefused, MediaInvalid, ProviderRejected
from media_tools.media_types import AUDIO
from media_tools.music.intake import to_wav
from media_tools.provenance import Provenance
from media_tools.providers.downloads import DownloadLimits
from media_tools.providers.job import JobOptions, JobProvider
from media_tools.providers.prices import Unit
from media_tools.providers.wire import Timeouts
from media_tools.text.artist_names import real_artists

MAX_CHARACTERS = 300
SHORTEST_S, LONGEST_S = 0.2, 60.0
# -50 dBFS: below it nobody hears a word.
SILENT_PEAK = 0.003
TAG_LIMITS = DownloadLimits(
    max_bytes=32 * 1024 * 1024, max_seconds=90.0, media=(AUDIO,), read_s=60.0
)


@dataclass(frozen=True)
class TagRequest:
    """Words to be spoken, in English. seed: counts where the provider takes one."""

    text: str
    seed: int = 0


@dataclass(frozen=True)
class SpokenTag:
    """audio: stereo 24-bit WAV of 44.1 or 48 kHz in the work folder."""

    audio: Path
    duration_s: float
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class VoiceOptions(JobOptions):
    """spool: folder for paid answers on their way, common to all workers."""

    spool: Path

    units: ClassVar[tuple[Unit, ...]] = (Unit.CHARACTERS,)


class VoiceProvider(JobProvider[TagRequest, SpokenTag], Protocol):
    """Speaks tags."""

    doing: str = "speaking the artist's tag"


def tag_limits(timeouts: Timeouts | None) -> DownloadLimits:
    """What the sound of a tag may be, and how long it may take."""
    if timeouts is None:
        return TAG_LIMITS
    return replace(
        TAG_LIMITS,
        connect_s=timeouts.connect_s,
        read_s=timeouts.read_s,
        max_seconds=timeouts.total_s,
    )


def checked_words(provider: str, request: TagRequest) -> str:
    """The text without stray blanks. Raises ProviderRejected if it is empty, long or not ours."""
    text = " ".join(request.text.split())
    if not text or len(text) > MAX_CHARACTERS:
        raise ProviderRejected(
            provider,
            f"the spoken tag has {len(text)} characters; 1 to {MAX_CHARACTERS} are spoken",
            code="validation",
            action="change the artist's spoken tag",
        )
    check_person(provider, text)
    return text


def check_person(provider: str, words: str) -> None:
    """Raises ProviderRejected if the words name a known artist: no voice is imitated."""
    if named := real_artists(words):
        raise ProviderRejected(
            provider,
            f"nothing was spoken: the words name {', '.join(named)}",
            code="content_policy",
            action="take the name out; a real person's voice is never imitated",
        )


def finished_tag(provider: str, raw: Path, workdir: Path) -> tuple[Path, float]:
    """The WAV made of a provider's sound, and its length in seconds by decoding.

    Raises JobRefused if it is broken, silent or of an odd length: it is paid already.
    """
    target = workdir / "tag.wav"
    try:
        spoken = to_wav(raw, target, longest_s=LONGEST_S)
        samples, _ = read_audio(target, LONGEST_S)
        if spoken.duration_s < SHORTEST_S:
            raise MediaInvalid(raw.name, f"it is {spoken.duration_s:.2f} s long only")
        if float(abs(samples).max()) < SILENT_PEAK:
            raise MediaInvalid(raw.name, "it is silent")
    except MediaInvalid as error:
        target.unlink(missing_ok=True)
        raise JobRefused(
            provider,
            f"the spoken tag cannot be used: {error.cause}",
            code="bad_file",
            action="it may have been charged; another submission asks, and pays, anew",
        ) from None
    return target, spoken.duration_s
