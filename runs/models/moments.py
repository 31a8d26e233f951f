"""The order of what happens to a run: that of its lock, not of the clocks people's presses read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from runs.models import Review, RunEvent


def next_moment(run_id: UUID, *, now: datetime) -> datetime:
    """The time of what happens next to a locked run: `now`, or that of its newest event.

    `now` was read before the lock was there, perhaps by a clock that went back since.
    """
    judged = Review.objects.filter(run=run_id).aggregate(at=Max("at"), undone_at=Max("undone_at"))
    logged = RunEvent.objects.filter(run=run_id).aggregate(at=Max("at"))
    newest: list[datetime] = [at for at in (*judged.values(), *logged.values()) if at]
    return max([now, *newest])
