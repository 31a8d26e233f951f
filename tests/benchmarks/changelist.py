"""Benchmark of the list of runs at size, on the database that DATABASE_URL names.

The rows go to a test database beside it (its account must be allowed to create one), which is
dropped at the end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ai_artist.benchmarks.measuring import Result, percentile
from artists.models import Artist
from artists.starter_roster import seed_roster
from runs.models import Artifact, Batch, Run, Step
from runs.steps import NAMES

RUNS = 1_000_000
SPAN = timedelta(days=700)
OPENINGS = 20
# How a catalogue of years is made up.
SHARES = {
    Run.Status.QUEUED: 0.001,
    Run.Status.WAITING: 0.001,
    Run.Status.AWAITING_REVIEW: 0.01,
    Run.Status.APPROVED: 0.4,
    Run.Status.RELEASED: 0.1,
    Run.Status.REJECTED: 0.388,
    Run.Status.FAILED: 0.08,
    Run.Status.CANCELLED: 0.02,
}
# A new id, and `seconds` before a time, in the words of each database.
NEW_ID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
EARLIER = {
    "postgresql": "first.{column} - number.i * interval '{seconds} seconds'",
    "sqlite": "datetime(first.{column}, '-' || (number.i * {seconds}) || ' seconds')",
}


def changelist() -> Result:
    """The list of a million runs, plain and by status: milliseconds and queries."""
    with scratch_database():
        populate(RUNS, now=timezone.now())
        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.create_superuser("benchmark"))
        plain = reverse("admin:runs_run_changelist")
        pages = {"plain": plain} | {
            status.value: f"{plain}?status__exact={status.value}" for status in SHARES
        }
        figures: dict[str, float] = {"runs": RUNS}
        filtered: list[float] = []
        for name, address in pages.items():
            seconds, queries = opened(client, address)
            figures[f"{name}_ms_p95"] = 1000 * percentile(seconds, 0.95)
            figures["queries"] = max(queries, figures.get("queries", 0))
            filtered += seconds if name != "plain" else []
        figures["filtered_ms_p50"] = 1000 * percentile(filtered, 0.5)
        figures["filtered_ms_p95"] = 1000 * percentile(filtered, 0.95)
    return Result("changelist", figures)


def opened(client: Client, address: str) -> tuple[list[float], int]:
    """Seconds of each of OPENINGS, after a first one that warms caches, and the most queries."""
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    queries = len(captured)
    seconds = []
    for _ in range(OPENINGS):
        started = time.perf_counter()
        reply = client.get(address)
        seconds.append(time.perf_counter() - started)
        if reply.status_code != 200:
            raise RuntimeError(f"{address} answered {reply.status_code}.")
    return seconds, queries


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated test database in the place of the configured one."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def populate(count: int, *, now: datetime) -> None:
    """Runs over SPAN: of each artist and status one through the models, then its copies by SQL."""
    seed_roster(now=now)
    artists = list(Artist.objects.all())
    batch = Batch.objects.create(origin="command", size=1, seed=1)
    for status, share in SHARES.items():
        for artist in artists:
            first = Run.objects.create(
                batch=batch,
                artist=artist,
                seed=1,
                status=status,
                title=f"{status.label} song",
                concept={"theme": "night"},
                error="no answer" if status == Run.Status.FAILED else "",
                created_at=now,
                finished_at=now,
                decided_at=now,
            )
            dress(first)
            copies = round(share * count / len(artists)) - 1
            copy(first, copies, seconds=SPAN.total_seconds() / max(copies, 1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def dress(run: Run) -> None:
    """Steps and a picture: what the newest of each kind show in the list, the others go without."""
    Step.objects.bulk_create(
        Step(run=run, name=name, position=position, status=Step.Status.PENDING)
        for position, name in enumerate(NAMES)
    )
    Artifact.objects.create(
        run=run,
        kind=Artifact.Kind.THUMBNAIL,
        file="picture",
        sha256=sha256(b"picture").hexdigest(),
        media_type="image/jpeg",
        bytes=1,
    )


def copy(first: Run, copies: int, *, seconds: float) -> None:
    """Insert copies of a run, each `seconds` older than the one before, with an id of its own."""
    vendor, quote = connection.vendor, connection.ops.quote_name
    columns: list[str] = []
    values: list[str] = []
    for field in Run._meta.concrete_fields:
        column = quote(str(field.column))
        columns.append(column)
        if field.primary_key:
            values.append(NEW_ID[vendor])
        elif isinstance(field, models.DateTimeField) and getattr(first, field.attname):
            values.append(EARLIER[vendor].format(column=column, seconds=seconds))
        else:
            values.append(f"first.{column}")
    table = quote(Run._meta.db_table)
    # Names of the models' own and numbers of this module; the values are parameters.
    statement = (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        "WITH RECURSIVE number(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < %s) "
        f"SELECT {', '.join(values)} FROM {table} AS first, number "
        f"WHERE first.{quote(str(Run._meta.pk.column))} = %s"
    )
    with connection.cursor() as cursor:
        primary = Run._meta.pk.get_db_prep_value(first.pk, connection)
        cursor.execute(statement, [copies, primary])
