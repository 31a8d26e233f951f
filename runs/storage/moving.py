"""Move files between the folder and the bucket while runs go on.

Reading looks into both, so a file can be asked for at any moment: it is removed where it was only
after it is proved to lie where it goes. What was moved is passed over, so a move that was stopped
goes on when it is begun again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from media_tools.files import atomic_output, sha256_of
from runs.errors import FileBroken, StoreRefused, StoreTrouble
from runs.models import Publication, Release
from runs.storage.artifacts import ArtifactStorage, artifact_storage
from runs.storage.bucket import Bucket
from runs.storage.folder import Folder
from runs.storage.kept import ARTIFACTS, SIGNED, Kept, StoredFile, digest_in

# Signed files are used again when a bundle is made again.
MOVED = (ARTIFACTS, SIGNED)
HIDDEN = "."


@dataclass
class Moved:
    """What a move did. failed: names and why, of files that stay where they were."""

    files: int = 0
    bytes: int = 0
    folders: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def move_files(*, to: str, keep: bool, each: Callable[[Kept], object] = lambda kept: None) -> Moved:
    """Move all files to "s3" or to "folder". keep: copy only, and leave them where they are too.

    Raises StoreRefused if there is no bucket, or if new files still go the other way;
    StoreTrouble if the store fails.
    """
    store = artifact_storage()
    bucket = bucket_to_use(store, to=to, keep=keep)
    done = Moved()
    source: Folder | Bucket = store.folder if to == "s3" else bucket
    for kept in list_files(source):
        each(kept)
        try:
            if to == "s3":
                upload(store.folder, bucket, kept)
            else:
                download(bucket, store.folder, kept)
            if not keep:
                source.remove(kept.name)
        except FileNotFoundError:
            continue  # it was removed meanwhile
        except OSError as error:
            if isinstance(error, StoreTrouble) and not isinstance(error, FileBroken):
                raise  # so will the next one
            done.failed[kept.name] = str(error)
            continue
        done.files += 1
        done.bytes += kept.bytes
    if to == "s3" and not keep:
        done.folders = remove_folders(store)
    return done


def bucket_to_use(store: ArtifactStorage, *, to: str, keep: bool) -> Bucket:
    """The bucket of a move. Raises StoreRefused."""
    bucket = store.bucket
    if bucket is None:
        raise StoreRefused("No bucket is set: give AI_ARTIST_S3_BUCKET and what belongs to it.")
    arriving = "s3" if store.target == bucket else "folder"
    if arriving != to and not keep:
        raise StoreRefused(
            f"New files still go to the other place. Set AI_ARTIST_STORE={to} and restart the "
            "panel and all workers first; --keep copies without that."
        )
    return bucket


def list_files(source: Folder | Bucket) -> Iterator[Kept]:
    """The files to move; hidden ones are being written."""
    for prefix in MOVED:
        for kept in source.walk(prefix):
            if not PurePosixPath(kept.name).name.startswith(HIDDEN):
                yield kept


def upload(folder: Folder, bucket: Bucket, kept: Kept) -> None:
    """Copy a file into the bucket. Raises StoreTrouble, OSError."""
    path = folder.path(kept.name)
    digest = sha256_of(path)
    require_intact(kept.name, digest)
    bucket.put(path, StoredFile(kept.name, digest, path.stat().st_size))


def download(bucket: Bucket, folder: Folder, kept: Kept) -> None:
    """Copy an object into the folder. Raises StoreTrouble, OSError."""
    target = folder.path(kept.name)
    if target.is_file():
        require_intact(kept.name, sha256_of(target))
        return
    with atomic_output(target) as partial:
        bucket.fetch(kept.name, partial, sha256=digest_in(kept.name))


def require_intact(name: str, digest: str) -> None:
    """Raises FileBroken for a file that is not what its name says."""
    if digest_in(name) not in ("", digest):
        raise FileBroken(f"{name} is damaged in the folder; restore it from a backup.")


def remove_folders(store: ArtifactStorage) -> int:
    """Remove the folders of releases whose ZIP is in the bucket. Returns how many.

    Not one that something is being sent from.
    """
    removed = 0
    sending = Publication.objects.filter(status=Publication.Status.SENDING).values("release")
    rows = Release.objects.exclude(folder="").filter(bundle__isnull=False).exclude(pk__in=sending)
    names = rows.values_list("folder", "bundle__file").iterator(chunk_size=500)
    for folder, archive in ((store.folder.path(name), file) for name, file in names):
        if folder.is_dir() and store.bucket and store.bucket.look(archive):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
