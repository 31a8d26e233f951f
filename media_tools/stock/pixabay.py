"""Pixabay video search: free with a key, 100 requests a minute, a day's cache required."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, HttpClient, HttpReply, Line
from media_tools.stock.base import ClipFile, FootageRequest, StockClip
from media_tools.stock.cache import AnswerCache
from media_tools.stock.choose import LEAST_KEPT, kept_share, normalised
from media_tools.stock.library import (
    ENOUGH_CLIPS,
    WORDS_READ,
    Library,
    clips_in,
    header_number,
    new_clips,
    number,
    pixels,
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
RENDITIONS = ("large", "medium", "small", "tiny")


class Pixabay:
    """Footage from Pixabay. lang: language of the queries. file_hosts: as for Pexels."""

    name = "pixabay"

    def __init__(
        self,
        *,
        api_key: str,
        cache: AnswerCache,
        base_url: str = BASE_URL,
        lang: str = "en",
        file_hosts: Sequence[str] = FILE_HOSTS,
        line: Line = PLAIN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api_key = api_key
        self._lang = lang
        client = HttpClient(
            self.name,
            base_url,
            secrets=(api_key,),  # it travels in the address
            line=line,
            classify=self._error_in,
        )
        self._library = Library(
            client, cache, file_hosts=tuple(file_hosts), pause_s=_pause_s, clock=clock
        )

    def search(self, query: str, request: FootageRequest) -> list[StockClip]:
        """Clips whose shape suits the frame, best match first.

        Reads on while too few of them are new to the roster, at most MOST_PAGES pages.
        Raises ProviderUnavailable, ProviderRejected.
        """
        self._check_key()
        params = {
            "q": normalised(query),
            "lang": self._lang,
            "safesearch": "true",
            "min_width": request.width,
            "min_height": request.height,
            "per_page": PER_PAGE,
        }
        found: list[StockClip] = []
        for page in range(1, MOST_PAGES + 1):
            clips, hits = self._library.answer(
                "videos/", {**params, "page": page}, _clips, private={"key": self._api_key}
            )
            found += [clip for clip in clips if _upright_enough(clip, request)]
            if page >= math.ceil(hits / PER_PAGE) or new_clips(found, request) >= ENOUGH_CLIPS:
                break
        return found

    def fetch(self, file: ClipFile, target: Path) -> None:
        """Download a clip's file. Raises ProviderUnavailable, ProviderRejected."""
        self._library.download(file.link, target)

    def health(self) -> ProviderHealth:
        """One small search. Raises ProviderUnavailable, ProviderRejected."""
        self._check_key()
        params = {"key": self._api_key, "q": "sky", "per_page": LEAST_PER_PAGE}
        reply = self._library.ask("videos/", params)
        return requests_left(self.name, reply.headers, "X-RateLimit-Remaining")

    def _check_key(self) -> None:
        if not self._api_key:
            raise ProviderRejected(
                self.name, "it has no key", code="auth", action="set PIXABAY_API_KEY"
            )

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


def _clips(data: Any) -> tuple[list[StockClip], int]:
    """Clips, and how many can be reached. Raises KeyError, TypeError for another shape."""
    return clips_in(data["hits"], _clip), foreign.whole(data.get("totalHits")) or 0


def _clip(hit: Mapping[str, Any]) -> StockClip:
    renditions = foreign.fields(hit.get("videos"))
    listed = (foreign.fields(renditions.get(name)) for name in RENDITIONS)
    files = [file for entry in listed if (file := _file(entry))]
    user, user_id = foreign.label(hit.get("user")), foreign.label(hit.get("user_id"))
    tags = foreign.label(hit.get("tags"), longest=2000).split(",")
    known = user and user_id
    return StockClip(
        provider=Pixabay.name,
        clip_id=foreign.reference(hit.get("id"), longest=foreign.LONGEST_LABEL),
        page_url=foreign.label(hit.get("pageURL"), longest=1000),
        author=user,
        author_url=f"https://pixabay.com/users/{user}-{user_id}/" if known else "",
        duration_s=number(hit.get("duration")) or 0.0,
        licence=LICENCE,
        files=tuple(files),
        words=tuple(word for tag in tags[:WORDS_READ] if (word := tag.strip())),
    )


def _file(entry: Mapping[str, Any]) -> ClipFile | None:
    """A rendition; one that does not exist has an empty address and no size."""
    width, height = pixels(entry.get("width")), pixels(entry.get("height"))
    link = foreign.reference(entry.get("url"))
    if not link or not width or not height:
        return None
    size = number(entry.get("size"))
    return ClipFile(link, width, height, size_bytes=int(size) if size else None)
