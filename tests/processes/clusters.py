"""Real clusters on a database of their own, whose steps a test holds and lets go."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.processes.crews import ROOT, Site

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


@dataclass(frozen=True)
class Stage:
    """A site, and the file that holds the steps of its clusters."""

    site: Site
    settings: dict[str, str]

    @property
    def hold(self) -> Path:
        return self.site.folder / "hold"

    @property
    def environment(self) -> dict[str, str]:
        return {**self.site.environment, **self.settings}

    def python(self, *arguments: str, timeout_s: float = 120) -> str:
        """Run Python in the project; returns what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=ROOT,
            text=True,
            capture_output=True,
            timeout=timeout_s,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

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
    def clusters(self, count: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Clusters that beat; whatever is left of them is killed when the block is left."""
        processes = []
        with (self.site.folder / "clusters.log").open("ab") as log:
            for _ in range(count):
                processes.append(
                    subprocess.Popen(
                        [sys.executable, str(STAGED), str(self.hold)],
                        env=self.environment,
                        cwd=ROOT,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        try:
            beats = "SELECT COUNT(*) FROM runs_workerbeat WHERE cluster <> 'sweep'"
            wait_until(lambda: self.site.rows(beats) == [(count,)], what=f"{count} clusters beat")
            yield processes
        finally:
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @property
    def log(self) -> str:
        return (self.site.folder / "clusters.log").read_text()
