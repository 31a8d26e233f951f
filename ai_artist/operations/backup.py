"""A copy of the whole installation, made while it works, and its way back.

A backup is a folder of its own in the place they are kept at; files lie beside them by their hash,
so that those that did not change are kept once. The database is copied first: files are written
before the rows that point to them and are never changed, so all that the rows name is there
afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from ai_artist.configuration import SETTINGS
from ai_artist.operations.dumps import dump_for
from media_tools import VERSION
from media_tools.files import atomic_output, first_output, sha256_of
from media_tools.foreign import Refused, read_json
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import ARTIFACTS, SIGNED, Kept, digest_in

if TYPE_CHECKING:
    from runs.storage.bucket import Bucket

FILES, MANIFEST, LISTING, SETTINGS_FILE = "files", "manifest.json", "files.jsonl", "settings.env"
UNFINISHED = ".unfinished"
MEDIA = "media"
# What makes files in place before they are whole begins with a dot.
HIDDEN = "."


class BackupRefused(Exception):
    """What was asked would lose or mix something; the message says what to do."""


@dataclass(frozen=True)
class FileCopy:
    """A file of the installation. place: which of its folders; path: within that."""

    place: str
    path: str
    sha256: str
    size: int
    changed_ns: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. rows: how many each table had."""

    version: str
    made_at: str
    database: str
    rows: dict[str, int]
    files: int
    bytes: int
    secrets: bool
    gone_meanwhile: int = 0


@dataclass
class Tally:
    """What was found to be wrong, and how much was looked at."""

    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)


def places(*, secrets: bool) -> dict[str, Path]:
    """The folders that hold what cannot be made again, by name."""
    found = {
        MEDIA: artifact_storage().folder.root,
        "spool": Path(settings.SPOOL_DIR),
        "inbox": Path(settings.INBOX_DIR),
    }
    if secrets:
        found["signing"] = Path(settings.SIGNING_DIR)
    return found


# --- Making one ---


def back_up(target: Path, *, now: datetime, secrets: bool = False) -> tuple[Path, Manifest]:
    """Make a backup in `target`; returns its folder and what it holds.

    secrets: private keys and secret settings too. Raises BackupRefused.
    """
    own = places(secrets=True).values()
    if any(target.resolve().is_relative_to(place.resolve()) for place in own):
        raise BackupRefused(f"{target} lies within what is to be copied; take another place.")
    name = f"{now:%Y%m%d-%H%M%S}"
    finished, folder = target / name, target / f"{name}{UNFINISHED}"
    if finished.exists() or folder.exists():
        raise BackupRefused(f"There is a backup {name} already; try again in a second.")
    listed = earlier_files(target)
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    try:
        manifest = _written(folder, listed, now=now, secrets=secrets)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    folder.rename(finished)
    return finished, manifest


def _written(
    folder: Path, listed: Mapping[tuple[str, str], FileCopy], *, now: datetime, secrets: bool
) -> Manifest:
    """Fill the folder of a new backup. listed: files that an earlier one has."""
    dump = dump_for(settings.DATABASES["default"])
    rows = dump.write(folder)
    tally, gone, kept = Tally(), 0, folder.parent / FILES
    copies = (copy_files(places(secrets=secrets), kept, listed), copy_bucket(kept, listed))
    with (folder / LISTING).open("w", encoding="utf-8") as listing:
        for copied in chain(*copies):
            if copied is None:
                gone += 1
                continue
            tally.files += 1
            tally.bytes += copied.size
            listing.write(json.dumps(asdict(copied), ensure_ascii=False) + "\n")
    (folder / SETTINGS_FILE).write_text(settings_text(secrets=secrets), encoding="utf-8")
    manifest = Manifest(
        version=VERSION,
        made_at=now.isoformat(),
        database=dump.kind,
        rows=rows,
        files=tally.files,
        bytes=tally.bytes,
        secrets=secrets,
        gone_meanwhile=gone,
    )
    with atomic_output(folder / MANIFEST) as written:
        written.write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
    return manifest


def earlier_files(target: Path) -> dict[tuple[str, str], FileCopy]:
    """Files of the newest backup there: one of the same length and time need not be read again."""
    newest = next(reversed(backups_in(target)), None)
    known = files_of(newest) if newest else ()
    return {(copy.place, copy.path): copy for copy in known}


def backups_in(target: Path) -> list[Path]:
    """Whole backups, the oldest first."""
    return sorted(
        path.parent for path in target.glob(f"*/{MANIFEST}") if UNFINISHED not in str(path)
    )


def copy_files(
    folders: Mapping[str, Path], kept: Path, known: Mapping[tuple[str, str], FileCopy]
) -> Iterator[FileCopy | None]:
    """Copy what is not kept yet; yields each file, None for one that went away meanwhile."""
    for place, folder in folders.items():
        for path in whole_files(folder):
            try:
                yield copy_file(place, folder, path, kept, known)
            except FileNotFoundError:
                yield None


def whole_files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in order; not those that are being written."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        hidden = any(part.startswith(HIDDEN) for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path


def copy_file(
    place: str, folder: Path, path: Path, kept: Path, known: Mapping[tuple[str, str], FileCopy]
) -> FileCopy:
    found, name = path.stat(), path.relative_to(folder).as_posix()
    facts = (found.st_size, found.st_mtime_ns)
    digest = known_digest(known, place, name, facts) or sha256_of(path)
    keep(path, kept_at(kept, digest), digest)
    return FileCopy(place, name, digest, found.st_size, found.st_mtime_ns)


def keep(path: Path, target: Path, digest: str) -> None:
    """Copy a file to where one of its hash lies. Raises BackupRefused if it is another by now."""
    if target.is_file():
        return
    with first_output(target) as written:
        shutil.copyfile(path, written)
        if sha256_of(written) != digest:
            raise BackupRefused(f"{path} changed while it was copied; make the backup again.")


def copy_bucket(kept: Path, known: Mapping[tuple[str, str], FileCopy]) -> Iterator[FileCopy | None]:
    """Copy the files of the object store, if there is one; they come back into the folder."""
    storage = artifact_storage()
    if (bucket := storage.bucket) is None:
        return
    for file in chain(bucket.walk(ARTIFACTS), bucket.walk(SIGNED)):
        if storage.folder.path(file.name).exists():
            continue  # being moved; it was copied from there
        digest = digest_in(file.name) or known_digest(known, MEDIA, file.name, facts_of(file))
        if not digest or not kept_at(kept, digest).is_file():
            try:
                digest = keep_from(bucket, file.name, kept, digest)
            except FileNotFoundError:
                yield None
                continue
        yield FileCopy(MEDIA, file.name, digest, file.bytes, stored_ns(file))


def keep_from(bucket: Bucket, name: str, kept: Path, digest: str) -> str:
    """Fetch a file of the bucket to where one of its hash lies, past the workers' cache.

    digest: empty if its name does not tell it. Returns it. Raises FileNotFoundError, StoreTrouble.
    """
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept, prefix=HIDDEN) as folder:
        fetched = Path(folder) / "fetched"
        bucket.fetch(name, fetched, sha256=digest)
        digest = digest or sha256_of(fetched)
        keep(fetched, kept_at(kept, digest), digest)
    return digest


def known_digest(
    known: Mapping[tuple[str, str], FileCopy], place: str, path: str, facts: tuple[int, int]
) -> str:
    """The hash of a file that an earlier backup has; empty if its size or time is another."""
    before = known.get((place, path))
    return before.sha256 if before and (before.size, before.changed_ns) == facts else ""


def facts_of(file: Kept) -> tuple[int, int]:
    """Size and time of a file of the bucket."""
    return file.bytes, stored_ns(file)


def stored_ns(file: Kept) -> int:
    return int(file.stored_at.timestamp()) * 10**9


def kept_at(kept: Path, digest: str) -> Path:
    return kept / digest[:2] / digest


def settings_text(*, secrets: bool) -> str:
    """A .env with what is set here; secrets are named, and told only if that is wanted."""
    lines = ["# Settings of the installation; copy them to .env."]
    given = {name: os.environ[name] for name in SETTINGS if os.environ.get(name)}
    if secrets:
        # In development it lies in a file.
        given["SECRET_KEY"] = str(settings.SECRET_KEY)
    for name, value in given.items():
        # Addresses of databases and mail servers hold passwords.
        secret = SETTINGS[name].kind == "secret" or "@" in value
        hidden = secret and not secrets
        lines.append(f"# {name} is a secret; set it again." if hidden else f"{name}={value}")
    return "\n".join(lines) + "\n"


# --- Reading one ---


def chosen(source: Path) -> Path:
    """The backup meant: a backup's folder, or the newest in a place. Raises BackupRefused."""
    found = [source] if (source / MANIFEST).is_file() else backups_in(source)
    if not found:
        raise BackupRefused(f"There is no whole backup at {source}.")
    return found[-1]


def manifest_of(backup: Path) -> Manifest:
    """Raises BackupRefused."""
    try:
        return Manifest(**read_json((backup / MANIFEST).read_bytes()))
    except (OSError, Refused, TypeError) as error:
        raise BackupRefused(f"{backup / MANIFEST} cannot be read: {error}") from error


def files_of(backup: Path) -> Iterator[FileCopy]:
    """Raises BackupRefused."""
    try:
        with (backup / LISTING).open(encoding="utf-8") as listing:
            for line in listing:
                yield FileCopy(**read_json(line))
    except (OSError, Refused, TypeError) as error:
        raise BackupRefused(f"{backup / LISTING} cannot be read: {error}") from error


def examine(backup: Path) -> Tally:
    """Read a whole backup: is every file there, and what it was?"""
    manifest, tally = manifest_of(backup), Tally()
    for copy in files_of(backup):
        tally.files += 1
        tally.bytes += copy.size
        kept = kept_at(backup.parent / FILES, copy.sha256)
        if not kept.is_file():
            tally.faults.append(f"{copy.place}/{copy.path} is missing")
        elif sha256_of(kept) != copy.sha256:
            tally.faults.append(f"{copy.place}/{copy.path} is damaged")
    if tally.files != manifest.files:
        tally.faults.append(f"it lists {tally.files} files of {manifest.files}")
    return tally


# --- Putting one back ---


def restore(backup: Path) -> tuple[Manifest, Tally]:
    """Put a backup into an empty installation; returns what it held and what is not as it was.

    Raises BackupRefused if anything is there already: nothing is overwritten.
    """
    manifest = manifest_of(backup)
    dump = dump_for(settings.DATABASES["default"])
    if dump.kind != manifest.database:
        raise BackupRefused(
            f"The backup is of {manifest.database}, and DATABASE_URL names {dump.kind}; restore it "
            f"to {manifest.database} first."
        )
    into = places(secrets=manifest.secrets)
    require_empty(into, dump.is_empty)
    tally = Tally()
    for copy in files_of(backup):
        tally.files += 1
        tally.bytes += copy.size
        if fault := put_back(copy, backup, into):
            tally.faults.append(fault)
    dump.read(backup)
    rows = dump.rows()
    tally.faults += [
        f"{table} has {rows.get(table, 0):,} rows of {count:,}"
        for table, count in manifest.rows.items()
        if rows.get(table) != count
    ]
    return manifest, tally


def require_empty(into: Mapping[str, Path], database_empty: Callable[[], bool]) -> None:
    for name, folder in into.items():
        if next(whole_files(folder), None):
            raise BackupRefused(f"{folder} ({name}) has files; move it away, then restore again.")
    if not database_empty():
        raise BackupRefused("The database has tables; give it an empty one, then restore again.")


def put_back(copy: FileCopy, backup: Path, into: Mapping[str, Path]) -> str:
    """Write a file where it was; returns what is wrong with it, or ""."""
    folder = into.get(copy.place)
    target = (folder / copy.path).resolve() if folder else None
    if folder is None or target is None or not target.is_relative_to(folder.resolve()):
        return f"{copy.place}/{copy.path} is no place of this installation"
    kept = kept_at(backup.parent / FILES, copy.sha256)
    if not kept.is_file():
        return f"{copy.place}/{copy.path} is missing in the backup"
    if sha256_of(kept) != copy.sha256:
        return f"{copy.place}/{copy.path} is damaged in the backup"
    with atomic_output(target) as written:
        shutil.copyfile(kept, written)
    return ""
