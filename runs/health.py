"""Circuit breakers whose state all workers share and the panel shows."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from media_tools.breaker import BreakerState, CircuitBreaker
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
