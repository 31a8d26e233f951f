"""Benchmark of the public site at size, on a database and in folders of its own."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ai_artist.benchmarks.measuring import Result, call_function, scratch_project
from artists.models import Artist
from artists.starter_roster import seed_roster
from media_tools.records import to_json
from runs.models import Artifact, Batch, Release, Run, Step, Track
from runs.releasing.releases import recall_release, release_folder
from runs.releasing.sheet import sheet_of
from runs.site.export import export_site, site_at
from tests.factories import CONCEPT, NOON
from tests.outputs import OUTPUTS

SONGS = 10_000
AT_ONCE = 500
LYRICS = "[Verse 1]\n" + 24 * "Street lamps lean over the water\n"
# Files of a bundle that go on a page; their sizes cost nothing, since they are linked.
MEDIA = (
    "cover/cover.jpg",
    "cover/cover-square.jpg",
    "audio/master.mp3",
    "audio/master.m4a",
    "video/video.mp4",
    "video/poster.jpg",
)


def site() -> Result:
    """CPU seconds of the first export of 10,000 songs, and of those after it."""
    with scratch_project() as environment:
        figures = call_function(
            "tests.benchmarks.site", "export_songs", SONGS, environment=environment
        )
    return Result("site", figures)


def export_songs(songs: int) -> dict[str, float]:
    """Write a site: whole, unchanged, with one title edited, with one release recalled."""
    populate(songs)
    figures: dict[str, float] = {"songs": songs}
    first = Release.objects.all()[0]
    for name in ("whole", "unchanged", "edited", "recalled"):
        if name == "edited":
            Release.objects.filter(pk=first.pk).update(title="Edited")
        if name == "recalled":
            recall_release(release_id=first.pk, reason="Recalled", actor=None, now=timezone.now())
        started = time.process_time()
        done = export_site(
            Path(settings.MEDIA_ROOT) / "site", site_at("https://music.example.org", "Music")
        )
        figures[f"{name}_cpu_s"] = time.process_time() - started
        figures[f"{name}_written"] = done.written
    return figures


def populate(songs: int) -> None:
    """Singles that are out, over the starter roster, each with a bundle of small files."""
    seed_roster(now=NOON)
    artists = list(Artist.objects.all())
    batch = Batch.objects.create(origin="command", size=1, seed=1)
    numbers = iter(range(songs))
    while some := list(islice(numbers, AT_ONCE)):
        with transaction.atomic():
            runs = [new_run(batch, artists[number % len(artists)], number) for number in some]
            Run.objects.bulk_create(runs)
            Step.objects.bulk_create(
                Step(
                    run=run,
                    name=name,
                    position=position,
                    status=Step.Status.DONE,
                    output=to_json(output),
                    started_at=NOON,
                    finished_at=NOON,
                )
                for run in runs
                for position, (name, output) in enumerate(OUTPUTS.items())
            )
            put_out(runs)


def new_run(batch: Batch, artist: Artist, number: int) -> Run:
    return Run(
        batch=batch,
        artist=artist,
        seed=number,
        status=Run.Status.RELEASED,
        concept=CONCEPT,
        title=f"Neon Rivers {number}",
        duration_s=80.0,
        finished_at=NOON,
        decided_at=NOON,
    )


def put_out(runs: list[Run]) -> None:
    """A published single of each run."""
    bundles = Artifact.objects.bulk_create(new_file(run, "bundle", "bundle.zip") for run in runs)
    Artifact.objects.bulk_create(new_file(run, "cover", "cover.jpg") for run in runs)
    Artifact.objects.bulk_create(new_file(run, "thumbnail", "thumbnail.jpg") for run in runs)
    releases = [
        Release(
            artist=run.artist,
            title=run.title,
            bundle=bundle,
            status=Release.Status.PUBLISHED,
            published_at=NOON + timedelta(minutes=run.seed),
        )
        for run, bundle in zip(runs, bundles, strict=True)
    ]
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(exist_ok=True)
    (media / "thumbnail.jpg").write_bytes(b"thumbnail")
    for release in releases:
        release.folder = release_folder(release)
        write_bundle(media / release.folder)
    Release.objects.bulk_create(releases)
    Track.objects.bulk_create(
        Track(release=release, run=run, title=run.title)
        for release, run in zip(releases, runs, strict=True)
    )
    # The same of all of them: nobody asked for anything else.
    disclosure = sheet_of(releases[0]).disclosure
    Release.objects.filter(pk__in=[release.pk for release in releases]).update(
        disclosure=disclosure
    )


def new_file(run: Run, kind: str, name: str) -> Artifact:
    made: dict[str, Any] = {"provider": "local", "model": "test-1", "licence": "CC0-1.0"}
    return Artifact(
        run=run,
        step=kind,
        kind=kind,
        file=name,
        sha256=f"{run.pk.int:064x}",
        media_type="x/y",
        bytes=1,
        provenance=made | {"generator": "algorithm"},
    )


def write_bundle(folder: Path) -> None:
    for name in MEDIA:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (folder / "lyrics").mkdir()
    (folder / "lyrics" / "lyrics.txt").write_text(LYRICS)
