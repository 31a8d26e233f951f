"""The files of a release bundle: checked, encoded, listed with their checksums, zipped."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from media_tools.audio.encode import Tags, encode_aac, encode_flac, encode_mp3
from media_tools.files import CHUNK_BYTES, atomic_output, sha256_of
from media_tools.images.thumbs import social_crops
from media_tools.text.lrc import to_srt
from media_tools.video.stills import poster_frame
from runs.errors import ReleaseRefused
from runs.models import Artifact, Run
from runs.outputs import LyricsOutput, MasterOutput
from runs.releasing.checklist import checklist_of
from runs.releasing.disclosure import credits_of, sung_in
from runs.releasing.watermark import watermark_master

# A fixed date in the archive, so that the same files give the same bytes.
ZIP_TIME = (2020, 1, 1, 0, 0, 0)
# Name in the bundle by kind of artifact: what no bundle goes without.
REQUIRED = {
    Artifact.Kind.WAV: "audio/master.wav",
    Artifact.Kind.COVER: "cover/cover.jpg",
    Artifact.Kind.VIDEO: "video/video.mp4",
    Artifact.Kind.LYRICS: "lyrics/lyrics.txt",
    Artifact.Kind.TIMED_LYRICS: "lyrics/lyrics.lrc",
}
# What comes along where the run made it; of named ones each, such as other shapes of the video.
OPTIONAL = {
    Artifact.Kind.VIDEO: "video/video",
    Artifact.Kind.TEASER: "video/teaser",
    Artifact.Kind.POSTER: "video/poster",
    Artifact.Kind.SCORE: "audio/score",
}
METADATA, PROVENANCE, CHECKSUMS = "metadata.json", "provenance.json", "SHA256SUMS"
# By then the title card has faded in.
TITLE_SHOWN_S = 2.0


@dataclass(frozen=True)
class Member:
    """A file that is copied into the bundle. name: its path there."""

    name: str
    artifact: Artifact


def members_of(run: Run) -> list[Member]:
    """The artifacts a bundle copies, each proved to be what was approved. Raises ReleaseRefused."""
    required = [
        Member(name, checked(run, run.artifact(kind), kind)) for kind, name in REQUIRED.items()
    ]
    taken = {member.artifact.pk for member in required}
    others = run.artifacts.current().filter(kind__in=OPTIONAL).exclude(pk__in=taken)
    optional = [
        Member(optional_name(artifact), checked(run, artifact, artifact.kind))
        for artifact in others.order_by("kind", "name")
    ]
    return [*required, *optional]


def optional_name(artifact: Artifact) -> str:
    """Such as video/video-16x9.mp4, video/teaser-15s.mp4."""
    parts = (OPTIONAL[Artifact.Kind(artifact.kind)], slugify(artifact.name))
    return "-".join(filter(None, parts)) + artifact.path.suffix


def checked(run: Run, artifact: Artifact | None, kind: str) -> Artifact:
    """The artifact, its file there and unchanged. Raises ReleaseRefused."""
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
    return artifact


def write_bundle(
    run: Run,
    members: list[Member],
    folder: Path,
    *,
    disclosure: dict[str, Any],
    codes: dict[str, str],
) -> None:
    """Fill an empty folder with everything a distributor asks for.

    codes: ISRC and UPC, empty where they are not known yet.
    """
    for member in members:
        with atomic_output(folder / member.name) as partial:
            shutil.copyfile(member.artifact.path, partial)
    write_encodings(run, folder, isrc=codes["isrc"])
    social_crops(folder / "cover/cover.jpg", folder / "cover")
    write_posters(members, folder)
    master = run.output(MasterOutput)
    if master and master.lines:
        write_text(folder / "lyrics/lyrics.srt", to_srt(master.lines))
    if credit_lines := credits_of(disclosure):
        write_text(folder / "credits.txt", credit_lines)
    write_text(folder / "checklist.md", checklist(run, codes))
    write_json(folder / PROVENANCE, provenance_of(members))
    write_json(folder / METADATA, metadata_of(run, folder, disclosure, codes))
    sums = (f"{sha256_of(path)}  {name}\n" for name, path in files_in(folder))
    write_text(folder / CHECKSUMS, "".join(sums))


def write_encodings(run: Run, folder: Path, *, isrc: str) -> None:
    """FLAC, MP3 and AAC of the master, tagged, with lyrics and cover."""
    concept = run.concept or {}
    tags = Tags(
        title=run.title,
        artist=run.artist.name,
        album=run.title,
        genre=run.artist.genre,
        year=run.decided_at.year if run.decided_at else None,
        bpm=run.tempo_bpm,
        key=concept.get("key", ""),
        lyrics=(folder / "lyrics/lyrics.txt").read_text(encoding="utf-8"),
        comment=f"Made with AI Artist Platform; disclosure in {METADATA}.",
        isrc=isrc,
    )
    master, cover = folder / "audio/master.wav", folder / "cover/cover.jpg"
    watermark_master(run, master)
    encode_flac(master, folder / "audio/master.flac", tags, cover)
    encode_mp3(master, folder / "audio/master.mp3", tags, cover)
    encode_aac(master, folder / "audio/master.m4a", tags, cover)


def write_posters(members: list[Member], folder: Path) -> None:
    """A still of the title for each further shape of the video; the main one has its poster."""
    for member in members:
        artifact = member.artifact
        if artifact.kind == Artifact.Kind.VIDEO and artifact.name:
            name = member.name.replace("video/video-", "video/poster-")
            poster_frame(folder / member.name, (folder / name).with_suffix(".jpg"), TITLE_SHOWN_S)


def provenance_of(members: list[Member]) -> dict[str, Any]:
    """Content of provenance.json, the proof of rights: each copied file's whole record."""
    return {
        member.name: {"sha256": member.artifact.sha256, **member.artifact.provenance}
        for member in members
    }


def metadata_of(
    run: Run, folder: Path, disclosure: dict[str, Any], codes: dict[str, str]
) -> dict[str, Any]:
    """Content of metadata.json: what it is, how it was made, and every file's checksum."""
    concept = run.concept or {}
    lyrics = run.output(LyricsOutput)
    return {
        "run": str(run.pk),
        "release_type": "single",
        "title": run.title,
        "artist": run.artist.name,
        "genre": run.artist.genre,
        **codes,
        "key": concept.get("key"),
        "tempo_bpm": run.tempo_bpm,
        "duration_s": run.duration_s,
        "loudness_lufs": run.lufs,
        "true_peak_dbtp": run.true_peak_dbtp,
        "instrumental": sung_in(run) == "none",
        "language": lyrics.lyrics.language if lyrics else "en",
        "explicit": lyrics.lyrics.explicit if lyrics else False,
        "approved_at": run.decided_at.isoformat() if run.decided_at else None,
        "ai_disclosure": disclosure,
        "files": {
            name: {"sha256": sha256_of(path), "bytes": path.stat().st_size}
            for name, path in files_in(folder)
        },
    }


def checklist(run: Run, codes: dict[str, str]) -> str:
    """Content of checklist.md."""
    head = f"# {' '.join(run.title.split())} by {' '.join(run.artist.name.split())}"
    wanted = (f"- [{'x' if done else ' '}] {text}" for done, text in checklist_of(run, codes))
    return "\n".join([head, "", *wanted, ""])


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each file with its path in the bundle, in a fixed order."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path.relative_to(folder).as_posix(), path


def write_zip(folder: Path, archive: Path) -> None:
    """Pack a folder's files uncompressed (they are media), streamed, with fixed dates."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
        for name, path in files_in(folder):
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.external_attr = 0o644 << 16
            info.file_size = path.stat().st_size  # larger than 2 GB needs zip64 from the start
            with path.open("rb") as source, bundle.open(info, "w") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)


def write_text(path: Path, text: str) -> None:
    with atomic_output(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, content: dict[str, Any]) -> None:
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
