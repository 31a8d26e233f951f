"""Processes that live and die together."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from ai_artist.operations.supervision import Ended, run_together

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# Tells the test it is up, then asks the supervisor to stop, as a service manager would.
ASK_TO_STOP = [
    sys.executable,
    "-c",
    "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)",
]
# Ignores SIGTERM, has a child, writes both process ids, then asks the supervisor to stop.
STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid}")
os.kill(os.getppid(), signal.SIGTERM)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    """Zombies do not count: whoever adopted them will reap them."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self/stat").exists()


def wait_until_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 60
    while any(is_running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(is_running(pid) for pid in pids)


def test_a_stop_signal_ends_all(tmp_path: Path) -> None:
    ended = run_together({"one": SLEEP, "two": ASK_TO_STOP}, cwd=tmp_path, grace_s=10)

    assert ended == Ended(first=None, code=0)


def test_when_one_ends_the_others_end_too(tmp_path: Path) -> None:
    started = time.monotonic()

    ended = run_together(
        {"lasting": SLEEP, "short": [sys.executable, "-c", "raise SystemExit(3)"]},
        cwd=tmp_path,
        grace_s=10,
    )

    assert ended == Ended(first="short", code=3)
    assert time.monotonic() - started < 30


def test_one_the_others_do_without_is_started_again(tmp_path: Path) -> None:
    note = "import pathlib, os, signal\nnotes = pathlib.Path('notes')\n"
    again = note + "notes.open('a').write('x')\n"
    again += "notes.stat().st_size == 2 and os.kill(os.getppid(), signal.SIGTERM)"

    ended = run_together(
        {"lasting": SLEEP, "fragile": [sys.executable, "-c", again]},
        cwd=tmp_path,
        grace_s=10,
        restarted=["fragile"],
        restart_after_s=0.0,
    )

    assert ended == Ended(first=None, code=0)
    assert (tmp_path / "notes").read_text() == "xx"


def test_who_ignores_the_signal_is_killed_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pids"

    run_together(
        {"stubborn": [sys.executable, "-c", STUBBORN, str(note)]}, cwd=tmp_path, grace_s=0.3
    )

    assert wait_until_gone([int(pid) for pid in note.read_text().split()])


def test_signal_handlers_are_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)

    run_together({"one": ASK_TO_STOP}, cwd=tmp_path, grace_s=10)

    assert signal.getsignal(signal.SIGTERM) is before
