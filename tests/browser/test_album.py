"""An EP made of songs, dragged into order or numbered, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from artists.models import Artist
from runs.models import Release, Run
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_review import log_in
from tests.factories import NOON, ArtistFactory
from tests.media_rows import finished_run

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLES = ("Glass Harbour", "Slow Lanterns", "Third")


@pytest.fixture
def artist(live_server: Any, media: dict[str, Path]) -> Artist:
    """An artist with three approved songs."""
    artist = ArtistFactory(name="Vera Halogen", slug="vera-halogen")
    for title in TITLES:
        finished_run(media, title=title, artist=artist, status=Run.Status.APPROVED, decided_at=NOON)
    return artist


def open_form(page: Page, live_server: Any, artist: Artist) -> None:
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:runs_release_album") + f"?artist={artist.pk}")
    page.get_by_label("Title").fill("Harbour Lights")


def number(page: Page, title: str) -> Any:
    return page.get_by_label(f"Number of {title}")


def made() -> list[str]:
    return list(Release.objects.get(kind="ep").tracks.values_list("title", flat=True))


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_numbers_put_songs_into_order(
    page: Page, live_server: Any, artist: Artist, keep: Any
) -> None:
    open_form(page, live_server, artist)
    number(page, "Third").fill("1")
    number(page, "Glass Harbour").fill("2")
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    keep(page, f"new-album-{width}")

    page.get_by_role("button", name="Make it").click()

    page.get_by_role("heading", name="Tracks", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    keep(page, f"album-{width}")
    assert made() == ["Third", "Glass Harbour"]


@pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])
def test_rows_are_dragged_into_order(page: Page, live_server: Any, artist: Artist) -> None:
    open_form(page, live_server, artist)
    rows = page.locator("[data-ordered] tr")
    for place in (1, 2, 3):
        rows.nth(place - 1).locator("input").fill(str(place))
    before = [rows.nth(place).locator("a").inner_text() for place in range(3)]

    rows.nth(2).drag_to(rows.nth(0), target_position={"x": 120, "y": 2})

    numbers = [rows.nth(place).locator("input").input_value() for place in range(3)]
    assert numbers == ["1", "2", "3"]
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("heading", name="Tracks", exact=True).wait_for()
    assert made() == [before[2], before[0], before[1]]


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_what_is_missing_leads_to_its_field_and_is_filled_in(
    page: Page, live_server: Any, artist: Artist, keep: Any
) -> None:
    open_form(page, live_server, artist)
    for place, title in enumerate(TITLES, start=1):
        number(page, title).fill(str(place))
    page.get_by_role("button", name="Make it").click()

    page.get_by_role("link", name="Name the label.").first.click()
    page.wait_for_url("**#id_label")
    page.get_by_label("Label", exact=True).fill("Night Label")
    page.get_by_label("Writers and producers by their legal names").fill(
        "Erika Example: composer, lyricist, producer"
    )
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_text("Kept.").wait_for()
    keep(page, f"release-{page.viewport_size['width']}")
    assert page.get_by_role("link", name="Name the label.").count() == 0
    release = Release.objects.get(kind="ep")
    assert (release.label, len(release.own_credits)) == ("Night Label", 3)
