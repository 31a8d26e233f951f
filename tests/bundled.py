"""Releases with bundles of small files that nobody had to encode."""

from __future__ import annotations

import hashlib
import random
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings

from media_tools.provenance import Provenance
from runs.models import Artifact, Packing, Release, Run
from runs.releasing.releases import new_bundle, release_folder, single_of
from runs.reviewing.reviews import decide
from runs.storage import NewArtifact, artifact_row, store_file
from tests.factories import NOON, ArtifactFactory, RunFactory

# How files begin, which is all that channels look at.
FILES = {
    "audio/master.flac": b"fLaC",
    "audio/master.wav": b"RIFF",
    "video/video.mp4": b"\x00\x00\x00\x18ftypisom",
    "cover/cover.jpg": b"\xff\xd8\xff\xe0",
    "cover/cover-square.jpg": b"\xff\xd8\xff\xe0",
}
MADE_BY = Provenance(provider="local", model="composer-1", licence="Apache-2.0", seed=7)


def approved_run(**fields: Any) -> Run:
    """A run approved at noon, beyond its grace, with a cover and a mix of a few bytes."""
    run: Run = RunFactory(reviewable=True, **fields)
    folder = Path(settings.WORK_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "some-bytes"
    source.write_bytes(run.pk.bytes)
    for kind in (Artifact.Kind.MIX, Artifact.Kind.COVER):
        new = NewArtifact(path=source, kind=kind, media_type="x/y", provenance=MADE_BY)
        artifact_row(run, "test", new, store_file(source)).save()
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    run.refresh_from_db()
    return run


def bundled_release(*, size_bytes: int = 40_000, **fields: Any) -> Release:
    """The single of an approved run with a folder and an archive; sound and film of such a size."""
    return bundle(single_of(approved_run(**fields).pk), size_bytes=size_bytes)


def bundle(release: Release, *, size_bytes: int = 40_000) -> Release:
    """Give a release its folder and archive."""
    release.folder = release_folder(release)
    folder = Path(settings.MEDIA_ROOT) / release.folder
    draw = random.Random(str(release.pk))
    sums = ""
    for name, head in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        length = 64 if name.startswith("cover/") else size_bytes
        path.write_bytes(head + draw.randbytes(length - len(head)))
        sums += f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n"
    (folder / "SHA256SUMS").write_text(sums)
    archive = Path(settings.WORK_DIR) / f"{release.pk}.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("SHA256SUMS", sums)
    release.bundle = new_bundle(release, store_file(archive), now=NOON)
    release.packaged_at = NOON
    release.save(update_fields=["folder", "bundle", "packaged_at"])
    Packing.objects.filter(release=release).delete()
    return release


def row_release(**fields: Any) -> Release:
    """A release whose bundle is a row alone, for plans that are never carried out."""
    run: Run = RunFactory(reviewable=True, **fields)
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    release = single_of(run.pk)
    release.bundle = ArtifactFactory(run=run, kind=Artifact.Kind.BUNDLE)
    release.save(update_fields=["bundle"])
    return release
