"""Files under a second name."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from media_tools.files import link_file


def test_a_link_is_the_same_file_and_replaces_another(tmp_path: Path) -> None:
    source, target = tmp_path / "song.mp3", tmp_path / "site" / "song.mp3"
    source.write_bytes(b"new")
    link_file(source, target)
    link_file(source, target)
    assert target.samefile(source)

    other = tmp_path / "other.mp3"
    other.write_bytes(b"other")
    link_file(other, target)

    assert target.samefile(other)
    assert source.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["song.mp3"]


def test_a_file_of_another_file_system_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "song.mp3", tmp_path / "site" / "song.mp3"
    source.write_bytes(b"song")

    def refuse(*of: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    link_file(source, target)

    assert target.read_bytes() == b"song"
    assert not target.samefile(source)
