"""Runs processes that start and end together; used by `manage.py serve`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

LOOK_EVERY_S = 0.2
RESTART_AFTER_S = 30.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Ended:
    """Why everything stopped. first: the process that ended by itself; None: a signal came."""

    first: str | None
    code: int


def run_together(
    commands: Mapping[str, Sequence[str]],
    *,
    cwd: Path,
    grace_s: float,
    restarted: Collection[str] = (),
    restart_after_s: float = RESTART_AFTER_S,
) -> Ended:
    """Start all commands; when one of them ends or a signal comes, end the rest.

    restarted: names of commands the others can do without; these are started again after a while.

    Each gets its own session: a terminal's Ctrl-C reaches only this process, which sends SIGTERM to
    the main processes (django-q2 hangs if its whole group gets a signal). What is left after
    grace_s, or at a second signal, is killed with its group.
    """
    with _caught_signals() as caught:
        processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name, command in commands.items():
                processes[name] = _start(command, cwd)
            due: dict[str, float] = {}
            while not caught:
                for name, process in list(processes.items()):
                    if process.poll() is None:
                        continue
                    if name not in restarted:
                        return Ended(first=name, code=process.returncode)
                    # The wait begins at the first look after the end.
                    if time.monotonic() >= due.setdefault(name, time.monotonic() + restart_after_s):
                        processes[name] = _start(commands[name], cwd)
                        del due[name]
                time.sleep(LOOK_EVERY_S)
            return Ended(first=None, code=0)
        finally:
            _stop(list(processes.values()), caught, grace_s)


def _start(command: Sequence[str], cwd: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*_guard(), *command], cwd=cwd, stdin=subprocess.DEVNULL, start_new_session=True
    )


def _guard() -> list[str]:
    """Return a prefix that lets the kernel end a command if this process is killed (setpriv)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


@contextlib.contextmanager
def _caught_signals() -> Iterator[list[int]]:
    """Yield a list that grows with every stop signal; an exception could come at any point."""
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(processes: list[subprocess.Popen[bytes]], caught: list[int], grace_s: float) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    asked = len(caught)
    deadline = time.monotonic() + grace_s
    while (
        any(process.poll() is None for process in processes)
        # A second signal means: do not wait.
        and len(caught) == asked
        and time.monotonic() < deadline
    ):
        time.sleep(LOOK_EVERY_S)
    for process in processes:
        # Even if the main process is gone, its children may still run.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
