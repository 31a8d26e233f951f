"""An experiment planned with a few clicks, and a sound heard before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from experiments.models import Experiment
from tests.browser.conftest import PHONE
from tests.browser.test_review import log_in
from tests.factories import ArtistFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_CLICKS = 8
# Kept over pages, so that all of a job are counted.
COUNT_CLICKS = """
addEventListener("click", (event) => {
  if (event.detail) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true);
"""


@pytest.fixture
def clicks_counted(page: Page) -> Iterator[None]:
    with page.add_init_script(COUNT_CLICKS):
        yield


@pytest.mark.usefixtures("clicks_counted")
def test_an_experiment_is_planned_with_few_clicks_and_looked_at_as_it_changes(
    page: Page, live_server: Any
) -> None:
    ArtistFactory(name="Vera Halogen")
    log_in(page, live_server)
    page.reload()

    page.get_by_role("link", name="science Experiments").click()
    page.locator("a[href*='/experiment/add/']").first.click()
    page.get_by_role("link", name="Cover style").click()
    page.get_by_role("group", name="Try 1").get_by_label("Cover style").select_option("bauhaus")
    page.locator("[data-outlook] img[src*=bauhaus]").wait_for()
    page.get_by_label("100: finds").check()
    page.get_by_text("200 reviewed songs in all").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("is running").first.wait_for()

    experiment = Experiment.objects.get()
    assert (experiment.status, experiment.planned_runs_per_arm) == ("running", 100)
    assert list(experiment.variants.values_list("value", flat=True)) == [None, "bauhaus"]
    # The list was opened and chosen from without the mouse.
    assert page.evaluate("Number(sessionStorage.clicks)") + 2 <= MOST_CLICKS


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
