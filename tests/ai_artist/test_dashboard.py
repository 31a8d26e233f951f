"""The landing page: what it counts, and what it says to do next."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ai_artist.dashboard import counts_of_statuses, decisions, figures, nearing_decision
from ai_artist.kit import caching
from artists.models import PerformanceEntry
from experiments.models import Assignment
from media_tools.providers.breaker import BreakerState
from runs.models import Budget, ProviderCall, ProviderHealth, Run, WorkerBeat
from runs.work.totals import keep_all
from tests.factories import (
    NOON,
    ArtistFactory,
    ExperimentFactory,
    RunFactory,
    StepFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def decide(kind: str, at: object, **fields: object) -> None:
    PerformanceEntry.objects.create(artist=ArtistFactory(), kind=kind, at=at, **fields)


def page_at(now: datetime) -> dict[str, Any]:
    return figures(counts_of_statuses(), now=now)


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

    page = page_at(NOON)

    assert page["waiting_count"] == "2"
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


def test_worker_is_alive_while_it_beats() -> None:
    WorkerBeat.objects.create(cluster="one", at=NOON - timedelta(minutes=1))

    assert page_at(NOON)["worker_alive"]
    assert not page_at(NOON + timedelta(minutes=10))["worker_alive"]


def test_cost_is_of_this_month() -> None:
    for at, cost in ((NOON, "1.50"), (NOON - timedelta(days=5), "9")):
        ProviderCall.objects.create(
            purpose="x", provider="p", idempotency_key=str(at), cost_usd=cost, created_at=at
        )

    assert float(page_at(NOON)["cost"]) == 1.5


def test_budget_shows_what_is_spent_and_what_is_booked() -> None:
    Budget.objects.create(provider="suno", period="month", cap_usd=10)
    call("suno", cost_usd="2.00", committed_usd="2.00")
    call("suno", cost_usd="0", committed_usd="1.50")
    call("other", cost_usd="9.00", committed_usd="9.00")

    (use,) = page_at(NOON)["budgets"]

    assert (use.spent_usd, use.booked_usd) == (Decimal(2), Decimal("1.5"))
    assert (use.spent_percent, use.percent) == (20, 35)


def test_budget_of_each_run_shows_the_dearest_run() -> None:
    Budget.objects.create(period="run", cap_usd=4)
    for cost in ("1.00", "3.00"):
        run = RunFactory()
        call("p", run=run, cost_usd=cost, committed_usd=cost)

    (use,) = page_at(NOON)["budgets"]

    assert (use.spent_usd, use.percent) == (Decimal(3), 75)


def call(provider: str, **fields: object) -> None:
    ProviderCall.objects.create(
        purpose="x",
        provider=provider,
        idempotency_key=str(uuid.uuid4()),
        created_at=NOON,
        **fields,
    )


def test_provider_in_trouble_comes_first_with_its_error(boss: Client) -> None:
    ProviderHealth.objects.create(provider="fine", state=BreakerState().as_json())
    open_breaker = BreakerState(
        failures=5, opened_at=timezone.now().timestamp(), cooldown_s=600, last_error="HTTP 503"
    )
    ProviderHealth.objects.create(provider="suno", state=open_breaker.as_json())

    providers = page_at(timezone.now())["providers"]
    page = boss.get(reverse("admin:index")).content.decode()

    assert [(one.provider, one.label) for one in providers] == [
        ("suno", "Not asked"),
        ("fine", "Asked"),
    ]
    assert "HTTP 503" in page


def test_a_page_asks_for_what_the_sweep_knows_of_experiments(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(caching, "SWEEP_S", 60)
    for _ in range(3):
        ExperimentFactory()
    keep_all(now=NOON)

    with django_assert_num_queries(2):  # the experiments, and the cache
        assert len(nearing_decision()) == 3
    caching.cache.delete("kept-standings")


def test_in_a_large_database_sums_are_kept_and_work_is_shown_at_once(
    boss: Client, new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ai_artist.dashboard.COUNT_LIMIT", 1)
    monkeypatch.setattr(caching, "SWEEP_S", 60)
    WorkerBeat.objects.create(cluster="one", at=timezone.now())
    for title in ("First", "Second"):
        new_run(title=title, finished_at=timezone.now())
    address = reverse("admin:index")
    known = boss.get(address).context["artists_total"]
    new_run(title="Third", finished_at=NOON)
    ArtistFactory(name="Not counted yet")

    with CaptureQueriesContext(connection) as captured:
        page = boss.get(address)
    caching.cache.delete("kept-dashboard")

    asked = [query["sql"] for query in captured if not query["sql"].startswith(("SAVE", "REL"))]
    assert len(asked) <= 12
    assert page.context["waiting"][0][0].title == "Third"
    assert page.context["artists_total"] == known
    assert "experiments and schedules as of" in page.content.decode()


def test_experiment_nearest_its_decision_comes_first() -> None:
    for name, runs in (("far", 1), ("near", 12)):
        artist = ArtistFactory(name=name)
        experiment = ExperimentFactory(name=name, planned_runs_per_arm=20, artists=[artist])
        for control in (True, False):
            variant = VariantFactory(experiment=experiment, is_control=control)
            Assignment.objects.bulk_create(
                Assignment(
                    experiment=experiment,
                    variant=variant,
                    artist=artist,
                    run_id=uuid.uuid4(),
                    position=2 * position + control,
                    block=position,
                    probability=0.5,
                    probabilities={str(variant.pk): 0.5},
                    outcome="approved" if control or position % 2 else "rejected",
                    outcome_at=NOON,
                    exposed_at=NOON,
                )
                for position in range(runs)
            )

    near, far = nearing_decision()

    assert (near[0].name, near[1].progress) == ("near", 60)
    assert "acts at" in near[1].chance_line
    assert (far[0].name, far[1].chance_line) == ("far", "")


FULL_DISK = {"status": "failed", "failure_kind": "disk", "error": "video: No space left"}
KEY_REFUSED = {
    "status": "failed",
    "failure_kind": "provider_key",
    "failure_subject": "suno",
    "error": "music: suno: the key was refused",
}


def test_cause_is_retried_from_its_button(boss: Client) -> None:
    runs = RunFactory.create_batch(2, **FULL_DISK, finished_at=timezone.now())
    other = RunFactory(**KEY_REFUSED, finished_at=timezone.now())
    page = boss.get(reverse("admin:index")).content.decode()
    assert "Retry 2" in page

    response = boss.post(
        reverse("admin:runs_run_retry_cause"),
        {"kind": "disk", "subject": "", "artist": "", "next": reverse("admin:index")},
    )

    assert response["Location"] == reverse("admin:index")
    assert set(Run.objects.filter(status="queued")) == set(runs)
    other.refresh_from_db()
    assert other.status == Run.Status.FAILED


def test_failure_says_what_why_and_where_to_mend_it(boss: Client) -> None:
    artist = ArtistFactory(name="Vera Halogen")
    run = RunFactory(
        status="failed",
        artist=artist,
        error="concept: Vera Halogen's profile cannot be used. Keys: “H minor”: no such key.",
        failure_kind="profile",
        failure_subject="keys",
        finished_at=timezone.now(),
    )
    field = reverse("admin:artists_artist_change", args=[artist.pk]) + "?tab=sound#id_keys"

    for page in (reverse("admin:index"), reverse("admin:runs_run_change", args=[run.pk])):
        text = boss.get(page).content.decode()
        assert "keys cannot be used" in text
        assert "H minor" in text
        assert f'href="{field}"' in text


def test_failures_of_a_provider_are_told_apart_by_kind(boss: Client) -> None:
    RunFactory(**KEY_REFUSED, finished_at=timezone.now())
    RunFactory(
        **{**KEY_REFUSED, "failure_kind": "provider_credit", "error": "music: suno: no credit"},
        finished_at=timezone.now(),
    )

    shown = boss.get(reverse("admin:index")).context["failures"]

    assert {(failure.cause.kind, failure.count) for failure, _ in shown} == {
        ("provider_key", 1),
        ("provider_credit", 1),
    }


def test_cause_is_not_retried_without_the_right(browser_of: Callable[[str], Client]) -> None:
    RunFactory(**FULL_DISK, finished_at=timezone.now())
    client = browser_of("Reviewer")

    page = client.get(reverse("admin:index")).content.decode()
    response = client.post(reverse("admin:runs_run_retry_cause"), {"kind": "disk"})

    assert "Retry 1" not in page
    assert response.status_code == 403
    assert not Run.objects.filter(status="queued").exists()


@pytest.mark.parametrize("artist", ["", "gremlins", "9" * 5000])
def test_cause_that_no_run_failed_for_is_explained(boss: Client, artist: str) -> None:
    RunFactory(**FULL_DISK, finished_at=timezone.now())

    response = boss.post(
        reverse("admin:runs_run_retry_cause"), {"kind": "gremlins", "artist": artist}
    )

    assert "No run" in " ".join(str(m) for m in get_messages(response.wsgi_request))
    assert not Run.objects.filter(status="queued").exists()


def test_queries_do_not_grow_with_the_tables(
    boss: Client,
    new_run: Callable[..., Run],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    def fill(times: int) -> None:
        for number in range(times):
            new_run(finished_at=timezone.now())
            running = RunFactory(status="running", owner="w", started_at=timezone.now())
            StepFactory(run=running)
            RunFactory(status="failed", error=f"broken {number}", finished_at=timezone.now())
            decide("approved", timezone.now() - timedelta(days=number))

    boss.get(reverse("admin:index"))  # the roster's balance is kept for an hour
    fill(1)
    with django_assert_max_num_queries(60) as few:
        boss.get(reverse("admin:index"))
    fill(8)
    with django_assert_max_num_queries(60) as many:
        boss.get(reverse("admin:index"))

    assert len(many) == len(few)


def test_error_text_is_escaped(boss: Client) -> None:
    RunFactory(status="failed", error="<script>alert(1)</script>", finished_at=timezone.now())

    page = boss.get(reverse("admin:index")).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
