"""Pixabay video search: free with a key, 100 requests a minute, a day's cache required."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, HttpClient, HttpReply, Line
from media_tools.providers.replies import Label, LongLabel, Reference, Reply, Whole, at, rows
from media_tools.stock.base import ClipFile, FootageRequest, StockClip
from media_tools.stock.choose import LEAST_KEPT, kept_share, normalised
from media_tools.stock.library import (
    CLIPS_READ,
    ENOUGH_CLIPS,
    WORDS_READ,
    Clip,
    Library,
    LibraryOptions,
    Sized,
    header_number,
    known,
    new_clips,
    plain_message,
    requests_left,
)

BASE_URL = "https://pixabay.com/api"
FILE_HOSTS = ("pixabay.com", "vimeo.com", "vimeocdn.com")
LICENCE = "Pixabay Content License"
PER_PAGE = 200
LEAST_PER_PAGE = 3  # fewer is an error there
# There is no orientation filter and most clips lie on their side, so more than one page is read.
MOST_PAGES = 3
MINUTE_S = 60.0


class _Rendition(Sized):
    """One that does not exist has an empty address and no size."""

    url: Reference = ""


class _Renditions(Reply):
    """Largest first."""

    large: _Rendition = _Rendition()
    medium: _Rendition = _Rendition()
    small: _Rendition = _Rendition()
    tiny: _Rendition = _Rendition()


class _Hit(Clip):
    page_url: LongLabel = at("pageURL")
    user: Label = ""
    user_id: Label = ""
    tags: Annotated[str, BeforeValidator(partial(foreign.label, longest=2000))] = ""
    videos: _Renditions = _Renditions()

    def as_clip(self) -> StockClip:
        told = bool(self.user and self.user_id)
        return StockClip(
            provider=Pixabay.name,
            clip_id=self.clip_id,
            page_url=self.page_url,
            author=self.user,
            author_url=f"https://pixabay.com/users/{self.user}-{self.user_id}/" * told,
            duration_s=self.duration,
            licence=LICENCE,
            files=tuple(file for _, each in self.videos if (file := each.file(each.url))),
            words=tuple(filter(None, map(str.strip, self.tags.split(",")[:WORDS_READ]))),
        )


class _Page(Reply):
    hits: Annotated[list[_Hit], rows(CLIPS_READ), AfterValidator(known)]
    total: Whole = at("totalHits", default=0)


@dataclass(frozen=True, kw_only=True)
class PixabayOptions(LibraryOptions):
    """base_url: of the whole API; the video search lies below it."""

    base_url: str = BASE_URL
    file_hosts: Sequence[str] = FILE_HOSTS
    lang: str = "en"  # language of the queries


class Pixabay:
    """Footage from Pixabay."""

    Options = PixabayOptions
    name = "pixabay"

    def __init__(self, options: PixabayOptions, line: Line = PLAIN) -> None:
        self._options = options
        client = HttpClient(
            self.name,
            options.base_url,
            secrets=(options.api_key,),  # it travels in the address
            line=line,
            classify=self._error_in,
        )
        self._library = Library(client, options, line, pause_s=_pause_s)

    def search(self, query: str, request: FootageRequest) -> list[StockClip]:
        """Clips whose shape suits the frame, best match first.

        Reads on while too few of them are new to the roster, at most MOST_PAGES pages.
        Raises ProviderUnavailable, ProviderRejected.
        """
        self._library.check_key("PIXABAY_API_KEY")
        params = {
            "q": normalised(query),
            "lang": self._options.lang,
            "safesearch": "true",
            "min_width": request.width,
            "min_height": request.height,
            "per_page": PER_PAGE,
        }
        found: list[StockClip] = []
        for page in range(1, MOST_PAGES + 1):
            answer = self._library.answer(
                "videos/", {**params, "page": page}, _Page, private={"key": self._options.api_key}
            )
            clips = (hit.as_clip() for hit in answer.hits)
            found += [clip for clip in clips if _upright_enough(clip, request)]
            if (
                page >= math.ceil(answer.total / PER_PAGE)
                or new_clips(found, request) >= ENOUGH_CLIPS
            ):
                break
        return found

    def fetch(self, file: ClipFile, target: Path) -> None:
        """Download a clip's file. Raises ProviderUnavailable, ProviderRejected."""
        self._library.download(file.link, target)

    def health(self) -> ProviderHealth:
        """One small search. Raises ProviderUnavailable, ProviderRejected."""
        self._library.check_key("PIXABAY_API_KEY")
        params = {"key": self._options.api_key, "q": "sky", "per_page": LEAST_PER_PAGE}
        reply = self._library.ask("videos/", params)
        return requests_left(self.name, reply.headers, "X-RateLimit-Remaining")

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        # Errors are plain text here; a refused key is a 400.
        if reply.status not in (400, 401, 403, 429):
            return None
        said = plain_message(self._library.client, reply)
        code = f"HTTP {reply.status}"
        if reply.status == 429:
            left_s = header_number(reply.headers, "X-RateLimit-Reset")
            return ProviderUnavailable(
                self.name,
                f"the request limit is used up: {said}",
                code="rate_limited",
                action="other footage is used meanwhile",
                retry_after_s=reply.retry_after_s or left_s or MINUTE_S,
            )
        if reply.status in (401, 403) or "key" in said.lower():
            return ProviderRejected(
                self.name,
                f"the key was refused: {said}",
                code=f"auth, {code}",
                action="check PIXABAY_API_KEY",
            )
        return ProviderRejected(
            self.name,
            f"the search was not accepted: {said}",
            code=f"validation, {code}",
            action="report it: the search words or sizes are not what Pixabay takes",
        )


def _pause_s(headers: Mapping[str, str]) -> float | None:
    """The seconds left of the window (not a moment, as elsewhere) once nothing is left in it."""
    if header_number(headers, "X-RateLimit-Remaining") != 0:
        return None
    return header_number(headers, "X-RateLimit-Reset")


def _upright_enough(clip: StockClip, request: FootageRequest) -> bool:
    """Whether its shape is the frame's rather than the other one."""
    return any(kept_share(file, request) >= LEAST_KEPT for file in clip.files)
