"""Whether a bucket does all that is asked of it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from runs.errors import StoreTrouble
from runs.storage.kept import StoredFile

if TYPE_CHECKING:
    from runs.storage.bucket import Bucket

FOLDER = "probe"
PROBE_BYTES = 64 * 1024


def try_out(bucket: Bucket) -> float:
    """Write a small file into a bucket, read a part of it, list it and remove it.

    Returns the seconds it took. Raises StoreTrouble.
    """
    content = os.urandom(PROBE_BYTES)
    digest = hashlib.sha256(content).hexdigest()
    probe = StoredFile(f"{FOLDER}/{digest}", digest, len(content))
    started = time.monotonic()
    with tempfile.NamedTemporaryFile(prefix=".doctor-") as file:
        file.write(content)
        file.flush()
        bucket.put(Path(file.name), probe)
    try:
        if bucket.read(probe.relative, 1000, 1999) != content[1000:2000]:
            raise StoreTrouble(
                "The object store answers a request for a part with something else.",
                "Playing needs HTTP ranges; use a store, or a proxy before it, that knows them.",
            )
        if probe.relative not in {kept.name for kept in bucket.walk(FOLDER)}:
            raise StoreTrouble(
                "The object store does not list a file that it has.",
                "Use a store whose lists are up to date at once.",
            )
    finally:
        bucket.remove(probe.relative)
    return time.monotonic() - started
