"""Files on their way into a run that workers of several machines need.

While new files go into a bucket, the spool and the inbox are folders of each machine: what is laid
into one is copied into the bucket, and fetched from there where it is wanted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from media_tools.files import atomic_output, sha256_of
from media_tools.music.declaration import TAKEN
from media_tools.providers.spool import KEPT_S, KINDS, is_name, name_of
from runs.errors import StoreRefused
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import StoredFile

if TYPE_CHECKING:
    from runs.storage.bucket import Bucket

logger = logging.getLogger(__name__)

SPOOL, INBOX = "spool", "inbox"


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


def share_song(external_id: str, files: Iterable[Path]) -> bool:
    """Copy an uploaded song and its declaration into the bucket, the song last.

    external_id: of the wait for it. Returns False if there is no bucket for new files.
    Raises StoreRefused if another song waits there, StoreTrouble.
    """
    bucket = _bucket()
    if bucket is None:
        return False
    if next(bucket.walk(f"{INBOX}/{external_id}"), None):
        raise StoreRefused("A song waits for this run already; let the run collect it.")
    for path in files:
        _put(bucket, path, f"{INBOX}/{external_id}/{external_id}{path.suffix}")
    return True


def bring_song(external_id: str) -> None:
    """Fetch the song a run waits for into this machine's inbox, as one that was taken already.

    Raises StoreTrouble.
    """
    bucket = _bucket()
    if bucket is None:
        return
    for kept in bucket.walk(f"{INBOX}/{external_id}"):
        target = Path(settings.INBOX_DIR) / TAKEN / Path(kept.name).name
        if not target.is_file():
            _fetch(bucket, kept.name, target)


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
