"""Every list reads by an index, as it opens and with whatever it offers; the benchmark says so.

The rows are those of `benchmark panel`, fewer of them: a plan is looked at, not a clock.
"""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from environ import Env

from ai_artist.benchmarks import panel_fill, panel_work
from ai_artist.benchmarks.measuring import scratch_environment
from ai_artist.benchmarks.panel import address_of
from ai_artist.configuration import SETTINGS, unknown_names
from artists.lifecycle import rebuild_counters
from artists.models import Artist, PerformanceEntry
from experiments.models import Experiment
from runs.models import Artifact, Review, Run, Step
from runs.steps import NAMES
from runs.work.batches import create_batch

RUNS = 600
MOST_QUERIES = 12

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.mark.parametrize(
    "address",
    [
        "postgres://root@127.0.0.1:5432/panel",
        "postgres://root:p%2Fw@//var/run/postgresql/panel",
        "postgres://@/panel?sslmode=require",
    ],
)
def test_another_database_is_at_the_same_server(address: str) -> None:
    at = Env.db_url_config(address)

    assert Env.db_url_config(address_of("other", at)) == at | {"NAME": "other"}


def test_a_scratch_project_has_nothing_of_the_operator() -> None:
    given = scratch_environment("/scratch")
    folders = {name for name in SETTINGS if name.endswith(("_DIR", "_ROOT"))}

    assert all(given[name].startswith("/scratch/") or not given[name] for name in folders)
    assert not {name for name, one in SETTINGS.items() if one.kind == "secret"} - given.keys()
    assert not unknown_names(given)


@pytest.fixture
def filled(db: None) -> None:
    """A small database as years of work leave it, whose plans are those of a large one."""
    panel_fill.Filling(
        RUNS, panel_fill.Language(timezone.now(), connection.vendor == "postgresql")
    ).all()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'ANALYZE "{table}"')
        if connection.vendor == "postgresql":
            # In a small table, reading all of it is cheapest.
            cursor.execute("SET LOCAL enable_seqscan = off")


@pytest.fixture
def panel_user(db: None) -> User:
    return User.objects.create_superuser("panel")


@pytest.mark.usefixtures("filled")
def test_rows_fit_each_other() -> None:
    judged = Run.objects.filter(status__in=["approved", "rejected", "released"]).count()

    assert Run.objects.count() == RUNS
    assert Step.objects.count() == len(NAMES) * RUNS
    assert Review.objects.count() == PerformanceEntry.objects.decisions().count() == judged
    assert PerformanceEntry.objects.filter(series="shop1/month/sales").exists()
    assert rebuild_counters() > 0
    assert sum(Artist.objects.values_list("approved_count", flat=True)) == (
        Review.objects.filter(decision="approve").count()
    )


@pytest.mark.usefixtures("filled")
def test_no_list_reads_a_whole_table(panel_user: User) -> None:
    """On SQLite of the largest: it says of any count, however soon that stops, that it scans."""
    factory = RequestFactory()
    postgres = connection.vendor == "postgresql"
    read: dict[str, list[str]] = {}
    asked: dict[str, int] = {}

    for model in list(admin.site._registry) if postgres else [Run, Artifact]:
        for name, address in panel_work.of_list(model):
            request = factory.get(address)
            request.user = panel_user
            with CaptureQueriesContext(connection) as captured:
                list(admin.site._registry[model].get_changelist_instance(request).result_list)
            asked[name] = len(captured)
            if scans := {table for query in captured for table in panel_work.scanned(query["sql"])}:
                read[name] = sorted(scans)

    assert read == {}, str(read)
    assert {name: count for name, count in asked.items() if count > MOST_QUERIES} == {}
    assert len(asked) > (200 if postgres else 50)


@pytest.mark.usefixtures("filled", "bell")
def test_a_list_opens_with_few_queries(boss: Client) -> None:
    for name in ("runs_run", "runs_artifact", "runs_release", "artists_artist", "artists_lesson"):
        address = reverse(f"admin:{name}_changelist")
        boss.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert boss.get(address).status_code == 200
        assert len(captured) <= MOST_QUERIES, name


@pytest.mark.usefixtures("filled")
def test_a_batch_takes_as_few_queries_however_large_it_is() -> None:
    artist = Artist.objects.filter(status=Artist.Status.ACTIVE)[0]
    assert Experiment.objects.running().exists()

    def queries(size: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            create_batch(size=size, origin="command", now=timezone.now(), artist=artist)
        claims = [query for query in captured if "artists_artist" in query["sql"]]
        return len(captured) - len(claims)

    few, many = queries(2), queries(30)

    # Each claim of a turn is a transaction of its own.
    assert many - few <= 3 * 28
