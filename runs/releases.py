"""Release bundles: everything a distributor needs of an approved run, with its disclosure."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.text import slugify

from media_tools.audio.encode import Tags, encode_mp3
from media_tools.files import atomic_output, fsync_folder, sha256_of
from media_tools.provenance import Provenance
from runs.errors import ReleaseRefused
from runs.models import Artifact, Release, Review, Run, RunEvent
from runs.storage import NewArtifact, artifact_row, store_file

# A fixed date in the archive, so that the same files give the same bytes.
ZIP_TIME = (2020, 1, 1, 0, 0, 0)
# Name in the bundle by kind of artifact; the MP3 is encoded anew with its cover.
COPIED = {
    Artifact.Kind.WAV: "master.wav",
    Artifact.Kind.COVER: "cover.jpg",
    Artifact.Kind.VIDEO: "video.mp4",
    Artifact.Kind.LYRICS: "lyrics.txt",
    Artifact.Kind.TIMED_LYRICS: "lyrics.lrc",
}
# What the disclosure repeats of each artifact's provenance.
DISCLOSED = ("provider", "model", "generator", "licence", "source_url")
# What it and the credits repeat of each clip in the video.
CREDITED = ("credit", "author", "author_url", "page_url", "licence", "key")
VOCALS = {
    "none": "",
    "synthetic": "sung by a synthetic voice",
    "undeclared": "not declared: the music was imported",
}


def unpackaged() -> Sequence[UUID]:
    """Approved runs without a bundle, oldest decision first; not while the grace lasts."""
    revocable = Review.objects.pending().filter(run=OuterRef("pk"))
    return list(
        Run.objects.filter(~Exists(revocable), status=Run.Status.APPROVED, release=None)
        .order_by("decided_at")
        .values_list("pk", flat=True)
    )


def package_release(*, run_id: UUID | str, now: datetime) -> Release:
    """Write the bundle (folder and zip) of an approved run; doing it again replaces it whole.

    Raises ReleaseRefused when the run is not approved or a file is missing or changed.
    """
    run = Run.objects.select_related("artist", "batch").filter(pk=run_id).first()
    if run is None:
        raise ReleaseRefused(f"There is no run {run_id}.")
    if run.status not in (Run.Status.APPROVED, Run.Status.RELEASED):
        raise ReleaseRefused(
            f"Run {run.pk} is {run.get_status_display().lower()}; only approved runs are packaged."
        )
    if run.reviews.pending().exists():
        raise ReleaseRefused(
            f"The approval of run {run.pk} can still be undone; it is packaged in some seconds."
        )
    files = checked_files(run)
    folder = Path(settings.MEDIA_ROOT) / release_folder(run)
    staging = folder.with_name(f".partial-{folder.name}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    archive = staging.with_suffix(".zip")
    try:
        write_files(run, files, staging)
        disclosure = disclosure_of(run)
        if credit_lines := credits_of(disclosure):
            (staging / "credits.txt").write_text(credit_lines, encoding="utf-8")
        metadata = metadata_of(run, staging, disclosure)
        (staging / "metadata.json").write_text(
            json.dumps(metadata, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        write_zip(staging, archive)
        stored = store_file(archive)
        shutil.rmtree(folder, ignore_errors=True)
        staging.replace(folder)
        fsync_folder(folder.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        archive.unlink(missing_ok=True)
    new = NewArtifact(
        path=archive,
        kind=Artifact.Kind.BUNDLE,
        media_type="application/zip",
        provenance=Provenance(provider="local", model="bundle-1", licence="operator"),
    )
    with transaction.atomic():
        # The decision may have been undone while the files were written.
        held = Run.objects.select_for_update().get(pk=run.pk)
        if held.status not in (Run.Status.APPROVED, Run.Status.RELEASED):
            shutil.rmtree(folder, ignore_errors=True)
            raise ReleaseRefused(f"Run {run.pk} was taken back meanwhile.")
        run.artifacts.current().filter(kind=Artifact.Kind.BUNDLE).update(superseded_at=now)
        bundle = artifact_row(run, "release", new, stored)
        bundle.save()
        release, created = Release.objects.update_or_create(
            run=run,
            defaults={
                "bundle": bundle,
                "folder": release_folder(run),
                "disclosure": disclosure,
            },
            create_defaults={
                "bundle": bundle,
                "folder": release_folder(run),
                "disclosure": disclosure,
                "created_at": now,
            },
        )
        RunEvent.objects.create(
            run=run,
            at=now,
            kind="packaged",
            message="Release bundle made." if created else "Release bundle made again.",
        )
    return release


def withdraw(*, run_id: UUID) -> None:
    """Remove the bundle of a run whose approval is undone. Raises ReleaseRefused if published."""
    release = Release.objects.select_for_update().filter(run_id=run_id).first()
    if release is None:
        return
    if release.status != Release.Status.PACKAGED:
        raise ReleaseRefused(
            f"The release of run {run_id} is {release.get_status_display().lower()}; recall it "
            "before undoing the approval."
        )
    folder = Path(settings.MEDIA_ROOT) / release.folder
    bundle = release.bundle
    release.delete()
    bundle.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def release_folder(run: Run) -> str:
    """Folder of a release under MEDIA_ROOT; the id keeps equal titles apart."""
    title = slugify(run.title) or "untitled"
    return f"releases/{run.artist.slug}/{title}-{str(run.pk)[:8]}"


def checked_files(run: Run) -> dict[str, Artifact]:
    """The artifacts a bundle needs, each proved to be what was approved."""
    files: dict[str, Artifact] = {}
    for kind in COPIED:
        artifact = run.artifact(kind)
        if artifact is None or not artifact.path.is_file():
            raise ReleaseRefused(
                f"Run {run.pk} has no {Artifact.Kind(kind).label.lower()} file any more; "
                "restore the media folder from its backup."
            )
        if sha256_of(artifact.path) != artifact.sha256:
            raise ReleaseRefused(
                f"{artifact.file.name} of run {run.pk} is not the file that was approved (its "
                "checksum differs); restore the media folder from its backup."
            )
        files[kind] = artifact
    return files


def write_files(run: Run, files: dict[str, Artifact], folder: Path) -> None:
    """Copy what was approved and encode the tagged MP3 with its cover."""
    for kind, name in COPIED.items():
        with atomic_output(folder / name) as partial:
            shutil.copyfile(files[kind].path, partial)
    concept = run.concept or {}
    encode_mp3(
        folder / "master.wav",
        folder / "master.mp3",
        Tags(
            title=run.title,
            artist=run.artist.name,
            album=run.title,
            genre=run.artist.genre,
            year=run.decided_at.year if run.decided_at else None,
            bpm=run.tempo_bpm,
            key=concept.get("key", ""),
            lyrics=(folder / "lyrics.txt").read_text(encoding="utf-8"),
            comment="Made with AI Artist Platform; disclosure in metadata.json.",
        ),
        folder / "cover.jpg",
    )


def disclosure_of(run: Run) -> dict[str, Any]:
    """Which part was made how: by a generative model, by an algorithm, or by a person."""
    parts = {}
    for part, kind in (
        ("lyrics", Artifact.Kind.LYRICS),
        ("music", Artifact.Kind.MIX),
        ("voice_tag", Artifact.Kind.VOICE_TAG),
        ("cover", Artifact.Kind.COVER),
        ("video", Artifact.Kind.VIDEO),
    ):
        artifact = run.artifact(kind)
        if artifact:
            source = artifact.provenance
            parts[part] = {name: source.get(name, "") for name in DISCLOSED}
    review = run.reviews.standing().first()
    return {
        "artist_is_virtual": True,
        "machine_made": parts,
        "human_role": "A person listened, watched and approved the release."
        if review
        else "None recorded.",
        "vocals": vocals_of(run, tagged="voice_tag" in parts),
        "footage": footage_of(run),
    }


def vocals_of(run: Run, *, tagged: bool) -> str:
    """What is heard of voices, in words. tagged: the artist's name is spoken in it."""
    sung = VOCALS[run.step_output("music").get("vocals", "none")]
    spoken = "the artist's name is spoken by a synthetic voice" if tagged else ""
    return "; ".join(filter(None, (sung, spoken))) or "none"


def footage_of(run: Run) -> list[dict[str, str]]:
    """Credit, source and licence of each clip in the video; people filmed them."""
    footage = run.step_output("visuals").get("footage") or {}
    return [{name: clip.get(name, "") for name in CREDITED} for clip in footage.get("clips", [])]


def credits_of(disclosure: dict[str, Any]) -> str:
    """Text of credits.txt: what the sources of footage ask to be shown; empty without footage."""
    blocks = [
        "\n".join(
            filter(
                None,
                (
                    clip["credit"] or f"Video {clip['key']}",
                    clip["page_url"],
                    clip["author_url"],
                    f"Licence: {clip['licence']}",
                ),
            )
        )
        for clip in disclosure["footage"]
    ]
    return "\n\n".join(["Footage in the video", *blocks]) + "\n" if blocks else ""


def metadata_of(run: Run, folder: Path, disclosure: dict[str, Any]) -> dict[str, Any]:
    """Content of metadata.json: what it is, how it was made, and every file's checksum."""
    concept = run.concept or {}
    return {
        "run": str(run.pk),
        "title": run.title,
        "artist": run.artist.name,
        "genre": run.artist.genre,
        "key": concept.get("key"),
        "tempo_bpm": run.tempo_bpm,
        "duration_s": run.duration_s,
        "loudness_lufs": run.lufs,
        "true_peak_dbtp": run.true_peak_dbtp,
        "language": "en",
        "explicit": run.step_output("lyrics").get("lyrics", {}).get("explicit", False),
        "approved_at": run.decided_at.isoformat() if run.decided_at else None,
        "ai_disclosure": disclosure,
        "files": {
            path.name: {"sha256": sha256_of(path), "bytes": path.stat().st_size}
            for path in sorted(folder.iterdir())
        },
    }


def write_zip(folder: Path, archive: Path) -> None:
    """Pack a folder's files uncompressed (they are media), streamed, with fixed dates."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
        for path in sorted(folder.iterdir()):
            info = zipfile.ZipInfo(path.name, ZIP_TIME)
            info.external_attr = 0o644 << 16
            info.file_size = path.stat().st_size  # larger than 2 GB needs zip64 from the start
            with path.open("rb") as source, bundle.open(info, "w") as target:
                shutil.copyfileobj(source, target, 1024 * 1024)
