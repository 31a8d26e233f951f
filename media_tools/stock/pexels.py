"""Pexels video search: free with a key, 200 requests an hour, credit asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, HttpClient, HttpReply, Line
from media_tools.providers.replies import Label, LongLabel, Reference, Reply, at, first, rows
from media_tools.stock.base import ClipFile, FootageRequest, StockClip
from media_tools.stock.choose import normalised
from media_tools.stock.library import (
    CLIPS_READ,
    ENOUGH_CLIPS,
    FILES_READ,
    WORDS_READ,
    Clip,
    Library,
    LibraryOptions,
    Positive,
    Sized,
    header_number,
    known,
    new_clips,
    plain_message,
    requests_left,
)

BASE_URL = "https://api.pexels.com/v1/videos"
FILE_HOSTS = ("pexels.com", "vimeo.com", "vimeocdn.com")
LICENCE = "Pexels License"
PER_PAGE = 80
MOST_PAGES = 3
# The hourly window is the one a busy roster meets, and a 429 tells no time.
BUSY_S = 3600.0
# `size` is a minimum: the longer side each word stands for.
SIZES_PX = (("small", 1280), ("medium", 1920), ("large", 3840))


class _File(Sized):
    link: Reference = ""
    file_type: Label = ""
    fps: Positive | None = None

    def as_file(self) -> ClipFile | None:
        """A file to download, no playlist. Labels of quality tell nothing."""
        if self.file_type not in ("", "video/mp4") or ".m3u8" in self.link:
            return None
        return self.file(self.link, self.fps)


class _Video(Clip):
    url: LongLabel = ""
    author: Label = at("user", "name")
    author_url: LongLabel = at("user", "url")
    video_files: Annotated[list[_File], rows(FILES_READ)] = []
    tags: Annotated[list[Label], first(WORDS_READ)] = []

    def as_clip(self) -> StockClip:
        return StockClip(
            provider=Pexels.name,
            clip_id=self.clip_id,
            page_url=self.url,
            author=self.author,
            author_url=self.author_url,
            duration_s=self.duration,
            licence=LICENCE,
            files=tuple(file for each in self.video_files if (file := each.as_file())),
            words=tuple(self.tags),
        )


class _Page(Reply):
    videos: Annotated[list[_Video], rows(CLIPS_READ), AfterValidator(known)]
    next_page: LongLabel = ""


@dataclass(frozen=True, kw_only=True)
class PexelsOptions(LibraryOptions):
    """base_url: of the video API; the older form ends in /videos without /v1."""

    base_url: str = BASE_URL
    file_hosts: Sequence[str] = FILE_HOSTS
    locale: str = "en-US"  # language of the queries


class Pexels:
    """Footage from Pexels."""

    Options = PexelsOptions
    name = "pexels"

    def __init__(self, options: PexelsOptions, line: Line = PLAIN) -> None:
        self._options = options
        self._clock = line.clock
        client = HttpClient(
            self.name,
            options.base_url,
            headers={"Authorization": options.api_key},  # the bare key: Pexels knows no "Bearer"
            line=line,
            classify=self._error_in,
        )
        self._library = Library(client, options, line, pause_s=self._pause_s)

    def search(self, query: str, request: FootageRequest) -> list[StockClip]:
        """Clips in the frame's orientation, best match first.

        Reads on while too few of them are new to the roster, at most MOST_PAGES pages.
        Raises ProviderUnavailable, ProviderRejected.
        """
        self._library.check_key("PEXELS_API_KEY")
        longest_px = max(request.width, request.height)
        params = {
            "query": normalised(query),
            "orientation": request.orientation,
            "size": next((word for word, px in SIZES_PX if longest_px <= px), "large"),
            "locale": self._options.locale,
            "per_page": PER_PAGE,
        }
        found: list[StockClip] = []
        for page in range(1, MOST_PAGES + 1):
            answer = self._library.answer("search", {**params, "page": page}, _Page)
            found += [clip for video in answer.videos if (clip := video.as_clip()).files]
            if not answer.next_page or new_clips(found, request) >= ENOUGH_CLIPS:
                break
        return found

    def fetch(self, file: ClipFile, target: Path) -> None:
        """Download a clip's file. Raises ProviderUnavailable, ProviderRejected."""
        self._library.download(file.link, target)

    def health(self) -> ProviderHealth:
        """One small search. Raises ProviderUnavailable, ProviderRejected."""
        self._library.check_key("PEXELS_API_KEY")
        reply = self._library.ask("search", {"query": "sky", "per_page": 1})
        return requests_left(self.name, reply.headers, "X-Ratelimit-Remaining")

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        said = plain_message(self._library.client, reply)
        code = f"HTTP {reply.status}"
        if reply.status == 429:
            return ProviderUnavailable(
                self.name,
                f"the request limit is used up: {said}",
                code="rate_limited",
                action="other footage is used; ask Pexels for a higher limit, which is free",
                retry_after_s=reply.retry_after_s or BUSY_S,
            )
        if reply.status in (401, 403):
            return ProviderRejected(
                self.name,
                f"the key was refused: {said}",
                code=f"auth, {code}",
                action="check PEXELS_API_KEY",
            )
        return None

    def _pause_s(self, headers: Mapping[str, str]) -> float | None:
        """Until the month rolls over, once a good answer says that nothing is left."""
        left = header_number(headers, "X-Ratelimit-Remaining")
        reset = header_number(headers, "X-Ratelimit-Reset")
        if left != 0 or reset is None:
            return None
        return max(0.0, reset - self._clock())
