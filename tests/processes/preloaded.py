"""Starts programs in a process that has the project loaded: `preloaded.py MODULES`.

To load the project is most of what a short program costs, so one process loads it and each program
is a fork of that process. What differs from a start of its own: settings are read once, when the
first one starts. MODULES are imported too, separated by commas.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUN_TIMEOUT_S = 240.0


class HelperEnded(Exception):
    """The preloaded process is there no more; nobody can tell how its programs ended."""


@dataclass(eq=False)
class Forked:
    """A program that was started, in a group of its own; as far as needed like a Popen."""

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
        self.host.kill([self])


@dataclass(eq=False)
class Preloaded:
    """A process that has the project loaded; it starts with the first program."""

    environment: dict[str, str]
    folder: Path  # for the programs' output
    modules: Sequence[str]
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _started: list[Forked] = field(default_factory=list, init=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count, init=False)

    def close(self) -> None:
        """End what is still running."""
        self.kill(list(self._started))
        if self._process:
            self._end(self._process)

    def kill(self, programs: Sequence[Forked]) -> None:
        """Kill these with all that they started."""
        for program in programs:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
        for program in programs:
            with contextlib.suppress(HelperEnded):
                program.wait(timeout=30)
            self._forget(program)

    def _forget(self, program: Forked) -> None:
        """It has ended: another may get its number."""
        if program in self._started:
            self._started.remove(program)

    def ask(self, **request: Any) -> Any:
        """Raises HelperEnded. After whatever else is raised, the process is ended too: the answer
        to this request would be taken for that to the next, or its program never be killed."""
        if self._process is None:
            self._process = self._begin()
        process, answer = self._process, ""
        assert process.stdin and process.stdout
        try:
            if process.poll() is None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(json.dumps(request) + "\n")
                    process.stdin.flush()
                    answer = process.stdout.readline()
        finally:
            if not answer:
                self._end(process)
        if not answer:
            raise HelperEnded(f"the preloaded process ended with {process.returncode}")
        return json.loads(answer)

    def _begin(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, __file__, ",".join(self.modules)],
            env=self.environment,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the tests, which then end it
        )

    def _end(self, process: subprocess.Popen[str]) -> None:
        """Close its input, whereupon it kills what it started, also what was never told here."""
        assert process.stdin and process.stdout
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def start(self, *arguments: str, log: Path) -> Forked:
        """Start what `python ARGUMENTS` would: a script, or code after -c. It appends to `log`."""
        return self._start(arguments, log, log, {})

    def run(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run it to its end; returns its output, with that for errors if it is to fail."""
        number = next(self._numbers)
        out, err = (self.folder / f"{number}.{name}" for name in ("out", "err"))
        program = self._start(arguments, out, err, environment)
        try:
            ended = program.wait(RUN_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            program.kill()
            said = f"{error}: {out.read_text()}\n{err.read_text()}"
            raise AssertionError(f"{arguments}: {said}") from None
        self._forget(program)
        assert ended == code, f"{arguments}: {out.read_text()}\n{err.read_text()}"
        return out.read_text() + (err.read_text() if code else "")

    def _start(
        self, arguments: Sequence[str], out: Path, err: Path, environment: dict[str, str]
    ) -> Forked:
        pid = self.ask(start=arguments, out=str(out), err=str(err), environment=environment)
        self._started.append(Forked(pid, self))
        return self._started[-1]


def main(modules: Sequence[str]) -> None:
    from manage import load_apps

    load_apps()
    for module in modules:
        importlib.import_module(module)
    running: set[int] = set()
    try:
        answer_requests(running)
    finally:
        for pid in running:  # the tests have ended, perhaps by force
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def answer_requests(running: set[int]) -> None:
    """Until the input ends; `running` are the programs whose end was not told yet."""
    for line in sys.stdin:
        request = json.loads(line)
        if pid := request.get("poll"):
            done, status = os.waitpid(pid, os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if done else None
            if done:
                running.discard(pid)
        else:
            answer = os.fork()
            if not answer:
                running.clear()  # it kills no others when it ends
                perform(**request)
                return
            running.add(answer)
            os.setpgid(answer, answer)
        print(json.dumps(answer), flush=True)


def perform(start: list[str], out: str, err: str, environment: dict[str, str]) -> None:
    """Be the program, in the child."""
    # The parent does so too: whoever comes first, the group is there before anybody kills it.
    os.setpgid(0, 0)
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
