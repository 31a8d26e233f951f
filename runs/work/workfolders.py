"""Work folders: one for each attempt at a step, named for its worker.

A worker removes only its own folder, because one that lost its lease may still write beside its
successor. The sweep removes what killed workers left.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote
from uuid import UUID

from django.conf import settings

from runs.work.claims import Claim
from runs.work.workers import is_gone

# The state of a worker on another machine is unknown, but no step takes as long as this.
LEFT_AFTER = timedelta(days=2)


@contextmanager
def work_folder(claim: Claim, step: str) -> Iterator[Path]:
    """Create an empty folder for one attempt at a step; remove it afterwards."""
    name = f"{claim.run_id}.{step}-{claim.attempt}.{quote(claim.owner, safe='')}"
    folder = Path(settings.WORK_DIR) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left(*, now: datetime) -> int:
    """Remove the folders of workers that are gone. Returns how many."""
    removed = 0
    root = Path(settings.WORK_DIR)
    for folder in root.iterdir() if root.is_dir() else ():
        if _is_left(folder, now=now):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _is_left(folder: Path, *, now: datetime) -> bool:
    run_id, _, rest = folder.name.partition(".")
    _, _, owner = rest.partition(".")
    with suppress(ValueError, OSError):
        UUID(run_id)
        long_ago = (now - LEFT_AFTER).timestamp()
        return is_gone(unquote(owner)) or folder.stat().st_mtime < long_ago
    return False
