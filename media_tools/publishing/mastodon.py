"""Mastodon: an announcement as a post, with the cover and its description.

An Idempotency-Key makes a repeated post the same one for an hour; after that our text and address
tell whether it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.http import Call, HttpClient, HttpReply, Line
from media_tools.providers.job import bearer, unusable
from media_tools.providers.multipart import FilePart
from media_tools.providers.replies import Label, LongLabel, Reference, Reply, Whole, at, read_reply
from media_tools.publishing.base import (
    Account,
    AccountFacts,
    ChannelAdapter,
    Memory,
    Post,
    Sent,
    Sighting,
    Stage,
    Standing,
)
from media_tools.publishing.forms import form, form_call
from media_tools.publishing.passwords import CONNECT_AGAIN, PastedToken
from media_tools.publishing.posts import announcement, hashtag, plain_text, says
from media_tools.publishing.sending import remember, remembered, send_once
from media_tools.publishing.sighting import look
from media_tools.publishing.signed import SignedClient, TokenRefused
from media_tools.publishing.wording import cut

NAME = "mastodon"

LISTED = 40
_POLLS, _POLL_S = 5, 2.0
_LATER_S = 30.0


@dataclass(frozen=True, kw_only=True)
class MastodonOptions:
    """base_url: the instance."""

    base_url: str
    visibility: str = "public"  # or "unlisted": on the profile, but in no public timeline


class _Me(Reply):
    id: Reference = Field(min_length=1)
    acct: Label = ""
    url: Reference = ""
    bot: bool = False


class _Instance(Reply):
    """Its limits; Mastodon's own where it tells none."""

    characters: Annotated[Whole, Field(ge=1)] = at(
        "configuration", "statuses", "max_characters", default=500
    )
    per_address: Whole = at("configuration", "statuses", "characters_reserved_per_url", default=23)
    description: Whole = at("configuration", "media_attachments", "description_limit", default=1500)


class _Media(Reply):
    id: Reference = Field(min_length=1)


class _Status(Reply):
    id: Reference = Field(min_length=1)
    url: Reference = ""
    visibility: Label = ""
    content: Annotated[str, Field(max_length=100_000)] = ""


class _Error(Reply):
    error: LongLabel = ""


class MastodonToken(PastedToken):
    """A token does not expire; a person makes it with an application of the account."""

    Options = MastodonOptions
    name = NAME
    where = "Settings > Development of the account"


class Mastodon(ChannelAdapter[Post]):
    """One account on one instance. Memory holds the uploaded picture until the post is made."""

    Options = MastodonOptions
    name = NAME

    def __init__(self, options: MastodonOptions, line: Line, account: Account) -> None:
        self._options = options
        self._line = line
        self._http = SignedClient(account, lambda token: _client(options, line, token))

    def account(self) -> AccountFacts:
        me = self._me()
        bot = () if me.bot else ("tick “This is an automated account” in its profile",)
        return AccountFacts(
            id=me.id, name=me.acct, url=me.url, rights=("write posts and media",), missing=bot
        )

    def _me(self) -> _Me:
        return self._http.read(Call("GET", "/api/v1/accounts/verify_credentials"), _Me)

    # --- Sending ---

    def send(self, item: Post, memory: Memory) -> Sent:
        if sent := remembered(memory):
            return sent
        limits = self._http.read(Call("GET", "/api/v2/instance"), _Instance)
        body = {
            "status": _text(item, limits),
            "visibility": self._options.visibility,
            "media_ids": self._media(item, memory, limits),
        }
        if item.language:
            body["language"] = item.language.partition("-")[0].lower()
        return send_once(
            NAME,
            memory,
            make=lambda: self._post(item, body),
            find=lambda: self.find(item, memory),
        )

    def _post(self, item: Post, body: Mapping[str, object]) -> Sent:
        key = {"Idempotency-Key": f"aap-{item.key}"}
        call = Call("POST", "/api/v1/statuses", json=body, headers=key, submission=True)
        made = self._http.read(call, _Status)
        return Sent(made.id, made.url)

    def find(self, item: Post, memory: Memory) -> Sent | None:
        if sent := remembered(memory):
            return sent
        query = {"limit": LISTED, "exclude_reblogs": "true"}
        path = f"/api/v1/accounts/{self._me().id}/statuses"
        listed = self._http.call(Call("GET", path, params=query)).data
        if not isinstance(listed, list):
            raise unusable(NAME, "the list of posts")
        for row in listed[:LISTED]:
            status = read_reply(_Status, row, provider=NAME, what="a post of the account")
            words = plain_text(status.content)
            if says(words, item) and item.address in words.split():
                return remember(memory, Sent(status.id, status.url))
        return None

    def _media(self, item: Post, memory: Memory, limits: _Instance) -> list[str]:
        """The picture, uploaded and worked through; none if there is none."""
        if item.picture is None:
            return []
        media = memory.get("media")
        if not media or not self._is_ready(media):
            media = self._upload(item.picture, cut(item.alt_text, limits.description), memory)
        return [media]

    def _upload(self, picture: Path, description: str, memory: Memory) -> str:
        kind = "image/png" if picture.suffix.lower() == ".png" else "image/jpeg"
        body = form(
            NAME, {"description": description}, FilePart("file", picture, picture.name, kind)
        )
        # A second upload does no harm: a picture that no post shows is dropped there.
        media = self._http.read(form_call("POST", "/api/v2/media", body), _Media).id
        memory.put(media=media)
        if not self._is_ready(media):
            raise ProviderUnavailable(
                NAME, "it dropped the picture", code="media", action="it is sent again later"
            )
        return media

    def _is_ready(self, media: str) -> bool:
        """Whether a picture can be shown; False if it is gone. Waits some seconds for it."""
        for _ in range(_POLLS):
            call = Call("GET", f"/api/v1/media/{media}", good=(200, 206, 404))
            reply = self._http.call(call)
            if reply.status == 200:
                return bool(read_reply(_Media, reply.data, provider=NAME).id)
            if reply.status == 404:
                return False
            self._line.sleep(_POLL_S)
        raise ProviderUnavailable(
            NAME,
            "it works on the picture",
            code="processing",
            action="it goes on by itself",
            retry_after_s=_LATER_S,
        )

    # --- What became of it ---

    def standing(self, external_id: str, item: Post) -> Standing:
        reply = self._http.call(Call("GET", f"/api/v1/statuses/{external_id}", good=(200, 404)))
        if reply.status == 404 and reply.data is None:
            raise unusable(NAME, "an answer that may mean “not found”")
        if reply.status == 404:
            return Standing(stage=Stage.GONE, reason="the post is not there any more")
        status = read_reply(_Status, reply.data, provider=NAME)
        shown = status.visibility in ("public", "unlisted")
        return Standing(
            stage=Stage.LIVE if shown else Stage.HIDDEN,
            url=status.url,
            disclosed=says(plain_text(status.content), item),
        )

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        path = f"/api/v1/statuses/{external_id}"
        query = {"delete_media": "true"}
        call = Call("DELETE", path, params=query, safe=True, good=(200, 404))
        reply = self._http.call(call)
        if reply.status == 200:
            read_reply(_Status, reply.data, provider=NAME)

    def witness(self, external_id: str, url: str) -> Sighting:
        with HttpClient(NAME, self._options.base_url, line=self._line) as stranger:
            seen = look(stranger, f"/api/v1/statuses/{external_id}")
            page = urlsplit(url).path
            if seen.status in (401, 403) and page:
                # Some instances answer strangers by pages alone.
                return look(stranger, page, json=False)
        return seen


def _text(item: Post, limits: _Instance) -> str:
    def size(text: str) -> int:
        return len(text.replace(item.address, "x" * limits.per_address))

    tags = [tag for tag in map(hashtag, item.tags) if tag]
    return announcement(NAME, item, limit=limits.characters, size=size, tags=tags)


def _client(options: MastodonOptions, line: Line, token: str) -> HttpClient:
    def classify(reply: HttpReply) -> ProviderError | None:
        return _error(reply, http, now=line.clock())

    http = HttpClient(NAME, options.base_url, headers=bearer(token), classify=classify, line=line)
    return http


def _error(reply: HttpReply, http: HttpClient, *, now: float) -> ProviderError | None:
    """The error of a status; None for what the general rules say as well."""
    status, code = reply.status, f"HTTP {reply.status}"
    said = http.words(_Error.of(reply.data).error) or "no message"
    if status == 401:
        return TokenRefused(NAME, f"the token was refused: {said}", code=code, action=CONNECT_AGAIN)
    if status == 403:
        return NeedsPerson(
            NAME,
            f"the account may not do this: {said}",
            code=code,
            action="look whether it is suspended, and whether the token may write posts and media",
        )
    if status == 429:
        return ProviderUnavailable(
            NAME,
            f"too many requests: {said}",
            code=code,
            action="it is tried again later",
            retry_after_s=reply.retry_after_s or _seconds_until(reply, now=now),
        )
    if status in (413, 422):
        return ProviderRejected(
            NAME,
            f"the post was not accepted: {said}",
            code=code,
            action="change the channel's text or the picture",
        )
    return None


def _seconds_until(reply: HttpReply, *, now: float) -> float | None:
    """When the limit is over, by its own header."""
    try:
        reset = datetime.fromisoformat(reply.headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    reset = reset if reset.tzinfo else reset.replace(tzinfo=UTC)
    return max(0.0, reset.timestamp() - now)
