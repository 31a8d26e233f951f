"""SoundCloud: tracks are sent private, and made public when they are due."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.foreign import fields, finite, items, label
from media_tools.providers.http import Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.multipart import FilePart, MultipartBody
from media_tools.providers.replies import Figure as Number
from media_tools.providers.replies import Label, LongLabel, Reference, Reply, Whole, rows
from media_tools.publishing.base import (
    TAG_PREFIX,
    Account,
    AccountFacts,
    ChannelAdapter,
    Figure,
    Memory,
    Sent,
    Sighting,
    Stage,
    Standing,
    Upload,
)
from media_tools.publishing.oauth import OAuthSignIn, SignInOptions, SignInPages
from media_tools.publishing.sending import (
    ReportedBody,
    remember,
    remembered,
    send_once,
    unreadable,
)
from media_tools.publishing.sighting import look
from media_tools.publishing.signed import SignedClient, TokenRefused
from media_tools.publishing.tokens import Tokens
from media_tools.publishing.wording import carries, cut, description_of, tags_within

NAME = "soundcloud"
API = "https://api.soundcloud.com"
LARGEST_BYTES = 4 * 1000**3
LONGEST_S = 24 * 3600.0
TITLE_CHARACTERS, DESCRIPTION_CHARACTERS, TAG_CHARACTERS = 100, 4_000, 500
ARTWORK_BYTES = 2_000_000
# Pages of 50, newest first: where our copy is looked for, and where figures are.
_PAGES, _ALL_PAGES = 4, 20
# A slow line: the request, and the token it began with, must outlive the upload.
_SLOW_BYTES_PER_S = 50_000
_AROUND_UPLOAD_S = 600.0
_BUSY_S = 900.0

_COUNTERS = {
    "playback_count": "streams",
    "favoritings_count": "likes",
    "reposts_count": "shares",
    "comment_count": "comments",
}


@dataclass(frozen=True, kw_only=True)
class SoundCloudOptions:
    """What an operator may set for a channel. licence: as SoundCloud names it.

    artwork: sends the cover along, which some plans do not allow.
    """

    base_url: str = API
    public_url: str = "https://soundcloud.com"
    licence: str = "all-rights-reserved"
    artwork: bool = True


class SoundCloudSignIn(OAuthSignIn):
    """The sign-in of a registered application. Refresh tokens work once."""

    pages = SignInPages(
        name=NAME,
        setting="SOUNDCLOUD_CLIENT_ID",
        accounts_url="https://secure.soundcloud.com",
        authorize_path="/authorize",
        grant_url="https://secure.soundcloud.com",
        grant_path="/oauth/token",
        revoke_path="/sign-out",
    )

    def __init__(self, options: SignInOptions, line: Line) -> None:
        super().__init__(options, line)
        # Sessions end at the API's own host.
        self._api_url = options.base_url or API

    def revoke(self, tokens: Tokens) -> None:
        """End the session of the access token. One that is over is a success."""
        http = HttpClient(
            NAME,
            self._api_url,
            headers={"Authorization": f"OAuth {tokens.access}"},
            line=self._line,
        )
        http.call(Call("POST", self.pages.revoke_path, safe=True, good=(200, 204, 401)))


class _Quota(Reply):
    unlimited: bool = Field(default=False, alias="unlimited_upload_quota")
    left_s: Number | None = Field(default=None, alias="upload_seconds_left")


class _Me(Reply):
    urn: Reference = Field(min_length=1)
    name: Label = Field(default="", alias="username")
    url: LongLabel = Field(default="", alias="permalink_url")
    plan: Label = ""
    quota: _Quota = _Quota()

    @property
    def room_s(self) -> float | None:
        return None if self.quota.unlimited else self.quota.left_s


class _Track(Reply):
    urn: Reference = Field(min_length=1)
    url: LongLabel = Field(default="", alias="permalink_url")
    sharing: Label = ""
    access: Label = ""
    duration_ms: Number = Field(default=0.0, alias="duration")
    description: str = ""
    tags: LongLabel = Field(default="", alias="tag_list")
    playback_count: Whole | None = None
    favoritings_count: Whole | None = None
    reposts_count: Whole | None = None
    comment_count: Whole | None = None


class _Listed(_Track):
    """A track of a list, where one that cannot be read spoils none of the others."""

    urn: Reference = ""


class _Tracks(Reply):
    tracks: Annotated[list[_Listed], rows(200)] = Field(default=[], alias="collection")
    next: Reference = Field(default="", alias="next_href")


class _Missing(ProviderRejected):
    """There is no such track."""


class SoundCloud(ChannelAdapter[Upload]):
    """One account. It has no field for generated media: description and tags say it."""

    Options = SoundCloudOptions
    name = NAME

    def __init__(self, options: SoundCloudOptions, line: Line, account: Account) -> None:
        self._options = options
        self._clock = line.clock

        def client(token: str) -> HttpClient:
            http = HttpClient(
                NAME,
                options.base_url,
                headers={
                    "Authorization": f"OAuth {token}",
                    "Accept": "application/json; charset=utf-8",
                },
                classify=lambda reply: self._classify(reply, http.said(reply)),
                line=line,
            )
            return http

        self._http = SignedClient(account, client)
        self._stranger = HttpClient(NAME, options.public_url, line=replace(line, breaker=None))

    def account(self) -> AccountFacts:
        """Who is signed in, and how much the plan still takes."""
        me = self._me()
        room = "" if me.room_s is None else f"{me.room_s / 60:.0f} minutes of sound"
        return AccountFacts(
            id=me.urn,
            name=me.name or me.urn,
            url=me.url,
            rights=("all of the account",),
            plan=me.plan,
            room=room,
            room_s=me.room_s,
            longest_s=LONGEST_S,
        )

    def send(self, item: Upload, memory: Memory) -> Sent:
        """Upload the file in one request, private, unless the account has it."""
        # A memory may be lost too: a restored backup knows nothing of what was sent since.
        return self.find(item, memory) or send_once(
            NAME,
            memory,
            make=partial(self._upload, item, memory),
            find=partial(self._ours, item),
        )

    def find(self, item: Upload, memory: Memory) -> Sent | None:
        """Looks through the account's newest tracks for our tag."""
        if known := remembered(memory):
            return known
        found = self._ours(item)
        return remember(memory, found) if found else None

    def standing(self, external_id: str, item: Upload) -> Standing:
        """How the track is listed to its owner."""
        try:
            track = self._http.read(Call("GET", _path(external_id)), _Track)
        except _Missing:
            return Standing(stage=Stage.GONE)
        stage, reason = Stage.HIDDEN, ""
        if track.access == "blocked":
            stage, reason = Stage.FAILED, "SoundCloud blocks the track; look for its e-mail"
        elif track.duration_ms <= 0:
            stage = Stage.PROCESSING
        elif track.sharing == "public":
            stage = Stage.LIVE
        return Standing(
            stage=stage,
            url=track.url,
            reason=reason,
            disclosed=item.disclosure in track.description if item.disclosure else None,
        )

    def publish(self, external_id: str, item: Upload) -> None:
        """Make the track public."""
        self._change(external_id, {"sharing": "public"})

    def correct(self, external_id: str, item: Upload) -> None:
        """Write all words again; who may hear it stays as it is."""
        self._change(external_id, self._words(item))

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        """Delete the track, and look whether it is gone: the answer's form is not told."""
        try:
            self._http.call(Call("DELETE", _path(external_id), safe=True))
            self._http.read(Call("GET", _path(external_id)), _Track)
        except _Missing:
            return
        raise ProviderUnavailable(
            NAME,
            "the track is still there after it was deleted",
            code="still_there",
            action="it is deleted again later",
        )

    def witness(self, external_id: str, url: str) -> Sighting:
        """What SoundCloud tells sites that embed tracks."""
        return look(self._stranger, "/oembed", format="json", url=url)

    def figures(self, external_ids: Sequence[str], *, since: date) -> list[Figure]:
        """The counters as they stand; SoundCloud tells no history."""
        wanted = set(external_ids)
        return [
            Figure(external_id=track.urn, metric=metric, value=float(count))
            for page in self._pages(_ALL_PAGES)
            for track in page
            if track.urn in wanted
            for counter, metric in _COUNTERS.items()
            if (count := getattr(track, counter)) is not None
        ]

    # --- Inside ---

    def _me(self) -> _Me:
        return self._http.read(Call("GET", "/me"), _Me)

    def _upload(self, item: Upload, memory: Memory) -> Sent:
        file = item.file
        room_s = self._me().room_s
        if room_s is not None and room_s < file.duration_s:
            raise NeedsPerson(
                NAME,
                f"the track has {file.duration_s / 60:.1f} minutes, and the plan takes only "
                f"{room_s / 60:.1f} more",
                code="no_room",
                action="take a larger plan or delete tracks, then retry the publication",
            )
        if file.size_bytes > LARGEST_BYTES:
            raise ProviderRejected(
                NAME,
                "the file is larger than 4 GB",
                code="too_large",
                action="send a FLAC or MP3 of it",
            )
        body = self._body(item, memory)
        lasting_s = _AROUND_UPLOAD_S + len(body) / _SLOW_BYTES_PER_S
        call = Call(
            "POST",
            "/tracks",
            data=body,
            headers={"Content-Type": body.content_type},
            submission=True,
            timeouts=Timeouts(connect_s=10.0, read_s=300.0, total_s=lasting_s),
        )
        track = self._http.read(call, _Track, lasting_s=lasting_s)
        return Sent(track.urn, track.url)

    def _body(self, item: Upload, memory: Memory) -> ReportedBody:
        first = {
            **self._words(item),
            # Both are public, or open to everybody, if they are left out.
            "sharing": "private",
            "downloadable": "false",
            "streamable": "true",
            "license": self._options.licence,
        }
        if item.isrc:
            first["isrc"] = item.isrc
        if item.release_date:
            first["release_date"] = item.release_date.isoformat()
        files = [_part("asset_data", item.file.path, item.file.media_type)]
        try:
            picture = item.thumbnail
            if picture and self._options.artwork and picture.stat().st_size <= ARTWORK_BYTES:
                kind = "image/png" if picture.suffix.lower() == ".png" else "image/jpeg"
                files.append(_part("artwork_data", picture, kind))
            form = {f"track[{name}]": value for name, value in first.items()}
            return ReportedBody(MultipartBody(form, files), memory)
        except OSError as error:
            raise unreadable(NAME, item.file.path, error.strerror or "no reason") from error

    def _words(self, item: Upload) -> dict[str, str]:
        words = {
            "title": cut(item.title, TITLE_CHARACTERS),
            "description": description_of(item, limit=DESCRIPTION_CHARACTERS),
            "genre": item.genre,
            "tag_list": self._tags(item),
            "label_name": item.label,
        }
        return {name: value for name, value in words.items() if value}

    def _tags(self, item: Upload) -> str:
        """Tags separated by blanks, our own first: it is kept, and not shown on the page."""
        told = ("AI generated",) if item.synthetic else ()
        plain = [tag.replace('"', "") for tag in (*told, *item.tags)]
        kept = tags_within(plain, TAG_CHARACTERS, cost=lambda tag: len(tag) + 3)
        return " ".join((_mark(item), *(f'"{tag}"' if " " in tag else tag for tag in kept)))

    def _ours(self, item: Upload) -> Sent | None:
        """Our copy among the newest tracks, the older one if somebody doubled it."""
        mark = _mark(item)
        for page in self._pages(_PAGES):
            copies = [track for track in page if carries(track.tags.replace('"', " "), mark)]
            if copies:
                return Sent(copies[-1].urn, copies[-1].url)
        return None

    def _pages(self, most: int) -> Iterator[list[_Listed]]:
        """The account's tracks, newest first."""
        call = Call("GET", "/me/tracks", params={"linked_partitioning": "true", "limit": "50"})
        for _ in range(most):
            page = self._http.read(call, _Tracks)
            yield [track for track in page.tracks if track.urn]
            if not page.next:
                return
            call = Call("GET", page.next)

    def _change(self, external_id: str, words: Mapping[str, str]) -> None:
        call = Call("PUT", _path(external_id), json={"track": words}, safe=True)
        self._http.read(call, _Track)

    def _classify(self, reply: HttpReply, said: str) -> ProviderError | None:
        code = f"HTTP {reply.status}"
        if reply.status == 401:
            return TokenRefused(NAME, f"the access token was refused: {said}", code=code)
        if reply.status == 403:
            return NeedsPerson(
                NAME,
                f"the account may not do this: {said}",
                code=code,
                action="look whether the plan allows it and the track is the account's own",
            )
        if reply.status == 404:
            return _Missing(NAME, f"it is not there: {said}", code=code, action="look there")
        if reply.status in (400, 413, 422):
            return ProviderRejected(
                NAME,
                f"the track was not accepted: {said}",
                code=code,
                action="correct what it names in the release, then retry the publication",
            )
        if reply.status == 429:
            return self._too_much(reply, said)
        return None

    def _too_much(self, reply: HttpReply, said: str) -> ProviderError:
        answer = fields(reply.data)
        if answer.get("spam_warning_urn"):
            return NeedsPerson(
                NAME,
                f"SoundCloud takes this for spam: {said}",
                code="HTTP 429 spam_warning",
                action="look at the account's e-mail and wait before more is published",
            )
        limits = fields(fields(next(iter(items(answer.get("errors"), 1)), None)).get("meta"))
        written = limits.get("reset_time") or fields(limits.get("rate_limit")).get("reset_time")
        reset = _moment(label(written))
        wait_s = None if reset is None else finite(reset - self._clock(), low=0.0)
        return ProviderUnavailable(
            NAME,
            f"too much was asked: {said}",
            code="HTTP 429",
            action="it is tried again later",
            retry_after_s=wait_s or reply.retry_after_s or _BUSY_S,
        )


def _mark(item: Upload) -> str:
    """A machine tag, NAMESPACE:KEY=VALUE: kept, and hidden from the page."""
    return f"{TAG_PREFIX}id={item.key}"


def _path(urn: str) -> str:
    return f"/tracks/{quote(urn, safe=':')}"


def _part(field: str, path: Path, media_type: str) -> FilePart:
    return FilePart(f"track[{field}]", path, f"{field}{path.suffix.lower()}", media_type)


def _moment(written: str) -> float | None:
    """Unix seconds of a moment such as "2026/11/29 09:49:40 +0000"."""
    if not re.fullmatch(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [+-]\d{4}", written):
        return None
    try:
        return datetime.strptime(written, "%Y/%m/%d %H:%M:%S %z").astimezone(UTC).timestamp()
    except ValueError:
        return None
