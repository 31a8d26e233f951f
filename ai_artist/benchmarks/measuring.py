"""Measures work in a separate process: CPU seconds of all its processes, peak memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from ai_artist.configuration import SETTINGS
from ai_artist.object_storage import NO_STORE

SAMPLE_EVERY_S = 0.1


@dataclass(frozen=True)
class Result:
    """The result of a benchmark."""

    name: str
    figures: dict[str, float]  # by name with unit
    ratios: dict[str, float] = field(default_factory=dict)  # of two measurements in the same run
    lines: list[str] = field(default_factory=list)  # a table for people


@dataclass(frozen=True)
class Cost:
    """What a command used, together with all processes it started."""

    cpu_s: float  # user and system time
    peak_mib: float
    stdout: str


def cost_of(command: Sequence[str], *, environment: dict[str, str] | None = None) -> Cost:
    """Run a command and measure it. Raises RuntimeError if it fails."""
    before = os.times()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, stdout=output, stderr=errors, env={**os.environ, **(environment or {})}
        )
        sampler = _PeakSampler(process.pid)
        sampler.start()
        code = process.wait()
        sampler.stop()
        after = os.times()
        output.seek(0)
        errors.seek(0)
        if code:
            raise RuntimeError(f"{' '.join(command[:4])} ended with {code}: {errors.read()[-500:]}")
        return Cost(
            cpu_s=(after.children_user - before.children_user)
            + (after.children_system - before.children_system),
            peak_mib=sampler.peak_mib,
            stdout=output.read(),
        )


def cost_of_python(code: str, *, environment: dict[str, str] | None = None) -> Cost:
    """Measure Python code in a new interpreter at the project's root, without Django's start-up."""
    root = str(settings.BASE_DIR)
    return cost_of(
        [sys.executable, "-c", code],
        environment={"PYTHONPATH": root, **(environment or {})},
    )


# Runs one function with arguments from JSON and prints its answer as JSON.
RUNNER = """
import importlib, json, sys
import django
django.setup()
module, name, arguments = sys.argv[1:]
print(json.dumps(getattr(importlib.import_module(module), name)(*json.loads(arguments))))
"""


def function_command(module: str, name: str, *arguments: Any) -> list[str]:
    """Return the command that calls a function in a new interpreter, with Django set up."""
    return [sys.executable, "-c", RUNNER, module, name, json.dumps(arguments)]


def call_function(module: str, name: str, *arguments: Any, environment: dict[str, str]) -> Any:
    """Call a function in a new interpreter. Returns its answer. Raises RuntimeError if it fails."""
    done = cost_of(
        function_command(module, name, *arguments),
        environment={"PYTHONPATH": str(settings.BASE_DIR), **environment},
    )
    return json.loads(done.stdout)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]


def interleaved(works: dict[str, Callable[[], Cost]], *, rounds: int = 3) -> dict[str, list[Cost]]:
    """Do all works in turn, once per round, so that slow moments affect all alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(work())
    return costs


def median_cpu_s(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu_s for cost in costs)


def median_ratio(costs: Sequence[Cost], others: Sequence[Cost]) -> float:
    """Return the median over rounds of the CPU ratio within a round."""
    return statistics.median(
        cost.cpu_s / baseline.cpu_s for cost, baseline in zip(costs, others, strict=True)
    )


@contextmanager
def scratch_project(database_url: str = "") -> Iterator[dict[str, str]]:
    """Create an empty, migrated project on disk; yield its environment; remove it.

    database_url: an empty database to use; without one it is SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        environment = scratch_environment(folder, database_url)
        manage = str(settings.BASE_DIR / "manage.py")
        cost_of([sys.executable, manage, "migrate", "-v", "0"], environment=environment)
        yield environment


def scratch_environment(folder: str, database_url: str = "") -> dict[str, str]:
    """Return an environment that reaches nothing of the operator: no files, no providers, nobody.

    What it leaves out is as in the operator's environment and .env.
    """
    return {
        **{name: "" for name, setting in SETTINGS.items() if setting.kind == "secret"},
        **NO_STORE,
        "SECRET_KEY": "scratch",
        "DATABASE_URL": database_url or f"sqlite:///{folder}/db.sqlite3",
        "REDIS_URL": "",
        "MEDIA_ROOT": f"{folder}/media",
        **{
            f"AI_ARTIST_{name}_DIR": f"{folder}/{name.lower()}"
            for name in ("WORK", "CACHE", "SPOOL", "INBOX", "FOOTAGE", "SIGNING")
        },
        "AI_ARTIST_SITE_DIR": "",
        "AI_ARTIST_WRITER": "offline",
        "AI_ARTIST_MUSIC": "local",
        "AI_ARTIST_COVER_ART": "local",
        "AI_ARTIST_FOOTAGE": "",
        "AI_ARTIST_VOICE": "",
        "AI_ARTIST_TREND_SOURCES": "local-calendar",
        "AI_ARTIST_WEBHOOK_URL": "",
        # A benchmark's accounts sign in without one.
        "AI_ARTIST_SECOND_FACTOR": "",
        "DJANGO_SETTINGS_MODULE": "ai_artist.settings",
        "LOG_LEVEL": "ERROR",
    }


class _PeakSampler(threading.Thread):
    """Samples the resident memory of a process tree ten times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak_mib = 0.0
        self._stop_now = threading.Event()

    def run(self) -> None:
        while not self._stop_now.wait(SAMPLE_EVERY_S):
            self.peak_mib = max(self.peak_mib, _tree_mib(self.pid))

    def stop(self) -> None:
        self._stop_now.set()
        self.join()


def _tree_mib(root: int) -> float:
    """Return the resident memory of a process and its descendants (on Linux; elsewhere 0)."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
            pages[int(folder.name)] = int(fields[21])
        except (OSError, IndexError, ValueError):
            continue
    total = 0
    for pid in pages:
        ancestor = pid
        while ancestor not in (root, 0, 1) and ancestor in parents:
            ancestor = parents[ancestor]
        if ancestor == root:
            total += pages[pid]
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20
