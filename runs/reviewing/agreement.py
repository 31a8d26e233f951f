"""Counts how often two reviewers who did not see each other's verdict agreed, by week."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from ai_artist.kit.periods import monday_of
from runs.models import Review

WEEKS = 8


def agreement_by_week(*, now: datetime) -> list[dict[str, Any]]:
    """Return {week, pairs, agreed} of the last weeks with doubly judged runs, newest first.

    week: date of its Monday (UTC); WEEKS of them, including the present one. A run belongs to the
    week of its newest verdict; verdicts before these weeks are ignored. A run that needed a third
    verdict counts as not agreed.
    """
    since = datetime.combine(monday_of(now.date()), time(), now.tzinfo)
    since -= timedelta(weeks=WEEKS - 1)
    rows = (
        Review.objects.verdicts()
        .filter(reviewer__isnull=False, at__gte=since)
        .order_by()
        .values("run")
        .annotate(
            verdicts=Count("pk"),
            approvals=Count("pk", filter=Q(decision=Review.Decision.APPROVE)),
            latest=Max("at"),
        )
        .filter(verdicts__gte=2)
        .values_list("verdicts", "approvals", "latest")
    )
    weeks: dict[str, dict[str, Any]] = {}
    for verdicts, approvals, latest in rows:
        monday = monday_of(latest.date()).isoformat()
        week = weeks.setdefault(monday, {"week": monday, "pairs": 0, "agreed": 0})
        week["pairs"] += 1
        week["agreed"] += approvals in (0, verdicts)
    return [weeks[monday] for monday in sorted(weeks, reverse=True)]
