"""Channels that are connected by a user name and password, and renewed by what that gave."""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from media_tools import foreign
from media_tools.errors import NeedsPerson
from media_tools.providers.http import Line
from media_tools.publishing.signed import TokenRefused
from media_tools.publishing.tokens import Issuer, PasswordIssuer, Tokens

CONNECT_AGAIN = "connect the channel again"


@dataclass(frozen=True, repr=False)
class Credentials:
    """What an account can be renewed with; kept together as Tokens.refresh.

    password: empty if the person did not want it kept.
    """

    token: str
    name: str = ""
    password: str = ""

    def packed(self) -> str:
        return json.dumps([self.token, self.name, self.password])

    @classmethod
    def unpacked(cls, packed: str) -> Credentials:
        """Read them. What is no such list is taken for a bare refresh token."""
        try:
            fields = foreign.read_json(packed)
        except foreign.Refused:
            fields = None
        if not isinstance(fields, list) or not all(isinstance(part, str) for part in fields):
            return cls(packed)
        return cls(*fields[:3])


class RenewingIssuer(PasswordIssuer):
    """Renews by the refresh token, and by the password if that token is dead.

    A refresh token works once: it dies too when the answer to its use is lost. Who keeps the
    password as well does not have to be asked then.
    """

    def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        kept = Credentials.unpacked(tokens.refresh)
        try:
            return self.renew(kept, now=now)
        except (NeedsPerson, TokenRefused) as error:
            dead = NeedsPerson(error.provider, error.cause, code=error.code, action=CONNECT_AGAIN)
        if not kept.password:
            raise dead
        return self.sign_in(kept.name, kept.password, now=now)

    @abstractmethod
    def renew(self, kept: Credentials, *, now: datetime) -> Tokens:
        """New tokens by the refresh token alone. Raises NeedsPerson, TokenRefused if it is dead."""


class PastedToken(Issuer):
    """For secrets that a person makes at the channel and pastes; nothing can renew them.

    where: the page there at which they are made.
    """

    name: ClassVar[str]
    where: ClassVar[str]

    def __init__(self, options: object, line: Line) -> None:
        """As the issuers that need them are made."""

    def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        raise NeedsPerson(
            self.name,
            "the token was refused",
            code="token_refused",
            action=f"make a new one at {self.where}, then {CONNECT_AGAIN}",
        )

    def revoke(self, tokens: Tokens) -> None:
        """Nothing: who made the secret there may use it elsewhere too, and can withdraw it."""


def in_seconds(seconds: float, *, now: datetime) -> datetime | None:
    """The moment that many seconds from now; None for 0, which means "not told"."""
    return now.astimezone(UTC) + timedelta(seconds=seconds) if seconds else None
