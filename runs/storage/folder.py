"""A folder of this machine, or one that several share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from media_tools.files import atomic_output
from runs.storage.kept import Kept, StoredFile


@dataclass(frozen=True)
class Folder:
    """Files by their paths below a root."""

    root: Path

    def path(self, name: str) -> Path:
        return self.root / name

    def look(self, name: str) -> Kept | None:
        """The file as it is kept; None if it is not there."""
        try:
            told = self.path(name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Kept(name, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC))

    def put(self, source: Path, file: StoredFile) -> None:
        """Store a file as a link to it, on another file system as a copy."""
        target = self.path(file.relative)
        if not target.exists():
            with atomic_output(target) as partial:
                try:
                    os.link(source, partial)
                except OSError:  # the store is on another file system
                    shutil.copyfile(source, partial)
        else:
            # A new time protects it from a purge that runs now: the row that needs it is about to
            # be written.
            os.utime(target)

    def walk(self, prefix: str) -> Iterator[Kept]:
        """All files below a folder whose own folders are named by two characters."""
        for folder in sorted(self.path(prefix).glob("??")):
            for path in sorted(folder.iterdir()):
                name = path.relative_to(self.root).as_posix()
                if path.is_file() and (kept := self.look(name)):
                    yield kept

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self.path(name).unlink(missing_ok=True)
