"""What the stock libraries on the network have in common: a day's cache, pauses, downloads."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from media_tools import foreign
from media_tools.errors import ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, Downloaded, DownloadLimits, HttpClient, HttpReply
from media_tools.stock.base import FootageRequest, StockClip
from media_tools.stock.cache import ANSWER_S, AnswerCache

CLIP_BYTES = 200 * 1024 * 1024
CLIP_SECONDS = 240.0
# New clips of a query after which no further page is read.
ENOUGH_CLIPS = 12
# Of one answer, of one clip; more than the libraries give.
CLIPS_READ, FILES_READ, WORDS_READ = 200, 30, 50
# Pexels counts by the month.
LONGEST_PAUSE_S = 31 * 24 * 3600.0

Answer = TypeVar("Answer")


class Library:
    """One library's answers and files.

    pause_s: seconds to wait that the headers of a good answer ask for, or None. A pause is kept
    in the cache, so that every worker keeps to it. clock: Unix seconds.
    """

    def __init__(
        self,
        client: HttpClient,
        cache: AnswerCache,
        *,
        file_hosts: tuple[str, ...],
        pause_s: Callable[[Mapping[str, str]], float | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.client = client
        self._cache = cache
        self._pause_s = pause_s
        self._clock = clock
        self._limits = DownloadLimits(
            max_bytes=CLIP_BYTES, max_seconds=CLIP_SECONDS, media=("video",), hosts=file_hosts
        )

    def answer(
        self,
        path: str,
        params: Mapping[str, Any],
        read: Callable[[Any], Answer],
        *,
        private: Mapping[str, Any] | None = None,
    ) -> Answer:
        """What `read` makes of the answer, from the cache where there is one.

        private: parameters that must not be part of the cache's key (the API key). read raises
        KeyError or TypeError for another shape: such an answer is not kept.
        Raises ProviderUnavailable, ProviderRejected.
        """
        asked = f"{path} {json.dumps(dict(params), sort_keys=True)}"
        key = f"stock:{self.client.provider}:{hashlib.sha256(asked.encode()).hexdigest()}"
        kept = _read(self._cache.get(key), read)
        if kept is not None:
            return kept
        data = self.ask(path, {**params, **(private or {})}).data
        answer = _read(data, read)
        if answer is None:
            raise ProviderUnavailable(
                self.client.provider,
                "the answer to a search is not of the known form",
                code="bad_answer",
                action="it is tried again later; report it if it lasts",
            )
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


def _read(data: Any, read: Callable[[Any], Answer]) -> Answer | None:
    """None for no data and for data of another shape."""
    try:
        return None if data is None else read(data)
    except (KeyError, TypeError):
        return None


def number(value: Any) -> float | None:
    """A positive number, or None for anything else."""
    return foreign.finite(value, low=1e-9, high=1e12)


def pixels(value: Any) -> int:
    """A side of a picture, or 0 for anything else."""
    return round(foreign.finite(value, low=1.0, high=100_000.0) or 0)


def clips_in(listed: Any, read: Callable[[Mapping[str, Any]], StockClip]) -> list[StockClip]:
    """The clips of an answer that have an id and a file; an odd one does not lose the others.

    Raises TypeError if it is no list, or one of anything else.
    """
    clips = [read(foreign.fields(entry)) for entry in foreign.items(listed, CLIPS_READ)]
    known = [clip for clip in clips if clip.clip_id]
    if not known and listed != []:
        raise TypeError("no list of clips")
    return [clip for clip in known if clip.files]


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
