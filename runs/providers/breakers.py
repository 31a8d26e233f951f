"""Circuit breakers whose state all workers share and the panel shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from media_tools.providers.breaker import BreakerPhase, BreakerState, CircuitBreaker
from runs.models import ProviderHealth


class DatabaseBreakerStore:
    """Keeps breaker states in ProviderHealth rows; each change locks its row."""

    def change(self, name: str, step: Callable[[BreakerState], BreakerState]) -> BreakerState:
        with transaction.atomic():
            ProviderHealth.objects.get_or_create(provider=name)
            row = ProviderHealth.objects.select_for_update().get(provider=name)
            before = BreakerState.from_json(row.state)
            after = step(before)
            if after != before or not row.state:
                row.state = after.as_json()
                row.save(update_fields=["state", "changed_at"])
            return before


def breaker_for(provider: str) -> CircuitBreaker:
    """The breaker of one provider, shared by all workers."""
    return CircuitBreaker(provider, store=DatabaseBreakerStore())


PHASE_LABELS = {
    BreakerPhase.CLOSED: "Asked",
    BreakerPhase.HALF_OPEN: "Being tried",
    BreakerPhase.OPEN: "Not asked",
}


@dataclass(frozen=True)
class ProviderStanding:
    """A provider's breaker for people. last_error: redacted, empty when it answered last."""

    provider: str
    phase: BreakerPhase
    failures: int
    last_error: str
    changed_at: datetime

    @property
    def label(self) -> str:
        return PHASE_LABELS[self.phase]


def standing_of(row: ProviderHealth, *, now: datetime) -> ProviderStanding:
    """One provider's state at a time."""
    state = BreakerState.from_json(row.state)
    return ProviderStanding(
        provider=row.provider,
        phase=state.phase(now=now.timestamp()),
        failures=state.failures,
        last_error=state.last_error,
        changed_at=row.changed_at,
    )


def standings(*, now: datetime) -> list[ProviderStanding]:
    """Every provider that was asked so far, those in trouble first."""
    found = [standing_of(row, now=now) for row in ProviderHealth.objects.all()]
    return sorted(found, key=lambda one: (-one.failures, one.provider))
