"""The benchmark of the list of runs works on the tables as they are, on a small scale."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run
from tests.benchmarks import changelist
from tests.factories import NOON

RUNS = 2_000


@pytest.fixture
def populated(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelist, "OPENINGS", 2)
    changelist.populate(RUNS, now=NOON)


def test_runs_of_every_status_are_made_in_their_shares(populated: None) -> None:
    for status, share in changelist.SHARES.items():
        made = Run.objects.filter(status=status).count()
        # Each artist has at least one of each status.
        assert made == pytest.approx(share * RUNS, abs=20), status


@pytest.mark.usefixtures("bell")
def test_the_list_opens_by_every_status_with_few_queries(populated: None, boss: Client) -> None:
    address = reverse("admin:runs_run_changelist")

    for status in changelist.SHARES:
        seconds, queries = changelist.opened(boss, f"{address}?status__exact={status.value}")
        assert len(seconds) == 2
        assert queries <= 9, (status, queries)
