"""The landing page: what it counts, and what it says to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ai_artist.dashboard import cause_of, decisions, failures, figures
from artists.models import PerformanceEntry
from runs.models import ProviderCall, Run, WorkerBeat
from tests.factories import NOON, ArtistFactory, RunFactory

pytestmark = pytest.mark.django_db


def decide(kind: str, at: object, **fields: object) -> None:
    PerformanceEntry.objects.create(artist=ArtistFactory(), kind=kind, at=at, **fields)


def test_empty_roster_is_offered_the_starter_roster(boss: Client) -> None:
    page = boss.get(reverse("admin:index")).content.decode()

    assert "Your roster is empty" in page
    assert reverse("admin:artists_artist_starter") in page


def test_roster_without_runs_is_offered_a_batch(boss: Client) -> None:
    ArtistFactory()

    page = boss.get(reverse("admin:index")).content.decode()

    assert "Start the first batch" in page
    assert reverse("admin:start_batch") in page


def test_waiting_runs_are_counted_oldest_first(new_run: Callable[..., Run]) -> None:
    new_run(title="Second", finished_at=NOON)
    new_run(title="First", finished_at=NOON - timedelta(hours=3))

    page = figures(NOON)

    assert page["waiting_count"] == 2
    assert [run.title for run, _ in page["waiting"]] == ["First", "Second"]


def test_approval_rate_is_of_the_last_thirty_days() -> None:
    decide("approved", NOON - timedelta(days=1))
    decide("approved", NOON - timedelta(days=2))
    decide("rejected", NOON - timedelta(days=3))
    decide("rejected", NOON - timedelta(days=40))
    decide("failed", NOON - timedelta(days=1))

    assert decisions(NOON)["approval_rate"] == "67%"


def test_withdrawn_decision_does_not_count() -> None:
    decide("rejected", NOON - timedelta(days=1), withdrawn_at=NOON)

    assert decisions(NOON)["decided"] == 0
    assert decisions(NOON)["approval_rate"] == "–"


def test_failures_are_grouped_by_cause() -> None:
    for number in range(3):
        RunFactory(
            status="failed",
            error=f"music: the renderer stopped: file {number}",
            finished_at=NOON - timedelta(days=1),
        )
    RunFactory(status="failed", error="video: no space left", finished_at=NOON)
    RunFactory(status="failed", error="old", finished_at=NOON - timedelta(days=9))

    found = [(failure.cause, failure.count) for failure in failures(NOON)]

    assert found == [("music: the renderer stopped", 3), ("video: no space left", 1)]


def test_cause_is_the_first_clause() -> None:
    assert cause_of("The disk is full. Make room.") == "The disk is full"
    assert len(cause_of("x" * 300)) == 90


def test_cause_holds_no_ids() -> None:
    one, other = (
        cause_of(f"Run {run_id} ran out of time")
        for run_id in (
            "0b9f7a0e-52a4-4a8e-9a5e-0d3a3f6c2b11",
            "ffffffff-52a4-4a8e-9a5e-0d3a3f6c2b11",
        )
    )

    assert one == other == "Run … ran out of time"


def test_worker_is_alive_while_it_beats() -> None:
    WorkerBeat.objects.create(cluster="one", at=NOON - timedelta(minutes=1))

    assert figures(NOON)["worker_alive"]
    assert not figures(NOON + timedelta(minutes=10))["worker_alive"]


def test_cost_is_of_this_month() -> None:
    for at, cost in ((NOON, "1.50"), (NOON - timedelta(days=5), "9")):
        ProviderCall.objects.create(
            purpose="x", provider="p", idempotency_key=str(at), cost_usd=cost, created_at=at
        )

    assert float(figures(NOON)["cost"]) == 1.5


def test_error_text_is_escaped(boss: Client) -> None:
    RunFactory(status="failed", error="<script>alert(1)</script>", finished_at=timezone.now())

    page = boss.get(reverse("admin:index")).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
