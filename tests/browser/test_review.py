"""A reviewer's round: log in, watch and listen, decide, see the figures change."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from runs.models import Review, Run, Step
from tests.browser.conftest import PHONE
from tests.factories import ArtistFactory, UserFactory
from tests.media_rows import SECONDS, WARNING, finished_run

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"


@pytest.fixture
def runs(media: dict[str, Path], live_server: Any) -> list[Run]:
    """Two candidates, the older first."""
    now = timezone.now()
    return [
        finished_run(
            media,
            title=title,
            artist=ArtistFactory(name=artist, slug=artist.lower().replace(" ", "-")),
            finished_at=now - timedelta(hours=age),
        )
        for title, artist, age in (
            ("Neon Rivers", "Vera Halogen", 5),
            ("Paper Lanterns", "Oolong Sundays", 2),
        )
    ]


def log_in(page: Page, live_server: Any) -> None:
    UserFactory(username="reviewer", is_superuser=True)
    page.goto(live_server.url + reverse("admin:login"))
    page.fill("[name=username]", "reviewer")
    page.fill("[name=password]", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url("**" + reverse("admin:index"))


def open_queue(page: Page) -> None:
    page.click("a:has-text('Review queue')")
    page.wait_for_url("**" + reverse("admin:review_queue"))


def card(page: Page, run: Run) -> Locator:
    return page.locator(f"#run-{run.pk}")


def plays_and_seeks(player: Locator) -> dict[str, float]:
    """Play, wait for the time to move, jump near the end; returns what the player says then."""
    element = player.element_handle()
    assert element is not None
    played: dict[str, float] = element.evaluate(
        """async (player, target) => {
            player.muted = true;
            await player.play();
            await new Promise((done, fail) => {
                player.addEventListener("error", () => fail(player.error.message));
                const look = () => player.currentTime > 0.2 ? done() : setTimeout(look, 50);
                look();
            });
            const moved = player.currentTime;
            const seeked = new Promise((done) => (player.onseeked = done));
            player.currentTime = target;
            await seeked;
            player.pause();
            return {moved, now: player.currentTime, duration: player.duration};
        }""",
        SECONDS - 2.0,
    )
    return played


def test_review_round(page: Page, runs: list[Run], live_server: Any, keep: Any) -> None:
    log_in(page, live_server)
    keep(page, "dashboard-before")
    assert page.locator(".panel-tile >> nth=0").inner_text().split("\n")[1] == "2"

    ranges: list[int] = []
    page.on("response", lambda reply: ranges.append(reply.status) if "/media/" in reply.url else 0)
    open_queue(page)
    keep(page, "queue")
    for kind in ("audio", "video"):
        heard = plays_and_seeks(card(page, runs[0]).locator(kind))
        assert heard["moved"] > 0.2
        assert abs(heard["now"] - (SECONDS - 2.0)) < 0.3
        assert abs(heard["duration"] - SECONDS) < 0.3
    assert 206 in ranges

    card(page, runs[0]).get_by_role("button", name="Approve").click()
    page.get_by_text("Approved: Neon Rivers").wait_for()

    card(page, runs[1]).locator("summary", has_text="Reject").click()
    card(page, runs[1]).get_by_label("Weak hook").check()
    card(page, runs[1]).get_by_label("Comment").fill("The chorus hides.")
    keep(page, "queue-reject")
    card(page, runs[1]).get_by_role("button", name="Reject", exact=True).click()
    page.get_by_text("Nothing awaits review").wait_for()
    keep(page, "queue-empty")

    page.goto(live_server.url + reverse("admin:index"))
    keep(page, "dashboard-after")
    tiles = page.locator(".panel-tile").all_inner_texts()
    assert tiles[0].split("\n")[1] == "0"
    assert tiles[1].split("\n")[1:] == ["50%", "1 of 2 decisions"]
    assert set(Review.objects.values_list("decision", "comment")) == {
        ("approve", ""),
        ("reject", "The chorus hides."),
    }


def test_several_at_once(page: Page, runs: list[Run], live_server: Any, keep: Any) -> None:
    log_in(page, live_server)
    open_queue(page)
    bar = page.locator(".panel-bulk")
    assert not bar.is_visible()

    page.get_by_label("Choose all on this page").check()
    assert "2 chosen" in bar.inner_text()
    keep(page, "queue-ticked")
    bar.get_by_role("button", name="Approve chosen").click()

    page.get_by_text("Nothing awaits review").wait_for()
    assert set(Run.objects.values_list("status", flat=True)) == {Run.Status.APPROVED}


def test_click_on_the_waveform_seeks(page: Page, runs: list[Run], live_server: Any) -> None:
    log_in(page, live_server)
    open_queue(page)
    wave = card(page, runs[0]).locator(".panel-wave")
    box = wave.bounding_box()
    assert box is not None

    wave.click(position={"x": box["width"] / 2, "y": box["height"] / 2})

    page.wait_for_function(
        f"document.getElementById('audio-{runs[0].pk}').currentTime >= {SECONDS / 2 - 0.3}"
    )


def test_a_finding_is_played_from_its_mark_and_its_line_by_keys(
    page: Page, runs: list[Run], live_server: Any, keep: Any
) -> None:
    step = Step.objects.get(run=runs[0], name="quality")
    place = {"code": "pause", "message": "It is silent.", "start_s": 3.0, "end_s": 4.5}
    step.output["findings"] = [WARNING, WARNING | place]
    step.save()
    Run.objects.update(duration_s=SECONDS)
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:runs_run_change", args=[runs[0].pk]))
    player = page.locator(f"#audio-{runs[0].pk}")
    player.evaluate("player => { player.muted = true; }")

    for name in ("Play from 0:03: It is silent.", "Play from 0:03"):
        page.get_by_role("button", name=name, exact=True).press("Enter")
        page.wait_for_function("document.querySelector('audio').currentTime >= 3")
        player.evaluate("player => { player.pause(); player.currentTime = 0; }")
    mark = page.locator(".panel-findings button")
    assert (mark.count(), mark.get_attribute("style")) == (
        1,
        "left: min(50.0%, 100% - 24px); width: 25.0%",
    )
    keep(page, "run-findings")


def test_one_player_at_a_time(page: Page, runs: list[Run], live_server: Any) -> None:
    log_in(page, live_server)
    open_queue(page)
    first, second = (card(page, run).locator("audio") for run in runs)

    first.evaluate("player => player.play()")
    second.evaluate("player => player.play()")

    page.wait_for_function(f"document.getElementById('audio-{runs[0].pk}').paused")
    assert not second.evaluate("player => player.paused")


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_decide_on_a_phone(page: Page, runs: list[Run], live_server: Any, keep: Any) -> None:
    log_in(page, live_server)
    for name, address in (
        ("dashboard", reverse("admin:index")),
        ("queue", reverse("admin:review_queue")),
        ("run", reverse("admin:runs_run_change", args=[runs[0].pk])),
        ("artist", reverse("admin:artists_artist_change", args=[runs[0].artist_id])),
    ):
        page.goto(live_server.url + address)
        keep(page, f"phone-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name

    page.goto(live_server.url + reverse("admin:review_queue"))
    card(page, runs[0]).get_by_role("button", name="Approve").click()
    page.get_by_text("Approved: Neon Rivers").wait_for()

    runs[0].refresh_from_db()
    assert runs[0].status == Run.Status.APPROVED
