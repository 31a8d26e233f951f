"""When the site is written by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runs import queue, tasks
from runs.models import Release
from runs.releasing.editing import ReleaseEdit, edit_release
from runs.releasing.releases import publish, recall_release
from runs.work import schedules
from tests.factories import NOON
from tests.runs.site.conftest import URL

pytestmark = pytest.mark.django_db

Callbacks = Callable[..., Any]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the workers."""
    functions: list[str] = []
    monkeypatch.setattr(queue, "send", functions.append)
    return functions


@pytest.fixture
def with_site(folder: Path, settings: Any) -> None:
    settings.SITE_DIR, settings.SITE_URL, settings.SITE_TITLE = folder, URL, "Night Music"


def change(release: Release, name: str) -> None:
    """Publish, edit or recall a release."""
    if name == "publish":
        Release.objects.filter(pk=release.pk).update(status=Release.Status.READY)
        publish(release_id=release.pk, actor=None, now=NOON)
    elif name == "edit":
        edit = ReleaseEdit(values={"title": "Other"})
        edit_release(release_id=release.pk, edit=edit, actor=None, now=NOON)
    else:
        recall_release(release_id=release.pk, reason="Wrong", actor=None, now=NOON)


@pytest.mark.parametrize("name", ["publish", "edit", "recall"])
def test_what_the_site_tells_is_written_soon(
    single: Release,
    with_site: None,
    sent: list[str],
    name: str,
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change(single, name)

    assert sent == ["runs.tasks.export_site"]


def test_without_a_folder_nothing_is_asked_for(
    single: Release, sent: list[str], django_capture_on_commit_callbacks: Callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change(single, "recall")

    assert sent == []
    assert tasks.export_site() == {}
    assert "export site" not in [plan.name for plan in schedules.planned()]


def test_the_task_writes_the_site(single: Release, with_site: None, folder: Path) -> None:
    # Its page, its artist's page and feed; first page, feed, two sitemaps, robots, style.
    assert tasks.export_site() == {"written": 9, "removed": 0, "failed": 0}
    assert (folder / "index.html").is_file()
    assert "export site" in [plan.name for plan in schedules.planned()]


def test_the_task_says_which_release_has_no_page(
    single: Release, with_site: None, caplog: pytest.LogCaptureFixture
) -> None:
    Release.objects.filter(pk=single.pk).update(folder="releases/vera-halogen/lost")

    assert tasks.export_site()["failed"] == 1
    assert f"package_release {single.pk}" in caplog.text
