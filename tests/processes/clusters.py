"""Real clusters on a database of their own, whose steps a test holds and lets go."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.processes.crews import Site
from tests.processes.preloaded import Forked, Preloaded

STAGED = Path(__file__).with_name("staged_cluster.py")
PATIENCE_S = 180.0
QUEUE = """
import manage, sys; manage.load_apps()
from django.core.management import call_command
call_command("seed_roster")
call_command("run_batch", "--no-wait", "--size", sys.argv[1])
"""


def wait_until(state: Callable[[], Any], *, what: str, patience_s: float = PATIENCE_S) -> float:
    """Wait until it is true; returns the seconds it took."""
    started = time.monotonic()
    while not state():
        assert time.monotonic() - started < patience_s, f"not after {patience_s:.0f} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - started


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


# What clusters and their workers use, besides the apps.
USED = ("runs.management.commands.qcluster", "runs.tasks", "tests.processes.crew", "tests.outputs")


@dataclass
class Stage:
    """A site, and the file that holds the steps of its clusters.

    settings: read when the first of its processes starts.
    """

    site: Site
    settings: dict[str, str]

    @cached_property
    def programs(self) -> Preloaded:
        """What starts them."""
        return Preloaded(self.site.environment | self.settings, self.site.folder, USED)

    def close(self) -> None:
        """End what is still running."""
        self.programs.close()

    @property
    def hold(self) -> Path:
        return self.site.folder / "hold"

    def python(self, *arguments: str) -> str:
        """Run Python in the project; returns what it printed."""
        return self.programs.run(*arguments)

    def queue(self, size: int) -> None:
        """A batch whose runs wait for workers."""
        self.python("-c", QUEUE, str(size))

    def runs(self, status: str) -> int:
        return self._count("runs_run", status)

    def steps(self, status: str) -> int:
        return self._count("runs_step", status)

    def _count(self, table: str, status: str) -> int:
        ((count,),) = self.site.rows(f"SELECT COUNT(*) FROM {table} WHERE status = '{status}'")
        return int(count)

    @contextmanager
    def clusters(self, count: int = 1) -> Iterator[list[Forked]]:
        """Clusters that beat; whatever is left of them is killed when the block is left."""
        log = self.site.folder / "clusters.log"
        processes: list[Forked] = []
        try:
            for _ in range(count):
                processes.append(self.programs.start(str(STAGED), str(self.hold), log=log))
            beats = "SELECT COUNT(*) FROM runs_workerbeat WHERE cluster <> 'sweep'"
            wait_until(lambda: self.site.rows(beats) == [(count,)], what=f"{count} clusters beat")
            yield processes
        finally:
            self.programs.kill(processes)

    @property
    def log(self) -> str:
        return (self.site.folder / "clusters.log").read_text()
