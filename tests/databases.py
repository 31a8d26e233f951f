"""The database of a test, for processes that the test starts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection


def copy_database(file: Path, to: Path) -> None:
    """Copy an SQLite database that another process may still have open."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def file_of_database(folder: Path) -> Path:
    """Write the test's SQLite database from memory to a file that many may open at once."""
    file = folder / "shared.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    # As `migrate` leaves it: switching to WAL needs the file for oneself, and does not wait.
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("PRAGMA journal_mode=WAL")
    return file


def address_for_processes(folder: Path) -> str:
    """Return the DATABASE_URL of what the test has written, on SQLite of a copy in a folder."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{file_of_database(folder)}"
    at = connection.settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
