"""What the public site tells of releases, read from many rows at once.

No release costs queries of its own: all of them are looked through at every export. Nothing private
is read: no legal names, no reasons of recalls, no personas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from ai_artist.kit.portions import in_portions
from ai_artist.kit.values import rounded_minutes
from media_tools.records import Unreadable
from runs.models import Artifact, Channel, LabelProfile, Publication, Release, Step, Track
from runs.outputs import LyricsOutput
from runs.releasing.disclosure import Contribution, together
from runs.releasing.sheet import (
    explicit_of,
    full_title,
    genre_of,
    language_of,
    rights_lines,
    shared_by_all,
    sheet_of,
)

ROWS_AT_ONCE = 200
# What is heard of a recording, by the names of the disclosure.
HEARD = ("instruments", "vocals")
EXTENTS = {"full": "made by machine", "partial": "made by machine in part"}


@dataclass(frozen=True)
class SiteTrack:
    """A song on its release's page. source_type: schema.org's address of how it was made, or empty.

    language: of the lyrics; `zxx` for an instrumental.
    """

    position: int
    run_id: UUID
    title: str
    language: str
    explicit: bool
    duration_s: float
    isrc: str
    source_type: str
    statement: str
    contributions: tuple[tuple[str, str], ...]

    @property
    def length(self) -> str:
        """Such as 3:05; empty for none."""
        return rounded_minutes(self.duration_s) if round(self.duration_s) else ""


@dataclass(frozen=True)
class SiteRelease:
    """A release that is out. contributions: name and what a machine did, in words.

    address: of its page, below the site's, without slashes around it. folder: of the bundle, in
    MEDIA_ROOT; bundle: checksum. thumbnail: file in the store; empty: none of this cover.
    """

    id: UUID
    artist: str
    artist_slug: str
    address: str
    title: str
    kind: str
    genre: str
    day: date
    published_at: datetime
    label: str
    c_line: str
    p_line: str
    upc: str
    statement: str
    contributions: tuple[tuple[str, str], ...]
    artwork_type: str
    video_type: str
    tracks: tuple[SiteTrack, ...]
    folder: str
    bundle: str
    thumbnail: str

    @property
    def kind_in_words(self) -> str:
        return str(Release.Kind(self.kind).label)

    @property
    def is_single(self) -> bool:
        return self.kind == Release.Kind.SINGLE

    @property
    def explicit(self) -> bool:
        return any(track.explicit for track in self.tracks)


@dataclass(frozen=True)
class OddRelease:
    """A release that is out, and what is stored of it does not fit together. why: in words."""

    id: UUID
    title: str
    address: str
    why: str


@dataclass(frozen=True)
class SiteTombstone:
    """A release that was out and is recalled: its address, and when it went."""

    id: UUID
    artist: str
    artist_slug: str
    address: str
    day: date


def published() -> Iterator[SiteRelease | OddRelease]:
    """All releases that are out, newest first."""
    profiles = {profile.pk: profile for profile in LabelProfile.objects.all()}
    default = next((one for one in profiles.values() if one.is_default), LabelProfile())
    rows = (
        Release.objects.filter(status=Release.Status.PUBLISHED)
        .exclude(pk__in=still_to_come().values("pk"))
        .select_related("artist", "bundle", "cover")
        .order_by("-published_at", "-pk")
    )
    for releases in in_portions(list(rows), ROWS_AT_ONCE):
        tracks = tracks_of(releases)
        run_ids = {track.run_id for some in tracks.values() for track in some}
        run_ids |= {release.cover.run_id for release in releases if release.cover}
        lyrics = lyrics_of(run_ids)
        thumbnails = dict(
            Artifact.objects.current()
            .filter(run__in=run_ids, kind=Artifact.Kind.THUMBNAIL, name="", purged_at=None)
            .values_list("run_id", "file")
        )
        for release in releases:
            profile = profiles[release.profile_id] if release.profile_id else default
            try:
                told = site_release(release, profile, tracks[release.pk], lyrics, thumbnails)
            except (Unreadable, LookupError, TypeError, ValueError) as error:
                # Written by another version, or by hand: the others go on.
                yield OddRelease(release.pk, release.title, address_of(release), str(error))
            else:
                yield told


def still_to_come() -> QuerySet[Release]:
    """Releases that are out elsewhere, and whose time on these pages has not come."""
    planned = Publication.objects.filter(
        channel__kind=Channel.Kind.SITE, status__in=Publication.ON_ITS_WAY
    )
    return Release.objects.filter(publications__in=planned.exclude(stage="live"))


def tombstones() -> Iterator[SiteTombstone]:
    """All releases that were out and are recalled."""
    rows = Release.objects.filter(status=Release.Status.RECALLED, published_at__isnull=False)
    for release in rows.select_related("artist").order_by("-recalled_at", "-pk"):
        assert release.recalled_at is not None  # a constraint of its table
        yield SiteTombstone(
            id=release.pk,
            artist=release.artist.name,
            artist_slug=release.artist.slug,
            address=address_of(release),
            day=timezone.localdate(release.recalled_at),
        )


def tracks_of(releases: Sequence[Release]) -> dict[UUID, list[Track]]:
    """The tracks of each release in their order, with their runs."""
    found: dict[UUID, list[Track]] = {release.pk: [] for release in releases}
    rows = Track.objects.filter(release__in=found).select_related("run")
    for track in rows.order_by("release", "position").defer("run__concept"):
        found[track.release_id].append(track)
    return found


def lyrics_of(run_ids: set[UUID]) -> dict[UUID, LyricsOutput]:
    """What the lyrics step of each run stored."""
    steps = Step.objects.filter(run__in=run_ids, name=LyricsOutput.step, status=Step.Status.DONE)
    read = {step.run_id: step.shown(LyricsOutput) for step in steps}
    return {run_id: lyrics for run_id, lyrics in read.items() if lyrics}


def site_release(
    release: Release,
    profile: LabelProfile,
    tracks: Sequence[Track],
    lyrics: dict[UUID, LyricsOutput],
    thumbnails: dict[UUID, str],
) -> SiteRelease:
    """What the site tells of a release. thumbnails: of the covers of runs.

    Raises Unreadable, LookupError, TypeError or ValueError if its stored disclosure is odd.
    """
    assert release.published_at is not None and release.bundle is not None  # constraints
    # As it was packaged; those of early versions said less.
    disclosure = release.disclosure
    if "statement" not in disclosure:
        disclosure = sheet_of(release).disclosure
    each = disclosure.get("tracks") or [disclosure] * len(tracks)
    if not tracks or len(each) != len(tracks):
        raise ValueError(f"its bundle tells of {len(each)} tracks, and it has {len(tracks)}")
    day = release.release_date or timezone.localdate(release.published_at)
    c_line, p_line = rights_lines(release, profile, day)
    featured = shared_by_all(tuple(track.featured) for track in tracks)
    drawn = release.cover and release.cover.kind == Artifact.Kind.RELEASE_COVER
    cover_run = release.cover.run_id if release.cover else tracks[0].run_id
    return SiteRelease(
        id=release.pk,
        artist=release.artist.name,
        artist_slug=release.artist.slug,
        address=address_of(release),
        title=full_title(release.title, release.version_title, featured),
        kind=release.kind,
        genre=genre_of(release, profile)[0],
        day=day,
        published_at=release.published_at,
        label=release.label or profile.label,
        c_line=str(c_line or ""),
        p_line=str(p_line or ""),
        upc=release.upc,
        statement=disclosure["statement"],
        contributions=in_words(disclosure),
        artwork_type=source_type(disclosure, "artwork"),
        video_type=source_type(disclosure, "video"),
        tracks=tuple(
            site_track(track, told, lyrics.get(track.run_id))
            for track, told in zip(tracks, each, strict=True)
        ),
        folder=release.folder,
        bundle=release.bundle.sha256,
        thumbnail="" if drawn else thumbnails.get(cover_run, ""),
    )


def site_track(track: Track, disclosure: dict[str, Any], lyrics: LyricsOutput | None) -> SiteTrack:
    """What the site tells of a track. disclosure: its own."""
    told = disclosure["contributions"]
    # A spoken name alone counts as a part.
    instrumental = told["vocals"]["extent"] in ("none", "partial")
    spoken = lyrics.lyrics.language if lyrics else ""
    return SiteTrack(
        position=track.position,
        run_id=track.run_id,
        title=full_title(track.title, track.version_title, tuple(track.featured)),
        language=language_of(track, spoken, instrumental=instrumental),
        explicit=explicit_of(track, lyrics, instrumental=instrumental),
        duration_s=track.run.duration_s or 0.0,
        isrc=track.isrc,
        source_type=source_type(disclosure, *HEARD),
        statement=disclosure["statement"],
        contributions=in_words(disclosure),
    )


def address_of(release: Release) -> str:
    """Where a release's page lies: as its bundle's folder, whose name outlives an edit."""
    return f"artists/{release.folder.removeprefix('releases/')}"


def in_words(disclosure: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Each contribution that was made or is undeclared, and what a machine did."""
    parts = [
        (name.replace("_", " ").capitalize(), Contribution(**told))
        for name, told in disclosure["contributions"].items()
    ]
    return tuple((name, contribution_in_words(part)) for name, part in parts if said(part))


def said(part: Contribution) -> bool:
    """Whether there is anything to say: a machine's work, a person's, or undeclared."""
    return part.extent != "none" or bool(part.made_by)


def contribution_in_words(part: Contribution) -> str:
    if part.extent == "undeclared":
        return "not declared"
    made = f"{EXTENTS[part.extent]}: {part.made_by}" if part.extent in EXTENTS else "by a person"
    return f"{made} ({part.tools})" if part.tools else made


def source_type(disclosure: dict[str, Any], *names: str) -> str:
    """schema.org's name for IPTC's digital source type of some contributions; empty if untold."""
    told = disclosure["contributions"]
    code = together([Contribution(**told[name]) for name in names]).digital_source_type
    term = code.rpartition("/")[2]
    return f"https://schema.org/{term[0].upper()}{term[1:]}DigitalSource" if term else ""
