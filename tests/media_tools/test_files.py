"""Files appear whole, under a taken name the first one stays, and under a second name."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from media_tools.files import first_output, link_file


def test_the_first_of_two_that_write_at_once_stays(tmp_path: Path) -> None:
    target = tmp_path / "kept" / "file.mp3"

    with first_output(target) as slow:
        slow.write_text("slow")
        with first_output(target) as fast:
            fast.write_text("fast")

    assert target.read_text() == "fast"
    assert list(target.parent.iterdir()) == [target]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), first_output(tmp_path / "file") as partial:
        partial.write_text("half")
        raise ValueError("broken")

    assert list(tmp_path.iterdir()) == []


def test_without_hard_links_the_last_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)

    with first_output(tmp_path / "file") as partial:
        partial.write_text("whole")

    assert (tmp_path / "file").read_text() == "whole"


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
