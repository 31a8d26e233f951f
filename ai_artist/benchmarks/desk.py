"""Benchmark of the review desk: long queues, many decisions on a bad line, and keys to paint."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

from ai_artist.benchmarks.measuring import Result, cost_of_python, scratch_project
from media_tools.ffmpeg import run_ffmpeg

PENDING = 10_000
OPENINGS = 30
REVIEWERS = 4
DECISIONS = 2_000
FAILURE_SHARE = 0.05
ITEMS = 60
KEYS = 40
SECONDS = 8
CPU_SLOWDOWN = 4
LATENCY_MS = 40

SETUP = "import django; django.setup()\n"

# Finished runs in bulk. Reads: count, reviewers; media as JSON, or empty for none.
POPULATE = (
    SETUP
    + """
import json, sys
from datetime import timedelta
from pathlib import Path
from django.contrib.auth.models import User
from django.utils import timezone
from artists.starter_roster import seed_roster
from artists.models import Artist
from media_tools.provenance import Provenance
from runs.models import Artifact, Batch, Run, Step
from runs.storage import NewArtifact, artifact_row, store_file
count, reviewers, media = json.loads(sys.argv[1])
now = timezone.now()
seed_roster(now=now)
artists = list(Artist.objects.all())
for number in range(reviewers):
    User.objects.create_superuser(f"reviewer{number}", password="benchmark")
batch = Batch.objects.create(origin="command", size=count, seed=1)
runs = [
    Run(batch=batch, artist=artists[n % len(artists)], seed=n, status="awaiting_review",
        concept={"theme": "night"}, title=f"Track {n}", duration_s=8.0,
        finished_at=now - timedelta(seconds=count - n))
    for n in range(count)
]
Run.objects.bulk_create(runs, batch_size=1000)
outputs = {
    "lyrics": {"lyrics": {"sections": [{"kind": "verse", "lines": ["A line", "Another"] * 8}]}},
    "music": {"sections": [{"kind": "intro", "start_s": 0, "end_s": 4},
                           {"kind": "chorus", "start_s": 4, "end_s": 8}]},
    "master": {"peaks": [(37 * n % 100) / 100 for n in range(1200)]},
    "quality": {"findings": []},
}
Step.objects.bulk_create(
    (Step(run=run, name=name, position=position, status="done", output=output, finished_at=now)
     for run in runs for position, (name, output) in enumerate(outputs.items())),
    batch_size=2000,
)
if media:
    stored = {kind: store_file(Path(path)) for kind, path in media.items()}
    types = {"mp3": "audio/mpeg", "video": "video/mp4", "cover": "image/jpeg"}
    made_by = Provenance(provider="local", model="benchmark", licence="CC0-1.0")
    Artifact.objects.bulk_create(
        artifact_row(run, kind, NewArtifact(Path(path), kind, types[kind], made_by), stored[kind])
        for run in runs for kind, path in media.items()
    )
"""
)

# The two requests that open the desk, each time by a reviewer who holds nothing.
OPEN = (
    SETUP
    + """
import json, sys, time
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from runs.models import Run
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="reviewer0"))
times, most = [], 0
for _ in range(json.loads(sys.argv[1])):
    Run.objects.exclude(review_until=None).update(review_until=None, reviewed_by=None)
    started = time.perf_counter()
    for request in (
        lambda: client.get(reverse("admin:desk")),
        lambda: client.post(reverse("admin:desk_next"), '{"want": 4}', "application/json"),
    ):
        with CaptureQueriesContext(connection) as captured:
            assert request().status_code == 200
        asked = [q for q in captured if q["sql"].split()[0] not in ("BEGIN", "COMMIT")]
        most = max(most, len(asked))
    times.append(time.perf_counter() - started)
print(json.dumps([times, most]))
"""
)

# One reviewer on a bad line: answers are lost, servers fail before or after their work, and every
# decision is sent again until it is answered. Prints the items shown and the decisions answered.
DECIDE = (
    SETUP
    + """
import json, random, sys, time
from uuid import uuid4
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
number, wanted, failing = json.loads(sys.argv[1])
rng = random.Random(number)
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username=f"reviewer{number}"))
def ask(name, body):
    reply = client.post(reverse(f"admin:desk_{name}"), json.dumps(body), "application/json")
    return reply.json() if reply.status_code == 200 else None
def surely(name, body):
    while True:
        chance = rng.random()
        if chance < failing / 3:
            continue  # a server that fails before its work
        answer = ask(name, body)
        if chance < 2 * failing / 3:
            continue  # an answer that is lost
        if chance < failing:
            assert ask(name, body) == answer  # a request that comes twice
        return answer
shown, decided = [], []
started = time.perf_counter()
while len(decided) < wanted:
    items = ask("next", {"want": 4})["items"]
    shown += [item["id"] for item in items]
    for item in items[: wanted - len(decided)]:
        approve = rng.random() < 0.5
        body = {"key": str(uuid4()), "run": item["id"], "content_hash": item["content_hash"],
                "decision": "approve" if approve else "reject",
                "reasons": [] if approve else ["weak_hook"], "comment": ""}
        answer = surely("decide", body)
        assert answer, "a decision was refused"
        decided.append(item["id"])
print(json.dumps([shown, decided, time.perf_counter() - started]))
"""
)

COUNT = (
    SETUP
    + """
import json
from datetime import timedelta
from django.utils import timezone
from artists.models import PerformanceEntry
from runs import reviews
from runs.models import Review
while reviews.apply_due(now=timezone.now() + timedelta(minutes=5)):
    pass
print(json.dumps([Review.objects.standing().count(), PerformanceEntry.objects.count()]))
"""
)

SESSION = (
    SETUP
    + """
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.get(username="reviewer0"))
print(client.cookies["sessionid"].value)
"""
)


def desk() -> Result:
    """Opening a long queue, decisions by four reviewers on a bad line, and keys to paint.

    The browser's part needs the package playwright and a Chromium; without them it is left out.
    """
    figures = opening() | decisions()
    if chromium := shutil.which("chromium") or shutil.which("chromium-browser"):
        figures |= painting(chromium)
    return Result("desk", figures)


def opening() -> dict[str, float]:
    with scratch_project() as environment:
        call(POPULATE, [PENDING, 1, None], environment)
        times, queries = call(OPEN, OPENINGS, environment)
    return {
        "pending": PENDING,
        "open_ms_p50": 1000 * percentile(times, 0.5),
        "open_ms_p95": 1000 * percentile(times, 0.95),
        "queries_of_a_request": queries,
    }


def decisions() -> dict[str, float]:
    each = DECISIONS // REVIEWERS
    with scratch_project() as environment:
        call(POPULATE, [DECISIONS + 100, REVIEWERS, None], environment)
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", DECIDE, json.dumps([number, each, FAILURE_SHARE])],
                env={**os.environ, **environment, "PYTHONPATH": str(settings.BASE_DIR)},
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(REVIEWERS)
        ]
        answers = [json.loads(process.communicate()[0]) for process in processes]
        standing, entries = call(COUNT, None, environment)
    shown = [set(answer[0]) for answer in answers]
    decided = [run for answer in answers for run in answer[1]]
    return {
        "decisions": len(decided),
        "decisions_per_s": len(decided) / max(answer[2] for answer in answers),
        "lost": len(decided) - standing,
        "doubled": entries - len(set(decided)),
        "shown_to_two": sum(map(len, shown)) - len(set().union(*shown)),
    }


def painting(chromium: str) -> dict[str, float]:
    """Milliseconds from a key to the next item painted and heard, on a slowed browser and line."""
    from playwright.sync_api import sync_playwright

    port = 8765
    with scratch_project() as environment, tempfile.TemporaryDirectory() as folder:
        call(POPULATE, [ITEMS, 1, small_media(Path(folder))], environment)
        cookie = cost_of_python(SESSION, environment=environment).stdout.strip()
        server = subprocess.Popen(
            [
                sys.executable,
                str(settings.BASE_DIR / "manage.py"),
                *("runserver", "--noreload", f"127.0.0.1:{port}"),
            ],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium,
                    args=["--no-sandbox", "--disable-dev-shm-usage"],
                )
                times = press_keys(browser, f"http://127.0.0.1:{port}", cookie)
                browser.close()
        finally:
            server.terminate()
            server.wait()
    return {
        f"{name}_ms_p{round(100 * share)}": percentile(values, share)
        for name, values in times.items()
        for share in (0.5, 0.95)
    }


def press_keys(browser: Any, site: str, cookie: str) -> dict[str, list[float]]:
    """Approve, reject and undo in turn while the music plays; the page itself takes the times."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
    page = context.new_page()
    for attempt in range(50):
        try:
            page.goto(f"{site}/admin/desk/")
            break
        except Exception:
            if attempt == 49:
                raise
            page.wait_for_timeout(200)
    page.locator("#desk-stage .desk-item").wait_for()
    devtools = context.new_cdp_session(page)
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
    page.keyboard.press(" ")
    page.wait_for_timeout(1500)
    page.evaluate("performance.clearMeasures()")
    for number in range(KEYS):
        for key in (("a",), ("l", "2"), ("a", "z", "a"))[number % 3]:
            page.keyboard.press(key)
            page.wait_for_timeout(350)
        page.wait_for_timeout(350)
    times = {
        name: page.evaluate(
            "name => performance.getEntriesByName(name).map(entry => entry.duration)",
            f"desk-{name}",
        )
        for name in ("painted", "audible")
    }
    context.close()
    return times


def small_media(folder: Path) -> dict[str, str]:
    """A tone, a picture and a vertical video of SECONDS seconds."""
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


def call(code: str, argument: Any, environment: dict[str, str]) -> Any:
    """Run code with one JSON argument in a new interpreter; gives what it prints, as JSON."""
    code = f"import sys; sys.argv.append({json.dumps(json.dumps(argument))})\n{code}"
    printed = cost_of_python(code, environment=environment).stdout
    return json.loads(printed) if printed.strip() else None


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]
