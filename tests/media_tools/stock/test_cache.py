"""Answers kept on disk for their time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from media_tools.stock.cache import FileCache
from tests.media_tools.stock.conftest import Clock


def test_value_is_there_until_its_time_is_over(cache: FileCache, clock: Clock) -> None:
    cache.set("rain", {"videos": [1]}, 10.0)

    clock.now += 9.5
    assert cache.get("rain") == {"videos": [1]}
    clock.now += 1
    assert cache.get("rain") is None


def test_other_process_sees_the_value(cache: FileCache, clock: Clock, tmp_path: Path) -> None:
    cache.set("rain", [1, 2], 10.0)

    assert FileCache(tmp_path / "stock", clock=clock).get("rain") == [1, 2]


def test_unknown_key_has_no_value(cache: FileCache) -> None:
    assert cache.get("snow") is None


@pytest.mark.parametrize("text", ["", "{broken", "[]", '{"key": "snow", "value": 1}'])
def test_damaged_entry_counts_as_none(cache: FileCache, tmp_path: Path, text: str) -> None:
    cache.set("rain", 1, 1e9)
    (entry,) = (tmp_path / "stock").iterdir()
    state = entry.stat()
    entry.write_text(text)
    os.utime(entry, (state.st_atime, state.st_mtime))

    assert cache.get("rain") is None


def test_past_entries_go_when_a_new_one_comes(
    cache: FileCache, clock: Clock, tmp_path: Path
) -> None:
    cache.set("rain", 1, 10.0)
    cache.set("sun", 2, 100.0)
    clock.now += 50

    cache.set("snow", 3, 10.0)

    assert len(list((tmp_path / "stock").iterdir())) == 2
    assert cache.get("sun") == 2
