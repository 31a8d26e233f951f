"""Budgets: an estimate is booked before a call, so that a cap holds for any number of workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum

from ai_artist.kit.periods import day_start, month_start
from media_tools.errors import ProviderRejected
from media_tools.foreign import Refused, amount_usd
from runs.models import Budget, ProviderCall

RUN_RETRY = timedelta(days=30)


class BudgetExhausted(Exception):
    """A call would pass a cap. wake_at: when the cap's period ends."""

    def __init__(self, budget: Budget, spent: Decimal, estimate: Decimal, now: datetime) -> None:
        super().__init__(
            f"Budget reached: {budget.provider or 'all providers'} may cost "
            f"{budget.cap_usd:.2f} USD {budget.get_period_display().lower()}, {spent:.2f} are "
            f"spent and the next call costs about {estimate:.2f}. Raise the cap under Budgets, "
            "or wait; the run goes on by itself."
        )
        self.wake_at = period_end(budget.period, now)


def reserve(call: ProviderCall, estimate_usd: Decimal, *, now: datetime) -> None:
    """Book an estimate on the call's row, or raise BudgetExhausted and book nothing.

    The rows of the budgets are locked first, always in the same order, so that of several workers
    each sees what the others booked. Raises ProviderRejected for an estimate nobody can believe.
    """
    try:
        amount_usd(estimate_usd)
    except Refused as refused:
        raise ProviderRejected(
            call.provider,
            f"the call's estimated cost cannot be booked: {refused}",
            code="configuration",
            action="correct its price in the settings",
        ) from None
    with transaction.atomic():
        locked = (
            Budget.objects.select_for_update()
            .filter(provider__in=["", call.provider])
            .order_by("pk")
        )
        for budget in locked:
            spent = spent_usd(budget, call, now=now)
            if estimate_usd > 0 and spent + estimate_usd > budget.cap_usd:
                raise BudgetExhausted(budget, spent, estimate_usd, now)
        ProviderCall.objects.filter(pk=call.pk).update(committed_usd=estimate_usd)


def spent_usd(budget: Budget, call: ProviderCall, *, now: datetime) -> Decimal:
    """What the other calls of a budget's period cost or have booked."""
    calls = in_period(budget, now=now).exclude(pk=call.pk)
    if budget.period == Budget.Period.RUN:
        calls = calls.filter(run=call.run_id) if call.run_id else calls.none()
    return calls.aggregate(total=Sum("committed_usd"))["total"] or Decimal(0)


def in_period(budget: Budget, *, now: datetime) -> QuerySet[ProviderCall]:
    """The calls a budget counts; of a budget for each run, the calls of all runs."""
    calls = ProviderCall.objects.all()
    if budget.provider:
        calls = calls.filter(provider=budget.provider)
    if budget.period != Budget.Period.RUN:
        calls = calls.filter(created_at__gte=period_start(budget.period, now))
    return calls


def period_start(period: str, now: datetime) -> datetime:
    """Midnight of the day, or of the month's first day, in the site's time zone."""
    return month_start(now) if period == Budget.Period.MONTH else day_start(now)


def period_end(period: str, now: datetime) -> datetime:
    """When spending starts anew; a budget for each run never ends by itself."""
    start = period_start(period, now)
    if period == Budget.Period.DAY:
        return start + timedelta(days=1)
    if period == Budget.Period.MONTH:
        return (start + timedelta(days=32)).replace(day=1)
    return now + RUN_RETRY


@dataclass(frozen=True)
class BudgetUse:
    """How much of a budget is used, in USD. booked: estimates of calls not settled yet.

    Of a budget for each run: what the dearest run since the month began has used.
    """

    budget: Budget
    spent_usd: Decimal
    booked_usd: Decimal

    @property
    def used_usd(self) -> Decimal:
        return self.spent_usd + self.booked_usd

    @property
    def percent(self) -> int:
        """Of the cap, at most 100; a cap of nothing is always used up."""
        return self._share(self.used_usd)

    @property
    def spent_percent(self) -> int:
        return self._share(self.spent_usd)

    def _share(self, usd: Decimal) -> int:
        if not self.budget.cap_usd:
            return 100
        return min(100, round(100 * usd / self.budget.cap_usd))


def uses(*, now: datetime, limit: int) -> list[BudgetUse]:
    """The first budgets with what is used of them; one query for each."""
    return [use_of(budget, now=now) for budget in Budget.objects.all()[:limit]]


def use_of(budget: Budget, *, now: datetime) -> BudgetUse:
    """What is used of one budget."""
    calls = in_period(budget, now=now)
    if budget.period == Budget.Period.RUN:
        month = month_start(now)
        of_runs = calls.filter(created_at__gte=month, run__isnull=False).order_by().values("run")
        dearest = (
            of_runs.annotate(committed=Sum("committed_usd"), cost=Sum("cost_usd"))
            .order_by("-committed")
            .first()
        )
        sums = dearest or {"committed": None, "cost": None}
    else:
        sums = calls.aggregate(committed=Sum("committed_usd"), cost=Sum("cost_usd"))
    committed = sums["committed"] or Decimal(0)
    spent = min(sums["cost"] or Decimal(0), committed)
    return BudgetUse(budget, spent_usd=spent, booked_usd=committed - spent)
