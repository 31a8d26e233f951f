"""What the stock libraries on the network have in common: a day's cache, pauses, downloads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from media_tools import foreign
from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import (
    Call,
    Downloaded,
    DownloadLimits,
    HttpClient,
    HttpReply,
    Line,
)
from media_tools.providers.replies import Finite, Read, Reply, at, read_reply
from media_tools.stock.base import ClipFile, FootageRequest, StockClip
from media_tools.stock.cache import ANSWER_S, FileCache

CLIP_BYTES = 200 * 1024 * 1024
CLIP_SECONDS = 240.0
# New clips of a query after which no further page is read.
ENOUGH_CLIPS = 12
# Of one answer, of one clip; more than the libraries give.
CLIPS_READ, FILES_READ, WORDS_READ = 200, 30, 50
# Pexels counts by the month.
LONGEST_PAUSE_S = 31 * 24 * 3600.0


# A number above 0.
Positive = Annotated[Finite, Field(ge=1e-9, le=1e12)]
# A side of a picture, 0 if it is not told.
Pixels = Annotated[
    int, BeforeValidator(lambda px: round(foreign.finite(px, low=1.0, high=100_000.0) or 0))
]


class Sized(Reply):
    """What every rendition of a clip tells."""

    width: Pixels = 0
    height: Pixels = 0
    size: Positive = 0.0

    def file(self, link: str, fps: float | None = None) -> ClipFile | None:
        """The rendition at `link`; None without an address or a size."""
        if not link or not self.width or not self.height:
            return None
        size_bytes = int(self.size) or None
        return ClipFile(link, self.width, self.height, fps=fps, size_bytes=size_bytes)


class Clip(Reply):
    """An entry of an answer; "" for an id that cannot be used."""

    clip_id: Annotated[
        str, BeforeValidator(partial(foreign.reference, longest=foreign.LONGEST_LABEL))
    ] = at("id")
    duration: Positive = 0.0


AnyClip = TypeVar("AnyClip", bound=Clip)


def known(clips: list[AnyClip]) -> list[AnyClip]:
    """Drop clips without an id, as long as there are others. Raises ValueError if not."""
    named = [clip for clip in clips if clip.clip_id]
    if clips and not named:
        raise ValueError("no clip has an id")
    return named


@dataclass(frozen=True, kw_only=True)
class LibraryOptions:
    """spool: folder, common to all workers, below which a day's answers are kept."""

    api_key: str = field(repr=False)
    spool: Path
    base_url: str = ""
    file_hosts: Sequence[str] = ()  # where its files may come from, subdomains included


class Library:
    """One library's answers and files.

    pause_s: seconds to wait that the headers of a good answer ask for, or None. A pause is kept
    in the cache, so that every worker keeps to it.
    """

    def __init__(
        self,
        client: HttpClient,
        options: LibraryOptions,
        line: Line,
        *,
        pause_s: Callable[[Mapping[str, str]], float | None],
    ) -> None:
        self.client = client
        self._has_key = bool(options.api_key)
        self._cache = FileCache(options.spool / "stock", clock=line.clock)
        self._pause_s = pause_s
        self._clock = line.clock
        self._limits = DownloadLimits(
            max_bytes=CLIP_BYTES,
            max_seconds=CLIP_SECONDS,
            media=("video",),
            hosts=tuple(options.file_hosts),
        )

    def check_key(self, setting: str) -> None:
        """Raises ProviderRejected, naming the setting, without a key."""
        if not self._has_key:
            raise ProviderRejected(
                self.client.provider, "it has no key", code="auth", action=f"set {setting}"
            )

    def answer(
        self,
        path: str,
        params: Mapping[str, Any],
        model: type[Read],
        *,
        private: Mapping[str, Any] | None = None,
    ) -> Read:
        """The answer as `model`, from the cache if it is there.

        private: parameters that must not be part of the cache's key (the API key). An answer that
        does not fit the model is not kept. Raises ProviderUnavailable, ProviderRejected.
        """
        asked = f"{path} {json.dumps(dict(params), sort_keys=True)}"
        key = f"stock:{self.client.provider}:{hashlib.sha256(asked.encode()).hexdigest()}"
        read = partial(
            read_reply, model, provider=self.client.provider, what="the answer to a search"
        )
        if (kept := self._cache.get(key)) is not None:
            with suppress(ProviderUnavailable):  # kept by an older version
                return read(kept)
        data = self.ask(path, {**params, **(private or {})}).data
        answer = read(data)
        self._cache.set(key, data, ANSWER_S)
        return answer

    def ask(self, path: str, params: Mapping[str, Any]) -> HttpReply:
        """An answer past the cache, unless the library asked for a pause."""
        self._keep_pause()
        try:
            reply = self.client.call(Call("GET", path, params=params), want_json=True)
        except ProviderUnavailable as error:
            if error.code == "rate_limited":
                self._pause(error.retry_after_s or 0.0)
            raise
        if (wait_s := self._pause_s(reply.headers)) is not None:
            self._pause(wait_s)
        return reply

    def download(self, url: str, target: Path) -> Downloaded:
        """Fetch a clip. Raises ProviderUnavailable, ProviderRejected."""
        return self.client.download(url, target, limits=self._limits)

    @property
    def _pause_key(self) -> str:
        return f"stock:{self.client.provider}:pause"

    def _pause(self, wait_s: float) -> None:
        if wait_s > 0:
            wait_s = min(wait_s, LONGEST_PAUSE_S)
            self._cache.set(self._pause_key, self._clock() + wait_s, wait_s)

    def _keep_pause(self) -> None:
        until = self._cache.get(self._pause_key)
        if isinstance(until, int | float) and until > self._clock():
            raise ProviderUnavailable(
                self.client.provider,
                "not asked: its request limit is used up",
                code="rate_limited",
                action="it is asked again by itself; ask the library for a higher limit",
                retry_after_s=until - self._clock(),
            )


def header_number(headers: Mapping[str, str], name: str) -> float | None:
    """A number of 0 or more in a header, or None."""
    return foreign.figure(headers.get(name, ""), low=0.0, high=1e12)


def new_clips(clips: Sequence[StockClip], request: FootageRequest) -> int:
    """How many the roster has not used lately."""
    return sum(clip.key not in request.excluded for clip in clips)


def requests_left(provider: str, headers: Mapping[str, str], name: str) -> ProviderHealth:
    """The health of a library that took the key. name: of the header that counts down."""
    left = header_number(headers, name)
    return ProviderHealth(
        provider, credits=None if left is None else Decimal(int(left)), unit="requests"
    )


def plain_message(client: HttpClient, reply: HttpReply) -> str:
    """The words of an error answer, which may be JSON or plain text; without keys."""
    text = reply.text.strip()
    if reply.data is not None or not text or text.startswith("<"):
        return client.said(reply)
    return client.words(text)
