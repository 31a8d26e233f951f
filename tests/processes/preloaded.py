"""Starts programs in a process that has the project loaded: `preloaded.py MODULES`.

To load the project is most of what a short program costs, so one process loads it and each program
is a fork of that process. What differs from a start of its own: settings are read once, when the
first one starts. MODULES are imported too, separated by commas.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Forked:
    """A program that was started, in a session of its own; as far as needed like a Popen."""

    pid: int
    host: Preloaded
    returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self.host.ask(poll=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end; returns its exit code. Raises TimeoutExpired."""
        ends_at = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > ends_at:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Kill it with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait(timeout=30)


@dataclass
class Preloaded:
    """A process that has the project loaded; it starts with the first program."""

    environment: dict[str, str]
    folder: Path  # for the programs' output
    modules: Sequence[str] = ()
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _started: list[Forked] = field(default_factory=list, init=False)

    def close(self) -> None:
        """End what is still running."""
        for program in self._started:
            program.kill()
        if self._process:
            self._process.communicate()

    def ask(self, **request: Any) -> Any:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__, ",".join(self.modules)],
                env=self.environment,
                cwd=ROOT,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        process = self._process
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    def start(self, *arguments: str, log: Path, **environment: str) -> Forked:
        """Start what `python ARGUMENTS` would: a script, or code after -c. It appends to `log`."""
        pid = self.ask(start=arguments, out=str(log), err=str(log), environment=environment)
        self._started.append(Forked(pid, self))
        return self._started[-1]

    def run(
        self, *arguments: str, code: int = 0, timeout_s: float = 240, **environment: str
    ) -> str:
        """Run it to its end; returns its output, with that for errors if it is to fail."""
        number = len(self._started)
        out, err = (self.folder / f"{number}.{name}" for name in ("out", "err"))
        pid = self.ask(start=arguments, out=str(out), err=str(err), environment=environment)
        self._started.append(Forked(pid, self))
        ended = self._started[-1].wait(timeout_s)
        assert ended == code, f"{arguments}: {out.read_text()}\n{err.read_text()}"
        return out.read_text() + (err.read_text() if code else "")


def main(modules: Sequence[str]) -> None:
    from manage import load_apps

    load_apps()
    for module in modules:
        importlib.import_module(module)
    for line in sys.stdin:
        request = json.loads(line)
        if pid := request.get("poll"):
            done, status = os.waitpid(pid, os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if done else None
        else:
            answer = os.fork()
            if not answer:
                perform(**request)
                return
        print(json.dumps(answer), flush=True)


def perform(start: list[str], out: str, err: str, environment: dict[str, str]) -> None:
    """Be the program, in the child."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.environ |= environment
    if start[0] == "-c":
        sys.argv = ["-c", *start[2:]]
        exec(compile(start[1], "-c", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = start
        runpy.run_path(start[0], run_name="__main__")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
    main([name for name in sys.argv[1].split(",") if name])
