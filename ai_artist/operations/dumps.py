"""Copies of the database by the tool that is made for it, consistent while everything works."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from media_tools.files import atomic_output

if TYPE_CHECKING:
    import psycopg  # installed where PostgreSQL is used

LONGEST_S = 6 * 3600.0
# libpq's options, with the environment variable of each.
PROOFS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
}


class DumpFailed(Exception):
    """The database's tool is missing or failed; the message says what it said."""


class Dump(Protocol):
    """A kind of database."""

    kind: str
    file_name: str  # of a copy

    @abstractmethod
    def write(self, copy: Path) -> dict[str, int]:
        """Copy the database into a file; returns how many rows each table of the copy has."""

    @abstractmethod
    def read(self, copy: Path) -> None:
        """Bring a copy back into an empty database."""

    @abstractmethod
    def is_empty(self) -> bool: ...

    @abstractmethod
    def rows(self) -> dict[str, int]:
        """How many rows each table has now."""


def dump_for(database: Mapping[str, Any]) -> Dump:
    """By an entry of settings.DATABASES. Raises DumpFailed for other kinds."""
    if database["ENGINE"].endswith("sqlite3"):
        return Sqlite(Path(database["NAME"]))
    if database["ENGINE"].endswith("postgresql"):
        return Postgres(database)
    raise DumpFailed(f"{database['ENGINE']} can be backed up by its own tools only.")


@dataclass(frozen=True)
class Sqlite(Dump):
    file: Path
    kind, file_name = "SQLite", "database.sqlite3"

    def write(self, copy: Path) -> dict[str, int]:
        # Page by page: VACUUM INTO would write rows anew, and check them with Django's functions.
        with closing(sqlite3.connect(self.file)) as here, closing(sqlite3.connect(copy)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # one file, whatever the original is
        return Sqlite(copy).rows()

    def read(self, copy: Path) -> None:
        with atomic_output(self.file) as written:
            shutil.copyfile(copy, written)
        for suffix in ("-wal", "-shm"):
            # Of the empty database that was here; they would be read as part of this one.
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)

    def is_empty(self) -> bool:
        return not self.file.is_file() or not self._tables()

    def rows(self) -> dict[str, int]:
        with closing(sqlite3.connect(self.file)) as database:
            return {
                table: database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
                for table in self._tables()
            }

    def _tables(self) -> list[str]:
        with closing(sqlite3.connect(self.file)) as database:
            found = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
            return sorted(name for (name,) in found)


def options_of(database: Mapping[str, Any]) -> dict[str, str]:
    """How the server is to be proved: what DATABASE_URL says behind its question mark."""
    given = database.get("OPTIONS") or {}
    return {name: str(given[name]) for name in PROOFS if given.get(name)}


@dataclass(frozen=True)
class Postgres(Dump):
    database: Mapping[str, Any]
    kind, file_name = "PostgreSQL", "database.dump"

    def write(self, copy: Path) -> dict[str, int]:
        with self._connect() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
            assert snapshot is not None
            # Rows are counted in the very state that is copied.
            counted = self._count(connection)
            snapshotted = f"--snapshot={snapshot[0]}"
            self._run("pg_dump", "--format=custom", snapshotted, f"--file={copy}")
        return counted

    def read(self, copy: Path) -> None:
        whole = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        name = f"--dbname={self.database['NAME']}"
        self._run("pg_restore", *whole, name, str(copy))

    def is_empty(self) -> bool:
        with self._connect() as connection:
            return not self._tables(connection)

    def rows(self) -> dict[str, int]:
        with self._connect() as connection:
            return self._count(connection)

    def _count(self, connection: psycopg.Connection[Any]) -> dict[str, int]:
        from psycopg import sql

        found = {}
        for table in self._tables(connection):
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            row = connection.execute(query).fetchone()
            found[table] = row[0] if row else 0
        return found

    def _tables(self, connection: psycopg.Connection[Any]) -> list[str]:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        )
        return [name for (name,) in found]

    def _connect(self) -> psycopg.Connection[Any]:
        import psycopg
        from psycopg.conninfo import make_conninfo

        given = self.database
        named = {
            "dbname": given["NAME"],
            "user": given.get("USER"),
            "password": given.get("PASSWORD"),
            "host": given.get("HOST"),
            "port": given.get("PORT"),
            **options_of(given),
        }
        told = {name: str(value) for name, value in named.items() if value}
        return psycopg.connect(make_conninfo("", **told))

    def _run(self, tool: str, *arguments: str) -> None:
        """Run a tool of PostgreSQL's; the password goes through the environment, not the list."""
        if shutil.which(tool) is None:
            raise DumpFailed(f"{tool} is missing; install PostgreSQL's client programs.")
        given = self.database
        named = {
            "PGDATABASE": given["NAME"],
            "PGUSER": given.get("USER"),
            "PGPASSWORD": given.get("PASSWORD"),
            "PGHOST": given.get("HOST"),
            "PGPORT": given.get("PORT"),
            **{PROOFS[name]: value for name, value in options_of(given).items()},
        }
        environment = {name: str(value) for name, value in named.items() if value}
        done = subprocess.run(
            [tool, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
        if done.returncode:
            said = " ".join(done.stderr.split())[-500:]
            raise DumpFailed(f"{tool} failed ({done.returncode}): {said}")
