"""What whole tables add up to: for monitoring, and worked out seldom where they are large."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Model, Sum

from ai_artist.kit.caching import kept
from artists.models import Artist
from experiments.analysis import standings
from runs.audience import earnings
from runs.models import ProviderCall, Publication, Review, Run, SpentDay

KEPT_AS = "totals"


@dataclass(frozen=True)
class Totals:
    """Rows by status or decision; cost_usd: of all provider calls, removed ones included."""

    runs: dict[str, int]
    artists: dict[str, int]
    reviews: dict[str, int]
    publications: dict[str, int]
    cost_usd: Decimal


def totals() -> Totals:
    """Return the totals; in a large database those of some minutes ago, but for runs at work."""
    known = kept(KEPT_AS, _add_up)
    # Of these there are few at any time.
    at_work = Run.objects.filter(status__in=Run.UNDECIDED)
    known.runs.update(dict.fromkeys(Run.UNDECIDED, 0) | _counts(at_work, "status"))
    return known


def keep_all(*, now: datetime) -> None:
    """Work out again what pages and monitoring would soon find too old."""
    kept(KEPT_AS, _add_up, until_sweep=True)
    earnings.balance_of_roster(now, until_sweep=True)
    standings(until_sweep=True)


def _add_up() -> Totals:
    return Totals(
        runs=_counts(Run.objects, "status"),
        artists=_counts(Artist.objects, "status"),
        reviews=_counts(Review.objects, "decision"),
        publications=_counts(Publication.objects, "status"),
        cost_usd=_sum(ProviderCall) + _sum(SpentDay),
    )


def _counts(rows: Any, field: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(field).annotate(rows=Count("pk")))


def _sum(model: type[Model]) -> Decimal:
    total: Decimal | None = model._default_manager.aggregate(usd=Sum("cost_usd"))["usd"]
    return total or Decimal(0)
