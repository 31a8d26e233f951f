"""Copies of objects on this machine's disk, as many as there is room for."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from media_tools.files import first_output, link_file

# What was asked for this lately may still be read, such as by a slow upload, and stays.
IN_USE_S = 3600
# No download takes as long: what is older was left by a process that died.
ABANDONED_AFTER_S = 6 * 3600
# Room is made for some more at once, not for each file.
KEPT_SHARE = 0.9
# So much may come in before a process looks through the whole folder again.
LOOK_SHARE = 0.02

# Bytes by folder since this process last looked through it.
_come_in: dict[Path, float] = {}


@dataclass(frozen=True)
class Cache:
    """Files by name, shared by the processes of a machine. most_bytes: of all together."""

    folder: Path
    most_bytes: int

    def path(self, name: str) -> Path:
        """Where a copy lies, if there is one."""
        return self.folder / name

    def get(self, name: str, fetch: Callable[[Path], None]) -> Path:
        """The copy of a file; fetch writes and proves it if there is none."""
        kept = self.path(name)
        try:
            os.utime(kept)
        except FileNotFoundError:
            with first_output(kept) as partial:
                fetch(partial)
            self.make_room_for(kept)
        return kept

    def keep(self, source: Path, name: str) -> None:
        """Keep a file that was just made: the next step on this machine will want it."""
        link_file(source, self.path(name))
        os.utime(self.path(name))
        self.make_room_for(self.path(name))

    def make_room_for(self, file: Path) -> None:
        """Make room at this process's first file, and whenever it has put enough in since.

        Walking the folder for each file is slow.
        """
        come_in = _come_in.get(self.folder, math.inf) + file.stat().st_size
        if come_in > self.most_bytes * LOOK_SHARE:
            come_in = 0
            self.make_room()
        _come_in[self.folder] = come_in

    def make_room(self, *, now: float | None = None) -> int:
        """Remove the files that were used least recently until the rest fits. Returns how many."""
        now = time.time() if now is None else now
        files = sorted(self._files(), key=lambda file: file[1])
        total = sum(size for _, _, size in files)
        if total <= self.most_bytes:
            return 0
        removed = 0
        for path, used_at, size in files:
            if total <= self.most_bytes * KEPT_SHARE or used_at > now - IN_USE_S:
                break
            path.unlink(missing_ok=True)
            total -= size
            removed += 1
        return removed

    def forget(self, name: str) -> None:
        """Remove the copy of a file."""
        self.path(name).unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[Path, float, int]]:
        """Each file with the time of its last use and its size."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder) / name
                try:
                    told = path.stat()
                except FileNotFoundError:
                    continue
                if name.startswith(".partial-") and told.st_mtime > time.time() - ABANDONED_AFTER_S:
                    continue
                yield path, told.st_mtime, told.st_size
