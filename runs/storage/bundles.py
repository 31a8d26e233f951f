"""The files of a release's bundle: its folder, or if that is not here what its ZIP holds.

In a bucket a bundle is one object. Single files are read out of it by ranges, into the cache.
"""

from __future__ import annotations

import shutil
from fnmatch import fnmatchcase
from functools import partial
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
    sums = bundle_sums(sha256)
    for name in (CHECKSUMS, *sums):
        if not wanted or any(fnmatchcase(name, pattern) for pattern in wanted):
            store.cache.get(
                f"bundles/{sha256}/{name}", partial(unpack, sha256, name, sums.get(name, ""))
            )
    return store.cache.path(f"bundles/{sha256}")


def bundle_sums(sha256: str) -> dict[str, str]:
    """SHA-256 by path of a ZIP's files. Raises StoreTrouble, OSError, KeyError, BadZipFile."""
    store = artifact_storage()
    name = artifact_name(sha256, ".zip")
    if store.folder.path(name).exists():
        with ZipFile(store.folder.path(name)) as archive:
            text = archive.read(CHECKSUMS).decode(errors="replace")
    else:
        kept = store.cache.get(
            f"bundles/{sha256}/{CHECKSUMS}", partial(unpack, sha256, CHECKSUMS, "")
        )
        text = kept.read_text(encoding="utf-8", errors="replace")
    return sums_in(text)


def sums_in(text: str) -> dict[str, str]:
    """SHA-256 by path, of the text of a list of checksums."""
    lines = (line.partition("  ") for line in text.splitlines())
    return {name: digest for digest, _, name in lines if is_inside(name)}


def is_inside(name: str) -> bool:
    """Whether a path stays in its folder."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts


def unpack(sha256: str, name: str, digest: str, target: Path) -> None:
    """Write a file of a bundle's ZIP to its place. digest: it must have; empty: any.

    Raises StoreTrouble, FileNotFoundError.
    """
    archive_name = artifact_name(sha256, ".zip")
    try:
        with (
            artifact_storage().seekable(archive_name) as file,
            ZipFile(file) as archive,
            archive.open(name) as member,
            target.open("wb") as unpacked,
        ):
            shutil.copyfileobj(member, unpacked, CHUNK_BYTES)
    except (BadZipFile, KeyError) as error:
        raise StoreTrouble(
            f"The bundle {archive_name} has no readable {name}.", "Have it packaged again."
        ) from error
    if digest and sha256_of(target) != digest:
        raise StoreTrouble(
            f"{name} of the bundle {archive_name} has another checksum than its list says.",
            "Have it packaged again.",
        )
