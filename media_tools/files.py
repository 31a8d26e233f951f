"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

CHUNK_BYTES = 1024 * 1024


@contextlib.contextmanager
def atomic_output(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target`; publish it under its name when the block ends well.

    The file is fsynced, then renamed, so a reader sees the old file or the whole new one. On an
    error the temporary file is removed and `target` stays as it was.
    Raises FileNotFoundError if the block wrote nothing.
    """
    with _partial(target) as partial:
        yield partial
        _fsync(partial)
        partial.replace(target)
        fsync_folder(target.parent)


@contextlib.contextmanager
def first_output(target: Path) -> Iterator[Path]:
    """As atomic_output, but a file that somebody else published there meanwhile stays.

    Without hard links in the file system the last one stays.
    """
    with _partial(target) as partial:
        yield partial
        _fsync(partial)
        try:
            os.link(partial, target)
        except FileExistsError:
            return
        except OSError:
            partial.replace(target)
        fsync_folder(target.parent)


@contextlib.contextmanager
def _partial(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".partial-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    partial = Path(name)
    partial.unlink()
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole file of UTF-8, or none."""
    with atomic_output(path) as partial:
        partial.write_text(text, encoding="utf-8")


def _fsync(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())


def link_file(source: Path, target: Path) -> None:
    """Publish a file under a second name: as a hard link, on another file system as a copy.

    A link is not fsynced: it is lost with the power unless its folder is synced afterwards.
    """
    if target.exists() and target.samefile(source):
        return
    with _partial(target) as partial:
        try:
            os.link(source, partial)
        except OSError:
            with atomic_output(target) as copy:
                shutil.copyfile(source, copy)
        else:
            partial.replace(target)


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power loss (POSIX; elsewhere nothing to do)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
