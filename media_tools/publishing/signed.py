"""Requests in the name of an account: each carries its token, and a refused one is renewed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from media_tools.errors import NeedsPerson, ProviderRejected
from media_tools.providers.http import Call, HttpClient, HttpReply
from media_tools.providers.replies import Read
from media_tools.publishing.base import Account

Answer = TypeVar("Answer")


class TokenRefused(ProviderRejected):
    """The access token is not valid, or not any more; an adapter's classify returns it."""


class SignedClient:
    """An HttpClient whose token comes from an Account."""

    def __init__(self, account: Account, connect: Callable[[str], HttpClient]) -> None:
        """connect: makes a client that sends this token."""
        self._account = account
        self._connect = connect
        self._token = ""
        self._client: HttpClient | None = None

    def call(self, call: Call, *, lasting_s: float = 120.0) -> HttpReply:
        """Send a request as HttpClient.call() does. lasting_s: how long the token must be good."""
        return self._signed(lambda http: http.call(call), lasting_s)

    def read(self, call: Call, model: type[Read], *, lasting_s: float = 120.0) -> Read:
        """Return a good answer as `model`, as HttpClient.read() does."""
        return self._signed(lambda http: http.read(call, model), lasting_s)

    def _signed(self, ask: Callable[[HttpClient], Answer], lasting_s: float) -> Answer:
        try:
            return ask(self._with(self._account.token(lasting_s=lasting_s)))
        except TokenRefused:
            pass
        try:
            # Nothing was taken with the refused token, so even a submission may be sent again.
            return ask(self._with(self._account.renewed()))
        except TokenRefused as error:
            refused = NeedsPerson(
                error.provider,
                f"{error.cause}, also with a new token",
                code=error.code,
                action="connect the channel again",
            )
        raise refused

    def _with(self, token: str) -> HttpClient:
        if self._client is None or token != self._token:
            self._token, self._client = token, self._connect(token)
        return self._client
