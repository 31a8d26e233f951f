"""Paid answers on their way to a run, for providers whose answer comes with the submission.

An answer is kept under a name made from the idempotency key before submit() returns. A worker that
dies before the answer came leaves a ledger row without an id ("submission unknown"); one that dies
after it was kept leaves a whole file that recover() finds, so that nothing is paid twice. The
folder is one for all workers; purge() clears what no run can want any more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from media_tools import foreign
from media_tools.errors import ProviderRejected
from media_tools.files import write_text

KEPT_S = 14 * 24 * 3600.0
# First parts of the names of answers.
KINDS = ("art", "song", "voice")
_NAME = re.compile(rf"({'|'.join(KINDS)})-[0-9a-f]{{32}}\Z")


def name_of(kind: str, idempotency_key: str) -> str:
    """The external id of the answer to a submission with this key."""
    return f"{kind}-{hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]}"


def is_name(external_id: str) -> bool:
    """Whether an external id is that of an answer in a spool."""
    return bool(_NAME.match(external_id))


class Spool:
    """provider: named in errors. kind: one of KINDS."""

    def __init__(self, folder: Path, *, provider: str, kind: str) -> None:
        self._folder = folder
        self._provider = provider
        self._kind = kind

    def name(self, idempotency_key: str) -> str:
        """The external id of the answer to a submission with this key."""
        return name_of(self._kind, idempotency_key)

    def path(self, external_id: str) -> Path:
        """Where an answer is to be written, whole or not at all."""
        return self._folder / external_id

    def recover(self, idempotency_key: str) -> str | None:
        """The external id of an earlier answer that lies here, or None."""
        external_id = self.name(idempotency_key)
        return external_id if self.path(external_id).is_file() else None

    def whole(self, external_id: str) -> Path:
        """The kept answer. Raises ProviderRejected if it is not here."""
        path = self.path(external_id)
        if Path(external_id).name == external_id and path.is_file():
            return path
        raise ProviderRejected(
            self._provider,
            f"the paid answer {external_id} is not in the spool folder",
            code="spool",
            action="give all workers the same spool folder, or fetch the file from the account's "
            "history; a new submission is charged again",
        )

    def note(self, external_id: str, told: Mapping[str, object]) -> None:
        """Keep what an answer told besides its file, each a label."""
        labels = {name: foreign.label(value) for name, value in told.items()}
        write_text(self._note_path(external_id), json.dumps(labels))

    def told(self, external_id: str) -> Mapping[str, str]:
        """What was noted; empty if the worker died between the answer and the note."""
        try:
            told = json.loads(self._note_path(external_id).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _note_path(self, external_id: str) -> Path:
        return self._folder / f"{external_id}.json"


def purge(folder: Path, *, now: float, older_than_s: float = KEPT_S) -> int:
    """Remove answers kept longer than this; how many. now: Unix seconds."""
    removed = 0
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < now - older_than_s:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
