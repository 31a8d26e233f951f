"""What a source of trends returns, and what it may use while it is read."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from ai_artist.kit.periods import midnight
from media_tools.providers.health import ProviderHealth

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Sighting:
    """How large a topic was in one window of time."""

    topic: str
    volume: float  # 0 or more, on the source's own scale
    observed_at: datetime  # start of the window, aware
    engagement: float = 0.0
    genre: str = ""  # one of the composer's, or a slug of its own; empty for all


@dataclass(frozen=True)
class Price:
    """The price of one call. reads: records the provider charges for, such as posts."""

    usd: Decimal
    reads: int = 0


@dataclass(frozen=True)
class SpendingLimits:
    """What a source may use in a calendar month (UTC). None: no limit."""

    monthly_usd: Decimal | None = None
    monthly_reads: int | None = None


class Charge(Protocol):
    """A paid call in progress. Set `price` to what the answer really cost."""

    price: Price


class Visit(Protocol):
    """One collection, as the reader of its source sees it.

    memory: JSON that the reader keeps between collections; changes are saved at the end.
    """

    now: datetime
    memory: dict[str, Any]

    def call(self) -> None:
        """Count a call that costs nothing."""

    def paid_call(
        self, purpose: str, subject: str, at_most: Price
    ) -> AbstractContextManager[Charge]:
        """Book a call before it is sent, and its outcome afterwards.

        purpose: such as "counts". subject: what is asked; the same text for the same question. The
        price stays `at_most` unless the block sets another. A ProviderError in the block makes the
        call free, except SubmissionUnknown. Raises ProviderRejected if it would exceed a limit.
        """

    def reads_left(self) -> int | None:
        """Return how many records may still be read this month, None without a limit."""


class TrendReader(Protocol):
    """Reads a source."""

    name: str  # slug of its TrendSource row
    window: timedelta  # whole hours up to a day; it is asked once in each window
    weight: float  # in scores, until the panel changes it
    keep: timedelta | None  # how long its observations may be stored; None: for ever
    paid: bool  # its calls cost money
    limits: SpendingLimits

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        """Yield what is seen now; earlier windows may come again.

        Raises ProviderUnavailable (try later) or ProviderRejected (something must change). What was
        yielded before is kept.
        """

    def health(self, visit: Visit) -> ProviderHealth:
        """Make one free call. Raises as sightings() does."""


class FreeReader:
    """What free readers have in common: one window a day, kept for ever."""

    window = DAY
    weight = 1.0
    keep: timedelta | None = None
    paid = False
    limits = SpendingLimits()


def day_window(day: date) -> datetime:
    """Return the start of a window that covers a calendar day: the site's midnight."""
    return midnight(day)
