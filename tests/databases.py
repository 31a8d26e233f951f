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


def address_for_processes(folder: Path) -> str:
    """Return the DATABASE_URL of what the test has written, on SQLite of a copy in a folder."""
    if connection.vendor == "sqlite":
        file = folder / "shared.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        # As `migrate` leaves it: switching to WAL needs the file for oneself, and does not wait.
        with closing(sqlite3.connect(file)) as copy:
            copy.execute("PRAGMA journal_mode=WAL")
        return f"sqlite:///{file}"
    at = connection.settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
