"""Files appear whole, and under a name that is taken the first one stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_tools.files import first_output


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
