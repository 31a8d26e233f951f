"""Asks the sources of footage in order until a song has enough clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from media_tools.errors import MediaInvalid, ProviderError, ProviderRejected
from media_tools.files import sha256_of
from media_tools.stock.base import (
    SUFFIXES,
    ClipFile,
    Footage,
    FootageRequest,
    FootageSet,
    FootageSource,
)
from media_tools.stock.choose import LEAST_KEPT, Choice, choices, kept_share
from media_tools.video.probe import FOOTAGE_LIMITS, VideoInfo, probe, vet_decode

# Broken or refused clips of one source before the next is asked.
MOST_FAILED = 4


def _now() -> datetime:
    return datetime.now(tz=UTC)


@dataclass
class _Gathering:
    """What one search has so far."""

    request: FootageRequest
    workdir: Path
    clips: list[Footage] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @property
    def enough(self) -> bool:
        fewest, most = self.request.clips
        total_s = sum(clip.info.duration_s for clip in self.clips)
        return len(self.clips) >= most or (
            len(self.clips) >= fewest and total_s >= self.request.duration_s
        )


class FootageChain:
    """Sources in order of preference, each asked only for what those before it did not give.

    clock: the moment of retrieval.
    """

    def __init__(
        self,
        sources: Sequence[FootageSource],
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._sources = tuple(sources)
        self._clock = clock

    def find(self, request: FootageRequest, workdir: Path) -> FootageSet:
        """Clips for a song, their files in workdir; none where the fewest were not found.

        No source's failure is an error here: it is told in `troubles`, and a run without footage
        has generated visuals. Raises ToolMissing.
        """
        gathering = _Gathering(request, workdir)
        for source in self._sources:
            if gathering.enough:
                break
            self._gather(source, gathering)
        clips = gathering.clips
        if len(clips) < request.clips[0]:
            for clip in clips:
                clip.path.unlink(missing_ok=True)
            clips = []
        order = {query: place for place, query in enumerate(request.queries)}
        clips.sort(key=lambda clip: order[clip.query])
        return FootageSet(tuple(clips), tuple(gathering.troubles))

    def _gather(self, source: FootageSource, gathering: _Gathering) -> None:
        had = len(gathering.clips), len(gathering.troubles)
        failed = 0
        for query, choice in self._offers(source, gathering):
            if gathering.enough or failed >= MOST_FAILED:
                break
            if choice.clip.key in gathering.seen:
                continue
            gathering.seen.add(choice.clip.key)
            try:
                gathering.clips.append(self._fetched(source, query, choice, gathering))
            except (ProviderError, MediaInvalid) as error:
                failed += 1
                gathering.troubles.append(_said(error))
        if (len(gathering.clips), len(gathering.troubles)) == had:
            gathering.troubles.append(f"{source.name}: no clip that fits and was not used lately")

    def _offers(self, source: FootageSource, gathering: _Gathering) -> Iterator[tuple[str, Choice]]:
        """The best of every query, then the second best of every query, and so on."""
        request = gathering.request
        lists: list[list[tuple[str, Choice]]] = []
        for query in dict.fromkeys(request.queries):
            try:
                found = source.search(query, request)
            except ProviderError as error:
                gathering.troubles.append(_said(error))
                break  # the other queries would meet the same
            lists.append([(query, choice) for choice in choices(found, request, query)])
        for row in zip_longest(*lists):
            yield from (offer for offer in row if offer is not None)

    def _fetched(
        self, source: FootageSource, query: str, choice: Choice, gathering: _Gathering
    ) -> Footage:
        """Raises ProviderError, MediaInvalid; then no file is left."""
        if choice.clip.fault:
            raise ProviderRejected(
                source.name,
                f"{choice.clip.clip_id} was left out: {choice.clip.fault}",
                code="side_file",
                action="correct its side file",
            )
        place = len(gathering.clips) + 1
        target = gathering.workdir / f"footage-{place}{_suffix(choice.file)}"
        source.fetch(choice.file, target)
        try:
            info = probe(target, limits=FOOTAGE_LIMITS)
            _check_shape(target, info, gathering.request)
            # A damaged file must not break the render.
            vet_decode(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return Footage(
            path=target,
            clip=choice.clip,
            info=info,
            sha256=sha256_of(target),
            query=query,
            retrieved_at=self._clock(),
        )


def _check_shape(path: Path, info: VideoInfo, request: FootageRequest) -> None:
    """A library's figures may be wrong, or told before a rotation."""
    if info.width < request.width or info.height < request.height:
        raise MediaInvalid(
            path,
            f"{info.width}x{info.height} does not fill {request.width}x{request.height}, "
            "unlike its description.",
        )
    if kept_share(ClipFile("", info.width, info.height), request) < LEAST_KEPT:
        raise MediaInvalid(path, f"{info.width}x{info.height} is not {request.orientation}.")


def _suffix(file: ClipFile) -> str:
    suffix = PurePosixPath(urlsplit(file.link).path).suffix.lower()
    return suffix if suffix in SUFFIXES else ".mp4"


def _said(error: ProviderError | MediaInvalid) -> str:
    """An error without the path of the work folder."""
    return f"{error.path.name}: {error.cause}" if isinstance(error, MediaInvalid) else str(error)
