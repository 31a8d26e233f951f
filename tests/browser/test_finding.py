"""Finding by keyboard alone: the palette, a saved filter, the export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from artists.models import Artist
from runs.models import SavedFilter
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_review import log_in
from tests.factories import ArtistFactory, RunFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def roster(live_server: Any) -> Artist:
    artist: Artist = ArtistFactory(name="Vera Halogen")
    RunFactory(artist=artist, title="Paper Moon")
    RunFactory(artist=artist, title="Wet Paper", status="failed", error="x")
    return artist


def typing_in(page: Page) -> None:
    """Wait until keys go into a field: a page takes a moment to put the cursor there."""
    page.wait_for_function("['INPUT', 'TEXTAREA'].includes(document.activeElement?.tagName)")


def ask(page: Page, words: str) -> None:
    """Open the palette by its keys and wait for what it finds."""
    page.keyboard.press("Control+k")
    field = page.get_by_role("searchbox", name="Find a song")
    field.wait_for()
    typing_in(page)
    page.keyboard.type(words)
    page.locator("#command-results-list .is-lit").wait_for()


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_song_is_found_and_an_artist_paused_by_keys(
    page: Page, live_server: Any, roster: Artist, keep: Any
) -> None:
    log_in(page, live_server)

    ask(page, "paper")
    found = page.locator("#command-results-list")
    assert found.evaluate("list => list.offsetHeight >= list.querySelector('li').offsetHeight")
    keep(page, f"palette-{page.viewport_size['width']}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/run/*/change/")
    assert page.get_by_role("heading", name="Wet Paper").first.is_visible()

    ask(page, "pause vera")
    page.keyboard.press("Enter")
    page.wait_for_url("**/confirm/**")
    roster.refresh_from_db()
    assert roster.status == Artist.Status.ACTIVE

    typing_in(page)
    page.keyboard.type("Too many songs")
    page.keyboard.press("Enter")
    page.get_by_text("Vera Halogen is now paused.").wait_for()
    roster.refresh_from_db()
    assert roster.status == Artist.Status.PAUSED


def test_a_filter_is_saved_used_and_deleted_by_keys(
    page: Page, live_server: Any, roster: Artist
) -> None:
    log_in(page, live_server)
    runs = live_server.url + reverse("admin:runs_run_changelist")
    page.goto(f"{runs}?status__exact=failed")

    page.get_by_text("Save this filter").press("Enter")
    page.get_by_label("Name of the filter").fill("My failures")
    page.keyboard.press("Enter")
    page.get_by_text("Saved as “My failures”.").wait_for()

    page.goto(runs)
    page.get_by_role("link", name="My failures").press("Enter")
    page.wait_for_url("**?status__exact=failed")
    assert page.locator("#result_list tbody").count() == 1

    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").press("Enter")
    assert download.value.suggested_filename.startswith("runs-")

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the saved filter My failures").press("Enter")
    page.get_by_text("“My failures” is deleted.").wait_for()
    assert not SavedFilter.objects.exists()
