"""Figures of the first page: a fixed, small number of queries, however large the tables.

What people act on at once (the next to review, runs at work, failures, bundles that failed,
workers) is read for each request. The rest is summed up for each request too, until there are so
many runs that its sums take long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django_q.models import Schedule

from ai_artist.first_steps import first_steps
from ai_artist.kit import charts
from ai_artist.kit.admin import COUNT_LIMIT, actor
from ai_artist.kit.caching import kept
from ai_artist.kit.periods import midnight, month_start, place_in
from ai_artist.kit.values import percent
from artists.models import Artist, PerformanceEntry
from experiments.analysis import Standing, standings
from experiments.models import Experiment
from runs.admin.progress import at_work
from runs.admin.remedies import remedy_of
from runs.audience import earnings
from runs.models import Packing, ProviderCall, Run, WorkerBeat
from runs.presentation import ROW_EXTRAS, STATUS_TONES, thumbnail_of
from runs.providers import breakers, budgets
from runs.reviewing import autopilot
from runs.reviewing.leases import Scope, queue_counts
from runs.telling.sources import BEAT_KNOWN
from runs.work.failures import FAILURE_DAYS, failures
from runs.work.workers import BEAT_TOO_OLD, clusters

KEPT_AS = "dashboard"
DAYS = 30
WAITING_SHOWN = 4
SCHEDULES_SHOWN = 12
BUDGETS_SHOWN = 8
EXPERIMENTS_SHOWN = 4
WORKERS_SHOWN = 6
AUTOPILOTS_SHOWN = 5
UNPACKED_SHOWN = 5


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what templates/admin/index.html shows; a callback of unfold."""
    if not request.user.has_perm("runs.view_run"):
        return {**context, "panel_hidden": True}
    now = timezone.now()
    failed = [(failure, remedy_of(failure.run, request)) for failure in failures(now)]
    page = figures(counts_of_statuses(), now=now)
    user = actor(request)
    return {
        **context,
        **page,
        "failures": failed,
        "may": may(request),
        "first_steps": first_steps(user) if user and not page["large"] else [],
    }


def is_large(counts: dict[Run.Status, int]) -> bool:
    """Whether there are too many runs to add up everything for each request."""
    return max(counts.values()) > COUNT_LIMIT


def may(request: HttpRequest) -> dict[str, bool]:
    """Return what this user may do, for the page's links."""
    return {
        "operate": request.user.has_perm("runs.operate_run"),
        "review": request.user.has_perm("runs.review_run"),
        "roster": request.user.has_perm("artists.view_artist"),
        "ledger": request.user.has_perm("runs.view_providercall"),
        "budgets": request.user.has_perm("runs.view_budget"),
        "providers": request.user.has_perm("runs.view_providerhealth"),
        "experiments": request.user.has_perm("experiments.view_experiment"),
        "schedules": request.user.is_superuser,
    }


def figures(counts: dict[Run.Status, int], *, now: datetime) -> dict[str, Any]:
    """Return everything on the page. counts: as counts_of_statuses returns them."""
    large = is_large(counts)
    sum_up = partial(summary, now)
    return {
        "now": now,
        **runs_by_status(counts),
        **runs_shown(counts),
        **workers(counts, now=now),
        "failure_days": FAILURE_DAYS,
        "unpacked": Packing.objects.failing().select_related("release__artist")[:UNPACKED_SHOWN],
        "batch_size": settings.BATCH_SIZE,
        # At most some minutes old; the page says of when.
        **(kept(KEPT_AS, sum_up, however_quick=True) if large else sum_up()),
        "large": large,
    }


def summary(now: datetime) -> dict[str, Any]:
    """Return what is looked at now and then."""
    return {
        "summed_up_at": now,
        **review_queue(now),
        "autopilots_off": list(autopilot.switched_off_lately(now=now)[:AUTOPILOTS_SHOWN]),
        **roster_by_state(),
        **decisions(now),
        **money(now),
        "balance": earnings.balance_of_roster(now),
        "providers": list(breakers.standings(now=now)),
        "experiments": nearing_decision(),
        "schedules": list(
            Schedule.objects.exclude(next_run=None).order_by("next_run")[:SCHEDULES_SHOWN]
        ),
    }


# --- Runs and artists ---


def runs_by_status(counts: dict[Run.Status, int]) -> dict[str, Any]:
    """Return the statuses that runs have with their counts, up to COUNT_LIMIT."""
    total = sum(min(count, COUNT_LIMIT) for count in counts.values())
    return {
        "statuses": [
            (status, Run.Status(status).label, counted(count), STATUS_TONES[status])
            for status, count in counts.items()
            if count
        ],
        "waiting_count": counted(counts[Run.Status.AWAITING_REVIEW]),
        "runs_total": f"{total:,}+" if is_large(counts) else total,
    }


def counts_of_statuses() -> dict[Run.Status, int]:
    """Count the runs of each status, in one query.

    A plain count by status reads the whole index, half a second at a million runs; so it stops at
    one more than COUNT_LIMIT, but for open runs, of which there are few.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    for status in Run.Status:
        rows = Run.objects.filter(status=status).order_by().values("pk")
        rows = rows if status in Run.OPEN else rows[: COUNT_LIMIT + 1]
        sql, own = rows.query.sql_with_params()
        # Django's union() cannot limit its parts on SQLite.
        parts.append(f"SELECT COUNT(*), %s FROM ({sql}) AS rows_of_status")  # noqa: S608
        parameters += [status.value, *own]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        counts = {status: count for count, status in cursor.fetchall()}
    return {status: counts[status] for status in Run.Status}


def counted(count: int) -> str:
    """Format a count; one that stopped at the limit gets a plus sign."""
    return f"{COUNT_LIMIT:,}+" if count > COUNT_LIMIT else f"{count:,}"


def roster_by_state() -> dict[str, Any]:
    """Count the artists of each status."""
    counts = dict(Artist.objects.order_by().values_list("status").annotate(count=Count("pk")))
    return {
        "roster": [
            (status, Artist.Status(status).label, counts.get(status, 0)) for status in Artist.Status
        ],
        "artists_total": sum(counts.values()),
    }


def runs_shown(counts: dict[Run.Status, int]) -> dict[str, Any]:
    """Return the runs that are next to review and those at work, with what their lines show."""
    next_up = Run.objects.awaiting_review().select_related("artist").defer("concept")
    waiting = list(next_up[:WAITING_SHOWN])
    working = at_work(counts)
    # One query each for both lists.
    prefetch_related_objects([*waiting, *working.running], *ROW_EXTRAS)
    return {"waiting": [(run, thumbnail_of(run)) for run in waiting], **working.context()}


def review_queue(now: datetime) -> dict[str, Any]:
    """Return how many runs have awaited review for too long."""
    counts = queue_counts(scope=Scope(), now=now)
    return {"escalated": counts["escalated"], "stale": counts["stale"]}


# --- Decisions over time ---


def decisions(now: datetime) -> dict[str, Any]:
    """Return the approvals of the last DAYS days: the rate, and a chart by day."""
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    rows = (
        PerformanceEntry.objects.decisions()
        .since(midnight(days[0]))
        .order_by()
        .values("kind", day=place_in(days, "at"))
        .annotate(count=Count("pk"))
    )
    counts = {(row["kind"], row["day"]): row["count"] for row in rows}
    approvals, rejections = (
        [counts.get((kind, number), 0) for number in range(DAYS)]
        for kind in (PerformanceEntry.Kind.APPROVED, PerformanceEntry.Kind.REJECTED)
    )
    approved, decided = sum(approvals), sum(approvals) + sum(rejections)
    return {
        "decided": decided,
        "decided_today": approvals[-1] + rejections[-1],
        "approved": approved,
        "approval_rate": percent(approved / decided if decided else None),
        "decision_days": DAYS,
        "decision_chart": charts.data(
            [charts.day_label(day) for day in days],
            charts.decision_bars(approvals, rejections),
        )
        if decided
        else "",
        "decision_options": charts.bars(),
    }


# --- Money, workers, experiments ---


def money(now: datetime) -> dict[str, Any]:
    """Return the costs since the month began, and each budget's share."""
    cost = ProviderCall.objects.filter(created_at__gte=month_start(now)).aggregate(
        total=Sum("cost_usd"), calls=Count("pk")
    )
    return {
        "cost": cost["total"] or Decimal(0),
        "calls": cost["calls"],
        "budgets": budgets.uses(now=now, limit=BUDGETS_SHOWN),
    }


@dataclass(frozen=True)
class Worker:
    """A cluster, and whether its last beat is recent."""

    beat: WorkerBeat
    alive: bool


def workers(counts: dict[Run.Status, int], *, now: datetime) -> dict[str, Any]:
    """Return clusters with a known beat, and whether any worker, or a command, is working."""
    beats = clusters().filter(at__gte=now - BEAT_KNOWN)[:WORKERS_SHOWN]
    known = [Worker(beat, now - beat.at < BEAT_TOO_OLD) for beat in beats]
    newest = known[0].beat if known else clusters().first()
    return {
        "workers": known,
        "beat": newest,
        "worker_alive": any(worker.alive for worker in known)
        or (counts[Run.Status.RUNNING] > 0 and Run.objects.held(now=now).exists()),
    }


def nearing_decision() -> list[tuple[Experiment, Standing]]:
    """Return running experiments, those nearest to their decision first."""
    nearest = sorted(standings(), key=lambda pair: (-pair[1].progress, -pair[1].least))
    return nearest[:EXPERIMENTS_SHOWN]
