"""What a channel is handed of a release: checked files of its bundle, with their words."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from media_tools.files import sha256_of
from media_tools.media_types import SNIFF_BYTES, sniff
from media_tools.publishing.base import (
    AiUse,
    Contributor,
    MediaFile,
    Post,
    StoreRelease,
    StoreTrack,
    Upload,
)
from runs.errors import PublishingRefused, StoreTrouble
from runs.models import Channel, Part, Publication, Release
from runs.publishing.channels import ItemKind, kind_of
from runs.publishing.wording import description_of, tags_of, title_of, values_of
from runs.releasing.delivery import COVER
from runs.releasing.disclosure import parts_of, told_extent
from runs.releasing.releases import folder_of
from runs.releasing.sheet import NO_WORDS, ReleaseSheet, SheetTrack, name_in_bundle, sheet_of
from runs.storage.bundles import bundle_sums

COVER_SHOWN = "cover/cover-square.jpg"
AGAIN = "have the bundle packaged again"
# Files of a single; an album's have their track's name.
FILES = {
    Part.AUDIO: "audio/master.flac",
    Part.VIDEO: "video/video.mp4",
    Part.TALL: "video/video-9x16.mp4",
    Part.WIDE: "video/video-16x9.mp4",
    Part.SQUARE: "video/video-1x1.mp4",
}
TEASERS = "video/teaser"
CAPTIONS = "lyrics/lyrics.srt"


@dataclass(frozen=True)
class PageItem:
    """A release for our own pages."""

    key: str
    release: Release
    public_at: datetime | None


Item = Upload | StoreRelease | Post | PageItem


@dataclass(frozen=True)
class Bundle:
    """The files of a release's bundle. sums: SHA-256 by path, as the archive has them.

    checked: each file is proved to be what was packaged when it is asked for; else none is read.
    """

    release: Release
    sums: Mapping[str, str]
    checked: bool = True

    def file(self, name: str, duration_s: float = 0.0) -> MediaFile:
        """A file of the bundle. Raises PublishingRefused."""
        path = self.path(name)
        if not self.checked:
            return MediaFile(
                path=path,
                media_type="",
                sha256=self.sums[name],
                size_bytes=0,
                duration_s=duration_s,
            )
        digest = sha256_of(path)
        if digest != self.sums[name]:
            raise PublishingRefused(
                f"{name} in {self.name} is not the file that was packaged (its checksum "
                f"differs); {AGAIN}."
            )
        with path.open("rb") as opened:
            kind = sniff(opened.read(SNIFF_BYTES))
        return MediaFile(
            path=path,
            media_type=kind.name if kind else "application/octet-stream",
            sha256=digest,
            size_bytes=path.stat().st_size,
            duration_s=duration_s,
        )

    @property
    def name(self) -> str:
        return PurePosixPath(self.release.folder).name

    def path(self, name: str) -> Path:
        """Where a file of the bundle lies; checked: on this machine, even if it was elsewhere."""
        if name in self.sums:
            if not self.checked:
                return Path(self.release.folder, name)
            path = folder_of(self.release, name) / name
            if path.is_file():
                return path
        raise PublishingRefused(f"The bundle {self.name} has no {name}; {AGAIN}.")

    def optional(self, name: str) -> Path | None:
        return self.file(name).path if name in self.sums else None

    def text(self, name: str) -> str:
        """The text of an optional file; "" if there is none, or if files are not read."""
        path = self.optional(name) if self.checked else None
        return path.read_text(encoding="utf-8") if path else ""


def bundle_of(release: Release, *, checked: bool = True) -> Bundle:
    """A release's bundle, with the checksums of its archive. Raises PublishingRefused."""
    if release.bundle is None or not release.folder:
        raise PublishingRefused(f"{release} has no bundle yet; it is made within minutes.")
    try:
        sums = bundle_sums(release.bundle.sha256)
    except StoreTrouble as error:
        raise PublishingRefused(error.with_advice) from error
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise PublishingRefused(f"The archive of {release} cannot be read; {AGAIN}.") from error
    return Bundle(release, sums, checked)


def item_of(publication: Publication, *, address: str = "", checked: bool = True) -> Item:
    """What is handed over. address: of what an announcement is about. checked: read the files.

    Raises PublishingRefused, Unreadable.
    """
    release, channel = publication.release, publication.channel
    kind = kind_of(channel).item
    if kind is ItemKind.PAGE:
        return PageItem(str(publication.pk), release, public_at_of(publication))
    sheet, bundle = sheet_of(release), bundle_of(release, checked=checked)
    if publication.part == Part.POST:
        return post_of(publication, sheet, bundle, address)
    if kind is ItemKind.STORE:
        return store_release(publication, sheet, bundle)
    return upload_of(publication, sheet, bundle)


def public_at_of(publication: Publication) -> datetime | None:
    """When it is made public; None for a channel that keeps it hidden."""
    private = publication.channel.privacy == Channel.Privacy.PRIVATE
    return None if private else publication.due_at


def track_of(publication: Publication, sheet: ReleaseSheet) -> SheetTrack:
    """The track a publication is of; the first one of a single. Raises PublishingRefused."""
    position = publication.position or 1
    for track in sheet.tracks:
        if track.position == position:
            return track
    raise PublishingRefused(f"{publication.release} has no track {position}; cancel this plan.")


def file_for(part: str, track: SheetTrack, bundle: Bundle) -> str:
    """The name of a part's file in the bundle. Raises PublishingRefused if it has none."""
    if part == Part.TEASER:
        start = name_in_bundle(track.stem, f"{TEASERS}.mp4").removesuffix(".mp4")
        found = sorted(name for name in bundle.sums if name.startswith(start))
    else:
        name = name_in_bundle(track.stem, FILES[Part(part)])
        found = [name] if name in bundle.sums else []
    if not found:
        raise PublishingRefused(f"The bundle has no {Part(part).label.lower()} of {track.title}.")
    return found[0]


def upload_of(publication: Publication, sheet: ReleaseSheet, bundle: Bundle) -> Upload:
    """One song or film."""
    channel, track = publication.channel, track_of(publication, sheet)
    values = values_of(sheet, track)
    sound = publication.part == Part.AUDIO
    captions = None if track.instrumental or sound or publication.part == Part.TEASER else CAPTIONS
    return Upload(
        key=str(publication.pk),
        file=bundle.file(file_for(publication.part, track, bundle), track.duration_s or 0.0),
        artist=sheet.artist,
        title=title_of(channel, values),
        description=description_of(channel, values),
        disclosure=values["disclosure"],
        tags=tags_of(channel, sheet),
        language="" if track.language == NO_WORDS else track.language,
        genre=sheet.genre,
        explicit=track.explicit,
        synthetic=track.disclosure["stores"]["youtube_contains_synthetic_media"],
        public_at=public_at_of(publication),
        thumbnail=bundle.optional(COVER_SHOWN),
        captions=bundle.optional(name_in_bundle(track.stem, captions)) if captions else None,
        playlist=sheet.artist,
        isrc=track.isrc if sound else track.video_isrc,
        label=sheet.label,
        release_date=sheet.release_date,
    )


def post_of(publication: Publication, sheet: ReleaseSheet, bundle: Bundle, address: str) -> Post:
    """An announcement."""
    values = values_of(sheet, None)
    return Post(
        key=str(publication.pk),
        text=description_of(publication.channel, values),
        address=address,
        title=sheet.full_title,
        artist=sheet.artist,
        language=sheet.language,
        tags=tags_of(publication.channel, sheet),
        picture=bundle.optional(COVER_SHOWN),
        alt_text=f"Cover of {sheet.full_title} by {sheet.artist}",
    )


def store_release(publication: Publication, sheet: ReleaseSheet, bundle: Bundle) -> StoreRelease:
    """A release for a distributor. Raises PublishingRefused without its date or lines."""
    day, c_line, p_line = sheet.release_date, sheet.c_line, sheet.p_line
    if day is None or c_line is None or p_line is None:
        raise PublishingRefused(f"{publication.release} lacks a release date or its owner lines.")
    return StoreRelease(
        key=str(publication.pk),
        kind=sheet.kind,
        artist=sheet.artist,
        title=sheet.title,
        version_title=sheet.version_title,
        label=sheet.label,
        catalogue_number=f"AAP-{str(sheet.id)[:8].upper()}",
        upc=sheet.upc,
        genre=sheet.genre,
        sub_genre=sheet.sub_genre,
        language=sheet.language,
        release_date=day,
        c_line=str(c_line),
        p_line=str(p_line),
        line_year=p_line.year,
        territories=sheet.territories,
        cover=bundle.file(COVER),
        artwork_ai=ai_use(sheet.disclosure["contributions"], "artwork"),
        tracks=tuple(store_track(track, sheet, bundle) for track in sheet.tracks),
    )


def store_track(track: SheetTrack, sheet: ReleaseSheet, bundle: Bundle) -> StoreTrack:
    parts = parts_of(track.disclosure, instrumental=track.instrumental)
    roles: dict[str, list[str]] = {}
    for credit in track.credits:
        roles.setdefault(credit.legal_name, []).append(credit.role)
    return StoreTrack(
        position=track.position,
        title=track.title,
        version_title=track.version_title,
        file=bundle.file(name_in_bundle(track.stem, "audio/master.wav"), track.duration_s or 0.0),
        isrc=track.isrc,
        language=track.language,
        explicit=track.explicit,
        lyrics=""
        if track.instrumental
        else bundle.text(name_in_bundle(track.stem, "lyrics/lyrics.txt")),
        contributors=tuple(Contributor(name=name, roles=tuple(of)) for name, of in roles.items()),
        recording_country=sheet.recording_country,
        audio_ai=ai_use(parts, "instruments", "vocals"),
        composition_ai=ai_use(parts, "composition", "lyrics"),
    )


def ai_use(parts: Mapping[str, Mapping[str, str]], *names: str) -> AiUse:
    """How much of some contributions AI made, as shops are told."""
    extents = {told_extent(parts[name]) for name in names if parts[name]["made_by"]}
    if extents == {"full"}:
        return AiUse.FULL
    return AiUse.PARTIAL if extents & {"full", "partial"} else AiUse.NONE
