"""Starts crews of workers (crew.py) on a database of their own, and looks at what they leave."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract_servers.base import ContractServer
from tests.processes.crew import Plan
from tests.processes.preloaded import ROOT


@dataclass(frozen=True)
class Site:
    """A migrated database, folders in `folder`, and the servers that the providers are."""

    folder: Path
    database_url: str
    servers: tuple[ContractServer, ...]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        settings = dict(os.environ)
        for server in self.servers:
            settings |= server.environment()
        return {
            **settings,
            **self.settings,
            "DATABASE_URL": self.database_url,
            "MEDIA_ROOT": str(self.folder / "media"),
            "AI_ARTIST_WORK_DIR": str(self.folder / "work"),
            "AI_ARTIST_SPOOL_DIR": str(self.folder / "spool"),
            "AI_ARTIST_MIN_FREE_MB": "50",
            "LOG_LEVEL": "WARNING",
            "REDIS_URL": "",
            "PYTHONPATH": str(ROOT),
        }

    @contextmanager
    def crew(self, plan: Plan) -> Iterator[subprocess.Popen[str]]:
        """A crew that has begun; ended with all its workers when the block is left."""
        script = Path(__file__).with_name("crew.py")
        with (self.folder / "crew.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, str(script), plan.argument],
                env=self.environment,
                cwd=ROOT,
                text=True,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        try:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"The crew did not start:\n{self.log}")
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    @property
    def log(self) -> str:
        return (self.folder / "crew.log").read_text()

    def settle(self, plan: Plan, *, timeout_s: float) -> dict[str, Any]:
        """Let a crew work until all is settled; what it says in the end."""
        with self.crew(plan) as process:
            try:
                said, _ = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                raise RuntimeError(f"Not settled after {timeout_s} s:\n{self.log}") from None
        result: dict[str, Any] = json.loads(said)
        return result

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives, on SQLite or PostgreSQL."""
        if self.database_url.startswith("sqlite:///"):
            file = self.database_url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(file, timeout=20)) as database:
                return database.execute(query).fetchall()
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
