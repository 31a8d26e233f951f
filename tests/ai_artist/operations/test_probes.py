"""What monitoring sees."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from ai_artist.operations import probes
from ai_artist.operations.probes import exposition
from runs.models import Run, WorkerBeat
from tests.factories import RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def samples(text: str) -> dict[str, float]:
    """Every sample line by its name and labels."""
    pairs = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def test_health_is_public_and_says_little(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "disk": "ok"}
    assert "no-store" in answer["Cache-Control"]


def test_health_fails_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> None:
        raise OperationalError("could not connect to server at 10.0.0.7")

    monkeypatch.setattr(probes.connection, "cursor", unreachable)

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "failed"
    assert "10.0.0.7" not in answer.content.decode()


def test_health_fails_on_a_full_disk(client: Client, settings) -> None:
    settings.MIN_FREE_MB = 10**9

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["disk"] == "failed"


def test_health_is_read_only(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_probes_are_not_sent_to_https(client: Client, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]

    assert client.get("/healthz").status_code == 200
    assert client.get("/admin/").status_code == 301


def test_metrics_are_not_public(client: Client) -> None:
    answer = client.get("/metrics")

    assert answer.status_code == 401
    assert b"ai_artist_runs" not in answer.content


@pytest.mark.parametrize("sent", ["Bearer wrong", "Bearer ", "Bearer", "Basic for-the-scraper"])
def test_metrics_refuse_a_wrong_token(client: Client, settings, sent: str) -> None:
    settings.METRICS_TOKEN = "for-the-scraper"

    assert client.get("/metrics", headers={"Authorization": sent}).status_code == 401


def test_an_empty_token_setting_lets_nobody_in(client: Client, settings) -> None:
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_metrics_accept_the_token(client: Client, settings) -> None:
    settings.METRICS_TOKEN = "for-the-scraper"

    answer = client.get("/metrics", headers={"Authorization": "Bearer for-the-scraper"})

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")


def test_metrics_are_for_staff_only(client: Client) -> None:
    client.force_login(UserFactory(is_staff=False))
    assert client.get("/metrics").status_code == 401

    client.force_login(UserFactory())
    assert client.get("/metrics").status_code == 200


def test_figures_follow_the_rows(now: datetime) -> None:
    RunFactory.create_batch(2, due_at=now - timedelta(seconds=90))
    WorkerBeat.objects.create(cluster="here", at=now - timedelta(seconds=30))
    WorkerBeat.objects.create(cluster=WorkerBeat.SWEEP, at=now - timedelta(seconds=10))

    figures = samples(exposition(now=now))

    assert figures['ai_artist_runs{status="queued"}'] == 2
    assert figures['ai_artist_runs{status="failed"}'] == 0
    assert figures["ai_artist_due_oldest_seconds"] == 90
    assert figures["ai_artist_worker_beat_age_seconds"] == 30
    assert figures["ai_artist_sweep_age_seconds"] == 10
    assert figures["ai_artist_queue_tasks"] == 0
    assert figures['ai_artist_reviews_total{decision="approve"}'] == 0


def test_a_queue_that_does_not_answer_costs_its_own_figure_only(now: datetime, monkeypatch) -> None:
    def refuse() -> None:
        raise ConnectionError

    monkeypatch.setattr("runs.queue.get_broker", refuse)

    figures = samples(exposition(now=now))

    assert math.isnan(figures["ai_artist_queue_tasks"])
    assert figures['ai_artist_runs{status="queued"}'] == 0


def test_every_status_is_exported_even_on_an_empty_database(now: datetime) -> None:
    figures = samples(exposition(now=now))

    assert {f'ai_artist_runs{{status="{status}"}}' for status in Run.Status.values} <= set(figures)
    assert figures["ai_artist_worker_beat_age_seconds"] == float("inf")


def test_prometheus_reads_every_figure_with_its_type(now: datetime) -> None:
    families = list(text_string_to_metric_families(exposition(now=now)))

    assert all(family.documentation and family.samples for family in families)
    assert len({family.name for family in families}) == len(families) == 13
    counters = {family.samples[0].name for family in families if family.type == "counter"}
    assert counters == {"ai_artist_reviews_total", "ai_artist_provider_cost_usd_total"}
    assert {family.type for family in families} == {"counter", "gauge"}


def test_the_number_of_queries_does_not_grow(now: datetime, django_assert_max_num_queries) -> None:
    RunFactory.create_batch(5)

    with django_assert_max_num_queries(16):
        exposition(now=now)
