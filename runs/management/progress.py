"""Progress on a terminal, and none elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO


def progress_line(out: TextIO, label: str) -> Callable[[float], None] | None:
    """A callback for shares of 0..1 that rewrites one line; None if `out` is no terminal."""
    if not out.isatty():
        return None

    def show(share: float) -> None:
        done = share >= 1.0
        out.write(f"\r{label}: {share:4.0%}" + ("\n" if done else ""))
        out.flush()

    return show
