"""For monitoring: is the panel alive (/healthz), and how is the work going (/metrics)."""

from __future__ import annotations

import math
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Max, Min, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ai_artist.operations.doctor import existing
from artists.models import Artist
from runs.models import ProviderCall, Review, Run, WorkerBeat
from runs.queue import queue_size
from runs.work.workers import clusters

MIB = 1024 * 1024


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers and there is disk for a run, else 503. Tells no secrets."""
    state = {"database": _database_answers(), "disk": _free_mb() >= settings.MIN_FREE_MB}
    healthy = all(state.values())
    words = {name: "ok" if good else "failed" for name, good in state.items()}
    return JsonResponse(
        {"status": "ok" if healthy else "failed", **words}, status=200 if healthy else 503
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' text format, for staff or the bearer of AI_ARTIST_METRICS_TOKEN."""
    if not _may_read_metrics(request):
        return HttpResponse(
            "Log in as staff, or send the token of AI_ARTIST_METRICS_TOKEN as a bearer token.\n",
            status=401,
            content_type="text/plain",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return HttpResponse(
        exposition(now=timezone.now()), content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def exposition(*, now: datetime) -> str:
    """All figures as text. Format: https://prometheus.io/docs/instrumenting/exposition_formats/"""
    lines: list[str] = []
    for name, kind, meaning, samples in _figures(now):
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        for labels, value in samples.items():
            lines.append(f"{name}{labels} {float(value):.10g}")
    return "\n".join(lines) + "\n"


Figure = tuple[str, str, str, dict[str, Any]]


def _figures(now: datetime) -> Iterator[Figure]:
    """Name, type, meaning, and the values by label set."""
    yield (
        "ai_artist_runs",
        "gauge",
        "Runs by status.",
        _by_label("status", Run, Run.Status.values),
    )
    yield (
        "ai_artist_runs_held",
        "gauge",
        "Runs a living worker is at (lease in force).",
        {"": Run.objects.held(now=now).count()},
    )
    yield (
        "ai_artist_artists",
        "gauge",
        "Artists by status.",
        _by_label("status", Artist, Artist.Status.values),
    )
    yield (
        "ai_artist_reviews_total",
        "counter",
        "Decisions of reviewers, undone ones included.",
        _by_label("decision", Review, Review.Decision.values),
    )
    oldest = Run.objects.awaiting_review().aggregate(at=Min("finished_at"))["at"]
    yield (
        "ai_artist_review_oldest_seconds",
        "gauge",
        "How long the oldest run has been waiting for a reviewer.",
        {"": (now - oldest).total_seconds() if oldest else 0},
    )
    due = Run.objects.due(now=now).aggregate(at=Min("due_at"))["at"]
    yield (
        "ai_artist_due_oldest_seconds",
        "gauge",
        "How long the oldest due run has been waiting for a worker.",
        {"": (now - due).total_seconds() if due else 0},
    )
    waiting = queue_size()
    yield (
        "ai_artist_queue_tasks",
        "gauge",
        "Messages in the queue; NaN: it does not answer.",
        {"": float("nan") if waiting is None else waiting},
    )
    yield (
        "ai_artist_worker_beat_age_seconds",
        "gauge",
        "Time since a worker of any cluster did a task or was at a run; +Inf: never.",
        {"": _age_s(clusters(), now)},
    )
    yield (
        "ai_artist_sweep_age_seconds",
        "gauge",
        "Time since the last sweep began; +Inf: never.",
        {"": _age_s(WorkerBeat.objects.filter(cluster=WorkerBeat.SWEEP), now)},
    )
    cost = ProviderCall.objects.aggregate(usd=Coalesce(Sum("cost_usd"), 0, output_field=_USD))
    yield (
        "ai_artist_provider_cost_usd_total",
        "counter",
        "Cost of all provider calls.",
        {"": cost["usd"]},
    )
    yield (
        "ai_artist_media_free_bytes",
        "gauge",
        "Free disk under MEDIA_ROOT.",
        {"": _free_mb() * MIB},
    )


def _age_s(beats: QuerySet[WorkerBeat], now: datetime) -> float:
    newest = beats.aggregate(at=Max("at"))["at"]
    return (now - newest).total_seconds() if newest else math.inf


_USD = ProviderCall._meta.get_field("cost_usd")


def _by_label(field: str, model: Any, values: list[str]) -> dict[str, int]:
    rows = model.objects.order_by().values_list(field).annotate(rows=Count("pk"))
    counts = dict.fromkeys(values, 0) | dict(rows)
    return {f'{{{field}="{value}"}}': count for value, count in counts.items()}


def _may_read_metrics(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    if expected and scheme.lower() == "bearer":
        return secrets.compare_digest(token.strip().encode(), expected.encode())
    return request.user.is_active and request.user.is_staff


def _database_answers() -> bool:
    """Reads a table, since a bare SELECT 1 succeeds on a database without any."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
            return cursor.fetchone() is not None
    except DatabaseError:
        connection.close()
        return False


def _free_mb() -> float:
    return shutil.disk_usage(existing(settings.MEDIA_ROOT)).free / MIB
