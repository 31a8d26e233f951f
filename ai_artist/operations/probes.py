"""Endpoints for monitoring: is the panel alive (/healthz), and how is the work going (/metrics)."""

from __future__ import annotations

import math
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.core import CounterMetricFamily as Counter
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from ai_artist.operations.doctor import existing
from ai_artist.second_factor import may_enter
from artists.models import Artist
from runs.models import Publication, Review, Run, WorkerBeat
from runs.publishing import alarms
from runs.queue import queue_size
from runs.storage.artifacts import artifact_storage
from runs.work.totals import totals
from runs.work.workers import clusters

MIB = 1024 * 1024


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database answers and a run has enough disk, else 503. No secrets."""
    state = {"database": _database_answers(), "disk": _free_mb() >= settings.MIN_FREE_MB}
    healthy = all(state.values())
    words = {name: "ok" if good else "failed" for name, good in state.items()}
    return JsonResponse(
        {"status": "ok" if healthy else "failed", **words}, status=200 if healthy else 503
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return figures in Prometheus' text format, for staff or with AI_ARTIST_METRICS_TOKEN."""
    if not _may_read_metrics(request):
        return HttpResponse(
            "Log in as staff, or send the token of AI_ARTIST_METRICS_TOKEN as a bearer token.\n",
            status=401,
            content_type="text/plain",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return HttpResponse(exposition(now=timezone.now()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def exposition(*, now: datetime) -> str:
    """Return all figures in Prometheus' text format.

    They are read from the database at each scrape, so there is no registry of one process's
    figures.
    """
    return generate_latest(_Figures(now)).decode()


@dataclass(frozen=True)
class _Figures(Collector):
    now: datetime

    def collect(self) -> Iterator[Metric]:
        return _figures(self.now)


def _figures(now: datetime) -> Iterator[Metric]:
    known = totals()
    yield _by_label(
        Gauge("ai_artist_runs", "Runs by status.", labels=["status"]),
        known.runs,
        Run.Status.values,
    )
    yield Gauge(
        "ai_artist_runs_held",
        "Runs a living worker is at (lease in force).",
        value=Run.objects.held(now=now).count(),
    )
    yield _by_label(
        Gauge("ai_artist_artists", "Artists by status.", labels=["status"]),
        known.artists,
        Artist.Status.values,
    )
    yield _by_label(
        Counter(
            "ai_artist_reviews_total",
            "Decisions of reviewers, undone ones included.",
            labels=["decision"],
        ),
        known.reviews,
        Review.Decision.values,
    )
    oldest = Run.objects.awaiting_review().aggregate(at=Min("finished_at"))["at"]
    yield Gauge(
        "ai_artist_review_oldest_seconds",
        "How long the oldest run has been waiting for a reviewer.",
        value=(now - oldest).total_seconds() if oldest else 0,
    )
    due = Run.objects.due(now=now).aggregate(at=Min("due_at"))["at"]
    yield Gauge(
        "ai_artist_due_oldest_seconds",
        "How long the oldest due run has been waiting for a worker.",
        value=(now - due).total_seconds() if due else 0,
    )
    yield _by_label(
        Gauge("ai_artist_publications", "Publications by status.", labels=["status"]),
        known.publications,
        Publication.Status.values,
    )
    wrong = Gauge(
        "ai_artist_publishing_alarms",
        "Channels and publications that need a person, by kind.",
        labels=["kind"],
    )
    for kind, count in alarms.counts(now=now).items():
        wrong.add_metric([kind.value], count)
    yield wrong
    waiting = queue_size()
    yield Gauge(
        "ai_artist_queue_tasks",
        "Messages in the queue; NaN: it does not answer.",
        value=float("nan") if waiting is None else waiting,
    )
    yield Gauge(
        "ai_artist_worker_beat_age_seconds",
        "Time since a worker of any cluster did a task or was at a run; +Inf: never.",
        value=_age_s(clusters(), now),
    )
    yield Gauge(
        "ai_artist_sweep_age_seconds",
        "Time since the last sweep began; +Inf: never.",
        value=_age_s(WorkerBeat.objects.filter(cluster=WorkerBeat.SWEEP), now),
    )
    yield Counter(
        "ai_artist_provider_cost_usd_total",
        "Cost of all provider calls.",
        value=float(known.cost_usd),
    )
    yield Gauge(
        "ai_artist_media_free_bytes",
        "Free disk under MEDIA_ROOT, or with an object store in the cache folder.",
        value=_free_mb() * MIB,
    )


def _age_s(beats: QuerySet[WorkerBeat], now: datetime) -> float:
    newest = beats.aggregate(at=Max("at"))["at"]
    return (now - newest).total_seconds() if newest else math.inf


def _by_label(family: Counter | Gauge, counts: dict[str, int], values: list[str]) -> Metric:
    """Fill a metric with a number for each value."""
    for value, count in (dict.fromkeys(values, 0) | counts).items():
        family.add_metric([value], count)
    return family


def _may_read_metrics(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    if expected and scheme.lower() == "bearer":
        return secrets.compare_digest(token.strip().encode(), expected.encode())
    return may_enter(request.user)


def _database_answers() -> bool:
    """Read a table, because a bare SELECT 1 succeeds even on an empty database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
            return cursor.fetchone() is not None
    except DatabaseError:
        connection.close()
        return False


def _free_mb() -> float:
    place, _ = artifact_storage().disks.values()
    return shutil.disk_usage(existing(place)).free / MIB
