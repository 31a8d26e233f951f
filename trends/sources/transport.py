"""How readers reach their providers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.breaker import CircuitBreaker
from media_tools.providers.http import HttpClient, HttpReply, Line, RetryPolicy, Timeouts
from media_tools.providers.wire import LONGEST_RETRY_AFTER_S
from trends.charts import ChartEntry

LINE = Line(Timeouts(total_s=60.0), RetryPolicy(base_s=1.0, longest_wait_s=10.0))

NO_DATA = "no_data"
ALREADY_PAID = "already_paid"
# Codes of refusals about the question; any other concerns the account or the way there.
OF_THE_QUESTION = ("HTTP 400", "HTTP 404", NO_DATA, ALREADY_PAID)


@dataclass(frozen=True)
class Transport:
    """What every reader's client shares. breaker_for: the circuit breaker of a provider."""

    line: Line = LINE
    breaker_for: Callable[[str], CircuitBreaker] | None = None

    def client(self, provider: str, base_url: str, **details: Any) -> HttpClient:
        breaker = self.breaker_for(provider) if self.breaker_for else None
        return HttpClient(provider, base_url, line=replace(self.line, breaker=breaker), **details)


def needed_key(provider: str, key: str, setting: str) -> str:
    """Return the key. Raises ProviderRejected if there is none."""
    if not key:
        raise ProviderRejected(
            provider,
            "it has no key",
            code="no_key",
            action=f"set {setting}, or take {provider} out of AI_ARTIST_TREND_SOURCES",
        )
    return key


def put_off(provider: str, reply: HttpReply, *, reset_header: str) -> ProviderUnavailable:
    """Return the error for a busy provider. reset_header: Unix seconds when its limit is reset."""
    reset_at = foreign.figure(reply.headers.get(reset_header, ""), low=0.0)
    wait_s = reply.retry_after_s
    if reset_at is not None:
        wait_s = min(max(1.0, reset_at - time.time()), LONGEST_RETRY_AFTER_S)
    limited = reply.status == 429
    return ProviderUnavailable(
        provider,
        "too many requests" if limited else "it is down",
        code=f"HTTP {reply.status}",
        action="it is asked again at the next collection",
        retry_after_s=wait_s,
    )


def named(provider: str, entries: Sequence[ChartEntry]) -> list[ChartEntry]:
    """Return the rows that name a song. Raises ProviderUnavailable if no row does."""
    found = [entry for entry in entries if entry.title]
    if entries and not found:
        raise ProviderUnavailable(
            provider,
            "no row of its chart names a song",
            code="bad_answer",
            action="it is tried again later",
        )
    return found


def no_chart_of(provider: str, country: str) -> ProviderRejected:
    """Return the error for a country without a chart; other countries are not affected."""
    return ProviderRejected(
        provider,
        f"it has no chart for the country {country!r}",
        code=NO_DATA,
        action="correct AI_ARTIST_TREND_COUNTRIES: two-letter codes such as us,gb,de",
    )


class Remainder:
    """Continues after a refusal that concerns only one question, and raises it at the end.

    rest = Remainder()
    for country in countries:
        with rest:
            ...
    rest.raise_first()
    """

    def __init__(self) -> None:
        self._first: ProviderError | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, ProviderRejected) and error.code in OF_THE_QUESTION:
            self._first = self._first or error
            return True
        return False

    def raise_first(self) -> None:
        if self._first:
            raise self._first
