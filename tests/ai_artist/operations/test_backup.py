"""A backup comes back with every row and file; what is damaged or in the way is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from ai_artist.operations import backup
from ai_artist.operations.backup import BackupRefused, back_up, chosen, examine, kept_at, restore
from ai_artist.operations.dumps import Dump, Postgres, Sqlite
from tests.factories import NOON

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


def test_everything_comes_back(
    here: Installation, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, manifest = back_up(tmp_path / "kept", now=NOON, secrets=True)
    there = install(tmp_path / "there", settings, monkeypatch)

    _, tally = restore(chosen(tmp_path / "kept"))

    assert tally.faults == []
    expected = {name: text for name, text in here.files().items() if ".partial" not in name}
    assert there.files() == expected
    assert there.dump.rows() == {"song": 2} == manifest.rows
    assert examine(folder).faults == []


def test_private_keys_stay_here_unless_asked_for(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNO_API_KEY", "sk-private")
    monkeypatch.setenv("AI_ARTIST_LLM_MODELS", "openai:costed")
    folder, manifest = back_up(tmp_path / "kept", now=NOON)

    text = (folder / "settings.env").read_text()
    assert "sk-private" not in text
    assert "SUNO_API_KEY is a secret" in text
    assert {copy.place for copy in backup.files_of(folder)} == {"media", "spool"}
    assert not manifest.secrets

    folder, _ = back_up(tmp_path / "kept", now=NOON + SECOND, secrets=True)
    assert "SUNO_API_KEY=sk-private" in (folder / "settings.env").read_text()


def test_what_did_not_change_is_kept_once_and_read_once(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(tmp_path / "kept", now=NOON)
    here.write("media/cd/new.wav", "another")
    read: list[str] = []
    monkeypatch.setattr(
        backup,
        "sha256_of",
        lambda path, whole=backup.sha256_of: read.append(path.name) or whole(path),
    )

    folder, manifest = back_up(tmp_path / "kept", now=NOON + SECOND)

    assert "new.wav" in read
    assert "master.wav" not in read
    assert manifest.files == 4
    kept = [path for path in (tmp_path / "kept" / "files").rglob("*") if path.is_file()]
    assert len(kept) == 3  # two names of one sound
    assert chosen(tmp_path / "kept") == folder


def test_damage_is_found_before_it_is_needed(here: Installation, tmp_path: Path) -> None:
    folder, _ = back_up(tmp_path / "kept", now=NOON)
    copies = list(backup.files_of(folder))
    kept_at(tmp_path / "kept" / "files", copies[0].sha256).write_text("rot")
    kept_at(tmp_path / "kept" / "files", copies[-1].sha256).unlink()

    faults = examine(folder).faults

    assert any("damaged" in fault for fault in faults)
    assert any("missing" in fault for fault in faults)


def test_a_damaged_file_is_not_put_back(
    here: Installation, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = back_up(tmp_path / "kept", now=NOON)
    spoiled = next(copy for copy in backup.files_of(folder) if copy.place == "spool")
    kept_at(tmp_path / "kept" / "files", spoiled.sha256).write_text("rot")
    there = install(tmp_path / "there", settings, monkeypatch)

    _, tally = restore(folder)

    assert any("damaged" in fault for fault in tally.faults)
    assert "spool/answer" not in there.files()


def test_a_backup_that_fails_leaves_nothing(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr(backup, "settings_text", full)
    with pytest.raises(OSError, match="no space"):
        back_up(tmp_path / "kept", now=NOON)

    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["files"]


def test_nothing_is_overwritten(
    here: Installation, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(tmp_path / "kept", now=NOON)
    with pytest.raises(BackupRefused, match="has files"):
        restore(chosen(tmp_path / "kept"))
    there = install(tmp_path / "there", settings, monkeypatch)
    with closing(sqlite3.connect(there.home / "db.sqlite3")) as database:
        database.execute("CREATE TABLE song (title TEXT)")
    with pytest.raises(BackupRefused, match="has tables"):
        restore(chosen(tmp_path / "kept"))


def test_a_file_cannot_leave_its_place(
    here: Installation, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = back_up(tmp_path / "kept", now=NOON)
    listing = folder / "files.jsonl"
    listing.write_text(listing.read_text().replace("ab/master.wav", "../../out.wav"))
    install(tmp_path / "there", settings, monkeypatch)

    _, tally = restore(folder)

    assert any("no place of this installation" in fault for fault in tally.faults)
    assert not (tmp_path / "out.wav").exists()


def test_odd_places_are_refused(here: Installation, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no whole backup"):
        chosen(tmp_path)
    with pytest.raises(BackupRefused, match="lies within"):
        back_up(here.home / "media" / "kept", now=NOON)


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

    assert postgres.write(tmp_path) == {"odd name": 2}

    assert not postgres.is_empty()
    with postgres._connect() as database:
        database.execute('DROP TABLE "odd name"')
    assert postgres.is_empty()
    postgres.read(tmp_path)
    assert postgres.rows() == {"odd name": 2}
