"""The main jobs in pages and clicks, as docs/operating.md tells them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from experiments.models import Experiment
from runs.models import Artifact, Release, Run
from runs.releasing.releases import package_release
from runs.reviewing.reviews import apply_due
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_finding import ask
from tests.browser.test_release_flow import songs  # noqa: F401 - a fixture
from tests.browser.test_review import log_in
from tests.factories import ArtistFactory, RunFactory

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Kept over pages, so that all of a job are counted. A click by the keyboard has no detail.
COUNT = """
sessionStorage.pages = Number(sessionStorage.pages || 0) + 1;
addEventListener("click", (event) => {
  if (event.detail) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true);
"""

MOST_TABS = 200


@pytest.fixture(autouse=True)
def counting(page: Page) -> Iterator[None]:
    with page.add_init_script(COUNT):
        yield


def begin(page: Page, live_server: Any, at: str = "") -> None:
    """Sign in, and count from the dashboard on, or from another page."""
    log_in(page, live_server)
    page.goto(live_server.url + (at or reverse("admin:index")))
    page.evaluate("sessionStorage.pages = sessionStorage.clicks = 0")


def counted(page: Page, what: str) -> int:
    return int(page.evaluate(f"Number(sessionStorage.{what})"))


def test_the_reason_of_a_failure_is_one_click_away(page: Page, live_server: Any) -> None:
    artist = ArtistFactory(name="Vera Halogen")
    RunFactory(
        status=Run.Status.FAILED,
        artist=artist,
        error="concept: Vera Halogen's profile cannot be used. Keys: “H minor”: no such key.",
        failure_kind=Run.FailureKind.PROFILE,
        failure_subject="keys",
        finished_at=timezone.now(),
    )
    begin(page, live_server)

    page.get_by_role("link", name="the latest").click()

    why = page.get_by_role("group", name="Why it failed")
    why.get_by_text("“H minor”: no such key").wait_for()
    assert why.get_by_role("link").count() == 1
    assert counted(page, "clicks") == 1


def test_the_sound_of_an_artist_is_two_pages_away(page: Page, live_server: Any) -> None:
    ArtistFactory(name="Vera Halogen")
    begin(page, live_server)

    ask(page, "vera hal")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sound").click()
    page.get_by_label("Tempo from").wait_for()

    assert counted(page, "pages") == 2
    assert counted(page, "clicks") == 1


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_an_experiment_of_some_artists_takes_few_clicks_and_is_looked_at_as_it_changes(
    page: Page, live_server: Any, keep: Any
) -> None:
    chosen = [ArtistFactory(name=name) for name in ("Vera Halogen", "Oolong Sundays")]
    ArtistFactory(name="Quiet Harbour")
    on_phone = page.viewport_size == PHONE
    begin(page, live_server, reverse("admin:experiments_experiment_changelist"))

    page.locator("a[href*='/experiment/add/']").first.click()
    page.get_by_role("link", name="Cover style").click()
    page.get_by_role("group", name="Try 1").get_by_label("Cover style").select_option("bauhaus")
    page.locator("[data-outlook] img[src*=bauhaus]").wait_for()
    whose = page.get_by_role("searchbox", name="Whose songs")
    whose.click()
    for artist in chosen:
        page.keyboard.type(artist.name[:6])
        page.locator(".select2-results__option--highlighted", has_text=artist.name).wait_for()
        page.keyboard.press("Enter")
    page.get_by_text("No song of Oolong Sundays and Vera Halogen was reviewed").wait_for()
    page.keyboard.press("Escape")
    page.get_by_label("100: finds").check()
    page.get_by_text("200 reviewed songs in all").wait_for()
    keep(page, f"experiment-plan-{'phone' if on_phone else 'desktop'}")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("is running").first.wait_for()

    experiment = Experiment.objects.get()
    assert (experiment.status, experiment.planned_runs_per_arm) == ("running", 100)
    assert list(experiment.variants.values_list("value", flat=True)) == [None, "bauhaus"]
    assert set(experiment.artists.all()) == set(chosen)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    # One more led to the list; the list of styles was opened and chosen from without the mouse.
    assert counted(page, "clicks") + 1 + 2 <= 8


def see_its_release(page: Page, run: Run) -> None:
    """Let the undo period of the approval pass and the bundle be made, and look again."""
    page.get_by_text("Approved:").wait_for()
    apply_due(now=timezone.now() + timedelta(hours=1))
    release = Release.objects.singles_of(run.pk).get()
    package_release(release_id=release.pk, now=timezone.now())
    page.reload()


def test_a_release_is_two_clicks_from_its_decision(
    page: Page,
    songs: list[Run],  # noqa: F811
    live_server: Any,
) -> None:
    run = songs[0]
    begin(page, live_server, reverse("admin:runs_run_change", args=[run.pk]))
    page.get_by_role("button", name="Approve").click()
    see_its_release(page, run)
    page.evaluate("sessionStorage.clicks = 0")

    page.get_by_role("link", name="Release", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()

    assert download.value.suggested_filename.endswith(".zip")
    assert Artifact.objects.filter(kind=Artifact.Kind.BUNDLE).exists()
    assert counted(page, "clicks") == 2


def test_the_account_of_a_reviewer_is_made_on_one_page(page: Page, live_server: Any) -> None:
    call_command("create_roles", verbosity=0)
    begin(page, live_server, reverse("admin:auth_user_add"))

    page.get_by_label("Username").fill("rita")
    page.get_by_label("Role").select_option(str(Group.objects.get(name="Reviewer").pk))
    page.get_by_label("Password", exact=True).last.fill("correct horse battery")
    page.get_by_label("The password again").fill("correct horse battery")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()

    # The page that says so, and none in between.
    assert counted(page, "pages") == 1
    rita = User.objects.get(username="rita")
    assert (
        rita.is_staff
        and rita.has_perm("runs.review_run")
        and rita.check_password("correct horse battery")
    )


# --- By the keyboard alone ---


def reach(page: Page, control: Locator) -> None:
    """Go to a control by Tab, as one does who has no mouse."""
    control.wait_for()
    for _ in range(MOST_TABS):
        if control.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached by {MOST_TABS} tabs: {control}")


def press(page: Page, control: Locator, key: str = "Enter") -> None:
    reach(page, control)
    page.keyboard.press(key)


def test_reason_and_sound_are_found_by_keys(page: Page, live_server: Any) -> None:
    artist = ArtistFactory(name="Vera Halogen")
    RunFactory(status=Run.Status.FAILED, artist=artist, error="x: y", finished_at=timezone.now())
    begin(page, live_server)

    press(page, page.get_by_role("link", name="the latest"))
    page.get_by_role("group", name="Why it failed").wait_for()
    ask(page, "vera hal")
    page.keyboard.press("Enter")
    press(page, page.get_by_role("link", name="Sound"))
    page.get_by_label("Tempo from").wait_for()

    assert counted(page, "clicks") == 0


def test_an_experiment_is_planned_and_started_by_keys(page: Page, live_server: Any) -> None:
    ArtistFactory(name="Vera Halogen")
    begin(page, live_server, reverse("admin:experiments_experiment_changelist"))

    press(page, page.locator("a[href*='/experiment/add/']").first)
    press(page, page.get_by_role("link", name="Cover style"))
    reach(page, page.get_by_role("group", name="Try 1").get_by_label("Cover style"))
    page.keyboard.type("Bauhaus")
    page.locator("[data-outlook] img[src*=bauhaus]").wait_for()
    press(page, page.get_by_role("button", name="Start"))
    page.get_by_text("is running").first.wait_for()

    assert Experiment.objects.get().status == Experiment.Status.RUNNING
    assert counted(page, "clicks") == 0


def test_a_song_is_approved_and_its_release_fetched_by_keys(
    page: Page,
    songs: list[Run],  # noqa: F811
    live_server: Any,
) -> None:
    run = songs[0]
    begin(page, live_server, reverse("admin:runs_run_change", args=[run.pk]))

    press(page, page.get_by_role("button", name="Approve"))
    see_its_release(page, run)
    press(page, page.get_by_role("link", name="Release", exact=True))
    with page.expect_download() as download:
        press(page, page.get_by_role("link", name="Download"))

    assert download.value.suggested_filename.endswith(".zip")
    assert counted(page, "clicks") == 0


def test_an_account_is_made_by_keys(page: Page, live_server: Any) -> None:
    call_command("create_roles", verbosity=0)
    begin(page, live_server, reverse("admin:auth_user_add"))

    for field, text in (
        (page.get_by_label("Username"), "rita"),
        (page.get_by_label("Role"), "Reviewer"),
        (page.get_by_label("Password", exact=True).last, "correct horse battery"),
        (page.get_by_label("The password again"), "correct horse battery"),
    ):
        reach(page, field)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.get_by_text("was added successfully").wait_for()

    assert User.objects.get(username="rita").has_perm("runs.review_run")
    assert counted(page, "clicks") == 0
