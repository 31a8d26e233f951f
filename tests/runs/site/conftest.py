"""Releases that are out, with small bundles, and a place for the site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from PIL import Image

from artists.models import Artist
from media_tools.records import to_json
from runs.models import LabelProfile, Release, Run, Track
from runs.releasing.releases import release_folder
from runs.releasing.sheet import sheet_of
from runs.site.export import Exported, export_site, site_at
from tests.factories import (
    NOON,
    ArtifactFactory,
    ArtistFactory,
    RunFactory,
    StepFactory,
    single_of,
)
from tests.outputs import OUTPUTS

URL = "https://music.example.org"
WORDS = "[Verse 1]\nNeon on the <river>\n"


@pytest.fixture
def artist(db: None) -> Artist:
    LabelProfile.objects.create(
        name="House",
        is_default=True,
        label="Halogen Records",
        credits=[{"legal_name": "Wilhelmina Secret", "role": "Composer"}],
    )
    return ArtistFactory(name="Vera <Halogen>", slug="vera-halogen", backstory="Private notes.")


@pytest.fixture
def single(artist: Artist) -> Release:
    release = single_of(sung_run(artist, "Neon & Rivers"), isrc="QZABC2600001", upc="036000291452")
    return put_out(release)


@pytest.fixture
def album(artist: Artist) -> Release:
    runs = [sung_run(artist, title) for title in ("Glass Harbour", "Slow Lanterns")]
    bundle = ArtifactFactory(run=runs[0], kind="bundle", name="ep")
    release = Release.objects.create(
        artist=artist, kind=Release.Kind.EP, title="Harbour Lights", bundle=bundle
    )
    for position, run in enumerate(runs, start=1):
        Track.objects.create(
            release=release, run=run, position=position, place="album", title=run.title
        )
    return put_out(release)


def sung_run(artist: Artist, title: str) -> Run:
    """A released run with a made cover and sung words."""
    run: Run = RunFactory(
        reviewable=True, artist=artist, title=title, status=Run.Status.RELEASED, decided_at=NOON
    )
    add_words(run)
    ArtifactFactory(
        run=run,
        kind="cover",
        provenance={"provider": "x", "model": "brush-1", "licence": "x", "generator": "ai"},
    )
    return run


def add_words(run: Run) -> None:
    """The steps that tell that a run is sung."""
    sung: dict[str, Any] = {**to_json(OUTPUTS["music"]), "vocals": "synthetic"}
    for name, output in (("lyrics", to_json(OUTPUTS["lyrics"])), ("music", sung)):
        StepFactory(
            run=run,
            name=name,
            status="done",
            output=output,
            started_at=NOON,
            finished_at=NOON,
        )


def put_out(release: Release) -> Release:
    """Publish a release with a bundle of plain bytes beside its pictures."""
    release.status, release.published_at = Release.Status.PUBLISHED, NOON
    release.folder = release_folder(release)
    release.disclosure = sheet_of(release).disclosure
    release.save()
    bundle = Path(site_settings.MEDIA_ROOT) / release.folder
    for name in ("cover", "audio", "video", "lyrics"):
        (bundle / name).mkdir(parents=True)
    Image.new("RGB", (64, 64), "#3a1663").save(bundle / "cover/cover.jpg")
    Image.new("RGB", (64, 64), "#3a1663").save(bundle / "cover/cover-square.jpg")
    for track in sheet_of(release).tracks:
        (bundle / f"audio/{track.stem or 'master'}.mp3").write_bytes(b"mp3" * 100)
        (bundle / f"audio/{track.stem or 'master'}.m4a").write_bytes(b"m4a" * 100)
        (bundle / f"video/{track.stem or 'video'}.mp4").write_bytes(b"mp4" * 100)
        (bundle / f"video/{track.stem or 'video'}-16x9.mp4").write_bytes(b"mp4" * 100)
        poster = f"{track.stem}-poster" if track.stem else "poster"
        Image.new("RGB", (36, 64)).save(bundle / f"video/{poster}.jpg")
        (bundle / f"lyrics/{track.stem or 'lyrics'}.txt").write_text(WORDS)
    return release


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def export(folder: Path) -> Callable[[], Exported]:
    return lambda: export_site(folder, site_at(URL, "Night Music"))
