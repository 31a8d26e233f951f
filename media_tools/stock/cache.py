"""Remembers answers of the stock libraries: both ask for it, for 24 hours."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media_tools.files import atomic_output

ANSWER_S = 24 * 3600.0


class FileCache:
    """One small file an entry, shared by every worker of the machine.

    A file's modification time is the moment its entry ends, so that clearing up reads none of
    them. clock: Unix seconds. An unreadable file counts as no entry.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def get(self, key: str) -> Any | None:
        path = self._path(key)
        try:
            if self._past(path):
                return None
            entry = json.loads(path.read_text(encoding="utf-8"))
            return entry["value"] if entry["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def set(self, key: str, value: Any, timeout: float) -> None:
        self.purge()
        until = self._clock() + timeout
        with atomic_output(self._path(key)) as partial:
            partial.write_text(json.dumps({"key": key, "value": value}), encoding="utf-8")
            os.utime(partial, (until, until))

    def purge(self) -> int:
        """Remove the entries that ended; how many."""
        removed = 0
        for path in self._folder.glob("[0-9a-f]*.json"):
            try:
                if self._past(path):
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue  # another worker was first
        return removed

    def _past(self, path: Path) -> bool:
        return path.stat().st_mtime <= self._clock()

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.json"
