"""Costs that were stored before they were refused: taken out, told, and no page fails over them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from itertools import count

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experiments.models import Assignment
from runs.models import Budget, ProviderCall, Run
from runs.providers import budgets, costs
from tests.experiments.rows import experiment_with
from tests.factories import ArtifactFactory, RunFactory, UserFactory

MENDING = import_module("runs.migrations.0002_mend_unbelievable_costs")
(GUARD,) = (
    constraint
    for constraint in ProviderCall._meta.constraints
    if constraint.name == "providercall_cost_believable"
)
ON_SQLITE = connection.vendor == "sqlite"
# PostgreSQL never took more than its columns hold.
STORED = ["999999", "NaN", *(["1e30", "-1e30", "Infinity"] if ON_SQLITE else [])]


@pytest.fixture
def unguarded(transactional_db: None) -> Iterator[None]:
    """The ledger without the constraint that came after the mending, as it was before."""

    def guard(*, on: bool) -> None:
        with connection.cursor() as cursor:
            if ON_SQLITE:
                cursor.execute(f"PRAGMA ignore_check_constraints = {int(not on)}")
                return
        with connection.schema_editor() as schema:
            change = schema.add_constraint if on else schema.remove_constraint
            change(ProviderCall, GUARD)

    guard(on=False)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM runs_providercall")
    guard(on=True)


def mend() -> None:
    with connection.schema_editor() as schema:
        MENDING.mend(apps, schema)


def store(table: str, stored: str, *columns: str) -> None:
    """By SQL: no part of the product writes this any more."""
    sets = ", ".join(f"{column} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {sets}", [stored] * len(columns))


numbers = count()


def settled_call(run: Run, usd: str = "0") -> ProviderCall:
    return ProviderCall.objects.create(
        run=run,
        step="music",
        purpose="music",
        provider="suno",
        idempotency_key=f"{run.pk}:0:music:{next(numbers)}",
        status=ProviderCall.Status.SUCCEEDED,
        cost_usd=Decimal(usd),
        committed_usd=Decimal(usd),
        created_at=timezone.now(),
    )


@pytest.mark.parametrize("stored", STORED)
def test_old_costs_are_taken_out_and_told(unguarded: None, stored: str, settings) -> None:
    settings.METRICS_TOKEN = "for-the-scraper"
    run = RunFactory(reviewable=True)
    call, file = settled_call(run), ArtifactFactory(run=run)
    experiment = experiment_with("A", "A")
    assignment = Assignment.objects.earliest("pk")
    Assignment.objects.filter(pk=assignment.pk).update(run_id=run.pk)
    store("runs_providercall", stored, "cost_usd", "committed_usd")
    for table in ("runs_artifact", "runs_run", "experiments_assignment"):
        store(table, stored, "cost_usd")
    Assignment.objects.exclude(pk=assignment.pk).update(cost_usd=0)
    good = settled_call(run, "0.06")
    budget = Budget.objects.create(period="day", cap_usd=Decimal("1.00"))

    mend()

    for row in (call, run, file, assignment, good):
        row.refresh_from_db()
    assert (call.cost_usd, call.committed_usd, file.cost_usd) == (0, 0, 0)
    assert run.cost_usd == assignment.cost_usd == good.cost_usd == Decimal("0.06")
    assert "cannot be believed" in call.error
    assert good.error == ""
    assert budgets.use_of(budget, now=timezone.now()).used_usd == Decimal("0.06")
    boss = Client(headers={"Authorization": "Bearer for-the-scraper"})
    boss.force_login(UserFactory(is_superuser=True))
    for address in (
        reverse("admin:index"),
        reverse("admin:runs_run_changelist"),
        reverse("admin:runs_run_change", args=[run.pk]),
        reverse("admin:runs_providercall_changelist"),
        reverse("admin:runs_providercall_change", args=[call.pk]),
        reverse("admin:runs_budget_changelist"),
        reverse("admin:experiments_experiment_change", args=[experiment.pk]),
        reverse("metrics"),
    ):
        assert boss.get(address).status_code == 200, address


@pytest.mark.django_db
@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("column", ["cost_usd", "committed_usd"])
def test_the_ledger_takes_no_such_cost_any_more(column: str, stored: str) -> None:
    settled_call(RunFactory())

    with pytest.raises(DatabaseError), transaction.atomic():
        store("runs_providercall", stored, column)


@pytest.mark.django_db
def test_many_costs_just_believable_are_summed_up() -> None:
    run = RunFactory(reviewable=True)
    for _ in range(12):
        settled_call(run, "100000")

    Run.objects.update(cost_usd=costs.cost_of_run(run.pk))

    run.refresh_from_db()
    assert run.cost_usd == 1_200_000
