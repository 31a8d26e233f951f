"""An empty, migrated project for a benchmark: on PostgreSQL if DATABASE_URL names one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

from ai_artist.benchmarks.measuring import cost_of


@contextmanager
def project() -> Iterator[dict[str, str]]:
    """Make a database and folders of its own; yield their environment; remove them."""
    given = os.environ.get("DATABASE_URL", "")
    with TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        postgres = given.startswith("postgres")
        url = f"sqlite:///{folder / 'db.sqlite3'}"
        database = f"benchmark_{os.getpid()}"
        if postgres:
            url = urlsplit(given)._replace(path=f"/{database}").geturl()
            in_postgres(given, f"CREATE DATABASE {database}")
        environment = {
            "DATABASE_URL": url,
            "MEDIA_ROOT": str(folder / "media"),
            "AI_ARTIST_WORK_DIR": str(folder / "work"),
            "AI_ARTIST_SPOOL_DIR": str(folder / "spool"),
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "ai_artist.settings",
            "LOG_LEVEL": "ERROR",
        }
        manage = str(settings.BASE_DIR / "manage.py")
        try:
            cost_of([sys.executable, manage, "migrate", "-v", "0"], environment=environment)
            yield environment
        finally:
            if postgres:
                in_postgres(given, f"DROP DATABASE {database} WITH (FORCE)")


def in_postgres(url: str, command: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(command)
