"""What footage is asked for, what a source offers, and the file a run gets with its credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from media_tools.provenance import Provenance
from media_tools.providers.health import ProviderHealth
from media_tools.video.probe import VideoInfo

SUFFIXES = (".mp4", ".mov", ".m4v", ".webm", ".mkv")

Orientation = Literal["portrait", "landscape", "square"]


@dataclass(frozen=True)
class FootageRequest:
    """Clips to lie behind one song.

    queries: search words, one or more queries (the concept, then its sections); clips are taken
    from them in turn. width, height: the frame to fill, in pixels. duration_s: footage wanted in
    total. clips: how many, fewest and most. excluded: keys (StockClip.key) the roster used lately.
    """

    queries: tuple[str, ...]
    duration_s: float
    seed: int
    width: int = 1080
    height: int = 1920
    clips: tuple[int, int] = (2, 6)
    excluded: frozenset[str] = frozenset()

    @property
    def orientation(self) -> Orientation:
        if self.width == self.height:
            return "square"
        return "portrait" if self.width < self.height else "landscape"


@dataclass(frozen=True)
class ClipFile:
    """One rendition of a clip. link: address, or path of a local clip. None: not told."""

    link: str
    width: int
    height: int
    fps: float | None = None
    size_bytes: int | None = None


@dataclass(frozen=True)
class StockClip:
    """A clip a source offers, with what its credit needs.

    licence: the source's own name for its terms. words: what it shows, where the source tells.
    fault: why it must not be used, such as a credit that cannot be read.
    """

    provider: str
    clip_id: str
    page_url: str
    author: str
    author_url: str
    duration_s: float
    licence: str
    files: tuple[ClipFile, ...]
    words: tuple[str, ...] = ()
    fault: str = ""

    @property
    def key(self) -> str:
        """Names the clip across runs and artists, for reuse control."""
        return f"{self.provider}:{self.clip_id}"

    @property
    def credit(self) -> str:
        """The line to show with it, as the sources ask for."""
        if self.provider not in SOURCE_NAMES:
            return f"Video by {self.author}" if self.author else ""
        return f"Video by {self.author or 'unknown'} on {SOURCE_NAMES[self.provider]}"


SOURCE_NAMES = {"pexels": "Pexels", "pixabay": "Pixabay"}


@dataclass(frozen=True)
class ClipCredits:
    """What is kept of a clip: source, licence and the line to show. retrieved_at: ISO 8601."""

    key: str
    credit: str
    author: str
    author_url: str
    page_url: str
    licence: str
    query: str
    sha256: str
    retrieved_at: str
    info: VideoInfo


@dataclass(frozen=True)
class FootageCredits:
    """What is kept of a FootageSet."""

    clips: tuple[ClipCredits, ...] = ()
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Footage:
    """A clip's file in the work folder, vetted. query: the words that found it."""

    path: Path
    clip: StockClip
    info: VideoInfo
    sha256: str
    query: str
    retrieved_at: datetime

    @property
    def provenance(self) -> Provenance:
        return Provenance(
            provider=self.clip.provider,
            model=self.clip.clip_id,
            licence=self.clip.licence,
            author=self.clip.author,
            source_url=self.clip.page_url,
            prompt=self.query,
            generator="human",
        )

    def credits(self) -> ClipCredits:
        """Everything but the path, for the step's output and the release's credits."""
        return ClipCredits(
            key=self.clip.key,
            credit=self.clip.credit,
            author=self.clip.author,
            author_url=self.clip.author_url,
            page_url=self.clip.page_url,
            licence=self.clip.licence,
            query=self.query,
            sha256=self.sha256,
            retrieved_at=self.retrieved_at.isoformat(),
            info=self.info,
        )


@dataclass(frozen=True)
class FootageSet:
    """What a search gave: clips in the order of the queries; none means generated visuals.

    troubles: what each source that gave nothing or too little said, for the step's output.
    """

    clips: tuple[Footage, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """For VisualPlan(kind="footage", footage=...)."""
        return tuple(clip.path for clip in self.clips)

    def credits(self) -> FootageCredits:
        """What is kept of the search with the run."""
        return FootageCredits(
            clips=tuple(clip.credits() for clip in self.clips), troubles=self.troubles
        )


def credits_of(clips: Sequence[Footage], *, made_with: Provenance) -> Provenance:
    """The provenance of a video cut from `clips`: every source, licence, author and page in it.

    made_with: of the video's own making; its prompt and seed stay.
    """

    def together(parts: list[str]) -> str:
        return "; ".join(dict.fromkeys(part for part in parts if part))

    return Provenance(
        provider=together([made_with.provider, *(clip.clip.provider for clip in clips)]),
        model=made_with.model,
        licence=together([made_with.licence, *(clip.clip.licence for clip in clips)]),
        generator=made_with.generator,
        author=together([made_with.author, *(clip.clip.credit for clip in clips)]),
        source_url=together([made_with.source_url, *(clip.clip.page_url for clip in clips)]),
        prompt=made_with.prompt,
        seed=made_with.seed,
    )


class FootageSource(Protocol):
    """A place clips come from.

    Both methods raise ProviderUnavailable (try later, or elsewhere) or ProviderRejected (not so).
    """

    name: str

    def search(self, query: str, request: FootageRequest) -> list[StockClip]:
        """Clips for a query, best first; their shapes are not checked."""

    def fetch(self, file: ClipFile, target: Path) -> None:
        """Put a clip's file at `target`."""


@runtime_checkable
class RemoteFootage(FootageSource, Protocol):
    """A source behind a network, which can be asked whether it works."""

    def health(self) -> ProviderHealth:
        """One small search. Raises ProviderUnavailable, ProviderRejected."""
