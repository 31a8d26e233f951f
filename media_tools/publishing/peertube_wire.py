"""How a PeerTube instance is spoken to: what it is asked by, what it answers, how it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

from media_tools import foreign
from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected
from media_tools.providers.http import Call, HttpClient, HttpReply, Line
from media_tools.providers.job import bearer
from media_tools.providers.replies import Amount, Label, Reference, Reply, Whole, at, rows
from media_tools.publishing.passwords import (
    CONNECT_AGAIN,
    Credentials,
    RenewingIssuer,
    in_seconds,
)
from media_tools.publishing.signed import TokenRefused
from media_tools.publishing.tokens import Tokens

NAME = "peertube"
_CHANNEL_PAGE = re.compile(r"/(?:c|video-channels)/(?P<name>[\w.:-]{1,50})(?:/|\Z)", re.ASCII)
LISTED = 15

_PERSON: Mapping[str, tuple[str, str]] = {
    "invalid_grant": ("the password or the refresh token was refused", CONNECT_AGAIN),
    "missing_two_factor": ("the account has a second factor", f"{CONNECT_AGAIN}, with its code"),
    "invalid_two_factor": (
        "the code of the second factor is wrong",
        f"{CONNECT_AGAIN}, with a new",
    ),
    "account_waiting_for_approval": (
        "the account waits for its approval",
        "ask the people who run the instance, then check the channel",
    ),
    "account_approval_rejected": (
        "the account was not approved",
        "use an account of another instance",
    ),
}


@dataclass(frozen=True, kw_only=True)
class PeerTubeOptions:
    """base_url: the instance, or the page of the channel there, if the account has several."""

    base_url: str
    keep_password: bool = True  # so that a refresh token lost on the way costs nobody a sign-in
    comments: bool = True
    downloads: bool = False
    chunk_bytes: int = 0  # 0: by the size of the file

    @property
    def instance(self) -> str:
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def channel(self) -> str:
        """The channel's name; empty: the account's first."""
        page = _CHANNEL_PAGE.match(urlsplit(self.base_url).path)
        return page["name"] if page else ""


class _Error(Reply):
    code: Label = ""
    detail: Label = ""
    error: Label = ""
    params: dict[str, Any] = Field(default={}, alias="invalid-params")


class _Registration(Reply):
    client_id: Reference = Field(min_length=1)
    client_secret: Reference = Field(min_length=1)


class _Granted(Reply):
    access_token: Reference = Field(min_length=1)
    refresh_token: Reference = Field(min_length=1)
    expires_in: Amount = 0.0
    refresh_token_expires_in: Amount = 0.0


class Channel(Reply):
    id: Whole = 0
    name: Label = ""


class Me(Reply):
    id: Whole
    username: Label
    quota: int = Field(default=-1, alias="videoQuota")
    daily: int = Field(default=-1, alias="videoQuotaDaily")
    channels: Annotated[list[Channel], rows(1000)] = Field(default=[], alias="videoChannels")


class Used(Reply):
    total: Whole = Field(default=0, alias="videoQuotaUsed")
    today: Whole = Field(default=0, alias="videoQuotaUsedDaily")


class Made(Reply):
    uuid: Reference = Field(min_length=1, validation_alias="uuid")
    short: Reference = Field(default="", validation_alias="shortUUID")


class Uploaded(Reply):
    video: Made


class Video(Reply):
    uuid: Reference = ""
    short: Reference = Field(default="", validation_alias="shortUUID")
    description: Any = ""
    state: Whole = at("state", "id", default=0)
    privacy: Whole = at("privacy", "id", default=0)
    update_at: Label = at("scheduledUpdate", "updateAt")
    blacklisted: bool = False
    why_blacklisted: Label = Field(default="", alias="blacklistedReason")
    views: Whole | None = None
    likes: Whole | None = None
    comments: Whole | None = None

    @property
    def words(self) -> str:
        return self.description if isinstance(self.description, str) else ""


class Listed(Reply):
    data: Annotated[list[Video], rows(LISTED)]


class Watched(Reply):
    average_s: Amount = Field(default=0.0, alias="averageWatchTime")
    total_s: Amount = Field(default=0.0, alias="totalWatchTime")


class QuotaReached(ProviderRejected):
    """The account has no room, today or at all."""


def open_client(options: PeerTubeOptions, line: Line, token: str, *secrets: str) -> HttpClient:
    def classify(reply: HttpReply) -> ProviderError | None:
        return _error(reply, http)

    http = HttpClient(
        NAME,
        options.instance,
        headers=bearer(token),
        secrets=secrets,
        classify=classify,
        line=line,
    )
    return http


def _error(reply: HttpReply, http: HttpClient) -> ProviderError | None:
    """The error of a status; None for what the general rules say as well."""
    status = reply.status
    if status < 400 or status in (404, 408, 409, 429) or status >= 500:
        return None
    told = _Error.of(reply.data)
    said = http.words(told.detail or told.error) or "no message"
    code = told.code or f"HTTP {status}"
    if told.code in _PERSON:
        cause, action = _PERSON[told.code]
        return NeedsPerson(NAME, f"{cause}: {said}", code=code, action=action)
    if status == 401:
        return TokenRefused(NAME, f"the token was refused: {said}", code=code, action=CONNECT_AGAIN)
    if status == 403:
        return NeedsPerson(
            NAME,
            f"the instance does not allow it: {said}",
            code=code,
            action="ask the people who run the instance",
        )
    if told.code == "quota_reached":
        return QuotaReached(NAME, said, code=code)
    if told.code == "max_file_size_reached":
        return ProviderRejected(
            NAME,
            f"the file is larger than the instance takes: {said}",
            code=code,
            action="make the file smaller, or use another instance",
        )
    if status == 413:
        return NeedsPerson(
            NAME,
            "something before the instance refuses requests of this size",
            code=code,
            action="ask the people who run it to raise the limit of their proxy",
        )
    if status == 415:
        action = "the instance does not take this kind of file; use another"
    elif status == 422:
        action = "the instance cannot read the file; look at it, then send it again"
    else:
        fields = ", ".join(foreign.first_of(told.params, 5))
        action = f"change {fields}" if fields else "change the title, the description or the tags"
    return ProviderRejected(NAME, f"not accepted: {said}", code=code, action=foreign.label(action))


class PeerTubeIssuer(RenewingIssuer):
    """Tokens by the password grant. A refresh token works once."""

    Options = PeerTubeOptions

    def __init__(self, options: PeerTubeOptions, line: Line) -> None:
        self._options = options
        self._line = line

    def sign_in(self, name: str, password: str, *, code: str = "", now: datetime) -> Tokens:
        headers = {"x-peertube-otp": code} if code else {}
        grant = {"grant_type": "password", "username": name, "password": password}
        kept = password if self._options.keep_password else ""
        return self._granted(grant, Credentials("", name, kept), headers, now=now)

    def renew(self, kept: Credentials, *, now: datetime) -> Tokens:
        grant = {"grant_type": "refresh_token", "refresh_token": kept.token}
        return self._granted(grant, kept, {}, now=now)

    def _granted(
        self, grant: dict[str, str], kept: Credentials, headers: dict[str, str], *, now: datetime
    ) -> Tokens:
        secrets = [grant[name] for name in ("password", "refresh_token") if name in grant]
        with open_client(self._options, self._line, "", *secrets) as http:
            client = http.read(Call("GET", "/api/v1/oauth-clients/local"), _Registration)
            form = {"client_id": client.client_id, "client_secret": client.client_secret, **grant}
            # A lost answer is asked for again: where the token is dead then, the password helps.
            call = Call("POST", "/api/v1/users/token", data=form, headers=headers, safe=True)
            given = http.read(call, _Granted)
        renewal = Credentials(given.refresh_token, kept.name, kept.password)
        lasting_s = 0.0 if kept.password else given.refresh_token_expires_in
        return Tokens(
            access=given.access_token,
            refresh=renewal.packed(),
            expires_at=in_seconds(given.expires_in, now=now),
            refresh_expires_at=in_seconds(lasting_s, now=now),
        )

    def revoke(self, tokens: Tokens) -> None:
        with (
            suppress(TokenRefused),
            open_client(self._options, self._line, tokens.access) as http,
        ):
            http.call(Call("POST", "/api/v1/users/revoke-token", safe=True))
