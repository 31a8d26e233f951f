"""Benchmark of the panel and the schedules at size, in a database of its own.

On PostgreSQL that is one beside the configured database, whose account must be allowed to create
it; otherwise an SQLite file. It is dropped at the end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection

from ai_artist.benchmarks.measuring import Result, call_function, scratch_project
from ai_artist.benchmarks.panel_work import Page, Work

RUNS = 2_000
OPENINGS = 5
FILL, WORK = "ai_artist.benchmarks.panel_fill", "ai_artist.benchmarks.panel_work"


def panel(runs: int) -> Result:
    """Fill a database, open every page as often as OPENINGS, and do each scheduled work once."""
    with own_database() as url, scratch_project(url) as environment:
        filled_s = call_function(FILL, "fill", runs, environment=environment)
        opened = call_function(WORK, "open_pages", OPENINGS, environment=environment)
        done = call_function(WORK, "do_works", environment=environment)
    pages, works = [Page(**row) for row in opened], [Work(**row) for row in done]
    lists = [page for page in pages if not page.error]
    return Result(
        "panel",
        {
            "runs": runs,
            "filled_s": filled_s,
            "pages": len(pages),
            "pages_with_errors": len(pages) - len(lists),
            "slowest_page_p95_ms": max(page.p95_ms for page in lists),
            "most_queries": max(page.queries for page in lists),
            "pages_that_scan": sum(bool(page.scans) for page in lists),
            "longest_work_s": max(work.seconds for work in works),
        },
        lines=[*table_of_pages(pages), "", *table_of_works(works), ""],
    )


@contextmanager
def own_database() -> Iterator[str]:
    """Yield the address of an empty database beside PostgreSQL's; empty on other databases."""
    if connection.vendor != "postgresql":
        yield ""
        return
    name = f"benchmark_panel_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield address_of(name, connection.settings_dict)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def address_of(name: str, at: dict[str, Any]) -> str:
    """Return the DATABASE_URL of another database at the same server. at: as in DATABASES."""
    account = ":".join(quote(at[part], safe="") for part in ("USER", "PASSWORD") if at[part])
    host, port = at["HOST"], at["PORT"]
    # The folder of a socket stands before the name.
    place = f"/{host}" if host.startswith("/") else f"{host}:{port}" if port else host
    options = f"?{urlencode(at['OPTIONS'])}" if at.get("OPTIONS") else ""
    return f"postgres://{account}@{place}/{name}{options}"


def table_of_pages(pages: list[Page]) -> list[str]:
    """The slowest first."""
    return [
        "p50 ms  p95 ms  CPU ms  queries  page",
        *(
            f"{page.p50_ms:6.0f}  {page.p95_ms:6.0f}  {page.cpu_ms:6.0f}  {page.queries:7d}  "
            f"{page.name}{''.join(f', reads all of {table}' for table in page.scans)}"
            f"{page.error and f': {page.error}'}"
            for page in sorted(pages, key=lambda page: -page.p95_ms)
        ),
    ]


def table_of_works(works: list[Work]) -> list[str]:
    return [
        "seconds   CPU s  queries  work",
        *(
            f"{work.seconds:7.1f}  {work.cpu_s:6.1f}  {work.queries:7d}  {work.name}: {work.done}"
            for work in works
        ),
    ]
