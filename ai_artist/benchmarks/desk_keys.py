"""Measures what a reviewer notices: the time from a key until the next item is seen and heard."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ai_artist.benchmarks.measuring import call_function, percentile, scratch_project
from ai_artist.management.commands.serve import web_command
from media_tools.ffmpeg import run_ffmpeg

if TYPE_CHECKING:
    from playwright.sync_api import Page

ITEMS = 200
ROUNDS = 40
SECONDS = 8
CPU_SLOWDOWN = 4
LATENCY_MS = 40
BETWEEN_KEYS_MS = 500
START_TIMEOUT_S = 60.0
WORK = "ai_artist.benchmarks.desk_work"
OBSERVE = """() => {
    window.keyTimes = [];
    const note = (list) => window.keyTimes.push(...list.getEntries()
        .filter((entry) => entry.name === "keydown").map((entry) => entry.duration));
    new PerformanceObserver(note).observe({ type: "event", durationThreshold: 16 });
}"""
HEARD = "() => performance.getEntriesByName('desk-audible').map((entry) => entry.duration)"
# Approve, reject with a reason, and an undone approval, in turn.
REASONS = "l"  # opens the choice of reasons, and does not move to another item
KEYS = (("a",), (REASONS, "2"), ("a", "z", "a"))


def keys(chromium: str) -> dict[str, float]:
    """Measure milliseconds from a key until the next item is painted and heard.

    chromium: path of the browser. Painted is the browser's own Event Timing of the key (from the
    press to the next frame presented, in steps of 8 ms); heard is measured by the page, up to the
    player's event "playing".
    """
    from playwright.sync_api import sync_playwright

    with scratch_project() as environment, tempfile.TemporaryDirectory() as folder:
        media = small_media(Path(folder))
        call_function(WORK, "populate", ITEMS, 1, media, environment=environment)
        cookie = call_function(WORK, "session", 0, environment=environment)
        with serving(environment) as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium,
                args=[
                    "--no-sandbox",
                    "--disable-dev-shm-usage",
                    "--autoplay-policy=no-user-gesture-required",
                ],
            )
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
            page = context.new_page()
            page.goto(f"{site}/admin/desk/")
            page.locator("#desk-stage .desk-item").wait_for()
            times = press_keys(page)
            browser.close()
    return {
        f"{name}_ms_p{round(100 * share)}": percentile(values, share)
        for name, values in times.items()
        for share in (0.5, 0.95)
    }


def press_keys(page: Page) -> dict[str, list[float]]:
    """Decide while the music plays. Returns milliseconds by kind."""
    slow_down(page)
    page.keyboard.press(" ")
    page.wait_for_timeout(1500)
    page.evaluate("performance.clearMeasures()")
    page.evaluate(OBSERVE)
    painted: list[float] = []
    for number in range(ROUNDS):
        for key in KEYS[number % len(KEYS)]:
            page.keyboard.press(key)
            page.wait_for_timeout(BETWEEN_KEYS_MS)
            times = page.evaluate("window.keyTimes.splice(0)")
            painted += times if key != REASONS else []
    return {"painted": painted, "audible": page.evaluate(HEARD)}


def slow_down(page: Page) -> None:
    """Slow the browser and its line down to what reviewers may have."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        },
    )


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """Run the panel as `serve` does, on a free port. Yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        web_command("127.0.0.1", port),
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server listens. Raises RuntimeError if it never does."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The panel did not come up on port {port}.")


def small_media(folder: Path) -> dict[str, str]:
    """Make a tone, a picture and a vertical video of SECONDS seconds. Returns paths by kind."""
    tone = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={SECONDS}"]
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=360x640:rate=15:duration={SECONDS}"]
    still = ["-f", "lavfi", "-i", "mandelbrot=size=600x600", "-frames:v", "1"]
    files = {"mp3": "track.mp3", "cover": "cover.jpg", "video": "video.mp4"}
    paths = {kind: str(folder / name) for kind, name in files.items()}
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-shortest"]
    for arguments in (
        [*tone, "-b:a", "128k", paths["mp3"]],
        [*still, paths["cover"]],
        [*picture, *tone, *encoder, paths["video"]],
    ):
        run_ffmpeg(["-y", *arguments], timeout_s=120, what="benchmark media")
    return paths
