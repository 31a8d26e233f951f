"""Where backups are kept: in a folder, or in a bucket of an object store.

Both hold the same: a backup's own files below its name, and copies of the installation's files
below "files" by their hash, so that those that did not change are kept once.
"""

from __future__ import annotations

import shutil
import tempfile
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

from media_tools.files import first_output, sha256_of
from runs.errors import StoreTrouble
from runs.storage.kept import StoredFile

if TYPE_CHECKING:
    from runs.storage.bucket import Bucket, BucketOptions

FILES, MANIFEST = "files", "manifest.json"
UNFINISHED = ".unfinished"
BUCKET = "s3://"


class BackupRefused(Exception):
    """What was asked would lose or mix something; the message says what to do."""


class Vault(Protocol):
    """A place for backups."""

    @abstractmethod
    def overlaps(self, folders: Iterable[Path]) -> bool:
        """Whether it lies within what is to be copied. folders: of the installation."""

    @abstractmethod
    def folders(self) -> Iterable[str]:
        """What lies there: whole backups, and what else there may be."""

    @abstractmethod
    def has(self, name: str) -> bool: ...

    @abstractmethod
    def put(self, source: Path, name: str, sha256: str) -> None:
        """Copy a file there. Raises BackupRefused if it is another by now, OSError."""

    @abstractmethod
    def at(self, name: str) -> AbstractContextManager[Path]:
        """A file of it on this machine. Raises FileNotFoundError, OSError."""

    @abstractmethod
    def drafted(self, name: str) -> AbstractContextManager[Path]:
        """A folder for a backup's own files: they are there whole at the end, or not at all."""


@dataclass(frozen=True)
class FolderVault(Vault):
    root: Path

    def __str__(self) -> str:
        return str(self.root)

    def overlaps(self, folders: Iterable[Path]) -> bool:
        return any(self.root.resolve().is_relative_to(folder.resolve()) for folder in folders)

    def folders(self) -> Iterable[str]:
        return [path.name for path in self.root.glob("*/") if path.suffix != UNFINISHED]

    def has(self, name: str) -> bool:
        return (self.root / name).is_file()

    def put(self, source: Path, name: str, sha256: str) -> None:
        with first_output(self.root / name) as written:
            shutil.copyfile(source, written)
            if sha256_of(written) != sha256:
                raise changed(source)

    @contextmanager
    def at(self, name: str) -> Iterator[Path]:
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(path)
        yield path

    @contextmanager
    def drafted(self, name: str) -> Iterator[Path]:
        folder = self.root / f"{name}{UNFINISHED}"
        folder.mkdir(parents=True, mode=0o700)
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        folder.rename(self.root / name)


@dataclass(frozen=True)
class BucketVault(Vault):
    """One file after the other goes there, in parts if it is long, and comes back proved."""

    bucket: Bucket
    _kept: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return self.bucket.place("").rstrip("/")

    def overlaps(self, folders: Iterable[Path]) -> bool:
        own, store = self.bucket.options, settings.S3 or {}
        return not own.profile and own.bucket == store.get("bucket")

    def folders(self) -> Iterable[str]:
        return self.bucket.folders()

    def has(self, name: str) -> bool:
        if not name.startswith(f"{FILES}/"):
            return self.bucket.look(name) is not None
        if not self._kept:  # one list of all, not a question for each
            self._kept.update(kept.name for kept in self.bucket.walk(FILES))
        return name in self._kept

    def put(self, source: Path, name: str, sha256: str) -> None:
        try:
            self.bucket.put(source, StoredFile(name, sha256, source.stat().st_size))
        except StoreTrouble as trouble:
            if sha256_of(source) != sha256:
                raise changed(source) from trouble
            raise
        # A store that knows no checksums would keep other content under this name for good.
        if sha256_of(source) != sha256:
            self.bucket.remove(name)
            raise changed(source)
        self._kept.add(name)

    @contextmanager
    def at(self, name: str) -> Iterator[Path]:
        with scratch() as folder:
            path = folder / Path(name).name
            self.bucket.fetch(name, path)
            yield path

    @contextmanager
    def drafted(self, name: str) -> Iterator[Path]:
        with scratch() as folder:
            yield folder
            # A backup is whole once its manifest is there.
            files = sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST)
            try:
                for path in files:
                    self.put(path, f"{name}/{path.name}", sha256_of(path))
            except BaseException:
                for path in files:
                    with suppress(StoreTrouble):
                        self.bucket.remove(f"{name}/{path.name}")
                raise


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of this machine for files on their way."""
    root = Path(settings.WORK_DIR)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix="backup-") as folder:
        yield Path(folder)


def changed(path: Path) -> BackupRefused:
    return BackupRefused(f"{path} changed while it was copied; make the backup again.")


def vault_at(address: str) -> Vault:
    """A folder, or a bucket by an address: s3://BUCKET/PREFIX or s3://PROFILE@BUCKET/PREFIX.

    Raises BackupRefused if that cannot be used.
    """
    if not address.startswith(BUCKET):
        return FolderVault(Path(address))
    try:
        from runs.storage.bucket import Bucket
    except ImportError as error:
        raise BackupRefused(
            "A backup in a bucket needs the object store's client: "
            "pip install -r requirements-server.txt"
        ) from error
    return BucketVault(Bucket(bucket_options(address)))


def bucket_options(address: str) -> BucketOptions:
    """How a bucket of backups is reached.

    By the settings of the object store, if there is one; else, or with a profile, as boto3 finds
    it.
    Raises BackupRefused for an address without a bucket.
    """
    from runs.storage.bucket import BucketOptions

    place, _, prefix = address.removeprefix(BUCKET).partition("/")
    profile, _, bucket = place.rpartition("@")
    if not bucket:
        raise BackupRefused(f"{address} names no bucket; write it like s3://backups/panel.")
    prefix = prefix.strip("/")
    if settings.S3 and not profile:
        return BucketOptions(**{**settings.S3, "bucket": bucket, "prefix": prefix})
    return BucketOptions(bucket, prefix, profile=profile)


def newest_in(vault: Vault) -> str | None:
    """The name of the newest whole backup; None if there is none."""
    names = sorted(set(vault.folders()) - {FILES}, reverse=True)
    return next((name for name in names if vault.has(f"{name}/{MANIFEST}")), None)
