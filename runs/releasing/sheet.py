"""All that is to be told of a release, worked out once: what feeds, sheets and pages read.

An empty column of a release is its label profile's, an empty one of a track its release's or what
its run tells. A sheet has the effective values; nothing is left to be looked up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.text import slugify

from runs.models import Artifact, Credit, LabelProfile, Release, Track
from runs.models.label import WORLDWIDE
from runs.outputs import LyricsOutput, MusicOutput
from runs.releasing.disclosure import disclosure_of, sung_in, whole_disclosure

# ISO 639-2: no linguistic content.
NO_WORDS = "zxx"
UNTOLD_LANGUAGE = "en"


@dataclass(frozen=True)
class RightsLine:
    """A (C) or (P) line."""

    year: int
    owner: str

    def __str__(self) -> str:
        return f"{self.year} {self.owner}"


@dataclass(frozen=True)
class SheetFile:
    """A file of a run as it was approved. What lies in a bundle has tags and marks besides.

    name: its path in the bundle.
    """

    name: str
    sha256: str
    bytes: int
    media_type: str
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None


@dataclass(frozen=True)
class SheetTrack:
    """A track with all that is told of it."""

    position: int
    run_id: UUID
    # Beginning of its files' names in the bundle, below each folder, such as 01-neon-rivers.
    stem: str
    title: str
    version_title: str
    artist: str
    featured: tuple[str, ...]
    duration_s: float | None
    isrc: str
    video_isrc: str
    instrumental: bool
    explicit: bool
    language: str
    credits: tuple[Credit, ...]
    tempo_bpm: float | None
    key: str
    lufs: float | None
    true_peak_dbtp: float | None
    approved_on: date | None
    disclosure: dict[str, Any]
    audio: str  # its name in the bundle; empty if it is gone
    video: SheetFile | None

    @property
    def full_title(self) -> str:
        """As shops show it, such as Neon Rivers (Acoustic) (feat. Luna)."""
        return full_title(self.title, self.version_title, self.featured)


@dataclass(frozen=True)
class ReleaseSheet:
    """A release with all that is told of it. territories: ISO country codes, or Worldwide alone."""

    id: UUID
    kind: str
    status: str
    title: str
    version_title: str
    artist: str
    artist_slug: str
    featured: tuple[str, ...]
    label: str
    c_line: RightsLine | None
    p_line: RightsLine | None
    territories: tuple[str, ...]
    language: str
    recording_country: str
    genre: str
    sub_genre: str
    release_date: date | None
    original_release_date: date | None
    upc: str
    explicit: bool
    credits: tuple[Credit, ...]
    cover: SheetFile | None
    tracks: tuple[SheetTrack, ...]
    disclosure: dict[str, Any]

    @property
    def full_title(self) -> str:
        return full_title(self.title, self.version_title, self.featured)

    @property
    def duration_s(self) -> float:
        return sum(track.duration_s or 0.0 for track in self.tracks)

    @property
    def worldwide(self) -> bool:
        return self.territories == (WORLDWIDE,)

    @property
    def is_single(self) -> bool:
        return self.kind == Release.Kind.SINGLE


def sheet_of(release: Release) -> ReleaseSheet:
    """The effective values of a release. Raises Unreadable for a column that cannot be read."""
    profile = profile_of(release) or LabelProfile()
    credits = release.own_credits or profile.own_credits
    cover = cover_of(release)
    tracks = tuple(
        track_sheet(release, track, credits, profile, cover)
        for track in release.tracks.select_related("run")
    )
    day = release_day(release, profile)
    genre, sub_genre = genre_of(release, profile)
    label = release.label or profile.label
    c_line, p_line = rights_lines(release, profile, day)
    return ReleaseSheet(
        id=release.pk,
        kind=release.kind,
        status=release.status,
        title=release.title,
        version_title=release.version_title,
        artist=release.artist.name,
        artist_slug=release.artist.slug,
        featured=shared_by_all(track.featured for track in tracks),
        label=label,
        c_line=c_line,
        p_line=p_line,
        territories=tuple(release.territories or profile.territories or [WORLDWIDE]),
        language=release.language or profile.language or UNTOLD_LANGUAGE,
        recording_country=release.recording_country or profile.recording_country,
        genre=genre,
        sub_genre=sub_genre,
        release_date=day,
        original_release_date=release.original_release_date,
        upc=release.upc,
        explicit=any(track.explicit for track in tracks),
        credits=credits,
        cover=sheet_file(cover, "cover/cover.jpg") if cover else None,
        tracks=tracks,
        disclosure=whole_disclosure([track.disclosure for track in tracks]),
    )


def profile_of(release: Release) -> LabelProfile | None:
    """The profile a release takes its defaults from; None if there is none yet."""
    return release.profile or LabelProfile.objects.filter(is_default=True).first()


def track_sheet(
    release: Release,
    track: Track,
    credits: tuple[Credit, ...],
    profile: LabelProfile,
    cover: Artifact | None,
) -> SheetTrack:
    run = track.run
    # Of the release's cover; that of the song's own single is not on it.
    disclosure = disclosure_of(run, cover=cover)
    lyrics = run.output(LyricsOutput)
    music = run.output(MusicOutput)
    instrumental = sung_in(music) == "none"
    artifacts = run.artifacts_by_kind()
    video = artifacts.get(Artifact.Kind.VIDEO)
    spoken = lyrics.lyrics.language if lyrics else profile.language
    stem = stem_of(release, track)
    concept = run.concept or {}
    return SheetTrack(
        position=track.position,
        run_id=run.pk,
        stem=stem,
        title=track.title,
        version_title=track.version_title,
        artist=release.artist.name,
        featured=tuple(track.featured),
        duration_s=run.duration_s,
        isrc=track.isrc,
        video_isrc=track.video_isrc,
        instrumental=instrumental,
        explicit=explicit_of(track, lyrics, instrumental=instrumental),
        language=language_of(track, spoken, instrumental=instrumental),
        credits=track.own_credits or credits,
        tempo_bpm=run.tempo_bpm,
        key=(music.key if music else None) or concept.get("key", ""),
        lufs=run.lufs,
        true_peak_dbtp=run.true_peak_dbtp,
        approved_on=run.decided_at.date() if run.decided_at else None,
        disclosure=disclosure,
        # As the bundle has it; the checksum of what is stored is in the list of its files.
        audio=f"audio/{stem or 'master'}.wav" if Artifact.Kind.MASTER in artifacts else "",
        video=sheet_file(video, f"video/{stem or 'video'}.mp4") if video else None,
    )


def stem_of(release: Release, track: Track) -> str:
    """What tells the files of an album's tracks apart; empty on a single."""
    if release.is_single:
        return ""
    return f"{track.position:02d}-{slugify(track.title)[:60] or 'untitled'}"


def name_in_bundle(stem: str, of_single: str) -> str:
    """The path of a track's file, from that on a single: audio/01-title.flac of audio/master.flac.

    stem: the track's; empty on a single.
    """
    if not stem:
        return of_single
    folder, _, file = of_single.rpartition("/")
    kind, dot, suffix = file.partition(".")
    # The main file of a folder has the track's name alone.
    main = kind in ("master", "video", "lyrics")
    rest = "" if main else f"-{kind.removeprefix('video-')}"
    return f"{folder}/{stem}{rest}{dot}{suffix}"


def sheet_file(artifact: Artifact, name: str) -> SheetFile:
    return SheetFile(
        name=name,
        sha256=artifact.sha256,
        bytes=artifact.bytes,
        media_type=artifact.media_type,
        width=artifact.width,
        height=artifact.height,
        duration_s=artifact.duration_s,
    )


def cover_of(release: Release) -> Artifact | None:
    """The cover of a release: its own one, or that of its first track."""
    if release.cover_id:
        return release.cover
    first = release.tracks.select_related("run").first()
    return first.run.artifact(Artifact.Kind.COVER) if first else None


def release_day(release: Release, profile: LabelProfile) -> date | None:
    """The release date: the one that was set, or by the lead time of a profile that is stored."""
    if release.release_date or profile.pk is None:
        return release.release_date
    return release.created_at.date() + timedelta(days=profile.lead_time_days)


def genre_of(release: Release, profile: LabelProfile) -> tuple[str, str]:
    """Genre and sub-genre in shops, which know other ones than the roster."""
    by_table = profile.sub_genres.get(release.artist.genre, ["", ""])
    if release.genre:
        return release.genre, release.sub_genre
    return by_table[0] or release.artist.genre, release.sub_genre or by_table[1]


def full_title(title: str, version: str, featured: tuple[str, ...]) -> str:
    """A title with its version and featured artists."""
    names = f"feat. {' & '.join(featured)}" if featured else ""
    additions = [f"({addition})" for addition in (version, names) if addition]
    return " ".join([title, *additions])


def language_of(track: Track, spoken: str, *, instrumental: bool) -> str:
    """Return what a track is sung in. spoken: as its lyrics are."""
    return NO_WORDS if instrumental else track.language or spoken or UNTOLD_LANGUAGE


def explicit_of(track: Track, lyrics: LyricsOutput | None, *, instrumental: bool) -> bool:
    """Return whether a track is explicit: as it was set, or as the lyrics are that are sung."""
    if track.explicit is not None:
        return track.explicit
    return lyrics.lyrics.explicit if lyrics and not instrumental else False


def rights_lines(
    release: Release, profile: LabelProfile, day: date | None
) -> tuple[RightsLine | None, RightsLine | None]:
    """Return the (C) and the (P) line of a release that is out on a day."""
    label = release.label or profile.label
    owners = (release.c_owner or profile.c_owner, release.p_owner or profile.p_owner)
    c_line, p_line = (line(day, owner or label) for owner in owners)
    return c_line, p_line


def line(day: date | None, owner: str) -> RightsLine | None:
    return RightsLine(day.year, owner) if day and owner else None


def shared_by_all(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Featured artists of every track are the release's."""
    lists = list(names)
    return tuple(name for name in lists[0] if all(name in one for one in lists)) if lists else ()
