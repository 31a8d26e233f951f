"""A visit without a database, for readers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from media_tools.errors import ProviderError, SubmissionUnknown
from trends.metering import BookedCharge
from trends.sources.base import Price, Sighting, TrendReader


@dataclass
class FakeVisit:
    """Counts calls and adds up prices as the real one does, without limits but `reads_allowed`."""

    now: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    memory: dict[str, Any] = field(default_factory=dict)
    reads_allowed: int | None = None
    calls: int = 0
    paid: list[tuple[str, str]] = field(default_factory=list)
    usd: Decimal = Decimal(0)
    reads: int = 0

    def call(self) -> None:
        self.calls += 1

    def reads_left(self) -> int | None:
        return None if self.reads_allowed is None else self.reads_allowed - self.reads

    @contextmanager
    def paid_call(self, purpose: str, subject: str, at_most: Price) -> Iterator[BookedCharge]:
        self.calls += 1
        self.paid.append((purpose, subject))
        charge = BookedCharge(at_most)
        try:
            yield charge
        except SubmissionUnknown:
            raise
        except ProviderError:
            charge.price = Price(Decimal(0))
            raise
        finally:
            self.usd += charge.price.usd
            self.reads += charge.price.reads


def read(
    reader: TrendReader, visit: FakeVisit | None = None
) -> tuple[dict[str, Sighting], ProviderError | None]:
    """The newest sighting of each topic, and the error the reader ended with."""
    seen: dict[str, Sighting] = {}
    try:
        for sighting in reader.sightings(visit or FakeVisit()):
            known = seen.get(sighting.topic)
            if known is None or sighting.observed_at >= known.observed_at:
                seen[sighting.topic] = sighting
    except ProviderError as error:
        return seen, error
    return seen, None
