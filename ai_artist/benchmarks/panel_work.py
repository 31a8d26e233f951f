"""What `benchmark panel` does inside its database: opens every page, runs every schedule.

Each function runs in a process of its own, with arguments and answers as JSON.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import OperationalError, connection, models, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter, RangeNumericFilter

from ai_artist.benchmarks.measuring import percentile
from ai_artist.benchmarks.panel_fill import FIRST, RARE, SECOND
from artists.lifecycle import rebuild_counters
from artists.models import Artist, Lesson, PerformanceEntry, StatusChange
from runs import tasks
from runs.models import (
    Artifact,
    LessonUse,
    Proposal,
    ProviderCall,
    Publication,
    Reflection,
    Release,
    Review,
    Run,
    RunEvent,
    Step,
    Track,
)
from runs.releasing import purging
from runs.reviewing import autopilot
from runs.work import batches
from trends.models import Observation
from trends.scoring import score_topics

BOOKKEEPING = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET")
# Tables of which a page must never read all.
GROWING = frozenset(
    model._meta.db_table
    for model in (
        *(Artifact, Lesson, LessonUse, Observation, PerformanceEntry, Proposal, ProviderCall),
        *(Publication, Reflection, Release, Review, Run, RunEvent, StatusChange, Step, Track),
    )
)
BATCH = 2_000
PURGE_S = 10
# Enough to tell that a page, or a schedule, is far beyond its limit.
LONGEST_PAGE_S, LONGEST_WORK_S = 20, 60


@dataclass(frozen=True)
class Page:
    """What opening a page took. cpu_ms: ours, and of the server's process if it runs here."""

    name: str
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    queries: int
    scans: list[str]  # large tables that its slowest query read whole, with its milliseconds
    error: str = ""


@dataclass(frozen=True)
class Work:
    """What a piece of scheduled work took. done: of what it does, or why it was stopped."""

    name: str
    seconds: float
    cpu_s: float
    queries: int
    done: str


# --- Pages ---


def addresses() -> Iterator[tuple[str, str]]:
    """Every list as it opens, with each filter, sort and search it offers; then single pages."""
    yield "dashboard", reverse("admin:index")
    yield "review desk", reverse("admin:desk")
    yield "metrics", reverse("metrics")
    heavy = Artist.objects.order_by("pk").first()
    if heavy is not None:
        yield "artist with most runs", reverse("admin:artists_artist_change", args=[heavy.pk])
    for status in (Run.Status.AWAITING_REVIEW, Run.Status.RELEASED, Run.Status.REJECTED):
        run = Run.objects.filter(status=status).order_by("-created_at").first()
        if run is not None:
            yield f"run, {status.label.lower()}", reverse("admin:runs_run_change", args=[run.pk])
    for model in admin.site._registry:
        yield from of_list(model)


def of_list(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Addresses of a model's list: plain, the second page, filtered, sorted and searched."""
    page: Any = admin.site._registry[model]
    name = f"{model._meta.app_label}.{model._meta.model_name}"
    plain = reverse(f"admin:{name.replace('.', '_')}_changelist")
    yield name, plain
    request = RequestFactory().get(plain)
    request.user = User.objects.filter(is_superuser=True)[0]
    changelist = page.get_changelist_instance(request)
    if changelist.multi_page:
        yield f"{name} page 2", f"{plain}?p=2"
    for spec in changelist.filter_specs:
        for parameters in chosen(spec, changelist):
            yield f"{name} {parameters}"[:70], f"{plain}?{parameters}"
    for number, column in enumerate(changelist.list_display):
        if changelist.get_ordering_field(column):
            for sign in ("", "-"):
                yield f"{name} sort {sign}{column}", f"{plain}?o={sign}{number}"
    if page.get_search_fields(request):
        for words in (SECOND[0], RARE, f"{FIRST[0]} {SECOND[0]}", "ext-77", "0a1b2c3d"):
            yield f"{name} search {words}", f"{plain}?q={words.replace(' ', '+')}"


def chosen(spec: Any, changelist: Any) -> Iterator[str]:
    """Query strings of some values of a filter: of choices each, of rows the first and the last."""
    field = getattr(spec, "field", None)
    if isinstance(spec, RangeDateTimeFilter):
        year_ago = timezone.now() - timedelta(days=365)
        for name, at in (("from", year_ago + timedelta(days=364)), ("to", year_ago)):
            yield f"{spec.field_path}_{name}_0={at:%Y-%m-%d}&{spec.field_path}_{name}_1=00:00"
    elif isinstance(spec, RangeNumericFilter):
        yield f"{spec.field_path}_from=0.5&{spec.field_path}_to=0.7"
    elif isinstance(field, models.ForeignKey):
        rows = field.related_model._default_manager
        for row in (rows.order_by("pk").first(), rows.order_by("pk").last()):
            if row is not None:
                yield f"{spec.lookup_kwarg}={row.pk}"
    elif choices := getattr(field, "choices", None):
        yield from (f"{spec.lookup_kwarg}={value}" for value, _ in choices)
    elif isinstance(field, models.BooleanField):
        yield from (f"{spec.lookup_kwarg}={value}" for value in (0, 1))
    elif hasattr(spec, "lookup_choices"):
        name = getattr(spec, "parameter_name", None) or spec.lookup_kwarg
        for choice in list(spec.lookup_choices)[:4]:
            yield f"{name}={choice[0] if isinstance(choice, tuple) else choice}"


def open_pages(rounds: int, only: str = "") -> list[dict[str, Any]]:
    """Open every page; return what each took. only: a part of the names to open."""
    User.objects.get_or_create(username="panel", is_superuser=True, is_staff=True)
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    client.force_login(User.objects.get(username="panel"))
    return [
        asdict(opened(client, name, address, rounds))
        for name, address in list(addresses())
        if only in name
    ]


def opened(client: Client, name: str, address: str, rounds: int) -> Page:
    """Open a page once to warm up what a server keeps warm, then so many times."""
    seconds: list[float] = []
    cpu: list[float] = []
    error, queries, scans = "", 0, list[str]()
    with limited_statements(LONGEST_PAGE_S):
        client.get(address)
        for _ in range(rounds):
            cpu_before, started = cpu_s(), time.perf_counter()
            reply = client.get(address)
            seconds.append(time.perf_counter() - started)
            cpu.append(cpu_s() - cpu_before)
            if reply.status_code != 200:
                error = f"answered {reply.status_code}"
                break
            if seconds[-1] > 2:
                break
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        asked = [q for q in captured if not q["sql"].startswith(BOOKKEEPING)]
        queries = len(asked)
        for query in asked:
            scans += scanned(query["sql"])
    return Page(
        name,
        1000 * percentile(seconds, 0.5),
        1000 * percentile(seconds, 0.95),
        1000 * percentile(cpu, 0.5),
        queries,
        sorted(set(scans)),
        error,
    )


def scanned(statement: str) -> list[str]:
    """Return the tables that grow with the runs and that a query reads whole.

    Counts stop at COUNT_LIMIT rows, and the rows themselves are asked for by the same conditions.
    """
    if not statement.startswith("SELECT") or statement.startswith("SELECT COUNT(*)"):
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        postgres = connection.vendor == "postgresql"
        try:
            cursor.execute(("EXPLAIN " if postgres else "EXPLAIN QUERY PLAN ") + statement)
        except OperationalError:
            return []
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    pattern = r"Seq Scan on (\w+)" if postgres else r"SCAN (\w+)\b(?! USING)"
    return [table for table in re.findall(pattern, plan) if table in GROWING]


# --- Work ---


def works() -> dict[str, Callable[[], Any]]:
    """Every schedule and what else grows with the database."""
    now = timezone.now()
    return {
        "sweep": tasks.sweep,
        "autopilot": lambda: autopilot.run_autopilot(now=now),
        "evaluate roster": tasks.evaluate_roster,
        "evolve artists": tasks.evolve_artists,
        "conclude experiments": tasks.conclude_experiments,
        "learn from audience": tasks.learn_from_audience,
        "tell people": tasks.tell_people,
        "score topics": lambda: score_topics(now=now),
        "rebuild counters": rebuild_counters,
        f"create_batch({BATCH})": lambda: batches.create_batch(
            size=BATCH, origin="command", now=now
        ),
        "clean up": tasks.clean_up,
    }


def do_works(only: str = "") -> list[dict[str, Any]]:
    """Do each piece of work once, taken back afterwards."""
    done = [measured(name, work) for name, work in works().items() if only in name]
    if only in "purge":
        done.append(purged())
    return [asdict(work) for work in done]


def measured(name: str, work: Callable[[], Any]) -> Work:
    cpu_before, started, said = cpu_s(), time.perf_counter(), ""
    with counted_queries() as queries:
        try:
            with transaction.atomic(), stopped_after(LONGEST_WORK_S):
                said = str(work())[:60]
                transaction.set_rollback(True)
        except (TooLong, OperationalError):
            # Its last statement may still be under way.
            connection.close()
            said = f"stopped after {LONGEST_WORK_S} s"
        seconds = time.perf_counter() - started
    return Work(name, seconds, cpu_s() - cpu_before, queries[0], said)


def purged() -> Work:
    """Purge for PURGE_S, which is not taken back: how many runs a second."""
    told = RunEvent.objects.filter(kind=RunEvent.Kind.PURGED)
    before, cpu_before, started = told.count(), cpu_s(), time.perf_counter()
    with counted_queries() as queries:
        try:
            with stopped_after(PURGE_S):
                purging.purge(older_than=timedelta(days=30), now=timezone.now(), act=True)
        except TooLong:
            connection.close()
    seconds, used_s = time.perf_counter() - started, cpu_s() - cpu_before
    runs = told.count() - before
    return Work("purge", seconds, used_s, queries[0], f"{runs} runs, {runs / seconds:.0f} a second")


# --- Measuring ---


class TooLong(Exception):
    """The time for a piece of work is over."""


@contextmanager
def stopped_after(seconds: int) -> Iterator[None]:
    """Raise TooLong in what takes longer."""

    def stop(*_: Any) -> None:
        raise TooLong

    usual = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        with limited_statements(seconds):
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, usual)


@contextmanager
def limited_statements(seconds: int) -> Iterator[None]:
    """Let PostgreSQL give up a statement that takes longer."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{seconds}s'")
    yield
    # What is rolled back takes the setting along.
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


@contextmanager
def counted_queries() -> Iterator[list[int]]:
    """Count queries without keeping them."""
    count = [0]

    def counting(execute: Any, *arguments: Any) -> Any:
        count[0] += 1
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        yield count


def cpu_s() -> float:
    """Return the CPU seconds of this process and of its PostgreSQL process, if that runs here."""
    ours = time.process_time()
    if connection.vendor != "postgresql" or connection.connection is None:
        return ours
    try:
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text()
    except OSError:
        return ours
    user, system = stat.rpartition(")")[2].split()[11:13]
    return ours + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
