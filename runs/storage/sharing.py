"""Files on their way into a run that workers of several machines need.

While new files go into a bucket, the spool and the inbox are folders of each machine: what is laid
into one is copied into the bucket, and fetched from there where it is wanted.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings

from media_tools.files import atomic_output, sha256_of
from media_tools.music.declaration import TAKEN
from media_tools.providers.spool import KEPT_S, KINDS, is_name, name_of
from runs.errors import StoreRefused, StoreTrouble
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import StoredFile

if TYPE_CHECKING:
    from runs.storage.bucket import Bucket

logger = logging.getLogger(__name__)

SPOOL, INBOX = "spool", "inbox"
DECLARATION = ".json"


def share_answer(external_id: str) -> str:
    """Copy a paid answer that lies in this machine's spool into the bucket. Returns its id.

    Never raises: the answer is kept here, and must not be bought again.
    """
    bucket = _bucket()
    if bucket and is_name(external_id):
        spool = Path(settings.SPOOL_DIR)
        try:
            # Its note first, so that no answer is found without it.
            for path in (spool / f"{external_id}.json", spool / external_id):
                if path.is_file():
                    _put(bucket, path, f"{SPOOL}/{path.name}")
        except OSError as error:
            logger.warning("%s stays in this machine's spool: %s", external_id, error)
    return external_id


def bring_answer(external_id: str) -> None:
    """Fetch a paid answer that another machine shared into the spool here. Raises StoreTrouble."""
    bucket = _bucket()
    answer = Path(settings.SPOOL_DIR) / external_id
    if bucket and is_name(external_id) and not answer.is_file():
        for path in (answer.with_name(f"{external_id}.json"), answer):
            _fetch(bucket, f"{SPOOL}/{path.name}", path)


def bring_answer_to(idempotency_key: str) -> None:
    """The same for a submission whose answer's id nobody wrote down. Raises StoreTrouble."""
    for kind in KINDS:
        bring_answer(name_of(kind, idempotency_key))


@dataclass(frozen=True)
class SharedSong:
    """An uploaded song in the bucket, which no run sees before it is offered."""

    bucket: Bucket
    name: PurePosixPath

    def offer(self, declaration: Path) -> None:
        """Put its declaration beside it: from then on the run it is for may collect it.

        One at a time for a run: the caller holds its lock.
        Raises StoreRefused if another song waits there, StoreTrouble.
        """
        _require_none(self.bucket, self.name.parent)
        _put(self.bucket, declaration, str(self.name.with_suffix(DECLARATION)))

    def withdraw(self) -> None:
        """Take it back; what the store does not remove now goes with its age."""
        with suppress(StoreTrouble):
            self.bucket.remove(str(self.name.with_suffix(DECLARATION)))
            self.bucket.remove(str(self.name))


def share_song(external_id: str, song: Path) -> SharedSong | None:
    """Copy an uploaded song into the bucket. external_id: of the wait for it.

    Returns None if there is no bucket for new files.
    Raises StoreRefused if another song waits there, StoreTrouble.
    """
    bucket = _bucket()
    if bucket is None:
        return None
    name = PurePosixPath(INBOX, external_id, f"{uuid4().hex}{song.suffix}")
    _require_none(bucket, name.parent)
    _put(bucket, song, str(name))
    return SharedSong(bucket, name)


def bring_song(external_id: str) -> None:
    """Fetch the song a run waits for into this machine's inbox, as one that was taken already.

    Raises StoreTrouble.
    """
    bucket = _bucket()
    if bucket is None:
        return
    names = _names(bucket, PurePosixPath(INBOX, external_id))
    declared = _declared(names)
    offered = [name for name in names if declared and name.stem == declared.stem]
    # The declaration first, so that the song is never collected without it.
    for name in sorted(offered, key=lambda name: name != declared):
        target = Path(settings.INBOX_DIR) / TAKEN / f"{external_id}{name.suffix}"
        if not target.is_file():
            _fetch(bucket, str(name), target)


def _names(bucket: Bucket, folder: PurePosixPath) -> list[PurePosixPath]:
    return [PurePosixPath(kept.name) for kept in bucket.walk(str(folder))]


def _require_none(bucket: Bucket, folder: PurePosixPath) -> None:
    if _declared(_names(bucket, folder)):
        raise StoreRefused("A song waits for this run already; let the run collect it.")


def _declared(names: list[PurePosixPath]) -> PurePosixPath | None:
    """The declaration of the song that waits there, if one does."""
    return next((name for name in names if name.suffix == DECLARATION), None)


def remove_old(*, now: datetime) -> int:
    """Remove shared files that no run can want any more. Returns how many. Raises StoreTrouble."""
    bucket = _bucket()
    if bucket is None:
        return 0
    before = now - timedelta(seconds=KEPT_S)
    old = [
        kept.name
        for prefix in (SPOOL, INBOX)
        for kept in bucket.walk(prefix)
        if kept.stored_at < before
    ]
    for name in old:
        bucket.remove(name)
    return len(old)


def _bucket() -> Bucket | None:
    """The bucket, if new files go there."""
    store = artifact_storage()
    return store.bucket if store.target == store.bucket else None


def _put(bucket: Bucket, path: Path, name: str) -> None:
    bucket.put(path, StoredFile(name, sha256_of(path), path.stat().st_size))


def _fetch(bucket: Bucket, name: str, target: Path) -> None:
    """Fetch a file, if it is there. Raises StoreTrouble."""
    try:
        with atomic_output(target) as partial:
            bucket.fetch(name, partial)
    except FileNotFoundError:
        return
