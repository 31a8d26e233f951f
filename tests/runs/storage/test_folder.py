"""The artifact store."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from runs.storage import folder, store_file


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_file_lies_under_its_hash(tmp_path, settings) -> None:
    stored = store_file(write(tmp_path / "a.TXT", "words"))

    digest = hashlib.sha256(b"words").hexdigest()
    assert stored.sha256 == digest
    assert stored.relative == f"artifacts/{digest[:2]}/{digest}.txt"
    assert (Path(settings.MEDIA_ROOT) / stored.relative).read_text() == "words"
    assert stored.bytes == 5


def test_same_content_is_kept_once(tmp_path, settings) -> None:
    store_file(write(tmp_path / "a.txt", "words"))
    store_file(write(tmp_path / "b.txt", "words"))

    assert len([p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]) == 1


def test_another_file_system_is_copied_to(tmp_path, settings, monkeypatch) -> None:
    def refuse(*args: object) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr(os, "link", refuse)

    stored = store_file(write(tmp_path / "a.txt", "words"))

    assert (Path(settings.MEDIA_ROOT) / stored.relative).read_text() == "words"


def test_a_full_disk_leaves_nothing_half_written(tmp_path, settings, monkeypatch) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_text("wor")
        raise OSError(28, "No space left on device")

    def refuse(*args: object) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(folder.shutil, "copyfile", full)

    with pytest.raises(OSError, match="No space"):
        store_file(write(tmp_path / "a.txt", "words"))

    assert [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()] == []
