"""Facts of HTTP that every client shares."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media_tools import VERSION
from media_tools.wire import fault_words, retry_after_s

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"Retry-After-Ms": "250", "Retry-After": "9"}, 0.25),
        ({"Retry-After": "Mon, 02 Mar 2026 12:00:45 GMT"}, 45.0),
        ({"Retry-After": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "99999999"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({"Retry-After": f"Mon, 02 Mar {'9' * 30} 12:00:45 GMT"}, None),
        ({"Retry-After": "Mon, 02 Mar 9999 12:00:45 -9999"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, now=NOON) == seconds


def test_version_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())

    assert project["project"]["version"] == VERSION


def test_a_fault_on_the_way_is_told_in_words() -> None:
    inner = ConnectionResetError(104, "Connection reset by peer")

    assert fault_words(ConnectionError("aborted", inner)) == "the connection was reset"
    assert fault_words(TimeoutError()) == "it took too long"
    assert fault_words(OSError()) == "the connection failed"
