"""Copies of objects on this machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from runs.storage.cache import Cache


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", most_bytes=100)


def fill(cache: Cache, name: str, *, size: int = 40, used_s_ago: float = 9000) -> Path:
    path = cache.get(name, lambda partial: partial.write_bytes(b"x" * size) and None)
    at = time.time() - used_s_ago
    os.utime(path, (at, at))
    return path


def test_a_file_is_fetched_once(cache: Cache) -> None:
    fill(cache, "a/b")

    def never(partial: Path) -> None:
        raise AssertionError

    assert cache.get("a/b", never).read_bytes() == b"x" * 40


def test_what_was_used_least_recently_goes(cache: Cache) -> None:
    paths = [fill(cache, f"f/{number}", used_s_ago=9000 - number) for number in range(4)]

    assert [path.exists() for path in paths] == [False, False, True, True]


def test_what_is_in_use_stays(cache: Cache) -> None:
    paths = [fill(cache, f"f/{number}", used_s_ago=1) for number in range(4)]

    assert cache.make_room() == 0
    assert all(path.exists() for path in paths)


def test_a_failed_download_leaves_nothing(cache: Cache) -> None:
    def fail(partial: Path) -> None:
        partial.write_bytes(b"half")
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        cache.get("a/b", fail)

    assert [path for path in cache.folder.rglob("*") if path.is_file()] == []
