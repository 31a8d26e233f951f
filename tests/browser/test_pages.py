"""Every kind of page: accessible by axe-core's rules in light and dark, and whole on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from artists.models import Lesson
from runs.models import Run, Step
from runs.releasing.albums import AlbumOrder, make_album
from runs.releasing.disclosure import disclosure_of
from runs.reviewing import reviews
from runs.telling.sending import unsubscribe_token
from tests.addresses import addresses
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import (
    ArtistFactory,
    ExperimentFactory,
    RunFactory,
    TopicFactory,
    UserFactory,
    VariantFactory,
    run_awaiting_song,
    single_of,
)
from tests.media_rows import finished_run

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A finding below these is a hint.
FAULTS = ("serious", "critical")

Visit = Callable[[str], "Page"]


@pytest.fixture
def pages(media: dict[str, Path]) -> dict[str, str]:
    """Pages by name, in states that the walk over every page does not meet."""
    now = timezone.now()
    artist = ArtistFactory(name="Vera Halogen", slug="vera-halogen")
    waiting, rejected = (
        finished_run(media, title=title, artist=artist, finished_at=now - timedelta(hours=30))
        for title in ("Neon Rivers", "Paper Lanterns")
    )
    reviews.decide(
        run_id=rejected.pk, decision="reject", reasons=["weak_hook"], reviewer=None, now=now
    )
    failed = RunFactory(
        status=Run.Status.FAILED,
        artist=artist,
        error="concept: Vera Halogen's profile cannot be used. Keys: “H minor”: no such key.",
        failure_kind=Run.FailureKind.PROFILE,
        failure_subject="keys",
        finished_at=now,
    )
    Step.objects.create(run=failed, name="concept", position=0, status="failed", error="HTTP 500")
    awaiting_song = run_awaiting_song(artist=artist)
    approved = finished_run(
        media, title="Paper Moon", artist=artist, status=Run.Status.APPROVED, decided_at=now
    )
    release = single_of(approved, disclosure=disclosure_of(approved))
    songs = [
        finished_run(media, title=title, artist=artist, status="approved", decided_at=now)
        for title in ("Glass Harbour", "Slow Lanterns")
    ]
    order = AlbumOrder("ep", "Harbour Lights", [song.pk for song in songs])
    album = make_album(order, actor=None, now=now)
    experiment = ExperimentFactory(name="Slower?")
    VariantFactory.create_batch(2, experiment=experiment)
    TopicFactory()
    return {
        "dashboard": reverse("admin:index"),
        "desk": reverse("admin:desk"),
        "queue": reverse("admin:review_queue"),
        "run list": reverse("admin:runs_run_changelist"),
        "run awaiting review": reverse("admin:runs_run_change", args=[waiting.pk]),
        "run rejected": reverse("admin:runs_run_change", args=[rejected.pk]),
        "run failed": reverse("admin:runs_run_change", args=[failed.pk]),
        "run waiting for its song": reverse("admin:runs_run_change", args=[awaiting_song.pk]),
        "song alone": reverse("admin:runs_run_song", args=[awaiting_song.pk]),
        "artist": reverse("admin:artists_artist_change", args=[artist.pk]),
        "artist's sound": reverse("admin:artists_artist_change", args=[artist.pk]) + "?tab=sound",
        "plan of an experiment": reverse("admin:experiments_experiment_add")
        + "?parameter=cover_style",
        "new run": reverse("admin:runs_run_new"),
        "release": reverse("admin:runs_release_change", args=[release.pk]),
        "album": reverse("admin:runs_release_change", args=[album.pk]),
        "new album": reverse("admin:runs_release_album") + f"?artist={artist.pk}",
        "hand over": reverse("admin:runs_release_hand_over", args=[release.pk]),
        "publish": reverse("admin:runs_release_publish", args=[release.pk]),
        "new account": reverse("admin:auth_user_add"),
        "experiment": reverse("admin:experiments_experiment_change", args=[experiment.pk]),
        "no such page": reverse("admin:index") + "nosuch/",
    }


def sign_in(page: Page, live_server: Any, size: ViewportSize) -> None:
    """Make the window a superuser's."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size(size)


def test_a_value_of_the_hand_over_is_copied_by_its_button(
    page: Page, live_server: Any, pages: dict[str, str]
) -> None:
    sign_in(page, live_server, PHONE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_server.url + pages["hand over"])

    page.get_by_role("button", name="Copy Artist or band name").click()

    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "Vera Halogen"


# What the theme can change: it has other colours and nothing else.
COLOURS = ("color-contrast", "link-in-text-block")


# Rules whose findings are hints by themselves: the region of a page, the order of its headings.
HINTS = """() => axe._audit.rules
    .filter((rule) => rule.impact && !FAULTS.includes(rule.impact))
    .map((rule) => [rule.id, { enabled: false }])""".replace("FAULTS", json.dumps(FAULTS))
FINDINGS = f"""async (only) => {{
    const rules = only.length ? {{}} : Object.fromEntries(({HINTS})());
    const runOnly = only.length ? {{ runOnly: only }} : {{}};
    return (await axe.run({{ resultTypes: ["violations"], rules, ...runOnly }})).violations;
}}"""
AXE = Axe().axe_script


def findings_of(page: Page, *, rules: Sequence[str] = ()) -> list[str]:
    """Serious and critical findings of axe-core, each with the first elements it is about.

    rules: the only ones to ask for; without any, all of them.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return [
        f"{finding['id']} ({finding['impact']}): {finding['help']}: "
        + " | ".join(node["html"][:160] for node in finding["nodes"][:3])
        for finding in page.evaluate(FINDINGS, list(rules))
        if finding["impact"] in FAULTS
    ]


# What a phone can change besides: what scrolls, and what a finger must meet.
SHAPES = ("scrollable-region-focusable", "target-size", "button-name", "link-name", "label")


def findings_in_both_themes(page: Page) -> list[str]:
    """Findings in light on a desktop, and what is wrong in the dark on a phone."""
    page.set_viewport_size(DESKTOP)
    light = findings_in(page, dark=False)
    background = page.evaluate(BACKGROUND)
    page.set_viewport_size(PHONE)
    dark = findings_in(page, dark=True)
    assert page.evaluate(BACKGROUND) != background, "the theme did not change"
    return light + dark


def findings_in(page: Page, *, dark: bool) -> list[str]:
    """Findings in a theme; in the dark, what that theme and a phone can change."""
    # A notice that fades in while axe-core looks has too little contrast.
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
    page.wait_for_function(NOTHING_FADES)
    found = findings_of(page, rules=(*COLOURS, *SHAPES) if dark else ())
    return [f"{'dark, phone' if dark else 'light'}: {finding}" for finding in found]


BACKGROUND = "getComputedStyle(document.body).backgroundColor"
NOTHING_FADES = "!document.getAnimations().some((moving) => moving instanceof CSSTransition)"


def test_pages_have_no_serious_fault_of_accessibility_and_fit_a_phone(
    window: Page, live_server: Any, pages: dict[str, str]
) -> None:
    sign_in(window, live_server, PHONE)
    found: list[str] = []
    widths = {}
    for name, address in pages.items():
        window.set_viewport_size(PHONE)
        window.goto(live_server.url + address)
        widths[name] = window.evaluate("document.documentElement.scrollWidth")
        if name == "desk":
            window.locator("#desk-stage .desk-item").wait_for()
        found += [f"{name}: {finding}" for finding in findings_in_both_themes(window)]
    window.context.clear_cookies()
    window.goto(live_server.url + reverse("admin:login"))
    found += [f"login: {finding}" for finding in findings_in_both_themes(window)]
    found += plain_findings(window, live_server.url)

    assert not found, "\n".join(found)
    assert {name: width for name, width in widths.items() if width > PHONE["width"]} == {}


def plain_findings(page: Page, site: str) -> list[str]:
    """Findings on a phone in pages without the panel around them, light and dark by the system."""
    page.set_viewport_size(PHONE)
    leave = reverse("unsubscribe", args=[unsubscribe_token(UserFactory())])
    found = []
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        for path in (leave, "/nosuch/"):
            page.goto(site + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            found += [f"{path}, {theme}: {finding}" for finding in findings_of(page)]
    return found


def test_a_list_is_cards_on_a_phone_and_the_bell_opens_over_it(
    page: Page, live_server: Any, pages: dict[str, str]
) -> None:
    sign_in(page, live_server, PHONE)
    page.goto(live_server.url + pages["run list"])
    card = page.locator("#result_list .data-row", has_text="Paper Lanterns")

    cells = card.locator("> :visible").evaluate_all("all => all.map((one) => one.className)")
    box = card.bounding_box()

    shown = [name.split()[0].removeprefix("field-") for name in cells]
    assert {"cover", "name", "artist", "status_label", "progress", "length"} <= set(shown)
    assert "loudness" not in shown
    assert box is not None
    assert box["height"] < 140
    page.locator(".panel-bell summary").click()
    page.get_by_role("link", name="1 run failed in the last 7 days").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.keyboard.press("Escape")
    page.locator(".panel-bell-list").wait_for(state="hidden")


def test_words_beside_a_button_have_the_width_of_a_phone(page: Page, live_server: Any) -> None:
    for artist in ArtistFactory.create_batch(2, genre="lofi"):
        Lesson.objects.create(
            artist=artist, text="Make the hook stronger, please", status="accepted"
        )
    sign_in(page, live_server, PHONE)
    page.goto(live_server.url + reverse("admin:artists_lesson_changelist"))

    words = page.locator(".panel-lines .panel-grow", has_text="Make the hook stronger")
    box = words.bounding_box()

    assert page.get_by_role("button", name="Apply it to").is_visible()
    assert box is not None and box["width"] > PHONE["width"] / 2


def test_every_page_is_accessible_and_fits_its_window(
    window: Page, live_server: Any, everything: None, boss: Client
) -> None:
    from playwright.sync_api import Error as PlaywrightError

    sign_in(window, live_server, DESKTOP)
    faults, addresses_seen = [], every_page(boss)
    sizes = [DESKTOP, PHONE]
    for address in addresses_seen:
        window.goto(live_server.url + address, wait_until="load")
        for size in sizes:
            window.set_viewport_size(size)
            fits = f"document.documentElement.scrollWidth <= {size['width']}"
            try:
                window.wait_for_function(fits)  # the menu folds after the window does
            except PlaywrightError:
                faults.append(f"{address} is wider than {size['width']} px")
            found = findings_in(window, dark=size == PHONE)
            faults += [f"{address}: {finding}" for finding in found]
        sizes.reverse()  # the next page begins at the size that the window has

    assert len(addresses_seen) > 60
    assert not faults, "\n".join(faults)


def every_page(client: Client) -> list[str]:
    """The address of each page of the panel that answers with a page.

    The admin's own pages of history and deletion are the same for all models: two stand for them.
    A form to add a row is the one to change it, with less in it.
    """
    by_name = {address.name: address.url for address in addresses()}
    own = [
        url
        for name, url in by_name.items()
        if not (name.endswith("_add") and f"{name.removesuffix('_add')}_change" in by_name)
        and (
            not name.endswith(("_history", "_delete"))
            or any(model in name for model in ("runs_run_", "artists_artist_"))
        )
    ]
    urls = [reverse("admin:index"), *own]
    found = []
    for url in urls:
        answer = client.get(url)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append(url)
    return found
