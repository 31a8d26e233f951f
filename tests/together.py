"""Work that several processes do at the same moment, on one database.

`python -m tests.together ARGUMENT ...` reads Python from its input. It starts Django and runs that
code once; then a process for each argument is forked, none of them connected yet, and all call the
code's `work(argument)` when the last of them is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def work_together(code: str, arguments: Sequence[str], *, database_url: str) -> list[str]:
    """Call work(argument) of the code in a process for each argument; return the words they print.

    Raises CalledProcessError if one of them failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.together", *arguments],
        env={
            **os.environ,
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "ai_artist.settings",
        },
        cwd=ROOT,
        input=code,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=240,
    )
    return done.stdout.split()


def main(arguments: Sequence[str]) -> int:
    from manage import load_apps

    load_apps()
    scope: dict[str, object] = {}
    exec(sys.stdin.read(), scope)
    waiting, gate = os.pipe()
    children = []
    for argument in arguments:
        if not (child := os.fork()):
            os.close(gate)
            os.read(waiting, 1)  # until the gate is closed everywhere
            scope["work"](argument)  # type: ignore[operator]
            return 0
        children.append(child)
    os.close(gate)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
