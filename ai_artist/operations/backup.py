"""A copy of the whole installation, made while it works, and its way back.

Where it is kept is a vault (vaults.py). The database is copied first: files are written before the
rows that point to them and are never changed, so all that the rows name is there afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from ai_artist.configuration import SETTINGS
from ai_artist.operations.dumps import Dump, dump_for
from ai_artist.operations.vaults import (
    FILES,
    MANIFEST,
    BackupRefused,
    Vault,
    newest_in,
    scratch,
    vault_at,
)
from media_tools import VERSION
from media_tools.files import atomic_output, sha256_of
from media_tools.foreign import Refused, read_json
from runs.errors import FileBroken
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import ARTIFACTS, SIGNED, Kept, digest_in

if TYPE_CHECKING:
    from runs.storage.bucket import Bucket

LISTING, SETTINGS_FILE = "files.jsonl", "settings.env"
MEDIA = "media"
# What makes files in place before they are whole begins with a dot.
HIDDEN = "."


@dataclass(frozen=True)
class FileCopy:
    """A file of the installation. place: which of its folders; path: within that."""

    place: str
    path: str
    sha256: str
    size: int
    changed_ns: int


# By place and path.
Listed = Mapping[tuple[str, str], FileCopy]


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. rows: how many each table had. sums: SHA-256 of its own files."""

    version: str
    made_at: str
    database: str
    rows: dict[str, int]
    files: int
    bytes: int
    secrets: bool
    gone_meanwhile: int = 0
    sums: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Backup:
    """A backup by its name in a vault."""

    vault: Vault
    name: str

    def __str__(self) -> str:
        return f"{self.vault}/{self.name}"

    def own(self, file: str) -> str:
        """The name of one of its own files in the vault."""
        return f"{self.name}/{file}"


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


def back_up(address: str, *, now: datetime, secrets: bool = False) -> tuple[Backup, Manifest]:
    """Make a backup in a folder or bucket; returns it and what it holds.

    secrets: private keys and secret settings too. Raises BackupRefused.
    """
    backup = Backup(vault_at(address), f"{now:%Y%m%d-%H%M%S}")
    vault = backup.vault
    if vault.overlaps(places(secrets=True).values()):
        raise BackupRefused(f"{vault} lies within what is to be copied; take another place.")
    if vault.has(backup.own(MANIFEST)):
        raise BackupRefused(f"There is a backup {backup.name} already; try again in a second.")
    listed = earlier_files(vault)
    with vault.drafted(backup.name) as draft:
        manifest = _written(draft, vault, listed, now=now, secrets=secrets)
    return backup, manifest


def _written(
    draft: Path, vault: Vault, listed: Listed, *, now: datetime, secrets: bool
) -> Manifest:
    """Fill the folder of a new backup. listed: files that an earlier one has."""
    dump = dump_for(settings.DATABASES["default"])
    rows = dump.write(draft / dump.file_name)
    tally, gone = Tally(), 0
    copies = (copy_files(places(secrets=secrets), vault, listed), copy_bucket(vault, listed))
    with (draft / LISTING).open("w", encoding="utf-8") as listing:
        for copied in chain(*copies):
            if copied is None:
                gone += 1
                continue
            tally.files += 1
            tally.bytes += copied.size
            listing.write(json.dumps(asdict(copied), ensure_ascii=False) + "\n")
    (draft / SETTINGS_FILE).write_text(settings_text(secrets=secrets), encoding="utf-8")
    manifest = Manifest(
        version=VERSION,
        made_at=now.isoformat(),
        database=dump.kind,
        rows=rows,
        files=tally.files,
        bytes=tally.bytes,
        secrets=secrets,
        gone_meanwhile=gone,
        sums={path.name: sha256_of(path) for path in sorted(draft.iterdir())},
    )
    with atomic_output(draft / MANIFEST) as written:
        written.write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
    return manifest


def earlier_files(vault: Vault) -> dict[tuple[str, str], FileCopy]:
    """Files of the newest backup there: one of the same length and time need not be read again."""
    newest = newest_in(vault)
    known = files_of(Backup(vault, newest)) if newest else ()
    return {(copy.place, copy.path): copy for copy in known}


def copy_files(
    folders: Mapping[str, Path], vault: Vault, known: Listed
) -> Iterator[FileCopy | None]:
    """Copy what is not kept yet; yields each file, None for one that went away meanwhile."""
    for place, folder in folders.items():
        for path in whole_files(folder):
            try:
                yield copy_file(place, folder, path, vault, known)
            except FileNotFoundError:
                yield None


def whole_files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in order; not those that are being written."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        hidden = any(part.startswith(HIDDEN) for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path


def copy_file(place: str, folder: Path, path: Path, vault: Vault, known: Listed) -> FileCopy:
    found, name = path.stat(), path.relative_to(folder).as_posix()
    facts = (found.st_size, found.st_mtime_ns)
    digest = known_digest(known, place, name, facts) or sha256_of(path)
    if not vault.has(kept_name(digest)):
        vault.put(path, kept_name(digest), digest)
    return FileCopy(place, name, digest, found.st_size, found.st_mtime_ns)


def copy_bucket(vault: Vault, known: Listed) -> Iterator[FileCopy | None]:
    """Copy the files of the object store, if there is one; they come back into the folder."""
    storage = artifact_storage()
    if (bucket := storage.bucket) is None:
        return
    for file in chain(bucket.walk(ARTIFACTS), bucket.walk(SIGNED)):
        if storage.folder.path(file.name).exists():
            continue  # being moved; it was copied from there
        digest = digest_in(file.name) or known_digest(known, MEDIA, file.name, facts_of(file))
        if not digest or not vault.has(kept_name(digest)):
            try:
                digest = keep_from(bucket, file.name, vault, digest)
            except FileNotFoundError:
                yield None
                continue
        yield FileCopy(MEDIA, file.name, digest, file.bytes, stored_ns(file))


def keep_from(bucket: Bucket, name: str, vault: Vault, digest: str) -> str:
    """Fetch a file of the bucket and keep it, past the workers' cache.

    digest: empty if its name does not tell it. Returns it. Raises FileNotFoundError, StoreTrouble.
    """
    with scratch() as folder:
        fetched = folder / "fetched"
        bucket.fetch(name, fetched, sha256=digest)
        digest = digest or sha256_of(fetched)
        if not vault.has(kept_name(digest)):
            vault.put(fetched, kept_name(digest), digest)
    return digest


def known_digest(known: Listed, place: str, path: str, facts: tuple[int, int]) -> str:
    """The hash of a file that an earlier backup has; empty if its size or time is another."""
    before = known.get((place, path))
    return before.sha256 if before and (before.size, before.changed_ns) == facts else ""


def facts_of(file: Kept) -> tuple[int, int]:
    """Size and time of a file of the bucket."""
    return file.bytes, stored_ns(file)


def stored_ns(file: Kept) -> int:
    return int(file.stored_at.timestamp()) * 10**9


def kept_name(digest: str) -> str:
    """Where a vault keeps the files of a hash."""
    return f"{FILES}/{digest[:2]}/{digest}"


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


def chosen(address: str) -> Backup:
    """The backup meant: the newest of a vault, or one by its own address. Raises BackupRefused."""
    vault = vault_at(address)
    if newest := newest_in(vault):
        return Backup(vault, newest)
    if not vault.has(MANIFEST):
        raise BackupRefused(f"There is no whole backup at {address}.")
    address = address.rstrip("/")
    name = address.rpartition("/")[2]
    return Backup(vault_at(address.removesuffix(name)), name)


def manifest_of(backup: Backup) -> Manifest:
    """Raises BackupRefused."""
    try:
        with backup.vault.at(backup.own(MANIFEST)) as path:
            return Manifest(**read_json(path.read_bytes()))
    except (FileNotFoundError, Refused, TypeError) as error:
        raise BackupRefused(f"{MANIFEST} of {backup} cannot be read: {error}") from error


def files_of(backup: Backup) -> Iterator[FileCopy]:
    """Raises BackupRefused."""
    try:
        with (
            backup.vault.at(backup.own(LISTING)) as path,
            path.open(encoding="utf-8") as listing,
        ):
            for line in listing:
                yield FileCopy(**read_json(line))
    except (FileNotFoundError, Refused, TypeError) as error:
        raise BackupRefused(f"{LISTING} of {backup} cannot be read: {error}") from error


def examine(backup: Backup) -> Tally:
    """Read a whole backup: is every file there, and what it was?"""
    manifest, tally = manifest_of(backup), Tally()
    for file, digest in manifest.sums.items():
        if fault := use_file(backup.vault, backup.own(file), digest):
            tally.faults.append(f"{file} {fault}")
    for copy in files_of(backup):
        tally.files += 1
        tally.bytes += copy.size
        if fault := use_file(backup.vault, kept_name(copy.sha256), copy.sha256):
            tally.faults.append(f"{copy.place}/{copy.path} {fault}")
    if tally.files != manifest.files:
        tally.faults.append(f"it lists {tally.files} files of {manifest.files}")
    return tally


def use_file(
    vault: Vault, name: str, sha256: str, use: Callable[[Path], object] = lambda path: None
) -> str:
    """Use a file of a vault, if it is what it was; returns what is wrong with it, or ""."""
    try:
        with vault.at(name) as path:
            if sha256_of(path) != sha256:
                return "is damaged"
            use(path)
    except FileNotFoundError:
        return "is missing"
    except FileBroken:
        return "is damaged"
    return ""


# --- Putting one back ---


def restore(backup: Backup) -> tuple[Manifest, Tally]:
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
    require_own_files(backup, manifest)
    tally = Tally()
    for copy in files_of(backup):
        tally.files += 1
        tally.bytes += copy.size
        if fault := put_back(copy, backup.vault, into):
            tally.faults.append(f"{copy.place}/{copy.path} {fault}")
    with backup.vault.at(backup.own(dump.file_name)) as file:
        dump.read(file)
    tally.faults += missing_rows(dump, manifest)
    return manifest, tally


def require_own_files(backup: Backup, manifest: Manifest) -> None:
    """Raises BackupRefused if what everything else depends on is not as it was."""
    for file, digest in manifest.sums.items():
        if fault := use_file(backup.vault, backup.own(file), digest):
            raise BackupRefused(f"{file} of {backup} {fault}; take an earlier backup.")


def missing_rows(dump: Dump, manifest: Manifest) -> list[str]:
    """What the tables of a restored database lack, in words."""
    rows = dump.rows()
    return [
        f"{table} has {rows.get(table, 0):,} rows of {count:,}"
        for table, count in manifest.rows.items()
        if rows.get(table) != count
    ]


def require_empty(into: Mapping[str, Path], database_empty: Callable[[], bool]) -> None:
    for name, folder in into.items():
        if next(whole_files(folder), None):
            raise BackupRefused(f"{folder} ({name}) has files; move it away, then restore again.")
    if not database_empty():
        raise BackupRefused("The database has tables; give it an empty one, then restore again.")


def put_back(copy: FileCopy, vault: Vault, into: Mapping[str, Path]) -> str:
    """Write a file where it was; returns what is wrong with it, or ""."""
    folder = into.get(copy.place)
    target = (folder / copy.path).resolve() if folder else None
    if folder is None or target is None or not target.is_relative_to(folder.resolve()):
        return "is no place of this installation"
    return use_file(vault, kept_name(copy.sha256), copy.sha256, partial(copy_to, target))


def copy_to(target: Path, source: Path) -> None:
    with atomic_output(target) as written:
        shutil.copyfile(source, written)
