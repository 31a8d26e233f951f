"""What a source of trends gives, and what it may ask for while it is read."""

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
    """How large a topic was in one window of time.

    observed_at: start of the window, aware. volume: 0 or more, on the source's own scale.
    genre: one of the composer's or a slug of its own, or empty for all.
    """

    topic: str
    volume: float
    observed_at: datetime
    engagement: float = 0.0
    genre: str = ""


@dataclass(frozen=True)
class Price:
    """Of one call. reads: records the provider charges by, such as posts."""

    usd: Decimal
    reads: int = 0


@dataclass(frozen=True)
class SpendingLimits:
    """What a source may take in a calendar month (UTC). None: no limit."""

    monthly_usd: Decimal | None = None
    monthly_reads: int | None = None


class Charge(Protocol):
    """A paid call under way; set `price` to what the answer really took."""

    price: Price


class Visit(Protocol):
    """One collection, as the reader of its source sees it.

    memory: what the reader keeps between collections, as JSON; changes are saved at the end.
    """

    now: datetime
    memory: dict[str, Any]

    def call(self) -> None:
        """Count a call that costs nothing."""

    def paid_call(
        self, purpose: str, subject: str, at_most: Price
    ) -> AbstractContextManager[Charge]:
        """Book a call before it is sent, and its outcome afterwards.

        purpose: "counts"; subject: what is asked, the same for the same question. The price stays
        `at_most` unless the block sets another; a ProviderError in the block makes it nothing, but
        for SubmissionUnknown. Raises ProviderRejected where a limit would be passed.
        """

    def reads_left(self) -> int | None:
        """Records that may still be read this month; None: as many as wanted."""


class TrendReader(Protocol):
    """Reads a source.

    name: slug of its TrendSource row. window: length of its windows, whole hours up to a day; it
    is asked once in each. weight: how much it counts in scores at first; the panel owns it then.
    keep: for how long its observations may be stored, None for good. paid: its calls cost money.
    """

    name: str
    window: timedelta
    weight: float
    keep: timedelta | None
    paid: bool
    limits: SpendingLimits

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        """What is to be seen now; earlier windows may come again.

        Raises ProviderUnavailable (later perhaps) or ProviderRejected (not like this); what came
        before is kept.
        """

    def health(self, visit: Visit) -> ProviderHealth:
        """One cheap call that costs nothing. Raises as sightings does."""


class FreeReader:
    """What readers that cost nothing have in common: one window a day, kept for good."""

    window = DAY
    weight = 1.0
    keep: timedelta | None = None
    paid = False
    limits = SpendingLimits()


def day_window(day: date) -> datetime:
    """Start of a window that covers a calendar day: the site's midnight."""
    return midnight(day)
