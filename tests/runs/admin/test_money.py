"""Budgets and provider health in the panel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Budget, ProviderHealth, Run, Step
from runs.providers.breakers import breaker_for
from tests.factories import NOON, RunFactory, StepFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def parked_run() -> Run:
    """Waits for a budget."""
    run = RunFactory(status=Run.Status.WAITING, due_at=NOON + timedelta(days=9999))
    StepFactory(run=run, status=Step.Status.WAITING, waiting_for=Step.WaitingFor.BUDGET)
    return run


def test_raising_a_cap_wakes_the_runs_that_wait_for_it(boss: Client, parked_run: Run) -> None:
    budget = Budget.objects.create(period="day", cap_usd=Decimal("1.00"))

    boss.post(
        reverse("admin:runs_budget_change", args=[budget.pk]),
        {"provider": "", "period": "day", "cap_usd": "5.00"},
    )

    budget.refresh_from_db()
    parked_run.refresh_from_db()
    assert budget.cap_usd == Decimal("5.00")
    assert parked_run.due_at < NOON + timedelta(days=9999)


def test_a_budget_is_not_entered_twice(boss: Client) -> None:
    Budget.objects.create(period="day", cap_usd=Decimal("1.00"))

    page = boss.post(
        reverse("admin:runs_budget_add"), {"provider": "", "period": "day", "cap_usd": "5.00"}
    )

    assert Budget.objects.count() == 1
    assert "There is such a budget" in page.content.decode()


def test_producers_see_budgets_and_do_not_change_them(
    browser_of: Callable[[str], Client],
) -> None:
    producer = browser_of("Producer")

    assert producer.get(reverse("admin:runs_budget_changelist")).status_code == 200
    assert producer.post(reverse("admin:runs_budget_add"), {}).status_code == 403


def test_an_operator_closes_an_open_breaker(browser_of: Callable[[str], Client]) -> None:
    breaker = breaker_for("suno")
    for _ in range(breaker.limits.failures):
        breaker.failed("HTTP 503")
    pages = reverse("admin:runs_providerhealth_changelist")
    producer = browser_of("Producer")
    listed = producer.get(pages).content.decode()

    health = ProviderHealth.objects.get()
    producer.post(pages, {"action": "ask_again", "_selected_action": [health.pk]})

    assert "Not asked" in listed
    assert "HTTP 503" in listed
    assert breaker.state().failures == 0
