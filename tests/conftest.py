"""Fixtures every app's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.panel_fixtures import boss, browser_of, everything, new_run

__all__ = ["boss", "browser_of", "everything", "new_run"]  # fixtures of every folder

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A Monday noon; services take the time, so tests choose it."""
    return NOON


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings) -> Iterator[None]:
    """Media and work files of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.WORK_DIR = tmp_path / "work"
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.INBOX_DIR = tmp_path / "inbox"
    settings.SIGNING_DIR = tmp_path / "signing"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Keep odd words of strangers, which tests log, from breaking the way to the other process."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report
