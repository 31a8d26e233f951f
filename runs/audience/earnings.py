"""Earnings beside costs: what an artist, a release or the roster brings in for an hour of review.

Platforms and distributors report the same money twice, as an estimate by day and as a statement by
month; of an artist's series on one platform the statement counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum

from ai_artist.kit.caching import kept
from artists.models import Artist, PerformanceEntry, PerformanceQuerySet
from runs.models import Review, Run

REVENUE = "revenue"
COUNTED = "USD"
# Statements before estimates.
PERIOD_RANK = {"month": 0, "total": 1, "week": 2, "day": 3}
YEAR = timedelta(days=365)
KEPT_AS = "balance-of-roster"


@dataclass(frozen=True)
class Balance:
    """Money in USD. elsewhere: what was earned in other currencies, by their codes."""

    earned_usd: Decimal
    spent_usd: Decimal
    review_s: float
    elsewhere: tuple[tuple[str, Decimal], ...] = ()

    @property
    def profit_usd(self) -> Decimal:
        return self.earned_usd - self.spent_usd

    @property
    def per_hour_usd(self) -> Decimal | None:
        """Profit for an hour of reviewing; None without any."""
        return self.profit_usd / Decimal(self.review_s) * 3600 if self.review_s else None


def balance_of_artist(artist: Artist) -> Balance:
    """All an artist has earned and cost."""
    entries = PerformanceEntry.objects.audience().filter(artist=artist)
    return _balance(entries, Run.objects.filter(artist=artist))


def balance_of_runs(run_ids: Collection[UUID]) -> Balance:
    """What these runs have earned and cost; the artist's rejected ones are not in it."""
    entries = PerformanceEntry.objects.audience().filter(run_id__in=run_ids)
    return _balance(entries, Run.objects.filter(pk__in=run_ids))


def balance_of_roster(now: datetime, *, until_sweep: bool = False) -> Balance:
    """The last year of all artists; some minutes old if it takes long to add up."""

    def add_up() -> Balance:
        entries = PerformanceEntry.objects.audience().filter(at__gte=now - YEAR)
        return _balance(entries, Run.objects.filter(created_at__gte=now - YEAR))

    return kept(KEPT_AS, add_up, until_sweep=until_sweep)


def _balance(entries: PerformanceQuerySet, runs: QuerySet[Run]) -> Balance:
    sums = (
        entries.filter(metric=REVENUE)
        .order_by()
        .values_list("artist_id", "series", "dimensions__currency")
        .annotate(sum=Sum("value"))
    )
    earned = _without_repeats(sums)
    spent = runs.aggregate(sum=Sum("cost_usd"))["sum"] or Decimal(0)
    reviews = Review.objects.filter(run__in=runs)
    return Balance(
        earned_usd=earned.pop(COUNTED, Decimal(0)),
        spent_usd=spent,
        review_s=reviews.aggregate(sum=Sum("active_seconds"))["sum"] or 0.0,
        elsewhere=tuple(sorted(earned.items())),
    )


def _without_repeats(sums: Iterable[tuple[int, str, str | None, float]]) -> dict[str, Decimal]:
    """Add up by currency, of each artist's platform the series that is nearest to the payment."""
    best: dict[tuple[int, str, str], tuple[int, float]] = {}
    for artist_id, series, currency, amount in sums:
        platform, period, *_ = series.split("/")
        place = (artist_id, platform, currency or COUNTED)
        offered = (PERIOD_RANK.get(period, len(PERIOD_RANK)), -amount)
        best[place] = min(best.get(place, offered), offered)
    earned: dict[str, Decimal] = {}
    for (_, _, currency), (_, negative) in best.items():
        earned[currency] = earned.get(currency, Decimal(0)) + Decimal(str(round(-negative, 2)))
    return earned
