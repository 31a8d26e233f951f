"""Files in a bucket are shown, played and saved by the browser, from the store or the panel."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from ai_artist.object_storage import origin_of
from tests.browser.test_review import card, log_in, open_queue, plays_and_seeks
from tests.buckets import in_bucket, moto
from tests.media_rows import SECONDS, finished_run

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["in_bucket", "moto"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def allowed(in_bucket: Any) -> str:
    """The store's origin, named in the policy as settings.py does."""
    origin = origin_of(in_bucket.S3)
    policy = in_bucket.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    more = {name: [*policy[name], origin] for name in ("img-src", "media-src", "connect-src")}
    in_bucket.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy | more}
    return origin


def test_a_song_is_seen_and_heard_from_the_store(
    allowed: str, media: dict[str, Path], live_server: Any, page: Page
) -> None:
    run = finished_run(media)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(page, live_server)
    open_queue(page)

    played = plays_and_seeks(card(page, run).locator("audio").first)

    assert played["duration"] == pytest.approx(SECONDS, abs=0.5)
    assert played["now"] > 1
    assert any(address.startswith(allowed) and ".mp3" in address for address in asked)
    page.goto(live_server.url + reverse("admin:runs_run_change", args=[run.pk]))
    page.wait_for_function(
        "[...document.querySelectorAll('img')].some(img => img.currentSrc && img.naturalWidth > 90)"
    )


def test_a_song_is_heard_from_the_panel_if_the_store_is_out_of_reach(
    in_bucket: Any, media: dict[str, Path], live_server: Any, page: Page
) -> None:
    in_bucket.S3 = {**in_bucket.S3, "link_s": 0}
    run = finished_run(media)
    shutil.rmtree(in_bucket.CACHE_DIR)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    log_in(page, live_server)
    open_queue(page)

    played = plays_and_seeks(card(page, run).locator("audio").first)

    assert played["now"] > 1
    assert [address for address in asked if address.startswith(in_bucket.S3["endpoint"])] == []
