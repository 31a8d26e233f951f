"""Signing in by OAuth 2: authorization code with PKCE (RFC 6749, 7636), renewing, revoking."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from pydantic import AliasChoices, Field

from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected
from media_tools.foreign import fields, label
from media_tools.providers.http import Call, HttpClient, HttpReply, Line
from media_tools.providers.job import checked_key
from media_tools.providers.replies import Figure, LongLabel, Reference, Reply
from media_tools.publishing.tokens import Consent, ConsentIssuer, Tokens

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LONGEST_LIFE_S = 10 * 366 * 86_400.0


@dataclass(frozen=True, kw_only=True)
class SignInOptions:
    """Our registration at a service, and where its pages are (empty: its own)."""

    client_id: str
    client_secret: str = field(repr=False)
    accounts_url: str = ""
    grant_url: str = ""
    base_url: str = ""  # of the API


@dataclass(frozen=True, kw_only=True)
class SignInPages:
    """Where a service lets people sign in, and what it calls things there."""

    name: str
    setting: str  # of the client id, for messages
    accounts_url: str
    authorize_path: str
    grant_url: str
    grant_path: str
    revoke_path: str
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    client_field: str = "client_id"
    extras: Mapping[str, str] = field(default_factory=dict)
    # How a verifier becomes a challenge (S256 of RFC 7636, or what a service made of it).
    challenge: Callable[[str], str] = field(
        default=lambda verifier: _base64url(hashlib.sha256(verifier.encode()).digest())
    )


class _Granted(Reply):
    access: Reference = Field(alias="access_token", min_length=1)
    refresh: Reference = Field(default="", alias="refresh_token")
    lasts_s: Figure | None = Field(default=None, alias="expires_in", ge=0, le=_LONGEST_LIFE_S)
    refresh_lasts_s: Figure | None = Field(
        default=None,
        validation_alias=AliasChoices("refresh_token_expires_in", "refresh_expires_in"),
        ge=0,
        le=_LONGEST_LIFE_S,
    )
    scope: LongLabel = ""


class OAuthSignIn(ConsentIssuer):
    """One service's sign-in. A subclass names its pages."""

    pages: SignInPages
    Options = SignInOptions

    def __init__(self, options: SignInOptions, line: Line) -> None:
        self._options = options
        self._id = checked_key(self.pages.name, options.client_id, self.pages.setting)
        # A refresh token may work once: a lost answer is worth one more try, no more.
        self._line = replace(line, retry=replace(line.retry, retries=1))

    def consent(self, *, redirect: str) -> Consent:
        """Where to send the person. Raises ProviderRejected for an unsafe redirect."""
        page = urlsplit(redirect)
        if page.scheme != "https" and not (page.scheme == "http" and page.hostname in _LOOPBACK):
            raise ProviderRejected(
                self.pages.name,
                "people would come back without encryption",
                code="configuration",
                action="use the panel's https address, or http://127.0.0.1 on this machine",
            )
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        query = {
            self.pages.client_field: self._id,
            "redirect_uri": redirect,
            "response_type": "code",
            "code_challenge": self.pages.challenge(verifier),
            "code_challenge_method": "S256",
            "state": state,
            **self.pages.extras,
        }
        if self.pages.scopes:
            query["scope"] = self.pages.scope_separator.join(self.pages.scopes)
        base = self._options.accounts_url or self.pages.accounts_url
        return Consent(f"{base}{self.pages.authorize_path}?{urlencode(query)}", state, verifier)

    def exchange(self, code: str, *, verifier: str, redirect: str, now: datetime) -> Tokens:
        """Tokens for a code that works once.

        Raises NeedsPerson also for a permission that does not last or lacks a right.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        tokens = self._granted(form, (code, verifier), now=now, safe=False)
        missing = [right for right in self.pages.scopes if right not in tokens.scopes]
        if missing and tokens.scopes:
            raise self._person(
                f"these rights were not granted: {', '.join(map(_short, missing))}",
                "missing_rights",
                "connect the channel again and leave every box ticked",
            )
        if not tokens.refresh:
            raise self._person(
                "the permission does not last",
                "no_refresh_token",
                "remove this application from the account's connected apps, then connect again",
            )
        return tokens

    def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """New tokens for old ones; see Issuer."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        granted = self._granted(form, (tokens.refresh, tokens.access), now=now, safe=True)
        return replace(
            granted,
            refresh=granted.refresh or tokens.refresh,
            refresh_expires_at=granted.refresh_expires_at or tokens.refresh_expires_at,
            scopes=granted.scopes or tokens.scopes,
        )

    def revoke(self, tokens: Tokens) -> None:
        """Make them worthless there. Tokens that are dead already are a success."""
        call = Call(
            "POST",
            self.pages.revoke_path,
            data={"token": tokens.refresh or tokens.access},
            safe=True,
            good=(200, 204, 400, 401),
        )
        self._client((tokens.refresh, tokens.access)).call(call)

    def _granted(
        self, form: Mapping[str, str], hidden: Sequence[str], *, now: datetime, safe: bool
    ) -> Tokens:
        ours = {
            self.pages.client_field: self._id,
            "client_secret": self._options.client_secret.strip(),
        }
        call = Call("POST", self.pages.grant_path, data={**form, **ours}, safe=safe)
        granted = self._client(hidden).read(call, _Granted)
        return Tokens(
            access=granted.access,
            refresh=granted.refresh,
            expires_at=_later(now, granted.lasts_s),
            refresh_expires_at=_later(now, granted.refresh_lasts_s),
            scopes=tuple(granted.scope.replace(",", " ").split()),
        )

    def _client(self, hidden: Sequence[str]) -> HttpClient:
        return HttpClient(
            self.pages.name,
            self._options.grant_url or self.pages.grant_url,
            secrets=(self._options.client_secret, *hidden),
            classify=self._classify,
            line=self._line,
        )

    def _classify(self, reply: HttpReply) -> ProviderError | None:
        if reply.status not in (400, 401):
            return None
        answer = fields(reply.data)
        said = {label(answer.get(name)) for name in ("error", "message")}
        if "invalid_grant" in said:
            return self._person(
                "the permission is over: it was used up, withdrawn or has expired",
                "invalid_grant",
                "connect the channel again",
            )
        for code in ("invalid_client", "unauthorized_client", "redirect_uri_mismatch"):
            if code in said:
                return self._person(
                    "our registration there was refused",
                    code,
                    f"check {self.pages.setting}, its secret and the redirect address there",
                )
        return None

    def _person(self, cause: str, code: str, action: str) -> NeedsPerson:
        return NeedsPerson(self.pages.name, cause, code=code, action=action)


def _later(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _short(scope: str) -> str:
    return scope.rpartition("/")[2]


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
