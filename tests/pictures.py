"""Takes the pictures of the docs again: `make pictures`, on data of its own.

The songs are real, made by `manage.py demo`. What lies behind them is written here: a month of
decisions, releases, channels, experiments, money and a failure.
"""

from __future__ import annotations

import io
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # of Playwright's loop
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - the apps are loaded first
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from pytest_django.live_server_helper import LiveServer  # noqa: E402

from artists.lifecycle import rebuild_counters  # noqa: E402
from artists.models import Artist, Lesson, PerformanceEntry, StatusChange  # noqa: E402
from experiments.models import Experiment  # noqa: E402
from media_tools.images.cover import CoverRequest, render_cover  # noqa: E402
from media_tools.images.thumbs import make_thumbnail  # noqa: E402
from runs.models import (  # noqa: E402
    Artifact,
    Budget,
    Channel,
    Code,
    IsrcPrefix,
    LabelProfile,
    ProviderCall,
    Publication,
    Release,
    Run,
    WorkerBeat,
)
from runs.models.label import Credit, Role, credits_to_json  # noqa: E402
from runs.publishing.planning import Wish, plan  # noqa: E402
from runs.releasing.albums import AlbumOrder, make_album  # noqa: E402
from runs.releasing.covers import draw_cover  # noqa: E402
from runs.releasing.releases import draw_codes, package_release  # noqa: E402
from runs.reviewing.reviews import apply_due, decide  # noqa: E402
from runs.storage import store_file  # noqa: E402
from tests.experiments.rows import add_runs  # noqa: E402
from tests.factories import ExperimentFactory, RunFactory, VariantFactory  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES = Path(__file__).parent.parent / "docs" / "images"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
COLOURS = 256
COVER_PX = 1000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STAR = "Vera Halogen"
# Songs of the last weeks: artist, title, whether people approved it.
PAST = (
    (STAR, "Neon Rivers", True),
    (STAR, "Last Bus Home", True),
    ("Oolong Sundays", "Steam on the Glass", True),
    ("Tidal Archive", "Low Water Mark", False),
    ("Miss Mezzanine", "Balcony Light", True),
    ("Kiln & Circuit", "Firing Order", False),
    (STAR, "Timetable Hearts", True),
    ("Sparrow Relay", "Second Signal", True),
    ("Duke Marigold", "Friday After Dark", False),
    ("Paper Lantern Club", "Paper Avenue", True),
    ("Juniper Coldwell", "Snow Globe", True),
    ("The Brass Meridian", "Harbour at Dawn", True),
)
UPC = "036000291452"
DECIDED_BEFORE = 80  # decisions without a song of their own, so that there is a month of them
PERMITTED = "AARAAARAAAAARAAR"


# --- What lies behind the pictures ---


def fill() -> User:
    """Write what people did with the songs of the demo. Returns who signs in."""
    songs = list(Run.objects.awaiting_review().order_by("created_at"))
    if not songs or Release.objects.exists():
        sys.exit("Run `manage.py demo` on an empty database first: `make pictures` does both.")
    now = timezone.now()
    # The roster was made a moment ago; decisions of the past do not count before that.
    long_ago = now - 60 * DAY
    Artist.objects.update(window_started_at=long_ago, status_since=long_ago)
    StatusChange.objects.update(at=long_ago)
    mira = User.objects.create_superuser("mira", first_name="Mira", last_name="Keller")
    approved = list(decided_songs(songs, mira, now))
    earlier_decisions(now)
    publish(approved, mira, now)
    experiments(now)
    learn(now)
    spend(songs, now)
    fail(now)
    rebuild_counters()
    call_command("install_schedules", verbosity=0)
    WorkerBeat.objects.all().delete()
    WorkerBeat.objects.create(cluster="studio", at=now)
    return mira


def decided_songs(songs: list[Run], mira: User, now: datetime) -> Iterator[Run]:
    """Make the songs of the past and decide them; yields the approved ones."""
    tom = User.objects.create_superuser("tom", first_name="Tom", last_name="Berger")
    for number, (name, title, good) in enumerate(PAST):
        at = now - (len(PAST) - number) * 1.5 * DAY
        artist = Artist.objects.get(name=name)
        run = past_song(songs[number % len(songs)], artist, title, at)
        verdict, reasons = ("approve", []) if good else ("reject", ["weak_hook"])
        for reviewer in (mira, tom):  # some need two verdicts
            if run.status == Run.Status.AWAITING_REVIEW:
                decide(run_id=run.pk, decision=verdict, reasons=reasons, reviewer=reviewer, now=at)
                run.refresh_from_db()
        apply_due(now=at + HOUR)
        if good:
            yield run


def past_song(song: Run, artist: Artist, title: str, at: datetime) -> Run:
    """Store a finished run with the sound of another and a cover of its own."""
    concept = {**(song.concept or {}), "title": title}
    run: Run = RunFactory(
        artist=artist,
        batch=song.batch,
        title=title,
        concept=concept,
        status=Run.Status.AWAITING_REVIEW,
        created_at=at - HOUR,
        finished_at=at - HOUR / 2,
        **{name: getattr(song, name) for name in ("duration_s", "lufs", "tempo_bpm")},
    )
    for step in song.steps.all():
        step.pk, step.run = None, run
        step.save(force_insert=True)
    covers = draw(artist, title, concept["palette"])
    for file in song.artifacts.current():
        file.pk, file.run, file.created_at = uuid4(), run, at - HOUR / 2
        if path := covers.get(file.kind):
            stored = store_file(path)
            file.file, file.sha256, file.bytes = stored.relative, stored.sha256, stored.bytes
        file.save(force_insert=True)
    shutil.rmtree(covers[Artifact.Kind.COVER].parent)
    return run


def draw(artist: Artist, title: str, palette: list[str]) -> dict[str, Path]:
    """Draw a cover and its small picture."""
    folder = Path(tempfile.mkdtemp())
    cover, small = folder / "cover.jpg", folder / "small.jpg"
    style, seed = artist.visual_style, sum(title.encode())
    render_cover(
        CoverRequest(title, artist.name, artist.genre, tuple(palette), style, seed, COVER_PX), cover
    )
    make_thumbnail(cover, small, 480)
    return {Artifact.Kind.COVER: cover, Artifact.Kind.THUMBNAIL: small}


def earlier_decisions(now: datetime) -> None:
    """Let a month of decisions count for the artists."""
    artists = itertools.cycle(Artist.objects.order_by("pk"))
    outcomes = itertools.cycle(PERMITTED)
    for number, artist, letter in zip(range(DECIDED_BEFORE), artists, outcomes, strict=False):
        PerformanceEntry.objects.create(
            artist=artist,
            run_id=uuid4(),
            kind="approved" if letter == "A" else "rejected",
            at=now - 2 * DAY - number * 0.35 * DAY - (number % 5) * 2 * HOUR,
        )


def publish(approved: list[Run], mira: User, now: datetime) -> None:
    """Put two songs on an EP and pack it, connect channels, and plan singles on them."""
    LabelProfile.objects.create(
        name="Night Label",
        is_default=True,
        label="Night Label",
        credits=credits_to_json(Credit("Erika Example", role) for role in Role),
    )
    IsrcPrefix.objects.create(prefix="QZABC")
    Code.objects.create(code=UPC, kind=Code.Kind.UPC, source=Code.Source.POOL)
    own = [run for run in approved if run.artist.name == STAR][:2]
    album = make_album(AlbumOrder("ep", "Harbour Lights", [r.pk for r in own]), actor=mira, now=now)
    draw_cover(release_id=album.pk, actor=mira, now=now)
    draw_codes(release_id=album.pk, actor=mira, now=now)
    singles = Release.objects.filter(kind="single").order_by("created_at")
    for release in (album, *singles[2:6]):
        package_release(release_id=release.pk, now=now)
    channels = [
        Channel.objects.create(kind=kind, name=name, parts=[part], lead_time_h=24)
        for kind, name, part in (
            (Channel.Kind.YOUTUBE, "Night Label on YouTube", "video"),
            (Channel.Kind.SOUNDCLOUD, "Night Label on SoundCloud", "audio"),
        )
    ]
    for number, release in enumerate(singles[2:6]):
        at = now.replace(hour=18, minute=0) + (4 + 3 * number) * DAY
        wishes = [Wish(channel, channel.parts[0], 0, at) for channel in channels]
        plan(release_id=release.pk, wishes=wishes, actor=mira, now=now)
    first = Publication.objects.order_by("due_at").first()
    if first:
        Publication.objects.filter(pk=first.pk).update(status="needs_person", reason="Sign in.")


def experiments(now: datetime) -> None:
    """Let one experiment be ahead, and another have begun."""
    some = list(Artist.objects.filter(name__in=[STAR, "Oolong Sundays", "Miss Mezzanine"]))
    slower = experiment("Slower verses?", "tempo_range", now)
    slower.artists.set(some)
    for artist, arms in zip(some, (("ARARARAR", "AAARAAAA"),) * 3, strict=True):
        add_runs(slower, *arms, artist=artist, cost="0.08")
    bolder = experiment("Bolder words", "temperature", now)
    add_runs(bolder, "ARA", "RAA", artist=some[0], cost="0.08")


def experiment(name: str, parameter: str, now: datetime) -> Experiment:
    values = {"tempo_range": [80, 96], "temperature": 1.1}
    begun: Experiment = ExperimentFactory(name=name, parameter=parameter, started_at=now - 9 * DAY)
    VariantFactory(experiment=begun, name="As today", value=None, is_control=True)
    VariantFactory(experiment=begun, name="The other way", value=values[parameter])
    return begun


def learn(now: datetime) -> None:
    for name, text in (
        (STAR, "Make it slower"),
        (None, "Make it faster"),
        ("Duke Marigold", "Let the hook arrive in the first thirty seconds"),
    ):
        artist = Artist.objects.get(name=name) if name else None
        Lesson.objects.create(
            artist=artist,
            genre="" if artist else "synthwave",
            text=text,
            status=Lesson.Status.ACCEPTED,
            source=Lesson.Source.MANUAL,
            keeps=True,
            created_at=now,
        )


def spend(songs: list[Run], now: datetime) -> None:
    """Enter calls of providers in the ledger, and caps for them."""
    for number in range(60):
        usd = f"{0.02 + 0.013 * (number % 7):.4f}"
        ProviderCall.objects.create(
            run=songs[number % len(songs)],
            purpose=("concept", "lyrics", "music")[number % 3],
            provider=("openai", "openai", "suno")[number % 3],
            model=("gpt-5-mini", "gpt-5-mini", "v5")[number % 3],
            idempotency_key=f"pictures-{number}",
            status=ProviderCall.Status.SUCCEEDED,
            cost_usd=usd,
            committed_usd=usd,
            latency_ms=2400 + 700 * (number % 5),
            created_at=now - number * HOUR / 4,
        )
    Budget.objects.create(period="day", cap_usd=5)
    Budget.objects.create(period="month", provider="suno", cap_usd=25)


def fail(now: datetime) -> None:
    artist = Artist.objects.get(name="Sparrow Relay")
    RunFactory(
        artist=artist,
        status=Run.Status.FAILED,
        error=f"concept: {artist}'s profile cannot be used. Keys: “H minor”: no such key.",
        failure_kind=Run.FailureKind.PROFILE,
        failure_subject="keys",
        finished_at=now - 3 * HOUR,
    )


# --- The pictures ---


@dataclass(frozen=True)
class Picture:
    """A page, and what is done on it before it is taken. height: of the part that is shown."""

    name: str
    address: Callable[[], str]
    prepare: Callable[[Page], object] = lambda page: None
    height: int = WIDE["height"]
    dark: bool = False


def at(name: str, *args: object, query: str = "") -> Callable[[], str]:
    return lambda: reverse(f"admin:{name}", args=args) + query


def star(tab: str) -> Callable[[], str]:
    return lambda: at(
        "artists_artist_change", Artist.objects.get(name=STAR).pk, query=f"?tab={tab}"
    )()


def waiting() -> str:
    return at("runs_run_change", Run.objects.awaiting_review().first().pk)()


def busy_month() -> str:
    day = Publication.objects.order_by("due_at")[1].due_at.date()
    return at("calendar", query=f"?day={day.isoformat()}")()


def album() -> Release:
    return Release.objects.get(kind="ep")


def plan_an_experiment(page: Page) -> None:
    page.get_by_role("group", name="Try 1").get_by_label("Cover style").select_option("bauhaus")
    field = page.get_by_role("searchbox", name="Whose songs")
    for name in (STAR, "Oolong Sundays"):
        field.click()
        page.keyboard.type(name[:6])
        page.locator(".select2-results__option--highlighted", has_text=name).wait_for()
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_text("a week of Oolong Sundays and Vera Halogen").wait_for()


def search(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox", name="Find a song").wait_for()
    page.wait_for_function("document.activeElement?.tagName === 'INPUT'")
    page.keyboard.type("harbour")
    page.locator("#command-results-list .is-lit").wait_for()
    page.wait_for_function("document.querySelector('#command-results-list').offsetHeight > 100")


def desk_drawn(page: Page) -> None:
    page.locator("#desk-stage .desk-item img").first.wait_for()
    page.wait_for_function("[...document.images].every((picture) => picture.complete)")


PICTURES = (
    Picture("dashboard", at("index"), height=1310),
    Picture("dashboard-dark", at("index"), dark=True),
    Picture("desk", at("desk"), desk_drawn),
    Picture("run", waiting),
    Picture("artist", star("overview"), height=1000),
    Picture("sound", star("sound")),
    Picture("palette", at("index"), search, height=640),
    Picture(
        "plan",
        at("experiments_experiment_add", query="?parameter=cover_style"),
        plan_an_experiment,
        1020,
    ),
    Picture(
        "experiment",
        lambda: at(
            "experiments_experiment_change", Experiment.objects.get(name="Slower verses?").pk
        )(),
    ),
    Picture("release", lambda: at("runs_release_change", album().pk)(), height=1140),
    Picture("handover", lambda: at("runs_release_hand_over", album().pk)(), height=955),
    Picture("calendar", busy_month),
)


def take(page: Page, site: str, picture: Picture) -> bytes:
    page.emulate_media(color_scheme="dark" if picture.dark else "light")
    page.set_viewport_size({"width": WIDE["width"], "height": picture.height})
    page.goto(site + picture.address(), wait_until="networkidle")
    picture.prepare(page)
    page.wait_for_function(STILL)
    return page.screenshot()


STILL = "!document.getAnimations().some((moving) => moving instanceof CSSTransition)"


def phones(page: Page, site: str) -> bytes:
    """Desk, list of runs and an artist on a phone, beside each other."""
    page.set_viewport_size(NARROW)
    shots = []
    for address in (at("desk"), at("runs_run_changelist"), star("overview")):
        page.goto(site + address(), wait_until="networkidle")
        page.wait_for_function(STILL)
        shots.append(Image.open(io.BytesIO(page.screenshot())))
    gap = 20
    whole = Image.new("RGB", (3 * NARROW["width"] + 2 * gap, NARROW["height"]), "#d4d4d8")
    for number, shot in enumerate(shots):
        whole.paste(shot, (number * (NARROW["width"] + gap), 0))
    packed = io.BytesIO()
    whole.save(packed, "png")
    return packed.getvalue()


def save(name: str, shot: bytes) -> None:
    path = IMAGES / f"{name}.png"
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


def main() -> None:
    mira = User.objects.filter(username="mira").first() or fill()
    WorkerBeat.objects.update(at=timezone.now())
    client = Client()
    client.force_login(mira)
    server = LiveServer("localhost")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        context = browser.new_context(viewport=WIDE, color_scheme="light")
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": server.url}])
        page = context.new_page()
        for picture in PICTURES:
            save(picture.name, take(page, server.url, picture))
        page.emulate_media(color_scheme="light")
        save("phone", phones(page, server.url))
        browser.close()
    server.stop()


if __name__ == "__main__":
    main()
