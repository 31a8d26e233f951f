"""Figures of the landing page: a fixed, small number of queries however large the tables."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone
from django_q.models import Schedule

from artists.models import Artist, PerformanceEntry
from runs.models import Batch, ProviderCall, Run, WorkerBeat
from runs.presentation import STATUS_TONES, progress_of, thumbnail_of, with_row_extras
from trends.panel import percent

DAYS = 30
FAILURE_DAYS = 7
FAILURES_READ = 500
# The canary stamps each minute; a worker in a long step may be late.
BEAT_FRESH = timedelta(minutes=4)
CAUSE_LENGTH = 90
# At least a few words, up to the first stop after them.
FIRST_CLAUSE = re.compile(r"(.{12,}?)[:.;]\s")
AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")
GOOD_COLOUR, BAD_COLOUR = "#16a34a", "#dc2626"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's callback: adds what templates/admin/index.html shows."""
    if not request.user.has_perm("runs.view_run"):
        return {**context, "panel_hidden": True}
    now = timezone.now()
    return {**context, **figures(now), "may": may(request)}


def may(request: HttpRequest) -> dict[str, bool]:
    """What this user is offered."""
    return {
        "operate": request.user.has_perm("runs.operate_run"),
        "review": request.user.has_perm("runs.review_run"),
        "roster": request.user.has_perm("artists.view_artist"),
        "ledger": request.user.has_perm("runs.view_providercall"),
        "schedules": request.user.is_superuser,
    }


def figures(now: datetime) -> dict[str, Any]:
    """Everything on the page."""
    month_start = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    statuses = dict(Run.objects.order_by().values_list("status").annotate(count=Count("pk")))
    roster = dict(Artist.objects.order_by().values_list("status").annotate(count=Count("pk")))
    waiting = Run.objects.awaiting_review().select_related("artist")
    beat = WorkerBeat.objects.order_by("-at").first()
    cost = ProviderCall.objects.filter(created_at__gte=month_start).aggregate(
        total=Sum("cost_usd"), calls=Count("pk")
    )
    return {
        "now": now,
        "waiting_count": statuses.get(Run.Status.AWAITING_REVIEW, 0),
        "waiting": [(run, thumbnail_of(run)) for run in with_row_extras(waiting)[:4]],
        "statuses": [
            (status, Run.Status(status).label, statuses.get(status, 0), STATUS_TONES[status])
            for status in Run.Status
        ],
        "runs_total": sum(statuses.values()),
        "roster": [
            (status, Artist.Status(status).label, roster.get(status, 0)) for status in Artist.Status
        ],
        "artists_total": sum(roster.values()),
        "running": [
            (run, progress_of(run))
            for run in with_row_extras(
                Run.objects.filter(status__in=[Run.Status.RUNNING, Run.Status.WAITING])
                .select_related("artist")
                .order_by("started_at", "pk")
            )[:6]
        ],
        "queued_count": statuses.get(Run.Status.QUEUED, 0),
        **decisions(now),
        "failures": failures(now),
        "failure_days": FAILURE_DAYS,
        "schedules": Schedule.objects.exclude(next_run=None).order_by("next_run")[:5],
        "beat": beat,
        # A canary waits behind busy workers: a lease in force is a sign of life as well.
        "worker_alive": bool(beat and now - beat.at < BEAT_FRESH)
        or Run.objects.held(now=now).exists(),
        "cost": cost["total"] or 0,
        "calls": cost["calls"],
        "last_batch": Batch.objects.first(),
        "batch_size": settings.BATCH_SIZE,
    }


def decisions(now: datetime) -> dict[str, Any]:
    """Approvals of the last DAYS days: the rate, and a chart by day."""
    since = now - timedelta(days=DAYS)
    rows = (
        PerformanceEntry.objects.decisions()
        .since(since)
        .order_by()
        .values(day=TruncDate("at"))
        .annotate(
            approved=Count("pk", filter=Q(kind=PerformanceEntry.Kind.APPROVED)),
            rejected=Count("pk", filter=Q(kind=PerformanceEntry.Kind.REJECTED)),
        )
    )
    by_day = {row["day"]: row for row in rows}
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    approved = sum(row["approved"] for row in by_day.values())
    decided = approved + sum(row["rejected"] for row in by_day.values())
    return {
        "decided": decided,
        "approved": approved,
        "approval_rate": percent(approved / decided if decided else None),
        "decision_days": DAYS,
        "decision_chart": chart(days, by_day) if decided else "",
        "decision_options": json.dumps(CHART_OPTIONS),
    }


CHART_OPTIONS: dict[str, Any] = {
    "animation": False,
    "maintainAspectRatio": False,
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {
            "stacked": True,
            "grid": {"display": False},
            "border": {"display": False},
            "ticks": {"color": "#9ca3af", "maxTicksLimit": 7, "maxRotation": 0},
        },
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "border": {"display": False},
            "ticks": {"color": "#9ca3af", "precision": 0, "maxTicksLimit": 5},
        },
    },
}


def chart(days: list[date], by_day: Mapping[date, Mapping[str, Any]]) -> str:
    """Stacked bars for unfold's chart component (Chart.js data as JSON)."""

    def series(label: str, key: str, colour: str) -> dict[str, Any]:
        return {
            "label": label,
            "data": [by_day[day][key] if day in by_day else 0 for day in days],
            "backgroundColor": colour,
            "borderRadius": 3,
            "maxBarThickness": 14,
        }

    return json.dumps(
        {
            "labels": [f"{day:%b} {day.day}" for day in days],
            "datasets": [
                series("Approved", "approved", GOOD_COLOUR),
                series("Rejected", "rejected", BAD_COLOUR),
            ],
        }
    )


@dataclass(frozen=True)
class Failure:
    """A cause of failed runs: how often, and one example."""

    cause: str
    count: int
    run: Run


def failures(now: datetime) -> list[Failure]:
    """What went wrong most in the last FAILURE_DAYS days.

    Messages of one cause differ in ids and in what follows their first clause, so they are
    grouped by that clause.
    """
    runs = list(
        Run.objects.filter(
            status=Run.Status.FAILED, finished_at__gte=now - timedelta(days=FAILURE_DAYS)
        )
        .only("pk", "error", "title", "finished_at")
        .order_by("-created_at")[:FAILURES_READ]
    )
    counts = Counter(cause_of(run.error) for run in runs)
    example = {cause_of(run.error): run for run in reversed(runs)}
    return [Failure(cause, count, example[cause]) for cause, count in counts.most_common(5)]


def cause_of(error: str) -> str:
    """What an error message begins with, without ids, at most CAUSE_LENGTH characters."""
    first_line = error.strip().partition("\n")[0] or "no message"
    clause = FIRST_CLAUSE.match(first_line)
    cause = AN_ID.sub("…", clause[1] if clause else first_line)
    return cause if len(cause) <= CAUSE_LENGTH else f"{cause[: CAUSE_LENGTH - 1]}…"
