"""The files of a release's bundle: its folder, or if that is not here what its ZIP holds.

In a bucket a bundle is one object. Single files are read out of it by ranges, into the cache.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from media_tools.files import sha256_of
from runs.errors import StoreTrouble
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import artifact_name

CHECKSUMS = "SHA256SUMS"
CHUNK_BYTES = 8 * 1024 * 1024


def bundle_folder(folder: str, sha256: str, *wanted: str) -> Path:
    """A folder on this machine with the wanted files of a bundle, as far as the bundle has them.

    folder: of the release. sha256: of its ZIP. wanted: patterns of paths in it; none: all.
    Raises StoreTrouble, FileNotFoundError if there is neither folder nor ZIP.
    """
    store = artifact_storage()
    packed = store.folder.path(folder)
    if store.bucket is None or packed.is_dir():
        return packed
    with ExitStack() as stack:
        archive = Archive(sha256, stack)
        sums = archive.sums
        for name in sums:
            if not wanted or any(fnmatchcase(name, pattern) for pattern in wanted):
                archive.unpacked(name, sums[name])
    return store.cache.path(f"bundles/{sha256}")


def bundle_sums(sha256: str) -> dict[str, str]:
    """SHA-256 by path of a ZIP's files. Raises StoreTrouble, OSError, KeyError, BadZipFile."""
    store = artifact_storage()
    name = artifact_name(sha256, ".zip")
    if store.folder.path(name).exists():
        with ZipFile(store.folder.path(name)) as archive:
            return sums_in(archive.read(CHECKSUMS).decode(errors="replace"))
    with ExitStack() as stack:
        return Archive(sha256, stack).sums


@dataclass
class Archive:
    """A bundle's ZIP, opened when the first file is wanted that the cache does not have.

    stack: closes it.
    """

    sha256: str
    stack: ExitStack

    @property
    def sums(self) -> dict[str, str]:
        """SHA-256 by path of its files. Raises StoreTrouble, FileNotFoundError."""
        return sums_in(self.unpacked(CHECKSUMS).read_text(encoding="utf-8", errors="replace"))

    def unpacked(self, name: str, digest: str = "") -> Path:
        """A file of it in the cache. digest: it must have; empty: any.

        Raises StoreTrouble, FileNotFoundError.
        """
        cache = artifact_storage().cache
        return cache.get(f"bundles/{self.sha256}/{name}", partial(self._unpack, name, digest))

    @cached_property
    def _zip(self) -> ZipFile:
        file = self.stack.enter_context(artifact_storage().seekable(self._name))
        return self.stack.enter_context(ZipFile(file))

    @property
    def _name(self) -> str:
        return artifact_name(self.sha256, ".zip")

    def _unpack(self, name: str, digest: str, target: Path) -> None:
        try:
            with self._zip.open(name) as member, target.open("wb") as unpacked:
                shutil.copyfileobj(member, unpacked, CHUNK_BYTES)
        except (BadZipFile, KeyError) as error:
            raise StoreTrouble(
                f"The bundle {self._name} has no readable {name}.", "Have it packaged again."
            ) from error
        if digest and sha256_of(target) != digest:
            raise StoreTrouble(
                f"{name} of the bundle {self._name} has another checksum than its list says.",
                "Have it packaged again.",
            )


def sums_in(text: str) -> dict[str, str]:
    """SHA-256 by path, of the text of a list of checksums."""
    lines = (line.partition("  ") for line in text.splitlines())
    return {name: digest for digest, _, name in lines if is_inside(name)}


def is_inside(name: str) -> bool:
    """Whether a path stays in its folder."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts
