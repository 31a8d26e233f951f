"""What provider calls add up to: by provider, by day, by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils import timezone

from ai_artist.kit.admin import newest
from ai_artist.kit.caching import kept
from ai_artist.kit.periods import EARLIER, place_in
from runs.models import ProviderCall, Run, SpentDay

DAYS = 30
RUNS = 5
MOST_PROVIDERS = 40


@dataclass
class Sums:
    """Some calls together."""

    calls: int = 0
    failed: int = 0
    cost_usd: Decimal = Decimal(0)

    def add(self, row: dict[str, Any]) -> None:
        self.calls += row["calls"]
        self.failed += row["failed"]
        self.cost_usd += row["cost"] or Decimal(0)


@dataclass(frozen=True)
class RunSums:
    """The calls of a run among them."""

    run: Run
    calls: int
    cost_usd: Decimal


@dataclass(frozen=True)
class Totals:
    """All sums. is_capped: only the newest COUNT_LIMIT calls are added up.

    by_day: for each of `days`, the cost by provider.
    """

    whole: Sums
    is_capped: bool
    by_provider: dict[str, Sums]
    days: Sequence[date]
    by_day: dict[str, list[Decimal]]
    by_run: list[RunSums] = field(default_factory=list)


@dataclass(frozen=True)
class Removed:
    """Calls whose rows are gone, since when."""

    calls: int
    cost_usd: Decimal
    since: date


def totals_of(calls: QuerySet[ProviderCall], *, now: datetime) -> Totals:
    """Add up the newest COUNT_LIMIT of some calls, in three queries."""
    some, capped = newest(calls, "created_at")
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    whole, by_provider, by_day = Sums(), dict[str, Sums](), dict[str, list[Decimal]]()
    for row in rows_by_day(some, days):
        whole.add(row)
        by_provider.setdefault(row["provider"], Sums()).add(row)
        if row["day"] != EARLIER:
            costs = by_day.setdefault(row["provider"], [Decimal(0)] * DAYS)
            costs[row["day"]] += row["cost"] or Decimal(0)
    dearest = sorted(by_provider.items(), key=lambda item: (-item[1].cost_usd, item[0]))
    return Totals(whole, capped, dict(dearest), days, by_day, dearest_runs(some))


def rows_by_day(some: QuerySet[ProviderCall], days: Sequence[date]) -> QuerySet[Any, Any]:
    """Group calls by provider and by the place of their day in `days`."""
    return some.values("provider", day=place_in(days, "created_at")).annotate(
        calls=Count("pk"),
        failed=Count("pk", filter=Q(status=ProviderCall.Status.FAILED)),
        cost=Sum("cost_usd"),
    )


def dearest_runs(some: QuerySet[ProviderCall]) -> list[RunSums]:
    """Return the runs whose calls cost most."""
    sums = (
        some.exclude(run=None)
        .values("run")
        .annotate(calls=Count("pk"), cost=Sum("cost_usd"))
        .filter(cost__gt=0)
        .order_by("-cost", "run")[:RUNS]
    )
    rows = {row["run"]: row for row in sums}
    runs = Run.objects.filter(pk__in=rows).select_related("artist").defer("concept").in_bulk()
    return [RunSums(runs[pk], row["calls"], row["cost"]) for pk, row in rows.items()]


def removed_calls() -> Removed | None:
    """Return the sums of the calls that the clean-up removed."""
    sums = SpentDay.objects.aggregate(calls=Sum("calls"), cost=Sum("cost_usd"), since=Min("day"))
    if not sums["calls"]:
        return None
    return Removed(sums["calls"], sums["cost"], sums["since"])


def providers_called() -> list[str]:
    """Return the providers in the ledger, by name; a new one is missing for two minutes."""
    return kept("providers-called", _providers_called, however_quick=True)


def _providers_called() -> list[str]:
    """Each is one step in the index; asked for distinct names, a database reads all of it."""
    names = ProviderCall.objects.order_by("provider").values_list("provider", flat=True)
    found: list[str] = []
    name = names.first()
    while name is not None and len(found) < MOST_PROVIDERS:
        found.append(name)
        name = names.filter(provider__gt=name).first()
    return found
