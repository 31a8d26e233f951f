"""Collects what the trend sources report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import Q

from media_tools.errors import ProviderError
from media_tools.providers.health import ProviderHealth
from trends.metering import Meter, PaidCalls
from trends.models import Collection, Observation, TrendSource
from trends.recording import Recorded, record, window_of
from trends.scoring import score_topics
from trends.sources import configured
from trends.sources.base import Price, Sighting, TrendReader

logger = logging.getLogger(__name__)

# A collection that started longer ago than this died with its process.
LEASE = timedelta(minutes=30)


@dataclass(frozen=True)
class Collected:
    """What one source returned."""

    source: str
    recorded: Recorded = field(default_factory=Recorded)
    calls: int = 0
    reads: int = 0
    cost_usd: Decimal = Decimal(0)
    error: str = ""  # what went wrong
    skipped: str = ""  # why it was not asked

    @property
    def summary(self) -> str:
        """The result in one line for people."""
        if self.skipped:
            return self.skipped
        parts = [f"{self.recorded.observations_new} new, {self.recorded.updated} updated"]
        if self.calls:
            parts.append(f"{self.calls} call{'s' if self.calls != 1 else ''}")
        if self.cost_usd:
            parts.append(f"${self.cost_usd.normalize():f}")
        return "; ".join([", ".join(parts), *filter(None, [self.error])])


def collect(
    *,
    now: datetime,
    sources: Sequence[TrendReader] | None = None,
    ledger: PaidCalls | None = None,
    again: bool = False,
) -> list[Collected]:
    """Ask every enabled source, store its answer, score the topics.

    sources: by default those of the settings. A source is asked once in each of its windows; with
    `again` also if its window is done already. ledger: records paid calls; without it, sources that
    cost money are refused. If a source fails, its error is stored on its row, the other sources are
    still asked, and what it returned before is kept.
    """
    collected = []
    for reader in configured() if sources is None else sources:
        source = _row_of(reader)
        if not source.enabled:
            continue
        if not again and _is_done(source, now):
            collected.append(Collected(source.name, skipped="its window is done already"))
        elif not _claim(source, now):
            collected.append(Collected(source.name, skipped="another collection is under way"))
        else:
            try:
                collected.append(_visit(reader, source, ledger=ledger, now=now))
            finally:
                TrendSource.objects.filter(pk=source.pk).update(collecting_since=None)
            _delete_expired(reader, source, now)
    score_topics(now)
    return collected


def check(reader: TrendReader, *, now: datetime) -> ProviderHealth:
    """Ask whether a source would answer; costs nothing. Raises a ProviderError if it would not.

    What the reader learns on the way, such as a new token, is stored.
    """
    source = _row_of(reader)
    checkup = _Checkup(now, dict(source.memory))
    try:
        return reader.health(checkup)
    finally:
        TrendSource.objects.filter(pk=source.pk).update(memory=checkup.memory)


@dataclass
class _Checkup:
    """A visit that buys nothing."""

    now: datetime
    memory: dict[str, Any]

    def call(self) -> None:
        """Do nothing: calls of a check are not counted."""

    def reads_left(self) -> int | None:
        return 0

    def paid_call(self, purpose: str, subject: str, at_most: Price) -> NoReturn:
        raise RuntimeError(f"A check of health would buy {purpose}.")


def _row_of(reader: TrendReader) -> TrendSource:
    hours = int(reader.window.total_seconds() // 3600)
    source, _ = TrendSource.objects.get_or_create(
        name=reader.name, defaults={"weight": reader.weight, "window_hours": hours}
    )
    if source.window_hours != hours:
        source.window_hours = hours
        source.save(update_fields=["window_hours"])
    return source


def _is_done(source: TrendSource, now: datetime) -> bool:
    done_at = source.last_collected_at
    return done_at is not None and window_of(done_at, source.window) >= window_of(
        now, source.window
    )


def _claim(source: TrendSource, now: datetime) -> bool:
    """Claim a source, because two collections at once could together exceed a monthly limit."""
    # A start in the future comes from a clock that has gone back since; it does not hold the
    # source.
    held = Q(collecting_since__gte=now - LEASE, collecting_since__lte=now + LEASE)
    free = Q(collecting_since=None) | ~held
    return bool(TrendSource.objects.filter(free, pk=source.pk).update(collecting_since=now))


def _visit(
    reader: TrendReader, source: TrendSource, *, ledger: PaidCalls | None, now: datetime
) -> Collected:
    visit = Collection.objects.create(source=source, at=now)
    meter = Meter(source, visit, limits=reader.limits, ledger=ledger, now=now)
    sightings: list[Sighting] = []
    error = ""
    # Read before the transaction begins: a source may be slow.
    try:
        for sighting in reader.sightings(meter):
            sightings.append(sighting)
    except ProviderError as failure:
        error = str(failure)
        logger.warning("Trend source %s", failure)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        # An outside answer of unexpected shape must not stop the other sources.
        logger.exception("Trend source %s", reader.name)
        error = f"{reader.name}: its answer is in no form that is known here; the log tells more"
    with transaction.atomic():
        # A window that returned something, or may have been charged, is not asked again.
        done = bool(sightings or not error or meter.charged_blindly)
        recorded = record(source, sightings, now=now) if done else Recorded()
        TrendSource.objects.filter(pk=source.pk).update(last_error=error, memory=meter.memory)
        visit.observations = recorded.observations_new + recorded.updated
        visit.error = error
        visit.save(update_fields=["observations", "error"])
    return Collected(reader.name, recorded, visit.calls, visit.reads, visit.cost_usd, error)


def _delete_expired(reader: TrendReader, source: TrendSource, now: datetime) -> None:
    """Delete what the source's terms do not let us store for longer."""
    if reader.keep is not None:
        Observation.objects.filter(source=source, observed_at__lt=now - reader.keep).delete()
