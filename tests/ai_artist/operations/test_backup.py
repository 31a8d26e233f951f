"""A backup comes back with every row and file; what is damaged or in the way is said."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from ai_artist.operations import backup
from ai_artist.operations.backup import (
    Backup,
    FileCopy,
    back_up,
    chosen,
    examine,
    files_of,
    kept_name,
    restore,
)
from ai_artist.operations.dumps import Dump, Postgres, Sqlite
from ai_artist.operations.vaults import (
    BackupRefused,
    BucketVault,
    FolderVault,
    Vault,
    vault_at,
)
from media_tools.files import sha256_of
from runs.errors import StoreTrouble
from runs.storage import StoredFile, bucket, store_file
from runs.storage.bucket import Bucket, BucketOptions
from tests.buckets import in_bucket, moto
from tests.factories import NOON

__all__ = ["in_bucket", "moto"]

SECOND = timedelta(seconds=1)


class Installation:
    """Folders and a database of their own."""

    def __init__(self, home: Path, settings: Any, dump: Dump) -> None:
        self.home, self.dump = home, dump
        settings.MEDIA_ROOT, settings.SPOOL_DIR = home / "media", home / "spool"
        settings.INBOX_DIR, settings.SIGNING_DIR = home / "inbox", home / "signing"

    def write(self, name: str, text: str) -> None:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def files(self) -> dict[str, str]:
        return {
            path.relative_to(self.home).as_posix(): path.read_text()
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and path.suffix != ".sqlite3"
        }


def install(
    home: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, dump: Dump | None = None
) -> Installation:
    home.mkdir()
    installed = Installation(home, settings, dump or Sqlite(home / "db.sqlite3"))
    monkeypatch.setattr(backup, "dump_for", lambda database: installed.dump)
    return installed


@pytest.fixture
def here(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with two songs."""
    here = install(tmp_path / "here", settings, monkeypatch)
    with closing(sqlite3.connect(here.home / "db.sqlite3")) as database:
        # Django's rules call functions that only Django brings.
        database.create_function("REGEXP", 2, lambda pattern, text: True)
        database.execute("CREATE TABLE song (title TEXT CHECK (title REGEXP '.'))")
        database.executemany("INSERT INTO song VALUES (?)", [("Night Bus",), ("Tide",)])
        database.commit()
    here.write("media/ab/master.wav", "sound")
    here.write("media/releases/1/master.wav", "sound")
    here.write("spool/answer", "paid")
    here.write("media/.partial-x", "not yet whole")
    here.write("media/releases/.partial-2/bundle.zip", "not yet whole")
    here.write("signing/key.pem", "private")
    return here


@pytest.fixture(params=["folder", "bucket"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> str:
    """The address of an empty place for backups; with a bucket the files' own store is another."""
    if request.param == "folder":
        return str(tmp_path / "kept")
    request.getfixturevalue("in_bucket")
    settings.STORE = "folder"
    return new_bucket(settings.S3)


def new_bucket(store: dict[str, Any]) -> str:
    name = f"backups{uuid4().hex}"
    Bucket(BucketOptions(**store))._client.create_bucket(Bucket=name)
    return f"s3://{name}/panel"


def rewrite(vault: Vault, name: str, content: bytes | None) -> None:
    """Change a file behind everybody's back; None: remove it."""
    if isinstance(vault, FolderVault):
        path = vault.root / name
        path.unlink() if content is None else path.write_bytes(content)
        return
    assert isinstance(vault, BucketVault)
    named = vault.bucket._named(name)
    client = vault.bucket._client
    client.delete_object(**named) if content is None else client.put_object(**named, Body=content)


def kept_files(vault: Vault) -> int:
    if isinstance(vault, FolderVault):
        return sum(path.is_file() for path in (vault.root / "files").rglob("*"))
    assert isinstance(vault, BucketVault)
    return sum(1 for _ in vault.bucket.walk("files"))


def copy_of(made: Backup, place: str) -> FileCopy:
    return next(copy for copy in files_of(made) if copy.place == place)


def test_everything_comes_back(
    here: Installation, kept: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, manifest = back_up(kept, now=NOON, secrets=True)
    there = install(tmp_path / "there", settings, monkeypatch)

    _, tally = restore(chosen(kept))

    assert tally.faults == []
    expected = {name: text for name, text in here.files().items() if ".partial" not in name}
    assert there.files() == expected
    assert there.dump.rows() == {"song": 2} == manifest.rows
    assert examine(made).faults == []
    assert list(Path(settings.WORK_DIR).glob("*")) == []


def test_what_is_made_meanwhile_tears_nothing_apart(
    here: Installation, kept: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(title: str) -> None:
        """As runs do: the file first, then its row."""
        here.write(f"media/ab/{title}", title)
        with closing(sqlite3.connect(here.home / "db.sqlite3")) as database:
            database.create_function("REGEXP", 2, lambda pattern, text: True)
            database.execute("INSERT INTO song VALUES (?)", (title,))
            database.commit()

    class Busy(Sqlite):
        def write(self, copy: Path) -> dict[str, int]:
            make("before")
            rows = super().write(copy)
            make("after")
            return rows

    for title in ("Night Bus", "Tide"):
        here.write(f"media/ab/{title}", title)
    here.dump = Busy(here.home / "db.sqlite3")
    back_up(kept, now=NOON)
    there = install(tmp_path / "there", settings, monkeypatch)

    assert restore(chosen(kept))[1].faults == []

    with closing(sqlite3.connect(there.home / "db.sqlite3")) as database:
        titles = {title for (title,) in database.execute("SELECT title FROM song")}
    assert titles == {"Night Bus", "Tide", "before"}
    assert {f"media/ab/{title}" for title in titles} <= set(there.files())


def test_files_of_the_store_come_back_into_the_folder(
    here: Installation,
    in_bucket: Any,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here.write("made.wav", "of the store")
    stored = store_file(here.home / "made.wav")
    kept = new_bucket(settings.S3)
    back_up(kept, now=NOON)
    there = install(tmp_path / "there", settings, monkeypatch)

    assert restore(chosen(kept))[1].faults == []

    assert there.files()[f"media/{stored.relative}"] == "of the store"


def test_a_long_file_goes_in_parts(
    here: Installation,
    in_bucket: Any,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bucket, "ONE_REQUEST_BYTES", 1024)
    monkeypatch.setattr(bucket, "PART_BYTES", 5 * 1024 * 1024)
    here.write("media/cd/long.wav", "sound" * 1_300_000)
    kept = new_bucket(settings.S3)
    back_up(kept, now=NOON)
    there = install(tmp_path / "there", settings, monkeypatch)

    assert restore(chosen(kept))[1].faults == []

    assert sha256_of(there.home / "media/cd/long.wav") == sha256_of(here.home / "media/cd/long.wav")


def test_private_keys_stay_here_unless_asked_for(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNO_API_KEY", "sk-private")
    monkeypatch.setenv("AI_ARTIST_LLM_MODELS", "openai:costed")
    kept = tmp_path / "kept"
    made, manifest = back_up(str(kept), now=NOON)

    text = (kept / made.own("settings.env")).read_text()
    assert "sk-private" not in text
    assert "SUNO_API_KEY is a secret" in text
    assert {copy.place for copy in files_of(made)} == {"media", "spool"}
    assert not manifest.secrets

    made, _ = back_up(str(kept), now=NOON + SECOND, secrets=True)
    assert "SUNO_API_KEY=sk-private" in (kept / made.own("settings.env")).read_text()
    assert (kept / made.name).stat().st_mode & 0o077 == 0


def test_what_did_not_change_is_kept_once_and_read_once(
    here: Installation, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(kept, now=NOON)
    here.write("media/cd/new.wav", "another")
    read: list[str] = []
    monkeypatch.setattr(
        backup,
        "sha256_of",
        lambda path, whole=backup.sha256_of: read.append(path.name) or whole(path),
    )

    made, manifest = back_up(kept, now=NOON + SECOND)

    assert "new.wav" in read
    assert "master.wav" not in read
    assert manifest.files == 4
    assert kept_files(made.vault) == 3  # two names of one sound
    assert chosen(kept).name == made.name
    assert chosen(f"{kept}/{NOON:%Y%m%d-%H%M%S}").name == f"{NOON:%Y%m%d-%H%M%S}"


def test_damage_is_found_before_it_is_needed(here: Installation, kept: str) -> None:
    made, _ = back_up(kept, now=NOON)
    rewrite(made.vault, kept_name(copy_of(made, "media").sha256), b"rot")
    rewrite(made.vault, kept_name(copy_of(made, "spool").sha256), None)
    rewrite(made.vault, made.own("database.sqlite3"), b"rot")

    faults = examine(made).faults

    assert "database.sqlite3 is damaged" in faults
    assert "media/ab/master.wav is damaged" in faults
    assert "spool/answer is missing" in faults


def test_a_damaged_file_is_not_put_back(
    here: Installation, kept: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = back_up(kept, now=NOON)
    rewrite(made.vault, kept_name(copy_of(made, "spool").sha256), b"rot")
    there = install(tmp_path / "there", settings, monkeypatch)

    _, tally = restore(made)

    assert tally.faults == ["spool/answer is damaged"]
    assert "spool/answer" not in there.files()


def test_a_damaged_database_stops_everything(
    here: Installation, kept: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = back_up(kept, now=NOON)
    rewrite(made.vault, made.own("database.sqlite3"), b"rot")
    there = install(tmp_path / "there", settings, monkeypatch)

    with pytest.raises(BackupRefused, match=r"database\.sqlite3 .* is damaged"):
        restore(made)

    assert there.files() == {}


def test_a_backup_that_fails_leaves_nothing(
    here: Installation, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr(backup, "settings_text", full)
    with pytest.raises(OSError, match="no space"):
        back_up(kept, now=NOON)

    assert list(vault_at(kept).folders()) == ["files"]


def test_a_backup_without_its_manifest_is_taken_away(
    here: Installation, in_bucket: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(self: Bucket, source: Path, file: StoredFile, whole: Any = Bucket.put) -> None:
        if source.name == "manifest.json":
            raise StoreTrouble("Object store: it cannot be reached.")
        whole(self, source, file)

    kept = new_bucket(settings.S3)
    monkeypatch.setattr(Bucket, "put", put)
    with pytest.raises(StoreTrouble):
        back_up(kept, now=NOON)

    assert list(vault_at(kept).folders()) == ["files"]


def test_nothing_is_overwritten(
    here: Installation, kept: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(kept, now=NOON)
    with pytest.raises(BackupRefused, match="already"):
        back_up(kept, now=NOON)
    with pytest.raises(BackupRefused, match="has files"):
        restore(chosen(kept))
    there = install(tmp_path / "there", settings, monkeypatch)
    with closing(sqlite3.connect(there.home / "db.sqlite3")) as database:
        database.execute("CREATE TABLE song (title TEXT)")
    with pytest.raises(BackupRefused, match="has tables"):
        restore(chosen(kept))


def test_a_file_cannot_leave_its_place(
    here: Installation, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, manifest = back_up(str(tmp_path / "kept"), now=NOON)
    folder = tmp_path / "kept" / made.name
    listing = folder / "files.jsonl"
    listing.write_text(listing.read_text().replace("ab/master.wav", "../../out.wav"))
    # As backups of earlier versions are, which say nothing of it.
    told = {key: value for key, value in asdict(manifest).items() if key != "sums"}
    (folder / "manifest.json").write_text(json.dumps(told))
    install(tmp_path / "there", settings, monkeypatch)

    _, tally = restore(made)

    assert tally.faults == ["media/../../out.wav is no place of this installation"]
    assert not (tmp_path / "out.wav").exists()


def test_odd_places_are_refused(here: Installation, in_bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no whole backup"):
        chosen(str(tmp_path))
    with pytest.raises(BackupRefused, match="lies within"):
        back_up(str(here.home / "media" / "kept"), now=NOON)
    with pytest.raises(BackupRefused, match="lies within"):
        back_up(f"s3://{in_bucket.S3['bucket']}/backups", now=NOON)
    with pytest.raises(BackupRefused, match="no whole backup"):
        chosen(new_bucket(in_bucket.S3))
    with pytest.raises(BackupRefused, match="names no bucket"):
        chosen("s3://")
    with pytest.raises(StoreTrouble, match="no bucket nowhere"):
        back_up("s3://nowhere/panel", now=NOON)


def test_another_store_is_found_by_a_profile(
    here: Installation,
    in_bucket: Any,
    moto: str,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = new_bucket(settings.S3).removeprefix("s3://")
    here.write(
        "config",
        f"[profile vault]\naws_access_key_id = key\naws_secret_access_key = secret\n"
        f"region = us-east-1\nendpoint_url = {moto}\ns3 =\n  addressing_style = path\n",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(here.home / "config"))
    settings.S3 = None
    settings.STORE = "folder"

    call_command("backup", f"s3://vault@{name}", "--verify", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (told["faults"], told["files"]) == ([], 3)
    assert told["folder"].startswith(f"s3://{name}/")
    call_command("restore", f"s3://vault@{name}", "--verify", "--json")
    assert json.loads(capsys.readouterr().out)["faults"] == []


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A database of its own on the server that the tests use."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    name = f"backup_{uuid4().hex[:12]}"
    server = Postgres({**connection.settings_dict, "NAME": "postgres"})
    with server._connect() as admin:
        admin.autocommit = True
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield Postgres({**connection.settings_dict, "NAME": name})
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
def test_postgresql_is_copied_in_one_state(postgres: Postgres, tmp_path: Path) -> None:
    with postgres._connect() as database:
        database.execute('CREATE TABLE "odd name" (title TEXT)')
        database.execute("""INSERT INTO "odd name" VALUES ('Night Bus'), ('Tide')""")

    assert postgres.write(tmp_path / "copy") == {"odd name": 2}

    assert not postgres.is_empty()
    with postgres._connect() as database:
        database.execute('DROP TABLE "odd name"')
    assert postgres.is_empty()
    postgres.read(tmp_path / "copy")
    assert postgres.rows() == {"odd name": 2}
