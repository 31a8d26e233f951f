"""What a source of trends gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Sighting:
    """How large a topic was in one window of time.

    observed_at: start of the window, aware. volume: 0 or more, on the source's own scale.
    genre: one of the composer's, or empty for all.
    """

    topic: str
    volume: float
    observed_at: datetime
    engagement: float = 0.0
    genre: str = ""


class TrendReader(Protocol):
    """Reads a source. name: slug of its TrendSource row."""

    name: str

    def sightings(self, now: datetime) -> Iterable[Sighting]:
        """What is to be seen now; earlier windows may come again.

        Raises ProviderUnavailable (later perhaps) or ProviderRejected (not like this).
        """
