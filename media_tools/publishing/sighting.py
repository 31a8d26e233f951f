"""Looks at an address as a stranger does, and keeps what was seen as proof."""

from __future__ import annotations

import hashlib
from collections.abc import Container

from media_tools.providers.http import Call, HttpClient, HttpReply
from media_tools.publishing.base import Sighting

GONE = frozenset({404, 410})
# These say that nothing was looked up; they are tried again later like any outage.
_ANSWERS = frozenset(range(200, 500)) - {408, 425, 429}


def look(
    stranger: HttpClient,
    address: str,
    *,
    gone: Container[int] = GONE,
    json: bool = True,
    **params: str,
) -> Sighting:
    """Ask for an address without any token. json: what is there answers with JSON.

    A page that is no JSON although it should be proves nothing: a network's sign-in page is one.
    Raises ProviderUnavailable where nobody answers.
    """
    reply = stranger.call(Call("GET", address, params=params or None, good=_ANSWERS))
    there, words = _judged(reply, gone, json=json)
    query = "&".join(f"{name}={value}" for name, value in params.items())
    return Sighting(
        there=there,
        address=f"{stranger.base_url}{address}{'?' if query else ''}{query}",
        status=reply.status,
        sha256=hashlib.sha256(reply.body).hexdigest(),
        words=words,
    )


def _judged(reply: HttpReply, gone: Container[int], *, json: bool) -> tuple[bool | None, str]:
    if reply.status in gone:
        return False, "nothing is there"
    if reply.status in (401, 403):
        return None, "it is private, or may not be shown elsewhere"
    if reply.status == 200 and (not json or isinstance(reply.data, dict)):
        return True, "it is there"
    return None, "the answer proves nothing"
