"""What the queue runs for trends."""

from __future__ import annotations

from django.utils import timezone

from trends.collecting import collect


def collect_trends() -> dict[str, str]:
    """Ask the enabled sources; gives what became of each, for the task's result."""
    return {
        one.source: one.error or f"{one.recorded.observations_new} new"
        for one in collect(now=timezone.now())
    }
