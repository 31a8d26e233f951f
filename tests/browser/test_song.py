"""A song for a waiting run, uploaded from its page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from runs.models import Run
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_review import log_in
from tests.contract_servers.songs import song
from tests.factories import run_awaiting_song

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(live_server: Any) -> Run:
    return run_awaiting_song()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A song and a picture."""
    found = {"song": tmp_path / "song.mp3", "picture": tmp_path / "cover.mp3"}
    found["song"].write_bytes(song(1, 21.0))
    found["picture"].write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    return found


def fill(page: Page, file: Path) -> None:
    page.get_by_label("Song", exact=True).set_input_files(file)
    page.get_by_label("Model or tool").fill("Suno V6")
    page.get_by_label("Rights").fill("CC BY 4.0")


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_refused_upload_keeps_what_was_typed_and_the_next_one_is_taken(
    page: Page, live_server: Any, run: Run, files: dict[str, Path], settings: Any, keep: Any
) -> None:
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:runs_run_change", args=[run.pk]))
    fill(page, files["picture"])
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    upload = page.get_by_role("button", name="Upload the song")

    upload.click()
    page.get_by_role("alert").get_by_text("This field is required").wait_for()
    page.get_by_label("Made by").select_option(label="An AI model")
    upload.click()
    page.get_by_text("The upload is image/png, not audio").wait_for()
    keep(page, f"song-refused-{width}")
    assert page.get_by_label("Rights").input_value() == "CC BY 4.0"

    page.get_by_label("Song", exact=True).set_input_files(files["song"])
    upload.click()
    page.get_by_text("The song is in the inbox").wait_for()

    assert (settings.INBOX_DIR / f"{run.pk}.mp3").read_bytes() == song(1, 21.0)
    assert '"licence": "CC BY 4.0"' in (settings.INBOX_DIR / f"{run.pk}.json").read_text()


def test_progress_is_shown_while_the_song_is_sent(
    page: Page, live_server: Any, run: Run, files: dict[str, Path]
) -> None:
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:runs_run_change", args=[run.pk]))
    fill(page, files["song"])
    page.get_by_label("Made by").select_option(label="People")
    held: list[Any] = []
    page.route("**/song/", lambda route: held.append(route))
    upload = page.get_by_role("button", name="Upload the song")

    with page.expect_request("**/song/"):
        upload.click()
    page.get_by_label("Upload of the song").wait_for()
    assert upload.is_disabled()
    held[0].continue_()
    page.get_by_text("The song is in the inbox").wait_for()


def test_song_over_the_limit_is_refused_before_it_is_sent(
    page: Page, live_server: Any, run: Run, files: dict[str, Path]
) -> None:
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:runs_run_change", args=[run.pk]))
    page.eval_on_selector("form[data-upload]", "form => { form.dataset.limit = '1000'; }")

    page.get_by_label("Song", exact=True).set_input_files(files["song"])

    page.get_by_text("The song is larger than 500 MB").wait_for()


def test_without_its_script_the_form_works_too(
    window: Page, live_server: Any, run: Run, files: dict[str, Path], settings: Any
) -> None:
    page = window
    page.route("**/upload.js", lambda route: route.abort())
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:runs_run_change", args=[run.pk]))
    fill(page, files["picture"])
    page.get_by_label("Made by").select_option(label="People")

    page.get_by_role("button", name="Upload the song").click()
    page.get_by_text("The upload is image/png, not audio").wait_for()
    assert page.get_by_label("Rights").input_value() == "CC BY 4.0"
    page.get_by_label("Song", exact=True).set_input_files(files["song"])
    page.get_by_role("button", name="Upload the song").click()

    page.get_by_text("The song is in the inbox").wait_for()
    assert (settings.INBOX_DIR / f"{run.pk}.mp3").is_file()
