"""Paid answers kept until a run has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from media_tools.errors import ProviderRejected
from media_tools.providers.spool import Spool, purge


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, provider="acme", kind="voice")


def test_answer_is_found_again_by_its_key(spool: Spool) -> None:
    name = spool.name("run-1")
    spool.path(name).write_bytes(b"sound")

    assert spool.recover("run-1") == name
    assert spool.whole(name).read_bytes() == b"sound"
    assert spool.recover("run-2") is None


@pytest.mark.parametrize("name", ["voice-gone", "../voice", ""])
def test_answer_that_is_not_here_is_rejected(spool: Spool, name: str) -> None:
    with pytest.raises(ProviderRejected, match="same spool folder"):
        spool.whole(name)


def test_note_is_optional(spool: Spool) -> None:
    assert spool.told("voice-1") == {}
    spool.note("voice-1", {"plan": "pro"})
    assert spool.told("voice-1") == {"plan": "pro"}


@pytest.mark.parametrize("text", ["{broken", "[1]"])
def test_damaged_note_counts_as_none(spool: Spool, tmp_path: Path, text: str) -> None:
    (tmp_path / "voice-1.json").write_text(text)

    assert spool.told("voice-1") == {}


def test_old_answers_go(spool: Spool, tmp_path: Path) -> None:
    for name, age_s in (("voice-old", 200.0), ("voice-new", 50.0)):
        spool.path(name).write_bytes(b"sound")
        os.utime(spool.path(name), (1000.0 - age_s, 1000.0 - age_s))

    assert purge(tmp_path, now=1000.0, older_than_s=100.0) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["voice-new"]


def test_missing_folder_has_nothing_to_purge(tmp_path: Path) -> None:
    assert purge(tmp_path / "none", now=1000.0) == 0
