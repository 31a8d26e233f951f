"""The pages as HTML, from values that tell all: nothing is looked up here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from runs.models import Release
from runs.releasing.sheet import NO_WORDS
from runs.site.catalogue import SiteRelease, SiteTombstone, SiteTrack

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "site"
STYLE = "style.css"
NEWEST_SHOWN = 24
# What a page lies below; each is a folder.
OF_ARTIST, OF_RELEASE = "../../", "../../../"
COVER, COVER_SHOWN, THUMBNAIL = "cover.jpg", "cover-square.jpg", "thumbnail.jpg"
MP3, AAC, VIDEO = "audio/mpeg", "audio/mp4", "video/mp4"
RELEASE_TYPES = {
    Release.Kind.SINGLE: "SingleRelease",
    Release.Kind.EP: "EPRelease",
    Release.Kind.ALBUM: "AlbumRelease",
}
# In a script element these would be read as HTML.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


@dataclass(frozen=True)
class Site:
    """Where the pages will lie, without a slash at the end, and what they are called."""

    url: str
    title: str

    def at(self, address: str, file: str = "") -> str:
        """The whole address of a page, or of a file beside it."""
        return f"{self.url}/{address}/{file}" if address else f"{self.url}/{file}"


@dataclass(frozen=True)
class SiteArtist:
    """An artist with the releases that are out, newest first."""

    name: str
    slug: str
    releases: tuple[SiteRelease, ...]

    @property
    def address(self) -> str:
        return f"artists/{self.slug}"


@dataclass(frozen=True)
class TrackFiles:
    """The files of a track beside its page, by name; empty: none. lyrics: the words themselves."""

    mp3: str
    aac: str
    video: str = ""
    poster: str = ""
    lyrics: str = ""


def artists_of(releases: Iterable[SiteRelease], gone: Iterable[SiteTombstone]) -> list[SiteArtist]:
    """All artists by name; one of whom nothing is out any more keeps an empty page and feed."""
    names = {one.artist_slug: one.artist for one in gone}
    own: dict[str, list[SiteRelease]] = {slug: [] for slug in names}
    for release in releases:
        names[release.artist_slug] = release.artist
        own.setdefault(release.artist_slug, []).append(release)
    artists = [SiteArtist(names[slug], slug, tuple(some)) for slug, some in own.items()]
    return sorted(artists, key=lambda artist: (artist.name.casefold(), artist.slug))


def version_of_pages() -> str:
    """Changes with the templates and with what is put into them, so that all pages are renewed."""
    digest = hashlib.sha256()
    for path in [*sorted(TEMPLATES.iterdir()), *sorted(Path(__file__).parent.glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def home_page(site: Site, artists: Sequence[SiteArtist], newest: Sequence[SiteRelease]) -> str:
    told = [artist for artist in artists if artist.releases]
    graph = [{"@type": "WebSite", "name": site.title, "url": site.at("")}]
    return render(
        "home.html",
        site,
        "./",
        {"artists": told, "releases": newest, "canonical": site.at("")},
        graph,
    )


def artist_page(site: Site, artist: SiteArtist) -> str:
    return render(
        "artist.html",
        site,
        OF_ARTIST,
        {
            "artist": artist,
            "releases": artist.releases,
            "canonical": site.at(artist.address),
            "image": picture_of(site, artist.releases),
        },
        [group_of(site, artist.name, artist.slug)],
    )


def release_page(site: Site, release: SiteRelease, files: Sequence[TrackFiles]) -> str:
    """The page of a release. files: of its tracks, in their order."""
    return render(
        "release.html",
        site,
        OF_RELEASE,
        {
            "release": release,
            "tracks": [
                {"told": track, "files": own, "language": "" if wordless(track) else track.language}
                for track, own in zip(release.tracks, files, strict=True)
            ],
            "canonical": site.at(release.address),
            "image": site.at(release.address, COVER_SHOWN),
        },
        graph_of(site, release, files),
    )


def tombstone_page(site: Site, gone: SiteTombstone) -> str:
    return render("gone.html", site, OF_RELEASE, {"gone": gone}, [])


def picture_of(site: Site, releases: Sequence[SiteRelease]) -> str:
    """The whole address of the newest cover; empty if there is none."""
    return site.at(releases[0].address, COVER_SHOWN) if releases else ""


def render(
    template: str, site: Site, home: str, values: dict[str, Any], graph: Sequence[dict[str, Any]]
) -> str:
    """A page. home: the way from it to the site's first page. graph: what it is, for machines."""
    shared = {"site": site, "home": home, "graph": as_json_ld(graph) if graph else ""}
    return render_to_string(f"site/{template}", shared | values)


def as_json_ld(graph: Sequence[dict[str, Any]]) -> SafeString:
    """JSON to stand in a script element."""
    content = {"@context": "https://schema.org", "@graph": [told(node) for node in graph]}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308 - no sign of HTML is left in it


def told(node: dict[str, Any]) -> dict[str, Any]:
    """A node without what is not known."""
    return {name: value for name, value in node.items() if value not in ("", None)}


def group_of(site: Site, name: str, slug: str) -> dict[str, Any]:
    address = site.at(f"artists/{slug}")
    return {
        "@type": "MusicGroup",
        "@id": f"{address}#artist",
        "name": name,
        "url": address,
        "description": "A virtual artist.",
    }


def graph_of(site: Site, release: SiteRelease, files: Sequence[TrackFiles]) -> list[dict[str, Any]]:
    """A release in the words of schema.org."""
    page = site.at(release.address)
    artist = group_of(site, release.artist, release.artist_slug)
    by_artist = {"@id": artist["@id"]}
    songs = [
        told(
            {
                "@type": "MusicRecording",
                "@id": f"{page}#track-{track.position}",
                "name": track.title,
                "byArtist": by_artist,
                "inAlbum": {"@id": f"{page}#release"},
                "position": track.position,
                "isrcCode": track.isrc,
                "duration": iso_duration(track.duration_s),
                "inLanguage": "" if wordless(track) else track.language,
                "genre": release.genre,
                "isFamilyFriendly": not track.explicit,
                "digitalSourceType": track.source_type,
                "creditText": track.statement,
                "audio": {
                    "@type": "AudioObject",
                    "contentUrl": site.at(release.address, own.mp3),
                    "encodingFormat": MP3,
                },
            }
        )
        for track, own in zip(release.tracks, files, strict=True)
    ]
    cover = {
        "@type": "ImageObject",
        "contentUrl": site.at(release.address, COVER),
        "digitalSourceType": release.artwork_type,
    }
    album = {
        "@type": "MusicAlbum",
        "@id": f"{page}#release",
        "name": release.title,
        "url": page,
        "byArtist": by_artist,
        "albumReleaseType": f"https://schema.org/{RELEASE_TYPES[Release.Kind(release.kind)]}",
        "numTracks": len(songs),
        "datePublished": release.day.isoformat(),
        "genre": release.genre,
        "gtin13": release.upc.zfill(13) if release.upc else "",
        "creditText": release.statement,
        "image": told(cover),
        "track": [{"@id": song["@id"]} for song in songs],
    }
    return [artist, album, *songs, *videos_of(site, release, files)]


def videos_of(
    site: Site, release: SiteRelease, files: Sequence[TrackFiles]
) -> list[dict[str, Any]]:
    return [
        {
            "@type": "VideoObject",
            "name": f"{track.title} (video)",
            "description": track.statement,
            "thumbnailUrl": site.at(release.address, own.poster or COVER_SHOWN),
            "uploadDate": release.published_at.isoformat(),
            "duration": iso_duration(track.duration_s),
            "contentUrl": site.at(release.address, own.video),
            "encodingFormat": VIDEO,
            "digitalSourceType": release.video_type,
        }
        for track, own in zip(release.tracks, files, strict=True)
        if own.video
    ]


def wordless(track: SiteTrack) -> bool:
    return track.language == NO_WORDS


def iso_duration(seconds: float) -> str:
    """Such as PT3M5S; empty for none."""
    whole = round(seconds)
    return f"PT{whole // 60}M{whole % 60}S" if whole else ""
