"""A run with everything a bundle needs, of real, small media."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from media_tools.ffmpeg import run_ffmpeg
from media_tools.provenance import Provenance
from runs.models import Artifact, Release, Run
from runs.releasing.metadata import CHECKLIST, METADATA, checklist, metadata_of
from runs.releasing.sheet import sheet_of
from runs.reviewing.reviews import decide
from runs.storage import NewArtifact, artifact_row, store_file
from tests.factories import NOON, RunFactory

MADE_BY = Provenance(provider="local", model="composer-1", licence="Apache-2.0", seed=7)
SOURCES = {
    Artifact.Kind.MASTER: ("master.flac", ["-f", "lavfi", "-i", "sine=440:d=1", "-ac", "2"]),
    Artifact.Kind.COVER: (
        "cover.jpg",
        ["-f", "lavfi", "-i", "testsrc2=s=300x300:d=1", "-frames:v", "1"],
    ),
    Artifact.Kind.VIDEO: ("video.mp4", ["-f", "lavfi", "-i", "testsrc2=s=144x256:d=1"]),
}


@functools.cache
def sample(kind: str) -> bytes:
    """The small medium of a kind, made once a process."""
    name, source = SOURCES[kind]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        run_ffmpeg([*source, str(path)], timeout_s=30, what=name)
        return path.read_bytes()


@pytest.fixture
def approve_run(tmp_path: Path) -> Callable[..., Run]:
    """Makes approved runs with all that a bundle needs."""

    def make(**fields: Any) -> Run:
        folder = tmp_path / uuid4().hex
        folder.mkdir()
        run = RunFactory(reviewable=True, **fields)
        add(run, Artifact.Kind.MIX, write(folder / "mix.wav", "mix"))
        add(run, Artifact.Kind.LYRICS, write(folder / "lyrics.txt", "[Verse 1]\nOne line\n"))
        add(run, Artifact.Kind.TIMED_LYRICS, write(folder / "lyrics.lrc", "[00:00.00]One line\n"))
        for kind, (name, _) in SOURCES.items():
            (folder / name).write_bytes(sample(kind))
            add(run, kind, folder / name)
        decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
        run.refresh_from_db()
        return run

    return make


@pytest.fixture
def approved_run(approve_run: Callable[..., Run]) -> Run:
    return approve_run()


def write_told(release: Release) -> None:
    """Have the bundle of a release tell what the release is now."""
    release.refresh_from_db()
    sheet = sheet_of(release)
    folder = Path(settings.MEDIA_ROOT) / release.folder
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / METADATA, json.dumps(metadata_of(sheet)))
    write(folder / CHECKLIST, checklist(sheet))


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def add(run: Run, kind: str, path: Path, *, name: str = "", made_by: Provenance = MADE_BY) -> None:
    new = NewArtifact(path=path, kind=kind, media_type="x/y", provenance=made_by, name=name)
    artifact_row(run, "test", new, store_file(path)).save()
