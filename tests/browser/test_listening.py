"""Listening well: comparing, comments at a second, the player that stays, and a preview link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone

from media_tools.ffmpeg import run_ffmpeg
from runs.models import PreviewComment, Run, Step, TimedComment
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_desk import SECTIONS, enter, title, wait_until
from tests.browser.test_pages import findings_of
from tests.factories import ArtistFactory
from tests.media_rows import finished_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LENGTH_S = 180
PLAYS = "document.querySelector('audio').currentTime > 0.5"
WIDTH = "document.documentElement.scrollWidth"
# The players a page made, whether they stand in it or not, as window.made.
WATCH = """
window.made = [];
const make = document.createElement;
document.createElement = function (...name) {
  const element = make.apply(this, name);
  if (element instanceof HTMLAudioElement) window.made.push(element);
  return element;
};
"""


# The second in another song for four seconds of this one: in its only chorus, in its second verse,
# in a section that the other lacks, and without sections.
SAME_PLACE = """
import("/static/listen/compare.js").then(({ samePlace }) => {
  const song = (...starts) => starts.map(([kind, start_s]) => ({ kind, start_s }));
  const own = song(["intro", 0], ["verse", 10], ["chorus", 20], ["verse", 30]);
  const other = song(["verse", 5], ["chorus", 30], ["verse", 40]);
  return [...[22, 34, 7].map((at) => samePlace(at, own, other)), samePlace(3, [], other)];
})
"""


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A track that does not end while a busy machine looks at a page."""
    path = tmp_path_factory.mktemp("tone") / "tone.mp3"
    tone = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={LENGTH_S}", "-b:a", "32k"]
    run_ffmpeg(["-y", *tone, str(path)], timeout_s=60, what="test media")
    return path


@pytest.fixture
def song(media: dict[str, Path], tone: Path, live_server: Any) -> Run:
    """A candidate 1.5 dB louder than its artist's approved song."""
    media = {**media, "mp3": tone}
    now = timezone.now()
    artist = ArtistFactory(name="Vera Halogen", slug="vera-halogen")
    fields = {"artist": artist, "duration_s": float(LENGTH_S)}
    finished_run(
        media,
        title="Paper Moon",
        status=Run.Status.APPROVED,
        decided_at=now - timedelta(days=2),
        finished_at=now - timedelta(days=3),
        lufs=-14.0,
        **fields,
    )
    run = finished_run(media, title="Neon Rivers", finished_at=now, lufs=-12.5, **fields)
    Step.objects.filter(name="music").update(output={"sections": SECTIONS, "vocals": "synthetic"})
    return run


def page_of(live_server: Any, run: Run) -> str:
    return str(live_server.url + reverse("admin:runs_run_change", args=[run.pk]))


@pytest.fixture
def made(page: Page) -> Iterator[None]:
    """Pages keep the players they make in a list `made`."""
    with page.add_init_script(WATCH):
        yield


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_compare_and_comment_at_the_desk(
    page: Page, live_server: Any, song: Run, keep: Any
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    enter(page, live_server)
    title(page).wait_for()
    assert not [url for url in asked if "/compare/" in url]
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("made.some((player) => player.currentTime > 0.2)")

    page.keyboard.press("x")
    page.get_by_text("You hear “Paper Moon (approved)”, at its own level.").wait_for()
    page.keyboard.press("x")
    page.get_by_text("You hear this song, lowered by 1.5 dB.").wait_for()
    places = page.evaluate("made.filter((one) => !one.paused).map((one) => one.currentTime)")
    assert len(places) == 2
    assert abs(places[0] - places[1]) < 0.2

    page.keyboard.press("m")
    page.keyboard.type("Too <b>loud</b> here")
    page.keyboard.press("Enter")
    page.get_by_text("Too <b>loud</b> here").wait_for()
    page.get_by_role("button", name="To the comment at").wait_for()
    keep(page, f"desk-listening-{page.viewport_size['width']}")
    assert TimedComment.objects.get().at_s > 0.2
    assert page.evaluate(WIDTH) <= page.viewport_size["width"]
    assert findings_of(page) == []

    page.get_by_role("button", name="Remove").click()
    wait_until(page, lambda: not TimedComment.objects.exists())


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_song_plays_on_from_page_to_page(
    page: Page, live_server: Any, song: Run, keep: Any
) -> None:
    enter(page, live_server)
    page.goto(live_server.url + reverse("admin:runs_run_changelist"))
    bar = page.get_by_role("region", name="Player")

    page.get_by_role("button", name="Play Neon Rivers").click()
    page.wait_for_function("document.querySelector('.panel-staying audio').currentTime > 0.4")
    page.get_by_role("link", name="Paper Moon").first.click()
    page.wait_for_url("**/change/")
    bar.get_by_role("button", name="Pause").wait_for()
    keep(page, f"player-{page.viewport_size['width']}")
    assert page.evaluate("document.querySelector('.panel-staying audio').currentTime") > 0.3
    assert page.evaluate(WIDTH) <= page.viewport_size["width"]
    assert findings_of(page) == []

    # Its own page has a player for it: that one goes on, and the bar makes way.
    bar.get_by_role("link", name="Neon Rivers").click()
    page.wait_for_function(
        "document.querySelector('[data-song=\"Neon Rivers\"]')?.paused === false"
    )
    assert not bar.is_visible()
    page.go_back()
    bar.wait_for()

    # Another song silences it; closed, it comes back on no page.
    page.locator("[data-song='Paper Moon']").evaluate("song => song.play()")
    bar.wait_for(state="detached")
    page.goto(live_server.url + reverse("admin:desk"))
    title(page).wait_for()
    assert not bar.is_visible()
    page.goto(live_server.url + reverse("admin:runs_batch_changelist"))
    bar.get_by_role("button", name="Close the player").click()
    page.reload()
    assert not bar.is_visible()


def test_run_page_compares_and_takes_the_place_of_a_comment(
    page: Page, live_server: Any, song: Run, keep: Any
) -> None:
    enter(page, live_server)
    page.goto(page_of(live_server, song))
    player = page.locator("audio[data-song]")
    player.evaluate("song => { song.currentTime = 3.5; }")

    assert page.evaluate(SAME_PLACE) == [32, 44, 7, 3]
    page.keyboard.press("x")
    page.get_by_text("You hear “Paper Moon (approved)”").wait_for()
    page.get_by_role("button", name="Stop comparing").click()
    page.get_by_role("button", name="Compare").wait_for()
    page.keyboard.press("m")
    assert page.get_by_label("At", exact=True).input_value() == "0:03"
    page.keyboard.type("Here")
    page.keyboard.press("Enter")
    page.get_by_text("Your comment stands at 0:03.").wait_for()
    player.evaluate("song => { song.muted = true; song.currentTime = 0; }")
    page.get_by_role("button", name="To the comment at 0:03").click()
    page.wait_for_function("document.querySelector('audio[data-song]').currentTime >= 3")
    keep(page, "run-listening")


def test_a_link_is_heard_without_an_account_and_without_scripts(
    page: Page, chromium: Browser, live_server: Any, song: Run, keep: Any
) -> None:
    caches["limits"].clear()
    enter(page, live_server)
    page.goto(page_of(live_server, song))
    page.get_by_label("For", exact=True).fill("Ada")
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("#preview-address").inner_text()
    # It is told once, so it has to be seen.
    assert page.locator("#preview-address").bounding_box()["y"] < DESKTOP["height"]

    outside = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    guest = outside.new_page()
    guest.goto(address)
    guest.get_by_text("Neon Rivers").first.wait_for()
    guest.get_by_label("Yes").check()
    guest.get_by_label("Your name").fill("Ada")
    guest.get_by_label("Comment").fill("Lovely")
    guest.get_by_role("button", name="Send").click()
    guest.get_by_text("Thank you").wait_for()
    assert outside.cookies() == []
    outside.close()

    for scheme in ("light", "dark"):
        outside = chromium.new_context(viewport=PHONE, color_scheme=scheme)
        guest = outside.new_page()
        guest.goto(address)
        guest.locator(".wave").click()
        # Asked from outside: the page's policy lets nothing be evaluated inside.
        wait_until(guest, lambda page=guest: page.evaluate(PLAYS))
        keep(guest, f"preview-{scheme}")
        assert findings_of(guest) == []
        assert guest.evaluate(WIDTH) <= PHONE["width"]
        outside.close()

    page.reload()
    page.get_by_text("Lovely").wait_for()
    assert PreviewComment.objects.get().thumb == "up"
