"""Processes that live and die together: used by `manage.py serve`."""

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
    """Why everything stopped. first: the process that ended by itself; None: we were asked to."""

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
    """Start all commands and wait until a signal comes or one of them ends; then end the rest.

    restarted: names of those the others do without; they are started again after a while.

    Each gets a session of its own: a terminal's Ctrl-C reaches this process only, which passes
    SIGTERM to the main processes (django-q2 hangs when its whole group gets a signal). What is
    left after grace_s, or at a second signal, is killed with its group.
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
    """Where setpriv exists, the kernel ends a command when this process is killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


@contextlib.contextmanager
def _caught_signals() -> Iterator[list[int]]:
    """A list that grows with every stop signal, instead of an exception at any point."""
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
        and len(caught) == asked
        and time.monotonic() < deadline
    ):
        time.sleep(LOOK_EVERY_S)
    for process in processes:
        # Also where the main process is gone: its children may have stayed.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
