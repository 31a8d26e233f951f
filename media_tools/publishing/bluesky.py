"""Bluesky (AT Protocol): an announcement as a record that we name ourselves.

Because the record's key is ours, writing it again overwrites it: nothing is ever posted twice.
"""

from __future__ import annotations

import base64
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from media_tools import foreign
from media_tools.errors import (
    MediaInvalid,
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.images.thumbs import make_thumbnail
from media_tools.providers.http import Call, HttpClient, HttpReply, Line
from media_tools.providers.job import bearer, unusable
from media_tools.providers.replies import Label, LongLabel, Reference, Reply, rows
from media_tools.publishing.addresses import host_of
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
from media_tools.publishing.passwords import CONNECT_AGAIN, Credentials, RenewingIssuer
from media_tools.publishing.posts import announcement, says
from media_tools.publishing.sending import remember, remembered, send_once, unreadable
from media_tools.publishing.signed import SignedClient, TokenRefused
from media_tools.publishing.tokens import Tokens
from media_tools.publishing.wording import cut, tags_within

NAME = "bluesky"
BASE_URL = "https://bsky.social"
PUBLIC_URL = "https://public.api.bsky.app"
WEB_URL = "https://bsky.app"

POSTS = "app.bsky.feed.post"
# Characters, though graphemes are meant: never more than those.
CHARACTERS = 300
BYTES = 3000
ALT_CHARACTERS = 1000
TITLE_CHARACTERS = 300
MOST_TAGS = 8
TAG_CHARACTERS = 64
PICTURE_BYTES = 950_000
PICTURE_PX = 1000

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_PERSON = {
    "AuthenticationRequired": ("the name or the password is wrong", CONNECT_AGAIN),
    "AuthFactorTokenRequired": (
        "the account has a second factor",
        f"make an app password there, then {CONNECT_AGAIN} with it",
    ),
    "AccountTakedown": ("the account was taken down", "ask Bluesky's moderation"),
}
_OLD_TOKEN = frozenset({"ExpiredToken", "InvalidToken"})


@dataclass(frozen=True, kw_only=True)
class BlueskyOptions:
    """Addresses; empty for Bluesky's own. public_url: of the API that strangers may ask."""

    base_url: str = ""
    public_url: str = ""
    keep_password: bool = True  # an app password: so that a lost refresh token costs no sign-in


class _Service(Reply):
    endpoint: Reference = Field(default="", alias="serviceEndpoint")


class _Document(Reply):
    services: Annotated[list[_Service], rows(10)] = Field(default=[], alias="service")


class _Session(Reply):
    did: Reference = Field(min_length=1)
    handle: Label = ""
    active: bool = True
    document: _Document = Field(default=_Document(), alias="didDoc")


class _Given(Reply):
    access: Reference = Field(alias="accessJwt", min_length=1)
    refresh: Reference = Field(alias="refreshJwt", min_length=1)


class _Blob(Reply):
    blob: dict[str, Any]


class _Done(Reply):
    """A JSON object, which a page of the network's is not."""


class _Put(Reply):
    uri: Reference = Field(min_length=1)


class _Content(Reply):
    text: Any = ""


class _Record(Reply):
    uri: Reference = Field(min_length=1)
    value: _Content = _Content()


class _Error(Reply):
    error: Label = ""
    message: LongLabel = ""


class Bluesky(ChannelAdapter[Post]):
    """One account. Memory holds the key of the record and when it was made, from before it is."""

    Options = BlueskyOptions
    name = NAME

    def __init__(self, options: BlueskyOptions, line: Line, account: Account) -> None:
        self._options = options
        self._line = line
        self._account = account
        self._base = options.base_url or BASE_URL
        self._entry = SignedClient(account, lambda token: _client(self._base, line, token))

    @cached_property
    def _session(self) -> _Session:
        return self._entry.read(Call("GET", "/xrpc/com.atproto.server.getSession"), _Session)

    @cached_property
    def _home(self) -> SignedClient:
        """The server that keeps the account's records, which need not be the one to sign in at."""
        services = self._session.document.services
        if not services or not services[0].endpoint:
            return self._entry
        host = host_of(NAME, services[0].endpoint, named_by=self._base)
        return SignedClient(self._account, lambda token: _client(host, self._line, token))

    def account(self) -> AccountFacts:
        session = self._session
        return AccountFacts(
            id=session.did,
            name=session.handle,
            url=f"{WEB_URL}/profile/{session.handle}",
            rights=("write posts",),
            missing=() if session.active else ("make the account active again",),
        )

    # --- Sending ---

    def send(self, item: Post, memory: Memory) -> Sent:
        if sent := remembered(memory):
            return sent
        if not memory.get("record"):
            made_at = datetime.fromtimestamp(self._line.clock(), UTC)
            memory.put(record=new_key(made_at), made_at=f"{made_at:%Y-%m-%dT%H:%M:%S}.000Z")
        record = self._record(item, memory.get("made_at"))
        return send_once(
            NAME,
            memory,
            make=lambda: self._put(memory.get("record"), record),
            find=lambda: self.find(item, memory),
        )

    def _put(self, key: str, record: dict[str, Any]) -> Sent:
        body = {
            "repo": self._session.did,
            "collection": POSTS,
            "rkey": key,
            "record": record,
        }
        path = "/xrpc/com.atproto.repo.putRecord"
        made = self._home.read(Call("POST", path, json=body, submission=True), _Put)
        return self._sent(made.uri)

    def find(self, item: Post, memory: Memory) -> Sent | None:
        if sent := remembered(memory):
            return sent
        key = memory.get("record")
        if not key or self._read(self._session.did, key) is None:
            return None
        return remember(memory, self._sent(f"at://{self._session.did}/{POSTS}/{key}"))

    def _sent(self, uri: str) -> Sent:
        page = f"{WEB_URL}/profile/{self._session.handle}/post/{_key_of(uri)}"
        return Sent(uri, page)

    def _record(self, item: Post, made_at: str) -> dict[str, Any]:
        text = announcement(NAME, item, limit=CHARACTERS, size=_size)
        record: dict[str, Any] = {
            "$type": POSTS,
            "text": text,
            "createdAt": made_at,
            "facets": [link_in(text, item.address)],
            "embed": self._embed(item),
        }
        if item.language:
            record["langs"] = [item.language]
        fitting = [tag for tag in item.tags if len(tag) <= TAG_CHARACTERS]
        if tags := tags_within(fitting, MOST_TAGS, cost=lambda tag: 1):
            record["tags"] = list(tags)
        return record

    def _embed(self, item: Post) -> dict[str, Any]:
        """The picture with its description; without one a card, which shows where it leads."""
        if item.picture:
            picture = {"alt": cut(item.alt_text, ALT_CHARACTERS), "image": self._blob(item.picture)}
            return {"$type": "app.bsky.embed.images", "images": [picture]}
        card = {
            "uri": item.address,
            "title": cut(item.title, TITLE_CHARACTERS),
            "description": cut(item.artist, TITLE_CHARACTERS),
        }
        return {"$type": "app.bsky.embed.external", "external": card}

    def _blob(self, picture: Path) -> dict[str, Any]:
        """Upload a picture. One that no post uses is dropped there, so it may be repeated."""
        call = Call(
            "POST",
            "/xrpc/com.atproto.repo.uploadBlob",
            data=small_jpeg(picture),
            headers={"Content-Type": "image/jpeg"},
            safe=True,
        )
        return self._home.read(call, _Blob).blob

    # --- What became of it ---

    def _read(self, repo: str, key: str) -> _Record | None:
        query = {"repo": repo, "collection": POSTS, "rkey": key}
        call = Call("GET", "/xrpc/com.atproto.repo.getRecord", params=query)
        try:
            return self._home.read(call, _Record)
        except _RecordNotFound:
            return None

    def standing(self, external_id: str, item: Post) -> Standing:
        record = self._read(_repo_of(external_id), _key_of(external_id))
        if record is None:
            return Standing(stage=Stage.GONE, reason="the post is not there any more")
        return Standing(
            stage=Stage.LIVE,
            url=self._sent(external_id).url,
            disclosed=says(str(record.value.text), item),
        )

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        body = {
            "repo": _repo_of(external_id),
            "collection": POSTS,
            "rkey": _key_of(external_id),
        }
        path = "/xrpc/com.atproto.repo.deleteRecord"
        with suppress(_RecordNotFound):
            self._home.read(Call("POST", path, json=body, safe=True), _Done)

    def witness(self, external_id: str, url: str) -> Sighting:
        path = "/xrpc/app.bsky.feed.getPosts"
        base = self._options.public_url or PUBLIC_URL
        with HttpClient(NAME, base, line=self._line) as stranger:
            reply = stranger.call(Call("GET", path, params={"uris": external_id}))
        posts = foreign.fields(reply.data).get("posts")
        return Sighting(
            there=bool(posts) if isinstance(posts, list) else None,
            address=f"{base}{path}?uris={external_id}",
            status=reply.status,
            sha256=sha256(reply.body).hexdigest(),
            words="" if posts else "its public API lists no such post",
        )


class BlueskyIssuer(RenewingIssuer):
    """Sessions by an app password. A person makes one in the account's settings."""

    Options = BlueskyOptions

    def __init__(self, options: BlueskyOptions, line: Line) -> None:
        self._options = options
        self._line = line

    def sign_in(self, name: str, password: str, *, code: str = "", now: datetime) -> Tokens:
        body = {"identifier": name, "password": password}
        if code:
            body["authFactorToken"] = code
        kept = password if self._options.keep_password else ""
        with self._client("", password) as http:
            call = Call("POST", "/xrpc/com.atproto.server.createSession", json=body)
            given = http.read(call, _Given)
        return _tokens(given, Credentials(given.refresh, name, kept))

    def renew(self, kept: Credentials, *, now: datetime) -> Tokens:
        with self._client(kept.token) as http:
            call = Call("POST", "/xrpc/com.atproto.server.refreshSession", safe=True)
            given = http.read(call, _Given)
        return _tokens(given, Credentials(given.refresh, kept.name, kept.password))

    def revoke(self, tokens: Tokens) -> None:
        with (
            suppress(NeedsPerson, TokenRefused),
            self._client(Credentials.unpacked(tokens.refresh).token) as http,
        ):
            http.call(Call("POST", "/xrpc/com.atproto.server.deleteSession", safe=True))

    def _client(self, token: str, *secrets: str) -> HttpClient:
        return _client(self._options.base_url or BASE_URL, self._line, token, *secrets)


class _RecordNotFound(ProviderRejected):
    """There is no record of this key, or not any more."""


def new_key(now: datetime) -> str:
    """A key for a record: microseconds and ten random bits, in 13 letters that sort by time."""
    number = (int(now.timestamp() * 1_000_000) << 10) | secrets.randbelow(1024)
    return "".join(_SORTABLE[(number >> (5 * place)) & 31] for place in reversed(range(13)))


def link_in(text: str, address: str) -> dict[str, Any]:
    """What makes an address in a text a link. Places are bytes of UTF-8, not characters."""
    start = len(text[: text.index(address)].encode())
    return {
        "index": {"byteStart": start, "byteEnd": start + len(address.encode())},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": address}],
    }


def small_jpeg(picture: Path) -> bytes:
    """A picture as a JPEG that Bluesky takes. Raises ProviderRejected if it cannot be read."""
    try:
        if picture.suffix.lower() in (".jpg", ".jpeg") and picture.stat().st_size <= PICTURE_BYTES:
            return picture.read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            smaller = Path(folder) / "picture.jpg"
            make_thumbnail(picture, smaller, PICTURE_PX)
            return smaller.read_bytes()
    except MediaInvalid as error:
        raise unreadable(NAME, picture, error.cause) from error
    except OSError as error:
        raise unreadable(NAME, picture, error.strerror or "no reason") from error


def _size(text: str) -> int:
    return max(len(text), -(-len(text.encode()) * CHARACTERS // BYTES))


def _repo_of(uri: str) -> str:
    return uri.removeprefix("at://").partition("/")[0]


def _key_of(uri: str) -> str:
    return uri.rpartition("/")[2]


def _tokens(given: _Given, kept: Credentials) -> Tokens:
    return Tokens(
        access=given.access,
        refresh=kept.packed(),
        expires_at=_expiry(given.access),
        refresh_expires_at=None if kept.password else _expiry(given.refresh),
    )


def _expiry(jwt: str) -> datetime | None:
    """When a token ends, as its middle part says; nothing else of it is believed."""
    middle = jwt.split(".")[1] if jwt.count(".") == 2 else ""
    try:
        told = foreign.read_json(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, foreign.Refused):
        return None
    ends = foreign.whole(foreign.fields(told).get("exp"), high=2**33)
    return datetime.fromtimestamp(ends, UTC) if ends else None


def _client(base: str, line: Line, token: str, *secrets: str) -> HttpClient:
    def classify(reply: HttpReply) -> ProviderError | None:
        return _error(reply, http, now=line.clock())

    http = HttpClient(
        NAME, base, headers=bearer(token), secrets=secrets, classify=classify, line=line
    )
    return http


def _error(reply: HttpReply, http: HttpClient, *, now: float) -> ProviderError | None:
    """The error of a status; None for what the general rules say as well."""
    status = reply.status
    if status < 400 or status == 408 or status >= 500:
        return None
    if status in (400, 404) and reply.data is None:
        # Its kind stands in the body alone, and that did not come.
        return unusable(NAME, "a refusal")
    told = _Error.of(reply.data)
    code = told.error or f"HTTP {status}"
    said = http.words(told.message) or "no message"
    if told.error == "RecordNotFound":
        return _RecordNotFound(NAME, said, code=code)
    if told.error in _OLD_TOKEN:
        return TokenRefused(NAME, f"the token was refused: {said}", code=code, action=CONNECT_AGAIN)
    if told.error in _PERSON or status in (401, 403):
        cause, action = _PERSON.get(told.error, ("the account may not do this", CONNECT_AGAIN))
        return NeedsPerson(NAME, f"{cause}: {said}", code=code, action=action)
    if status == 429:
        reset = foreign.figure(reply.headers.get("ratelimit-reset", ""))
        wait_s = max(0.0, reset - now) if reset else None
        return ProviderUnavailable(
            NAME,
            f"too many requests: {said}",
            code=code,
            action="it is tried again later",
            retry_after_s=reply.retry_after_s or wait_s,
        )
    return ProviderRejected(
        NAME,
        f"the post was not accepted: {said}",
        code=code,
        action="change the channel's text or the picture",
    )
