"""The review desk in a real browser: keys, undo, a bad line, a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from artists.models import PerformanceEntry
from runs.models import Artifact, Review, Run, Step
from runs.reviewing import reviews
from tests.browser.conftest import DESKTOP, PHONE, SCREENSHOTS
from tests.factories import ArtistFactory, UserFactory
from tests.media_rows import SECONDS, finished_run

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ITEMS, LONG = 12, 200
SECTIONS = [
    {"kind": "intro", "start_s": 0.0, "end_s": 1.2},
    {"kind": "verse", "start_s": 1.2, "end_s": 3.0},
    {"kind": "chorus", "start_s": 3.0, "end_s": 5.0},
    {"kind": "outro", "start_s": 5.0, "end_s": 6.0},
]
FINDING = {
    "code": "quiet_intro",
    "severity": "warn",
    "message": "The intro is 4 dB quieter.",
    "start_s": 0.2,
    "end_s": 1.1,
}


@pytest.fixture
def runs(media: dict[str, Path], live_server: Any) -> list[Run]:
    """Twelve candidates of two artists, the oldest first; the first three wait too long."""
    now = timezone.now()
    artists = [
        ArtistFactory(name=name, slug=name.lower().replace(" ", "-"))
        for name in ("Vera Halogen", "Oolong Sundays")
    ]
    made = [
        finished_run(
            media,
            title=f"Neon Rivers {number + 1}",
            artist=artists[number % 2],
            finished_at=now
            - timedelta(hours=40 - 8 * number if number < 5 else 3, seconds=-number),
            duration_s=float(SECONDS),
        )
        for number in range(ITEMS)
    ]
    Step.objects.filter(name="music").update(output={"sections": SECTIONS})
    Step.objects.filter(name="quality").update(output={"findings": [FINDING]})
    return made


@pytest.fixture
def long_queue(runs: list[Run]) -> None:
    """As many copies of the newest as make the queue LONG; they share its files."""
    last = runs[-1]
    copies = []
    for number in range(ITEMS + 1, LONG + 1):
        own = {"id": uuid4(), "title": f"Neon Rivers {number}"}
        finished_at = last.finished_at + timedelta(seconds=number)
        copies.append(Run(**{**fields_of(last), **own, "finished_at": finished_at}))
    Run.objects.bulk_create(copies)
    for model in (Step, Artifact):
        rows = [fields_of(row) for row in model.objects.filter(run=last)]
        for row in rows:
            row.pop("id")
        model.objects.bulk_create(
            model(**{**row, "run_id": copy.pk}) for copy in copies for row in rows
        )


def fields_of(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def desk(page: Page, runs: list[Run], live_server: Any) -> Page:
    """The desk with the first item on it."""
    enter(page, live_server)
    title(page).wait_for()
    return page


def enter(page: Page, live_server: Any) -> None:
    user = UserFactory(username="reviewer", is_superuser=True)
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(live_server.url + reverse("admin:desk"))


def title(page: Page) -> Any:
    return page.locator("#desk-stage .desk-item .panel-title")


def wait_until(page: Page, done: Callable[[], bool], *, tries: int = 100) -> None:
    """Look at the database until it is so."""
    for _ in range(tries):
        if done():
            return
        page.wait_for_timeout(50)
    raise AssertionError("It did not come to pass.")


def status_of(run: Run) -> str:
    return Run.objects.values_list("status", flat=True).get(pk=run.pk)


def test_one_key_approves_two_reject_one_undoes(desk: Page, runs: list[Run], keep: Any) -> None:
    keep(desk, "desk")
    assert title(desk).inner_text() == "Neon Rivers 1"

    desk.keyboard.press("a")
    assert title(desk).inner_text() == "Neon Rivers 2"
    desk.keyboard.press("l")
    keep(desk, "desk-reasons")
    desk.keyboard.press("3")
    assert title(desk).inner_text() == "Neon Rivers 3"
    wait_until(desk, lambda: Review.objects.count() == 2)
    assert set(Review.objects.values_list("decision", "reasons__0")) == {
        ("approve", None),
        ("reject", "audio_fault"),
    }

    desk.keyboard.press("z")
    assert title(desk).inner_text() == "Neon Rivers 2"
    wait_until(desk, lambda: status_of(runs[1]) == Run.Status.AWAITING_REVIEW)
    reviews.apply_due(now=timezone.now() + timedelta(minutes=1))
    assert list(PerformanceEntry.objects.values_list("run_id", flat=True)) == [runs[0].pk]


def test_a_long_queue_takes_one_key_two_keys_and_one_key(
    runs: list[Run], long_queue: None, desk: Page
) -> None:
    """Approve, reject with a reason, undo."""
    assert desk.locator("#desk-waiting").inner_text() == str(LONG)
    shown = [
        *(("a", number) for number in range(2, 8)),
        *(("l2", number) for number in range(8, 12)),
    ]
    for keys, number in (*shown, ("z", 10), ("z", 9), ("z", 8)):
        for key in keys:
            desk.keyboard.press(key)
        title(desk).filter(has_text=re.compile(rf"^Neon Rivers {number}$")).wait_for()

    wait_until(desk, lambda: Review.objects.standing().count() == 7 and unsent(desk) == 0)
    decided = Review.objects.standing().order_by("at", "pk")
    assert list(decided.values_list("run__title", "decision", "reasons__0")) == [
        *((f"Neon Rivers {number}", "approve", None) for number in range(1, 7)),
        ("Neon Rivers 7", "reject", "off_persona"),
    ]


def unsent(page: Page) -> int:
    """Entries of the outbox."""
    count: int = page.evaluate(
        "Object.keys(localStorage).filter((name) => name.startsWith('desk-outbox')).length"
    )
    return count


def test_reject_twice_takes_the_last_reason(desk: Page, runs: list[Run]) -> None:
    for key in ("l", "5", "l", "l"):
        desk.keyboard.press(key)

    wait_until(desk, lambda: Review.objects.count() == 2)
    assert {tuple(review.reasons) for review in Review.objects.all()} == {("lyric_cliche",)}


def test_a_notice_does_not_lie_over_the_reasons(desk: Page, runs: list[Run]) -> None:
    for key in ("s", "l"):
        desk.keyboard.press(key)

    reasons = desk.locator("#desk-reasons")
    reasons.wait_for()
    notice = desk.locator("#desk-toast", has_text="Skipped")
    notice.wait_for()
    above, below = notice.bounding_box(), reasons.bounding_box()
    assert above is not None and below is not None
    assert above["y"] + above["height"] <= below["y"]


def test_an_undone_item_can_be_decided_again(desk: Page, runs: list[Run]) -> None:
    for key in ("a", "z", "l", "1"):
        desk.keyboard.press(key)

    wait_until(desk, lambda: status_of(runs[0]) == Run.Status.REJECTED)
    assert desk.locator(".desk-conflict").count() == 0


def test_buttons_do_what_keys_do(desk: Page, runs: list[Run]) -> None:
    desk.get_by_role("button", name="Approve A").click()
    desk.get_by_role("button", name="Skip S").click()
    desk.get_by_role("button", name="Reject L").click()
    desk.get_by_role("button", name="Weak hook").click()

    wait_until(desk, lambda: Review.objects.count() == 2)
    assert [status_of(run) for run in runs[:3]] == ["approved", "awaiting_review", "rejected"]


def test_keys_rest_while_typing_and_the_comment_goes_along(desk: Page, runs: list[Run]) -> None:
    desk.keyboard.press("c")
    desk.keyboard.type("as loud as lazy")
    assert title(desk).inner_text() == "Neon Rivers 1"
    desk.keyboard.press("Enter")
    desk.keyboard.press("a")

    wait_until(desk, lambda: Review.objects.count() == 1)
    assert Review.objects.get().comment == "as loud as lazy"


def test_space_plays_and_the_next_item_goes_on_playing(desk: Page, runs: list[Run]) -> None:
    playing = "!document.querySelector('#desk-stage audio').paused"
    desk.keyboard.press(" ")
    desk.wait_for_function(playing)
    desk.keyboard.press("]")
    desk.wait_for_function("document.querySelector('#desk-stage audio').currentTime >= 1.2")

    desk.keyboard.press("a")

    assert title(desk).inner_text() == "Neon Rivers 2"
    desk.wait_for_function(playing)
    desk.wait_for_function("performance.getEntriesByName('desk-audible').length === 1")
    desk.keyboard.press(" ")
    desk.wait_for_function("document.querySelector('#desk-stage audio').paused")


def test_an_item_without_a_track_is_shown_and_decided(
    page: Page, runs: list[Run], live_server: Any
) -> None:
    runs[0].artifacts.filter(kind__in=[Artifact.Kind.MASTER, Artifact.Kind.MP3]).delete()
    faults: list[Any] = []
    page.on("pageerror", lambda fault: faults.append(fault))

    enter(page, live_server)
    page.get_by_text("No audio").wait_for()
    page.wait_for_function("document.title.startsWith('Neon Rivers 1 ')")
    for key in [" ", ".", "a"]:
        page.keyboard.press(key)

    wait_until(page, lambda: status_of(runs[0]) == "approved")
    assert faults == []


def test_a_key_can_be_remapped_and_keys_switched_off(desk: Page, runs: list[Run]) -> None:
    desk.keyboard.press("?")
    desk.get_by_label("Key for Approve").focus()
    desk.keyboard.press("y")
    desk.get_by_role("button", name="Close").click()
    desk.keyboard.press("a")
    assert title(desk).inner_text() == "Neon Rivers 1"
    desk.keyboard.press("y")
    assert title(desk).inner_text() == "Neon Rivers 2"

    desk.reload()
    title(desk).wait_for()
    shown = title(desk).inner_text()
    desk.get_by_role("button", name="Keys").click()
    desk.get_by_label("Use keys").uncheck()
    desk.get_by_role("button", name="Close").click()
    desk.keyboard.press("y")
    assert title(desk).inner_text() == shown


def test_nothing_waits_for_a_server_that_does_not_answer(
    window: Page, runs: list[Run], live_server: Any
) -> None:
    page, failing = window, True

    def flaky(route: Route) -> None:
        if failing:
            route.abort()
        else:
            route.continue_()

    page.route("**/desk/decide/", flaky)
    enter(page, live_server)
    title(page).wait_for()
    page.wait_for_function("document.title.startsWith('Neon Rivers')")

    page.keyboard.press("a")
    page.keyboard.press("a")
    assert title(page).inner_text() == "Neon Rivers 3"
    page.get_by_text("2 unsent").wait_for()
    assert not Review.objects.exists()

    page.reload()
    title(page).wait_for()
    failing = False
    page.locator("#desk-unsent").click()
    wait_until(page, lambda: Review.objects.count() == 2)
    page.locator("#desk-unsent").wait_for(state="hidden")
    assert [status_of(run) for run in runs[:2]] == ["approved", "approved"]


def test_a_conflict_shows_both_versions(
    window: Page, runs: list[Run], live_server: Any, keep: Any
) -> None:
    enter(window, live_server)
    title(window).wait_for()
    other = UserFactory(username="colleague")
    reviews.decide(
        run_id=runs[0].pk,
        decision="reject",
        reasons=["rights"],
        reviewer=other,
        now=timezone.now(),
    )

    window.keyboard.press("a")

    box = window.locator(".desk-conflict")
    box.wait_for()
    assert "Approved" in box.inner_text()
    assert "Rejected (Rights or policy) by colleague" in box.inner_text()
    keep(window, "desk-conflict")


def test_several_at_once_with_one_undo(desk: Page, runs: list[Run], keep: Any) -> None:
    desk.locator("#desk-scope").focus()
    option = desk.locator("#desk-scope option", has_text="Vera Halogen")
    option.wait_for(state="attached")
    desk.locator("#desk-scope").select_option(value=option.get_attribute("value"))
    desk.get_by_role("button", name="Several at once").click()
    desk.locator(".desk-tile").nth(5).wait_for()
    keep(desk, "desk-several")
    foot = desk.locator(".desk-dialog-foot")
    box = foot.bounding_box()
    assert box is not None and box["y"] + box["height"] <= DESKTOP["height"]
    desk.locator(".desk-tile audio").first.evaluate(
        "song => { song.muted = true; return song.play(); }"
    )
    assert desk.locator(".desk-tile input:checked").count() == 6
    desk.locator(".desk-tile input").first.uncheck()
    desk.get_by_role("button", name="Approve chosen").click()
    wait_until(desk, lambda: Review.objects.count() == 5)
    assert Run.objects.filter(status=Run.Status.APPROVED).count() == 5

    desk.keyboard.press("z")

    wait_until(desk, lambda: not Run.objects.filter(status=Run.Status.APPROVED).exists())


def test_markup_in_names_and_words_stays_text(
    page: Page, media: dict[str, Path], live_server: Any
) -> None:
    evil = "<img src=x onerror=document.title='owned'><b>x</b>"
    run = finished_run(
        media,
        title=evil,
        artist=ArtistFactory(name=evil, backstory=evil, voice=evil, style_notes=evil),
        finished_at=timezone.now(),
    )
    Step.objects.filter(run=run, name="lyrics").update(
        output={"lyrics": {"sections": [{"kind": evil, "lines": [evil]}]}}
    )
    Step.objects.filter(run=run, name="quality").update(
        output={"findings": [{**FINDING, "message": evil}]}
    )
    Step.objects.filter(run=run, name="music").update(
        output={"sections": [{**SECTIONS[0], "kind": evil}]}
    )
    run.reflection.text = evil
    run.reflection.save()
    enter(page, live_server)
    title(page).wait_for()
    page.keyboard.press("c")
    page.keyboard.type(evil)
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    page.locator("#desk-recent", has_text="<b>x</b>").wait_for()

    assert page.locator("#desk b, #desk img[src=x]").count() == 0
    assert page.title() != "owned"


PHONES = {"width": 390, "height": 844}, {"width": 360, "height": 640}, {"width": 320, "height": 568}
TURNED = tuple({"width": size["height"], "height": size["width"]} for size in PHONES)


@pytest.mark.parametrize("page", [*PHONES, *TURNED], indirect=True, ids=str)
def test_title_player_and_decision_are_seen_at_once_on_a_phone(
    desk: Page, runs: list[Run], keep: Any
) -> None:
    """Without scrolling, and none of them under another."""
    size = desk.viewport_size
    assert size is not None
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    desk.screenshot(path=SCREENSHOTS / f"phone-desk-{size['width']}.png")
    parts = {
        "title": title(desk),
        "play": desk.locator(".desk-play"),
        "approve": desk.locator("[data-action=approve]"),
        "reject": desk.locator("[data-action=reject]"),
    }

    boxes = {name: part.bounding_box() for name, part in parts.items()}
    bar = desk.locator("#desk-actions").bounding_box()

    for name, box in boxes.items():
        assert box["x"] >= 0, name
        assert box["y"] >= 0, name
        assert box["x"] + box["width"] <= size["width"], name
        assert box["y"] + box["height"] <= size["height"], name
    for name in ("title", "play"):
        assert boxes[name]["y"] + boxes[name]["height"] <= bar["y"], name
    # Nothing else lies over it either: a finger meets the button itself.
    box = boxes["play"]
    centre = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert desk.evaluate("([x, y]) => document.elementFromPoint(x, y).className", centre).count(
        "desk-play"
    )
    assert desk.evaluate("document.documentElement.scrollWidth") <= size["width"]
    if size["height"] >= 700:  # smaller ones have no room to spare
        desk.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        for name, part in parts.items():
            box = part.bounding_box()
            assert 0 <= box["y"] <= size["height"] - box["height"], f"{name}, scrolled down"


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_the_desk_on_a_phone(desk: Page, runs: list[Run], keep: Any) -> None:
    keep(desk, "phone-desk")
    assert desk.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    desk.get_by_role("button", name="Reject").click()
    assert desk.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    desk.get_by_role("button", name="Off persona").click()

    wait_until(desk, lambda: Review.objects.count() == 1)
    assert status_of(runs[0]) == Run.Status.REJECTED


def test_dark(page: Page, runs: list[Run], live_server: Any, keep: Any) -> None:
    page.emulate_media(color_scheme="dark")
    enter(page, live_server)
    title(page).wait_for()
    page.wait_for_timeout(300)

    keep(page, "desk-dark")

    assert page.evaluate("document.documentElement.classList.contains('dark')")


def test_an_empty_desk_says_what_to_do(page: Page, live_server: Any, keep: Any) -> None:
    enter(page, live_server)

    page.get_by_text("Nothing to review").wait_for()

    keep(page, "desk-empty")
