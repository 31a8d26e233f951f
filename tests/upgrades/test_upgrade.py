"""A database that an earlier version filled migrates with its rows, and the panel opens them.

The dumps were made by the version whose commit they are named for: three finished runs (one
approved and packaged, one rejected), a failed and a waiting one, and a row of most models. On the
way releases of a later version, with a run each, are added (releases.py).

All other tests run on tables made from the models (tests/conftest.py), which migrations have to
make alike.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from tests.processes.conftest import Project, migrated, new_project
from tests.processes.preloaded import ROOT
from tests.upgrades.releases import NEVER_PACKED, RELEASES

__all__ = ["migrated", "new_project"]  # fixtures

pytestmark = pytest.mark.database

HERE = Path(__file__).parent
BASELINE = "2977edc"
ADDED = len([*RELEASES, NEVER_PACKED])
ROWS = {
    "runs_run": 5 + ADDED,
    "runs_step": 45,
    "runs_artifact": 55 + len(RELEASES),  # a bundle each
    "runs_review": 2,
    "runs_release": 1 + ADDED,
    "artists_artist": 13,
    "artists_statuschange": 14,
    "experiments_variant": 1,
    "trends_observation": 25,
}
# What a database consists of, by name. PostgreSQL spells what a dump brings back in another way and
# keeps the names it gave itself when a table is renamed: there columns of our own tables are looked
# at, and the names of indexes and constraints that we gave.
SCHEMA = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
    "postgresql": """
        SELECT table_name || '.' || column_name,
               concat_ws(' ', data_type, character_maximum_length, numeric_precision,
                         numeric_scale, is_nullable, is_identity, column_default)
          FROM information_schema.columns
          WHERE table_schema = 'public' AND table_name ~ '^(trends|artists|experiments|runs)_'
        UNION ALL SELECT indexname, tablename FROM pg_indexes
          WHERE schemaname = 'public' AND indexname !~ '_pkey$'
            AND tablename <> 'django_cache'  -- there without Redis alone
        UNION ALL SELECT conname, concat_ws(' ', contype, conrelid::regclass) FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u')
            AND conname !~ '_check$'
    """,
}


def dump_of(vendor: str) -> str:
    return gzip.decompress((HERE / f"{BASELINE}.{vendor}.sql.gz").read_bytes()).decode()


def schema(rows: list[tuple[str, str]]) -> dict[str, Any]:
    """What a database consists of, by name; the columns of a table on SQLite in no order."""
    return {
        name: set(re.split(r', (?="|CONSTRAINT)', definition.partition("(")[2].removesuffix(")")))
        if definition.startswith("CREATE TABLE")
        else definition
        for name, definition in rows
    }


class Upgraded:
    """An installation of the earlier version, on its own database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.environment = {**Project(folder).environment, "DATABASE_URL": url}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        url = self.environment["DATABASE_URL"]
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
                return database.execute(query).fetchall()
        import psycopg

        with psycopg.connect(url) as database:
            return database.execute(query).fetchall()

    def run(self, module: str) -> Any:
        """What a module prints as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", module],
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "ai_artist.settings"},
            cwd=ROOT,
            text=True,
            capture_output=True,
            timeout=240,
        )
        assert done.returncode == 0, f"{module}: {done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)


@pytest.fixture
def tables(db: None) -> dict[str, Any]:
    """The schema that the models make."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA[connection.vendor])
        return schema(cursor.fetchall())


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    folder = tmp_path_factory.mktemp("upgrade")
    if connection.vendor == "sqlite":
        file = folder / "db.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            # A check constraint of the earlier version uses the function Django adds to SQLite.
            database.create_function(
                "REGEXP", 2, lambda pattern, text: bool(re.search(pattern, str(text)))
            )
            database.executescript(dump_of("sqlite"))
        yield Upgraded(folder, f"sqlite:///{file}")
        return
    import psycopg

    at = connection.settings_dict
    server = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}"
    name = f"upgrade_{uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as control:
        control.execute(f'CREATE DATABASE "{name}"')
        try:
            with psycopg.connect(f"{server}/{name}", autocommit=True) as database:
                database.execute(dump_of("postgresql"))
            yield Upgraded(folder, f"{server}/{name}")
        finally:
            control.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def releases(earlier: Upgraded) -> Any:
    """What became of releases in a database that is migrated all the way, and of its pages."""
    return earlier.run("tests.upgrades.releases")


def test_a_database_of_the_baseline_migrates_and_opens(releases: Any) -> None:
    assert releases["fault"] == ""
    seen = releases["seen"]

    assert {table: seen["rows"][table] for table in ROWS} == ROWS
    pages = seen["pages"]
    assert not {name: status for name, status in pages.items() if status >= 500}
    # What a person opens first after an upgrade.
    lists = [name for name in pages if name.endswith("_changelist")]
    assert len(lists) > 25
    first = [*lists, "admin:runs_run_change", "admin:artists_artist_change"]
    assert {name: pages[name] for name in first if pages[name] != 200} == {}


def test_releases_of_before_become_singles_with_their_codes(releases: Any) -> None:
    assert releases["releases"] == {
        "Draft": ["single", "draft", "", True, "QZABC2600001", "releases/Draft", 1],
        "Out": ["single", "published", "036000291452", True, "QZABC2600001", "releases/Out", 1],
        "Back": ["single", "recalled", "4006381333931", True, "", "releases/Back", 1],
        "Due again": ["single", "draft", "", True, "", "releases/Due again", 1],
        NEVER_PACKED: ["single", "draft", "", True, "", "", 0],
    }
    # Of two releases with one code the one that is out holds it.
    assert releases["codes"] == {
        "QZABC2600001": "Out",
        "036000291452": "Out",
        "4006381333931": "Back",
    }
    assert releases["due"] == {"Due again": [0, ""], NEVER_PACKED: [6, "No video."]}


def test_an_upgraded_database_has_the_tables_of_the_models(
    tables: dict[str, Any], earlier: Upgraded, releases: Any
) -> None:
    assert len(tables) > 200
    assert schema(earlier.rows(SCHEMA[connection.vendor])) == tables


@pytest.mark.skipif(connection.vendor != "sqlite", reason="projects of processes are on SQLite")
def test_a_new_database_has_the_tables_of_the_models(
    tables: dict[str, Any], new_project: Callable[[Path], Project], tmp_path: Path
) -> None:
    assert schema(new_project(tmp_path).rows(SCHEMA["sqlite"])) == tables
