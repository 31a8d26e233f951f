"""Whether a track is a recording that the world already knows.

Chromaprint's fingerprint is what public databases are searched by. For near-duplicates within the
own catalogue it is too coarse: fingerprint.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import SAFE_INPUT, run_ffmpeg
from media_tools.findings import Finding, Severity
from media_tools.providers.health import ProviderHealth

HEARD_S = 120  # databases hold fingerprints of the first two minutes
SAME_FROM = 0.85  # share of equal bits; lossy copies have 0.99, other songs 0.5 to 0.7
_LONGEST_PRINT = 10_000  # characters; two minutes have some 2,500
_NAMED = 3


@dataclass(frozen=True)
class Chromaprint:
    """text: as Chromaprint compresses it, in base64. duration_s: of the whole track."""

    text: str
    duration_s: float


@dataclass(frozen=True)
class Recording:
    """A known recording. likeness: 0 to 1."""

    likeness: float
    title: str = ""
    artist: str = ""

    def __str__(self) -> str:
        named = f"“{self.title}” by {self.artist or 'somebody'}" if self.title else "one unnamed"
        return f"{named} ({self.likeness:.0%} alike)"


class Recogniser(Protocol):
    """A database of recordings."""

    name: str

    def health(self) -> ProviderHealth:
        """Raises ProviderUnavailable, ProviderRejected."""

    def recordings(self, heard: Chromaprint) -> list[Recording]:
        """Those like it, most alike first. Raises ProviderUnavailable, ProviderRejected."""


def chromaprint(path: Path, *, duration_s: float, workdir: Path) -> Chromaprint:
    """Return a track's fingerprint.

    Raises MediaInvalid, ToolMissing; ToolFailed, also of an ffmpeg that was built without it.
    """
    target = workdir / "chromaprint.txt"
    source = [*SAFE_INPUT, "-t", str(HEARD_S), "-i", str(path)]
    form = ["-f", "chromaprint", "-fp_format", "base64", str(target)]
    run_ffmpeg([*source, *form], timeout_s=120.0, what=path.name)
    text = target.read_text("ascii").strip()
    if not text or len(text) > _LONGEST_PRINT:
        raise MediaInvalid(path, "its sound gives no fingerprint; it may be too short")
    return Chromaprint(text, duration_s)


def recording_findings(found: Sequence[Recording], *, artist: str) -> list[Finding]:
    """What a reviewer must know of the recordings a track was taken for.

    Somebody else's fails; one of the artist's own name warns, since it may be this very song.
    """
    same = [one for one in found if one.likeness >= SAME_FROM]
    if not same:
        return []
    own = all(one.artist.casefold() == artist.casefold() for one in same)
    more = f" and {len(same) - _NAMED} more" if len(same) > _NAMED else ""
    names = ", ".join(map(str, same[:_NAMED])) + more
    return [
        Finding(
            "audio_known_recording",
            Severity.WARN if own else Severity.FAIL,
            f"The track is known as a recording: {names}."
            + ("" if own else " Use it only with the rights of its owner; else bring another."),
            retryable=False,
        )
    ]


def not_looked_up(error: Exception) -> Finding:
    """Says that nobody could tell."""
    return Finding(
        "audio_not_recognised",
        Severity.WARN,
        f"Nobody could tell whether it is somebody's recording: {error}",
        retryable=False,
    )


def whole_seconds(duration_s: float) -> int:
    """As databases want a length."""
    return max(1, math.floor(duration_s + 0.5))
