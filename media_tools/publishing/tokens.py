"""The secrets of an account at a channel, and who renews them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, kw_only=True, repr=False)
class Tokens:
    """Secrets of one account; empty strings for what its kind has not. Never shown or logged.

    refresh may be a password or an app password where a channel knows no better. expires_at: of
    access; refresh_expires_at: when a person has to connect again; None: not told.
    """

    access: str
    refresh: str = ""
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


class Issuer(Protocol):
    """Issues the tokens of a kind of channel and renews them."""

    @abstractmethod
    def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        """New tokens for old ones; the old may be dead when this returns, or even when it fails.

        The caller holds a lock on them and stores what comes back before anything else. A lost
        answer is asked for once more with the old ones. Raises NeedsPerson, ProviderUnavailable.
        """

    def revoke(self, tokens: Tokens) -> None:
        """Make them worthless at the channel. Tokens that are dead already are a success."""


@dataclass(frozen=True)
class Consent:
    """A person's way to connect an account: an address to open, and what must come back with it.

    state, verifier: kept by the caller until the redirect comes (RFC 7636).
    """

    address: str
    state: str
    verifier: str


@runtime_checkable
class ConsentIssuer(Issuer, Protocol):
    """An issuer that asks the person in the browser (OAuth 2, authorization code with PKCE)."""

    @abstractmethod
    def consent(self, *, redirect: str) -> Consent:
        """Where to send the person, who comes back to `redirect` with a code."""

    @abstractmethod
    def exchange(self, code: str, *, verifier: str, redirect: str, now: datetime) -> Tokens:
        """Tokens for a code that works once. Raises NeedsPerson, ProviderRejected."""


@runtime_checkable
class PasswordIssuer(Issuer, Protocol):
    """An issuer that needs a user name and a password, for channels without sign-in in the browser.

    What it returns as Tokens.refresh may hold the password, if that is to be kept.
    """

    @abstractmethod
    def sign_in(self, name: str, password: str, *, code: str = "", now: datetime) -> Tokens:
        """Tokens for a name and password. code: of a second factor, once it is asked for.

        Raises NeedsPerson if they are wrong or a code is needed.
        """
