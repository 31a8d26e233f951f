"""A sound heard before it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from ai_artist.kit.caching import cache
from tests.browser.conftest import PHONE
from tests.browser.test_review import log_in
from tests.factories import ArtistFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_a_sound_is_heard_on_its_page_and_nothing_is_saved(
    page: Page, live_server: Any, media: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "media_tools.music.local.sketch.sketch", lambda *_: media["mp3"].read_bytes()
    )
    cache.clear()
    artist = ArtistFactory(keys=["A minor"])
    log_in(page, live_server)
    address = reverse("admin:artists_artist_change", args=[artist.pk])
    page.goto(f"{live_server.url}{address}?tab=sound")

    page.get_by_label("Tempo from").fill("100")
    page.get_by_role("button", name="Play 10 seconds").click()
    page.locator("[data-listened] audio").wait_for()

    assert page.get_by_label("Tempo from").input_value() == "100"
    artist.refresh_from_db()
    assert artist.tempo_min_bpm == 96
