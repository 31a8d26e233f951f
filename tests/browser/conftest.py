"""A real Chromium against the real site, with media it can play."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from tests.databases import file_of_database
from tests.media_rows import make_media, media_in
from tests.sharing import made_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error, Page

SCREENSHOTS = django_settings.BASE_DIR / "test-output" / "screenshots"
# The shell has no window of its own to draw, and takes less time. As in .ci/run.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
PATIENCE_MS = 60_000  # a busy machine takes its time
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

# Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser. Without one the tests are skipped, except in CI, where that is a failure."""
    reason = "Install the package playwright and Debian's chromium to run the browser tests."
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _give_up(reason)
    if CHROMIUM is None:
        _give_up(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def _give_up(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small files of each kind a reviewer plays."""
    folder = made_once(tmp_path_factory, "media", make_media)
    return media_in(folder)


@pytest.fixture(scope="session")
def addresses_had() -> set[str]:
    """Addresses of the servers so far."""
    return set()


@pytest.fixture
def live_server(
    transactional_db: None, tmp_path: Path, addresses_had: set[str]
) -> Iterator[LiveServer]:
    """A server with a database file: pages ask several things at once, and threads that share
    one connection in memory get into each other's transactions."""
    shared = connections["default"]
    if shared.vendor != "sqlite":
        server = _server_elsewhere(addresses_had)
        yield server
        server.stop()
        return
    path = str(file_of_database(tmp_path))
    before = connections.settings["default"]["NAME"]
    connections.settings["default"]["NAME"] = path
    connections["default"] = connections.create_connection("default")
    server = _server_elsewhere(addresses_had)
    yield server
    server.stop()
    connections["default"].close()
    connections.settings["default"]["NAME"] = before
    connections["default"] = shared


def _server_elsewhere(addresses_had: set[str]) -> LiveServer:
    """At an address not used before: what a page stored is of the shared window, by address."""
    while (server := LiveServer("localhost")).url in addresses_had:
        server.stop()
    addresses_had.add(server.url)
    return server


@pytest.fixture(scope="session")
def shared_window(chromium: Browser) -> Page:
    """Opened once: to open a window takes Chromium more time than most tests need one for."""
    return chromium.new_context().new_page()


@pytest.fixture
def window(shared_window: Page) -> Iterator[Page]:
    """A window as if it were new; it may show errors."""
    shared_window.set_default_timeout(PATIENCE_MS)
    shared_window.set_viewport_size(DESKTOP)
    shared_window.emulate_media(color_scheme="light", reduced_motion="no-preference")
    shared_window.mouse.move(0, 0)
    yield shared_window
    shared_window.unroute_all()
    shared_window.goto("about:blank")
    shared_window.context.clear_cookies()
    shared_window.context.clear_permissions()


@pytest.fixture
def page(window: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window of the size asked for; errors of the page or its policy fail the test."""
    window.set_viewport_size(getattr(request, "param", DESKTOP))
    faults: list[str] = []

    def hear_error(error: Error) -> None:
        faults.append(str(error))

    def hear_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    window.on("pageerror", hear_error)
    window.on("console", hear_console)
    yield window
    window.remove_listener("pageerror", hear_error)
    window.remove_listener("console", hear_console)
    assert not faults, faults


@pytest.fixture
def keep() -> Any:
    """Saves what the page shows to test-output/screenshots/NAME.png."""

    def save(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return save
