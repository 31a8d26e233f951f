"""Paid calls of trend sources, in the ledger and within the budgets like everybody's."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from media_tools.errors import ProviderRejected, ProviderUnavailable
from runs.models import ProviderCall
from runs.providers import budgets, ledger
from runs.providers.breakers import breaker_for
from trends.collecting import Collected, collect
from trends.sources import configured
from trends.sources.transport import ALREADY_PAID, Transport

STEP = "trends"


class TrendSourceUnknown(Exception):
    """The settings do not name this source."""


class TrendLedger:
    """trends.metering.PaidCalls on ProviderCall rows. now: time of the collection."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def reserve(self, *, key: str, provider: str, purpose: str, estimate_usd: Decimal) -> None:
        with transaction.atomic():
            earlier = self._calls(key).select_for_update().order_by("-pk")
            latest = earlier.first()
            if latest and latest.status != ProviderCall.Status.FAILED:
                raise ProviderRejected(
                    provider,
                    "this question was answered in its window already, or may have been charged",
                    code=ALREADY_PAID,
                    action=f"ledger row {latest.pk} tells; it is asked again in the next window",
                )
            call = ProviderCall.objects.create(
                idempotency_key=f"{key}:{earlier.count()}",
                step=STEP,
                purpose=f"trend {purpose}",
                provider=provider,
                created_at=self._now,
                submitted_at=self._now,
            )
            try:
                budgets.reserve(call, estimate_usd, now=self._now)
            except budgets.BudgetExhausted as error:
                raise ProviderUnavailable(
                    provider,
                    str(error),
                    code="budget",
                    retry_after_s=(error.wake_at - self._now).total_seconds(),
                ) from error

    def settle(
        self, *, key: str, cost_usd: Decimal, reads: int, error: str = "", unknown: bool = False
    ) -> None:
        call = self._calls(key).latest("pk")
        if unknown:
            ledger.mark_unknown(call, error)
        elif error:
            ledger.fail_call(call, error, now=self._now, cost_usd=cost_usd)
        else:
            ledger.finish_call(
                call,
                now=self._now,
                latency_s=0.0,
                cost_usd=cost_usd,
                units=reads,
                unit_name="reads" if reads else "",
            )

    def _calls(self, key: str) -> QuerySet[ProviderCall]:
        return ProviderCall.objects.filter(idempotency_key__startswith=f"{key}:")


def collect_trends(
    *, now: datetime, only: str | None = None, again: bool = False
) -> list[Collected]:
    """Collect from the configured sources, or from `only` one, with the ledger and breakers.

    Raises TrendSourceUnknown if the settings do not name it.
    """
    readers = configured(Transport(breaker_for=breaker_for))
    if only is not None and only not in [reader.name for reader in readers]:
        raise TrendSourceUnknown(
            f"AI_ARTIST_TREND_SOURCES does not name {only!r}; it names "
            f"{', '.join(reader.name for reader in readers) or 'none'}."
        )
    wanted = [reader for reader in readers if only in (None, reader.name)]
    return collect(now=now, sources=wanted, ledger=TrendLedger(now), again=again)
