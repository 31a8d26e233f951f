"""The public pages in a real browser: accessible in light and dark, whole on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from runs.models import Release
from runs.releasing.releases import recall_release
from runs.site.export import Exported
from tests.browser.conftest import PHONE
from tests.factories import NOON, single_of
from tests.runs.site.conftest import album, artist, export, folder, put_out, single, sung_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["album", "artist", "export", "folder", "single"]  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pages(
    export: Callable[[], Exported], folder: Path, single: Release, album: Release
) -> list[Path]:
    """One page of each kind."""
    gone = put_out(single_of(sung_run(single.artist, "Gone")))
    recall_release(release_id=gone.pk, reason="Wrong", actor=None, now=NOON)
    export()
    found = sorted(folder.rglob("index.html"))
    assert len(found) == 5
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault_of_accessibility(window: Page, pages: list[Path], scheme: Any) -> None:
    window.emulate_media(color_scheme=scheme)
    found = []
    for path in pages:
        window.goto(path.as_uri())
        for faults in Axe().run(window).response["violations"]:
            found.append(f"{path.parent.name}: {faults['id']}: {faults['nodes'][0]['html']}")

    assert found == []


def test_pages_are_whole_on_a_phone_without_scripts(chromium: Browser, pages: list[Path]) -> None:
    page = chromium.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    for path in pages:
        page.goto(path.as_uri())
        width = page.locator("html").bounding_box()
        assert width and width["width"] == PHONE["width"]
        for element in page.locator("img, audio, h1, dl").all():
            box = element.bounding_box()
            assert box is None or box["x"] + box["width"] <= PHONE["width"], path
    page.context.close()
