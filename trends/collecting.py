"""Asking the trend sources what is going on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from media_tools.errors import ProviderError
from trends.models import TrendSource
from trends.recording import Recorded, record
from trends.scoring import score_topics
from trends.sources.base import TrendReader
from trends.sources.local import LocalCalendar

logger = logging.getLogger(__name__)

# Every source that can be collected; a new one is a module in trends/sources and a line here.
READERS: tuple[TrendReader, ...] = (LocalCalendar(),)


@dataclass(frozen=True)
class Collection:
    """What one source gave. error: why nothing, empty if all went well."""

    source: str
    recorded: Recorded
    error: str = ""


def collect(*, now: datetime, sources: Sequence[TrendReader] | None = None) -> list[Collection]:
    """Ask every source that the panel has not disabled, store what it gives, score the topics.

    A source that fails leaves its error on its row and does not stop the others.
    """
    collections = []
    for reader in READERS if sources is None else sources:
        source, _ = TrendSource.objects.get_or_create(name=reader.name)
        if not source.enabled:
            continue
        try:
            # All of them before the transaction: a source may be slow.
            sightings = list(reader.sightings(now))
        except ProviderError as error:
            logger.warning("Trend source %s: %s", reader.name, error)
            TrendSource.objects.filter(pk=source.pk).update(last_error=str(error))
            collections.append(Collection(reader.name, Recorded(), str(error)))
            continue
        collections.append(Collection(reader.name, record(source, sightings, now=now)))
    score_topics(now)
    return collections
