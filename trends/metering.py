"""Keeps the books of one collection: calls, reads and money, within the source's limits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from ai_artist.kit.periods import month_start
from media_tools.errors import ProviderError, ProviderRejected, SubmissionUnknown
from trends.models import Collection, TrendSource
from trends.recording import window_of
from trends.sources.base import Price, SpendingLimits


class PaidCalls(Protocol):
    """The ledger of paid calls, kept in a higher layer.

    reserve() is called before each request is sent, settle() after its answer or failure. If a
    process dies in between, the reservation is never settled.
    """

    def reserve(self, *, key: str, provider: str, purpose: str, estimate_usd: Decimal) -> None:
        """Record the intent to pay.

        key: names source, purpose, question and window, at most 120 characters; the same question
        in the same window has the same key.

        Raises a ProviderError if a budget would be exceeded, or if the key was answered or may have
        been charged already.
        """

    def settle(
        self, *, key: str, cost_usd: Decimal, reads: int, error: str = "", unknown: bool = False
    ) -> None:
        """Record the outcome. unknown: the answer was lost, so the call may have been charged."""


@dataclass
class BookedCharge:
    """A paid call in progress."""

    price: Price


class Meter:
    """The visit passed to a reader. `collection` is the row that keeps this visit's books."""

    def __init__(
        self,
        source: TrendSource,
        collection: Collection,
        *,
        limits: SpendingLimits,
        ledger: PaidCalls | None,
        now: datetime,
    ) -> None:
        self.now = now
        self.memory: dict[str, Any] = dict(source.memory)
        self.charged_blindly = False
        self._source = source
        self._collection = collection
        self._limits = limits
        self._ledger = ledger
        earlier = source.collections.since(month_start(now)).exclude(pk=collection.pk).spending()
        self._reads_before, self._usd_before = earlier.reads, earlier.cost_usd

    def call(self) -> None:
        self._book(calls=1)

    def reads_left(self) -> int | None:
        if self._limits.monthly_reads is None:
            return None
        return max(0, self._limits.monthly_reads - self._reads_before - self._collection.reads)

    @contextmanager
    def paid_call(self, purpose: str, subject: str, at_most: Price) -> Iterator[BookedCharge]:
        ledger = self._ledger
        if ledger is None:
            raise ProviderRejected(
                self._source.name,
                "it costs money, and this collection has no ledger to write it down",
                code="no_ledger",
                action="collect by `manage.py collect_trends` or the schedule",
            )
        self._stay_within_limits(at_most)
        key = self._key(purpose, subject)
        ledger.reserve(
            key=key, provider=self._source.name, purpose=purpose, estimate_usd=at_most.usd
        )
        # Booked before it is sent: a crash must leave too much on the books, never too little.
        self._book(calls=1, reads=at_most.reads, usd=at_most.usd)
        charge = BookedCharge(at_most)
        error, unknown = "", False
        try:
            yield charge
        except SubmissionUnknown as lost:
            error, unknown = str(lost), True
            self.charged_blindly = True
            raise
        except ProviderError as refused:
            # Refused by the provider, so nothing was charged.
            charge.price = Price(Decimal(0))
            error = str(refused)
            raise
        except BaseException:
            # Nobody knows how far the call got.
            error, unknown = "the call was interrupted; it may have been charged", True
            self.charged_blindly = True
            raise
        finally:
            price = charge.price
            self._book(reads=price.reads - at_most.reads, usd=price.usd - at_most.usd)
            ledger.settle(
                key=key, cost_usd=price.usd, reads=price.reads, error=error, unknown=unknown
            )

    def _stay_within_limits(self, price: Price) -> None:
        left = self.reads_left()
        if left is not None and price.reads > left:
            raise self._limit_reached(
                f"{price.reads} reads would pass its limit of {self._limits.monthly_reads} a month"
            )
        most = self._limits.monthly_usd
        spent = self._usd_before + self._collection.cost_usd
        if most is not None and spent + price.usd > most:
            raise self._limit_reached(
                f"${price.usd} more would pass its limit of ${most} a month (${spent} are spent)"
            )

    def _limit_reached(self, cause: str) -> ProviderRejected:
        return ProviderRejected(
            self._source.name,
            cause,
            code="limit",
            action="raise the source's monthly limit in the settings, or wait for the next month",
        )

    def _book(self, *, calls: int = 0, reads: int = 0, usd: Decimal = Decimal(0)) -> None:
        row = self._collection
        row.calls, row.reads, row.cost_usd = (
            row.calls + calls,
            row.reads + reads,
            row.cost_usd + usd,
        )
        row.save(update_fields=["calls", "reads", "cost_usd"])

    def _key(self, purpose: str, subject: str) -> str:
        window = window_of(self.now, self._source.window).astimezone(UTC)
        question = hashlib.sha256(subject.encode()).hexdigest()[:16]
        return f"trends:{self._source.name}:{purpose}:{window:%Y%m%dT%H%MZ}:{question}"
