"""Fixtures every app's tests share."""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from ai_artist.kit import caching
from media_tools.images import thumbs
from media_tools.text.offline import OfflineWriter
from tests import factories
from tests.panel_fixtures import bell, boss, browser_of, everything, new_run

__all__ = ["bell", "boss", "browser_of", "everything", "new_run"]  # fixtures of every folder

pytest.register_assert_rewrite(
    "tests.media_tools.providers.contract",
    "tests.media_tools.publishing.contract",
    "tests.media_tools.publishing.signing_in",
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NEW_OBJECTS = 50_000  # between two looks of the garbage collector


@pytest.fixture
def now() -> datetime:
    """A Monday noon; services take the time, so tests choose it."""
    return NOON


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Passwords cost no time, static files need not be collected, new artists do not sing.

    WhiteNoise looks for a file when it is asked for: else each client of a test and each live
    server would read all of them at its first request.
    """
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SINGING=False,
        STORAGES={**settings.STORAGES, "staticfiles": storage},
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_disk() -> Iterator[None]:
    """What a test writes need not outlive the power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Tables are made as the models say; tests/upgrades holds that migrations make the same."""
    connection.settings_dict["TEST"]["MIGRATE"] = False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Processes that a test starts find every migration applied."""
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            # What no model can say: PostgreSQL's alone.
            import_module("runs.migrations.0028_trigrams_of_titles").add_indexes(None, editor)
            import_module("artists.migrations.0008_lists_at_size").add(None, editor)
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in MigrationLoader(None).disk_migrations:
            recorder.record_applied(app, name)


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """After a test that commits, PostgreSQL deletes rows where there are any.

    Django truncates, which makes new files for every table and index: some hundreds.
    """
    if connection.vendor != "postgresql":
        yield
        return

    def delete(operations: Any, style: object, tables: Iterable[str], **options: Any) -> list[str]:
        names = [operations.quote_name(table) for table in tables]
        looks = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names]
        with operations.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(looks))
            return [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", delete)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_writing() -> Iterator[None]:
    """A song is written once, not six times; the writer's own tests ask for more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OfflineWriter, "writings", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_kept() -> Iterator[None]:
    """Nothing is kept for the next test, whose rows are others, even if a busy machine is slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caching, "LONG_S", math.inf)
        # What is kept however quick it is, is too old at once.
        patch.setattr(caching, "SWEEP_S", 0)
        patch.setattr(caching, "KEPT_TIMES", 0)
        yield


@pytest.fixture(autouse=True)
def own_numbers() -> None:
    """Rows are numbered from 0 in each test: names and seeds, from which songs are written, are
    then the same whichever tests came before in this process."""
    for made_by in factories.ALL:
        made_by.reset_sequence()


@pytest.fixture(autouse=True)
def own_folders(request: pytest.FixtureRequest) -> None:
    """Media and work files of a test go to its own folder; media_tools has no settings."""
    if of_media_tools(request):
        return
    folder, own = request.getfixturevalue("tmp_path"), request.getfixturevalue("settings")
    own.MEDIA_ROOT = folder / "media"
    own.WORK_DIR = folder / "work"
    own.STORE, own.S3 = "folder", None
    own.CACHE_DIR = folder / "cache"
    own.SPOOL_DIR = folder / "spool"
    own.INBOX_DIR = folder / "inbox"
    own.SIGNING_DIR = folder / "signing"


@pytest.fixture(autouse=True)
def small_crops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures for feeds are small, except where they are what is tested."""
    if not of_media_tools(request):
        sizes = thumbs.SOCIAL_SIZES.items()
        small = {name: (wide // 8, high // 8) for name, (wide, high) in sizes}
        monkeypatch.setattr(thumbs, "SOCIAL_SIZES", small)


def of_media_tools(request: pytest.FixtureRequest) -> bool:
    return request.path.is_relative_to(Path(__file__).with_name("media_tools"))


# What drives a browser, starts whole processes of the product or makes whole songs and videos;
# upgrades; walks over all pages and over all that strangers can send; simulations.
# `make rehearsals` runs them, `make test` the others. Some tests mark themselves.
REHEARSALS = (
    "benchmarks",
    "browser",
    "processes",
    "upgrades",
    "ai_artist/test_escaping.py",
    "ai_artist/test_forms.py",
    "ai_artist/test_odd_requests.py",
    "ai_artist/test_secrets.py",
    "ai_artist/test_start_up.py",
    "ai_artist/test_words_on_pages.py",
    "artists/test_claims_of_processes.py",
    "media_tools/music/local/test_releases.py",
    "media_tools/music/singing/test_sung_track.py",
    "media_tools/music/singing/test_ten_lines.py",
    "media_tools/music/singing/test_vocals.py",
    "media_tools/music/test_chaos.py",
    "media_tools/video/test_overlay.py",
    "media_tools/video/test_render.py",
    "media_tools/video/test_shape_and_color.py",
    "runs/management/test_audio_commands.py",
    "runs/reviewing/test_undo_property.py",
    "runs/steps/test_duplicates.py",
    "runs/steps/test_video_step.py",
    "runs/test_hostile_answers.py",
)

# By the time they take. They start first, or a process would begin one when the others have no
# more to do.
LONGEST = (
    "media_tools/music/local/test_releases.py",
    "processes/test_run.py",
    "runs/test_hostile_answers.py",
    "browser/test_jobs.py",
    "browser/test_desk.py",
    "browser/test_listening.py",
    "browser/test_pages.py",
    "benchmarks/test_learning.py",
    "ai_artist/test_odd_requests.py",
    "processes/test_serve.py",
    "media_tools/video/test_render.py",
    "processes/test_chaos.py",
    "processes/test_parking.py",
    "processes/test_contract_demo.py",
    "upgrades/test_upgrade.py",
    "browser/test_review.py",
    "browser/test_release_flow.py",
    "browser/test_song.py",
    "runs/releasing/test_releases.py",
    "media_tools/images/test_cover.py",
    "runs/releasing/test_albums.py",
    "artists/lifecycle/test_decisions.py",
    "runs/releasing/test_marking.py",
    "media_tools/text/test_llm.py",
    "media_tools/text/test_llmock.py",
    "runs/reviewing/test_undo_property.py",
    "ai_artist/operations/test_doctor.py",
    "ai_artist/operations/test_backup.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first; --dist loadfile keeps each file in one process.

    What starts processes or a browser gets more time: a busy machine serves all of them slowly.
    """
    for item in items:
        if item.path.parent.name in ("browser", "processes"):
            item.add_marker(pytest.mark.timeout(900))
    rank = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Spare the garbage collector what stays to the end: modules and thousands of tests.

    Afterwards it looks less often than it would by itself: a page makes many objects, and few of
    them refer to one another.
    """
    gc.disable()
    result = yield
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
    gc.enable()
    return result


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark rehearsals, what asks the database, and what shows a row of docs/provider-errors.md."""
    here = Path(__file__).parent
    if any(item.path.is_relative_to(here / name) for name in REHEARSALS):
        item.add_marker("rehearsal")
    asking = {"db", "transactional_db"}.intersection(getattr(item, "fixturenames", ()))
    if asking or item.get_closest_marker("django_db"):
        item.add_marker("database")
    error_row = getattr(getattr(item, "cls", None), "error_row", None)
    if error_row and (mark := error_row(getattr(item, "originalname", ""))):
        item.add_marker(mark)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Keep odd words of strangers, which tests log, from breaking the way to the other process."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report
