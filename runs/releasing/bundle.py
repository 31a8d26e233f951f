"""The files of a release bundle: checked, encoded, listed with their checksums, zipped."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from media_tools.audio.encode import Tags, TrackPlace, encode_aac, encode_flac, encode_mp3
from media_tools.audio.gain import Gain
from media_tools.audio.io import repack
from media_tools.files import CHUNK_BYTES, atomic_output, sha256_of, write_text
from media_tools.images.thumbs import social_crops
from media_tools.marking.mark import Source
from media_tools.text.lrc import to_srt
from media_tools.video.stills import poster_frame
from runs.errors import ReleaseRefused
from runs.models import Artifact, Release, Run
from runs.outputs import MasterOutput
from runs.releasing.disclosure import credits_of
from runs.releasing.file_marks import BundleMarks
from runs.releasing.marking import Told, mark_bundle, mark_of, sources_of
from runs.releasing.metadata import CHECKLIST, METADATA, album_gain, checklist, metadata_of
from runs.releasing.sheet import ReleaseSheet, SheetTrack, cover_of, name_in_bundle
from runs.releasing.watermark import watermark_master
from runs.storage.bundles import CHECKSUMS

# A fixed date in the archive, so that the same files give the same bytes.
ZIP_TIME = (2020, 1, 1, 0, 0, 0)
# What no track goes without, with the folder and the name of a single's file.
REQUIRED = {
    Artifact.Kind.MASTER: "audio/master.wav",
    Artifact.Kind.VIDEO: "video/video.mp4",
}
# An instrumental has no words to hand over.
SUNG = {
    Artifact.Kind.LYRICS: "lyrics/lyrics.txt",
    Artifact.Kind.TIMED_LYRICS: "lyrics/lyrics.lrc",
}
COVER = "cover/cover.jpg"
# What comes along where the run made it; of named ones each, such as other shapes of the video.
OPTIONAL = {
    Artifact.Kind.VIDEO: "video/video",
    Artifact.Kind.TEASER: "video/teaser",
    Artifact.Kind.CANVAS: "video/canvas",
    Artifact.Kind.POSTER: "video/poster",
    Artifact.Kind.SCORE: "audio/score",
}
PROVENANCE = "provenance.json"
# Then the title stands in films with and without an opening line.
TITLE_SHOWN_S = 3.8


@dataclass(frozen=True)
class Member:
    """A file that is copied into the bundle. name: its path there."""

    name: str
    artifact: Artifact


@dataclass(frozen=True)
class TrackFiles:
    """A track and the files of its run that are copied."""

    sheet: SheetTrack
    run: Run
    members: tuple[Member, ...]

    def name(self, of_single: str) -> str:
        """The path of a file, from that on a single."""
        return name_in_bundle(self.sheet.stem, of_single)


@dataclass(frozen=True)
class Contents:
    """Everything a bundle copies, each file proved to be what was approved."""

    cover: Artifact
    tracks: tuple[TrackFiles, ...]

    @property
    def painters(self) -> dict[str, tuple[Source, ...]]:
        """The file of the cover's painter, if it holds Content Credentials."""
        own = self.cover.kind == Artifact.Kind.COVER
        return {"cover": sources_of(self.cover.run)["cover"]} if own else {}

    @property
    def checksums(self) -> dict[str, str]:
        """Of the files that are copied as they are, by path: not of masters, which are changed."""
        copied = (part for part in self.members if part.artifact.kind != Artifact.Kind.MASTER)
        return {part.name: part.artifact.sha256 for part in copied}

    @property
    def members(self) -> list[Member]:
        files = [member for track in self.tracks for member in track.members]
        return [Member(COVER, self.cover), *files]


def contents_of(release: Release, sheet: ReleaseSheet) -> Contents:
    """The files of a release, of its cover and its tracks. Raises ReleaseRefused."""
    runs = {track.run_id: track.run for track in release.tracks.select_related("run")}
    first = runs[sheet.tracks[0].run_id]
    return Contents(
        cover=checked(first, cover_of(release), Artifact.Kind.COVER),
        tracks=tuple(files_of_track(track, runs[track.run_id]) for track in sheet.tracks),
    )


def files_of_track(sheet: SheetTrack, run: Run) -> TrackFiles:
    """The artifacts of a track, each proved to be what was approved. Raises ReleaseRefused."""
    track = TrackFiles(sheet, run, ())
    required = REQUIRED if sheet.instrumental else REQUIRED | SUNG
    members = [
        Member(track.name(name), checked(run, run.artifact(kind), kind))
        for kind, name in required.items()
    ]
    taken = {member.artifact.pk for member in members}
    others = run.artifacts.current().filter(kind__in=OPTIONAL).exclude(pk__in=taken)
    members += [
        Member(track.name(optional_name(artifact)), checked(run, artifact, artifact.kind))
        for artifact in others.order_by("kind", "name")
    ]
    return replace(track, members=tuple(members))


def optional_name(artifact: Artifact) -> str:
    """Such as video/video-16x9.mp4, video/teaser-15s.mp4."""
    parts = (OPTIONAL[Artifact.Kind(artifact.kind)], slugify(artifact.name))
    return "-".join(filter(None, parts)) + artifact.path.suffix


def checked(run: Run, artifact: Artifact | None, kind: str) -> Artifact:
    """The artifact, its file there and unchanged. Raises ReleaseRefused."""
    if artifact is None or not artifact.path.is_file():
        raise ReleaseRefused(
            f"{run} has no {Artifact.Kind(kind).label.lower()} file any more; "
            "restore the media folder from its backup."
        )
    if sha256_of(artifact.path) != artifact.sha256:
        raise ReleaseRefused(
            f"{artifact.file.name} of run {run.pk} is not the file that was approved (its "
            "checksum differs); restore the media folder from its backup."
        )
    return artifact


def write_bundle(
    sheet: ReleaseSheet, contents: Contents, folder: Path, *, now: datetime
) -> BundleMarks:
    """Fill an empty folder with all a distributor asks for: files, tags, marks, lists, checksums.

    Returns the marks of its media files. Raises ReleaseRefused if a file cannot be marked.
    """
    for member in contents.members:
        copy_member(member.artifact.path, folder / member.name)
    gain = album_gain(sheet)
    for track in contents.tracks:
        write_encodings(sheet, track, folder, gain=gain)
        write_posters(track, folder)
        master = track.run.output(MasterOutput)
        if master and master.lines and not track.sheet.instrumental:
            write_text(folder / track.name("lyrics/lyrics.srt"), to_srt(master.lines))
    social_crops(folder / COVER, folder / "cover")
    marks = mark_bundle(
        folder, lambda name: told_of(name, sheet, contents), copied=contents.checksums, now=now
    )
    if credit_lines := credits_of(sheet.disclosure):
        write_text(folder / "credits.txt", credit_lines)
    write_text(folder / CHECKLIST, checklist(sheet))
    write_json(folder / PROVENANCE, provenance_of(contents.members))
    files = file_facts(folder)
    write_json(folder / METADATA, {**metadata_of(sheet), "files": files})
    sums = {name: told["sha256"] for name, told in files.items()}
    sums[METADATA] = sha256_of(folder / METADATA)
    lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    write_text(folder / CHECKSUMS, "".join(lines))
    return marks


def copy_member(stored: Path, target: Path) -> None:
    """Copy a file into the bundle; a master that is stored as FLAC becomes the WAV it was."""
    if stored.suffix == ".flac" and target.suffix == ".wav":
        repack(stored, target)
        return
    with atomic_output(target) as partial:
        shutil.copyfile(stored, partial)


def told_of(name: str, sheet: ReleaseSheet, contents: Contents) -> Told:
    """What is told of a file: its track's, or of a cover the release's. name: in the bundle."""
    folder, _, file = name.partition("/")
    if folder == "cover":
        return Told(f"{sheet.full_title} by {sheet.artist}", sheet.disclosure, contents.painters)
    track = next(track for track in contents.tracks if file.startswith(track.sheet.stem))
    return told_of_track(track)


def told_of_track(track: TrackFiles) -> Told:
    sheet = track.sheet
    title = f"{sheet.full_title} by {sheet.artist}"
    return Told(title, sheet.disclosure, sources_of(track.run), sheet.isrc)


def write_encodings(
    sheet: ReleaseSheet, track: TrackFiles, folder: Path, *, gain: Gain | None
) -> None:
    """FLAC, MP3 and AAC of a master, tagged, with cover, and with lyrics if it is sung."""
    told, mark = track.sheet, mark_of(told_of_track(track), "audio/master.wav")
    lyrics = ""
    if not told.instrumental:
        lyrics = (folder / track.name("lyrics/lyrics.txt")).read_text(encoding="utf-8")
    day = sheet.release_date or told.approved_on
    tags = Tags(
        title=told.full_title if not sheet.is_single else sheet.full_title,
        artist=told.artist,
        album=sheet.full_title,
        album_artist=sheet.artist,
        place=TrackPlace(told.position, len(sheet.tracks)),
        genre=sheet.genre,
        year=day.year if day else None,
        bpm=told.tempo_bpm,
        key=told.key,
        lyrics=lyrics,
        comment=mark.statement,
        isrc=told.isrc,
        source_type=mark.source_type,
        gain=gain,
    )
    master, cover = folder / track.name("audio/master.wav"), folder / COVER
    watermark_master(track.run, master)
    encode_flac(master, folder / track.name("audio/master.flac"), tags, cover)
    encode_mp3(master, folder / track.name("audio/master.mp3"), tags, cover)
    encode_aac(master, folder / track.name("audio/master.m4a"), tags, cover)


def write_posters(track: TrackFiles, folder: Path) -> None:
    """A still of the title for each further shape of the video; the main one has its poster."""
    for member in track.members:
        artifact = member.artifact
        if artifact.kind == Artifact.Kind.VIDEO and artifact.name:
            name = track.name(f"video/poster-{slugify(artifact.name)}.jpg")
            poster_frame(folder / member.name, folder / name, TITLE_SHOWN_S)


def provenance_of(members: list[Member]) -> dict[str, Any]:
    """Content of provenance.json, the proof of rights: each copied file's whole record."""
    return {
        member.name: {"sha256": member.artifact.sha256, **member.artifact.provenance}
        for member in members
    }


def file_facts(folder: Path) -> dict[str, Any]:
    """Checksum and size of each file of a bundle, by its path there."""
    return {
        name: {"sha256": sha256_of(path), "bytes": path.stat().st_size}
        for name, path in files_in(folder)
    }


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


def write_json(path: Path, content: dict[str, Any]) -> None:
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
