"""Two approved songs on their way out: label data, an EP, its bundle, the hand-over, its recall."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from artists.models import Artist
from media_tools.ffmpeg import run_ffmpeg
from runs.models import Artifact, IsrcPrefix, Release, Run
from runs.releasing import codes
from runs.releasing.releases import package_release
from runs.reviewing.reviews import apply_due
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_review import card, log_in, open_queue
from tests.factories import ArtistFactory
from tests.media_rows import finished_run
from tests.runs.releasable import add, write

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLES = ("Glass Harbour", "Slow Lanterns")
UPC = "036000291452"
ERIKA = "Erika Example"


@pytest.fixture
def songs(media: dict[str, Path], live_server: Any, tmp_path: Path) -> list[Run]:
    """Two candidates of an artist with all that a bundle needs."""
    artist = ArtistFactory(name="Vera Halogen", slug="vera-halogen")
    master = tmp_path / "master.wav"
    tone = ["-f", "lavfi", "-i", "sine=440:d=3", "-ac", "2", "-c:a", "pcm_s24le"]
    run_ffmpeg([*tone, str(master)], timeout_s=30, what="a master")
    words = write(tmp_path / "lyrics.txt", "[Verse 1]\nWe run until the dawn\n")
    timed = write(tmp_path / "lyrics.lrc", "[00:00.00]We run until the dawn\n")
    runs = [finished_run(media, title=title, artist=artist) for title in TITLES]
    mix = write(tmp_path / "mix.wav", "what it was mastered from")
    for run in runs:
        add(run, Artifact.Kind.MIX, mix)
        add(run, Artifact.Kind.MASTER, master)
        add(run, Artifact.Kind.LYRICS, words)
        add(run, Artifact.Kind.TIMED_LYRICS, timed)
    return runs


@pytest.fixture
def pool(tmp_path: Path, live_server: Any) -> None:
    """An ISRC prefix and a UPC of one's own."""
    IsrcPrefix.objects.create(prefix="QZABC")
    codes.import_codes(write(tmp_path / "codes.txt", UPC), now=timezone.now())


def approve(page: Page, songs: list[Run]) -> None:
    open_queue(page)
    for run in songs:
        card(page, run).get_by_role("button", name="Approve").click()
        page.get_by_text(f"Approved: {run.title}").wait_for()
    apply_due(now=timezone.now() + timedelta(hours=1))


def fill_profile(page: Page, live_server: Any) -> None:
    page.goto(live_server.url + reverse("admin:runs_labelprofile_add"))
    page.locator("#id_name").fill("Night Label")
    page.locator("#id_default").check()
    page.locator("#id_label").fill("Night Label")
    page.locator("#id_credits").fill(f"{ERIKA}: composer, lyricist, producer")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**" + reverse("admin:runs_labelprofile_changelist"))


def make_ep(page: Page, live_server: Any, artist: Artist) -> Release:
    page.goto(live_server.url + reverse("admin:runs_release_album") + f"?artist={artist.pk}")
    page.get_by_label("Title").fill("Harbour Lights")
    for place, title in enumerate(TITLES, start=1):
        page.get_by_label(f"Number of {title}").fill(str(place))
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("heading", name="Tracks", exact=True).wait_for()
    return Release.objects.get(kind="ep")


def open_release(page: Page, live_server: Any, release: Release) -> None:
    page.goto(live_server.url + reverse("admin:runs_release_change", args=[release.pk]))


def missing(page: Page) -> str:
    return page.locator("#missing").inner_text()


def hand_over(page: Page, tmp_path: Path) -> set[str]:
    """Download the bundle with its papers. Returns the names in it."""
    page.get_by_role("link", name="Hand over…").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Everything in a ZIP").click()
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


def whole_on_a_phone(page: Page, live_server: Any, release: Release, keep: Any) -> None:
    """Open each page of the way once at 390 px; none scrolls sideways."""
    page.set_viewport_size(PHONE)
    for name, address in {
        "releases": reverse("admin:runs_release_changelist"),
        "release": reverse("admin:runs_release_change", args=[release.pk]),
        "hand-over": reverse("admin:runs_release_hand_over", args=[release.pk]),
        "publish": reverse("admin:runs_release_publish", args=[release.pk]),
        "label-profile": reverse("admin:runs_labelprofile_add"),
    }.items():
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        keep(page, f"flow-{name}-phone")
    page.set_viewport_size(DESKTOP)


@pytest.mark.usefixtures("pool")
def test_two_songs_become_an_ep_that_is_handed_over_and_recalled(
    page: Page, songs: list[Run], live_server: Any, tmp_path: Path, keep: Any
) -> None:
    log_in(page, live_server)
    approve(page, songs)
    single = Release.objects.singles_of(songs[0].pk).get()
    open_release(page, live_server, single)
    assert "Name the label." in missing(page)
    fill_profile(page, live_server)
    open_release(page, live_server, single)
    assert "Name the" not in missing(page)

    release = make_ep(page, live_server, songs[0].artist)
    assert "The cover is 320 pixels wide" in missing(page)
    page.get_by_role("button", name="Take this cover").click()
    page.get_by_text("The release has another cover.").wait_for()
    page.get_by_role("button", name="Draw the missing codes").click()
    page.get_by_text("The codes are drawn.").wait_for()
    package_release(release_id=release.pk, now=timezone.now())

    page.reload()
    assert page.locator("#missing li").count() == 0
    page.locator("summary", has_text="files").click()
    keep(page, "flow-release")
    marks = page.locator(".panel-table.is-stacked tbody tr")
    assert marks.filter(has_text="audio/02-slow-lanterns.wav").locator("td").all_inner_texts() == [
        *("by an algorithm", "nobody (AI_ARTIST_SIGN_WAV is off)", "yes")
    ]
    handed_over = hand_over(page, tmp_path)
    folder = Path(settings.MEDIA_ROOT) / Release.objects.get(pk=release.pk).folder
    in_bundle = {file.relative_to(folder).as_posix() for file in folder.rglob("*.*")}
    assert handed_over >= in_bundle | {"release.xml", "sheets/all-fields.csv"}
    call_command("verify_release", str(folder))
    whole_on_a_phone(page, live_server, release, keep)

    open_release(page, live_server, release)
    page.get_by_label("Why", exact=True).fill("Sample not cleared")
    page.get_by_role("button", name="Recall", exact=True).click()
    page.get_by_text("Recalled.", exact=True).wait_for()
    assert page.get_by_role("link", name="Evidence").count() == 1
    keep(page, "flow-recalled")
    assert Release.objects.get(pk=release.pk).recall_reason == "Sample not cleared"
    assert not folder.exists()
