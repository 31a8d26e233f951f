"""Write the public site into a folder: what changed since the last time, and no more.

The folder `artists` belongs to the export: what is not of the site any more is removed from it.
Media files are hard links to those of the bundles, so that they take no space twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from media_tools.errors import MediaError
from media_tools.files import link_file, write_text
from media_tools.foreign import Refused, clean_text, label, read_file, read_json
from media_tools.images.thumbs import make_thumbnail
from runs.errors import SiteRefused
from runs.site import feeds, pages
from runs.site.catalogue import (
    OddRelease,
    SiteRelease,
    SiteTombstone,
    SiteTrack,
    published,
    tombstones,
)
from runs.site.feeds import FEED, FeedPlace, FeedSong
from runs.site.pages import COVER, COVER_SHOWN, STYLE, THUMBNAIL, Site, SiteArtist, TrackFiles
from runs.storage.artifacts import artifact_storage
from runs.storage.bundles import bundle_folder

PAGE, ARTISTS = "index.html", "artists"
# What each page was made of, by its path: what is equal is not written again.
MANIFEST, LOCK = ".site.json", ".site.lock"
OWN_FILES = {MANIFEST, LOCK}
THUMBNAIL_PX = 480
# What a page may have of a bundle.
FROM_BUNDLE = (
    *("audio/*.mp3", "audio/*.m4a", "video/*.mp4", "video/*poster.jpg", "lyrics/*.txt"),
    *(f"cover/{name}" for name in (COVER, COVER_SHOWN)),
)
LONGEST_LYRICS_BYTES = 1_000_000
LONGEST_MANIFEST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class TrackMedia:
    """The files of a track in a bundle."""

    mp3: Path
    aac: Path | None
    video: Path | None
    poster: Path | None
    lyrics: Path | None

    @property
    def beside_page(self) -> list[Path]:
        return [path for path in (self.mp3, self.aac, self.video, self.poster) if path]

    def on_page(self) -> TrackFiles:
        return TrackFiles(
            mp3=self.mp3.name,
            aac=self.aac.name if self.aac else "",
            video=self.video.name if self.video else "",
            poster=self.poster.name if self.poster else "",
            lyrics=words_in(self.lyrics),
        )


@dataclass
class Exported:
    """What an export did. failed: release and why, of those whose page stays as it was."""

    releases: int = 0
    tombstones: int = 0
    written: int = 0
    kept: int = 0
    removed: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass
class Target:
    """The folder in the course of an export. before, after: what pages were made of, by path."""

    folder: Path
    site: Site
    version: str
    before: dict[str, str]
    done: Exported
    after: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, made_of: object, render: Callable[[], str]) -> None:
        """Write a file unless it is there and made of the same."""
        new = self.is_new(path, made_of)
        if new:
            write_text(self.folder / path, render())
        self.count(path, made_of, new=new)

    def write_plain(self, path: str, text: str) -> None:
        self.write(path, text, lambda: text)

    def is_new(self, path: str, made_of: object) -> bool:
        return self.before.get(path) != self.mark(made_of) or not (self.folder / path).is_file()

    def count(self, path: str, made_of: object, *, new: bool) -> None:
        """Count a file as one of the site. new: it was just written."""
        self.after[path] = self.mark(made_of)
        self.done.written += new
        self.done.kept += not new

    def mark(self, made_of: object) -> str:
        """A checksum of what a page is made of."""
        text = f"{self.version} {self.site!r} {made_of!r}"
        return hashlib.sha256(text.encode()).hexdigest()


def site_at(url: str, title: str) -> Site:
    """The site at an address. Raises SiteRefused if it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SiteRefused(
            f"{url!r} is no address of a site; write it like https://music.example.org."
        )
    return Site(url=url.rstrip("/"), title=label(title))


def export_site(folder: Path, site: Site) -> Exported:
    """Write all pages, feeds and media of what is out into a folder, and remove what is not.

    Raises SiteRefused for a folder with other files in it.
    """
    folder = folder.resolve()
    with sole_export(folder):
        target = Target(
            folder=folder,
            site=site,
            version=pages.version_of_pages(),
            before=manifest_of(folder),
            done=Exported(),
        )
        # First: what was recalled has to go even if something fails afterwards.
        gone = list(tombstones())
        for one in gone:
            write_tombstone(target, one)
        releases = list(write_releases(target))
        artists = pages.artists_of(releases, gone)
        for artist in artists:
            write_artist(target, artist)
        write_shared(target, artists, releases)
        target.done.releases, target.done.tombstones = len(releases), len(gone)
        # Before the manifest: after a crash the next export finds the same again.
        target.done.removed += remove_others(target)
        write_text(folder / MANIFEST, json.dumps(target.after, indent=0, sort_keys=True))
    return target.done


@contextmanager
def sole_export(folder: Path) -> Iterator[None]:
    """Make the folder and hold it: another export into it waits. Raises SiteRefused."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise SiteRefused(f"{folder} cannot be used: {error.strerror}.") from error
    if names and not names & OWN_FILES:
        raise SiteRefused(f"{folder} has other files in it; name a folder that is empty or new.")
    # What is behind a link is somebody else's, and would be tidied away.
    for path in (folder / ARTISTS, *(folder / ARTISTS).glob("*")):
        if path.is_symlink():
            raise SiteRefused(f"{path} is a link; remove it, the folder belongs to the export.")
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def manifest_of(folder: Path) -> dict[str, str]:
    """What the last export wrote; nothing if there was none, or it cannot be read."""
    try:
        stored = read_json(
            read_file(folder / MANIFEST, max_bytes=LONGEST_MANIFEST_BYTES),
            max_bytes=LONGEST_MANIFEST_BYTES,
        )
    except Refused:
        return {}
    return stored if isinstance(stored, dict) else {}


# --- Pages ---


def write_releases(target: Target) -> Iterator[SiteRelease]:
    """Write the pages of all that is out. Yields the releases that have one."""
    for release in published():
        if isinstance(release, OddRelease):
            why = f"{release.why}; make its bundle again with manage.py package_release"
            keep_page(target, release, f"{why} {release.id}.")
        elif write_release(target, release):
            yield release


def keep_page(target: Target, release: SiteRelease | OddRelease, why: str) -> bool:
    """Name a release whose page cannot be written; False if there is none from before."""
    path = f"{release.address}/{PAGE}"
    target.done.failed[f"{release.title} ({release.id})"] = why
    if path not in target.before or not (target.folder / path).is_file():
        return False
    target.after[path] = target.before[path]
    return True


def write_release(target: Target, release: SiteRelease) -> bool:
    """Write a release's page and its media; False if there is none, since they cannot be read."""
    path = f"{release.address}/{PAGE}"
    new = target.is_new(path, release)
    if new:
        try:
            fill_release(target, release)
        except (SiteRefused, MediaError, Refused, OSError) as error:
            return keep_page(target, release, str(error))
    target.count(path, release, new=new)
    return True


def fill_release(target: Target, release: SiteRelease) -> None:
    """The folder of a release: media first, then the page that names them, then what is left."""
    folder = target.folder / release.address
    bundle = bundle_files(release)
    media = media_of(release, bundle)
    sources = [cover_file(release, bundle, COVER), cover_file(release, bundle, COVER_SHOWN)]
    sources += [path for track in media for path in track.beside_page]
    for source in sources:
        link_file(source, folder / source.name)
    thumbnail = Path(artifact_storage().path(release.thumbnail)) if release.thumbnail else None
    if thumbnail and thumbnail.is_file():
        link_file(thumbnail, folder / THUMBNAIL)
    else:
        make_thumbnail(cover_file(release, bundle, COVER_SHOWN), folder / THUMBNAIL, THUMBNAIL_PX)
    files = [track.on_page() for track in media]
    write_text(folder / PAGE, pages.release_page(target.site, release, files))
    remove_files(folder, keep={THUMBNAIL, PAGE, *(source.name for source in sources)})


def write_tombstone(target: Target, gone: SiteTombstone) -> None:
    """A page in the place of a recalled release's, and nothing beside it."""
    path = f"{gone.address}/{PAGE}"
    target.write(path, gone, lambda: pages.tombstone_page(target.site, gone))
    target.done.removed += remove_files(target.folder / gone.address, keep={PAGE})


def write_artist(target: Target, artist: SiteArtist) -> None:
    """An artist's page and feed."""
    target.write(f"{artist.address}/{PAGE}", artist, lambda: pages.artist_page(target.site, artist))
    place = FeedPlace(
        title=artist.name,
        description=f"Songs of {artist.name}, a virtual artist.",
        address=artist.address,
        author=artist.name,
    )
    write_feed(target, place, artist.releases)


def write_feed(target: Target, place: FeedPlace, releases: Sequence[SiteRelease]) -> None:
    songs = list(feeds.songs_of(releases))
    path = f"{place.address}/{FEED}".lstrip("/")
    target.write(
        path,
        (place, songs),
        lambda: feeds.feed_of(target.site, place, list(feed_songs(target, songs))),
    )


def feed_songs(
    target: Target, songs: Sequence[tuple[SiteRelease, SiteTrack]]
) -> Iterator[FeedSong]:
    """The songs with the sizes of their MP3s, which lie beside their pages by now."""
    for release, track in songs:
        mp3 = mp3_in(target.folder / release.address, release, track)
        if mp3 is not None:
            yield FeedSong(release, track, mp3.name, mp3.stat().st_size)


def write_shared(
    target: Target, artists: Sequence[SiteArtist], releases: Sequence[SiteRelease]
) -> None:
    """The first page, the feed of all, the sitemap, the style."""
    site = target.site
    newest = releases[: pages.NEWEST_SHOWN]
    listed = [artist for artist in artists if artist.releases]
    counts = [(artist.name, artist.slug, len(artist.releases)) for artist in listed]
    target.write(PAGE, (counts, newest), lambda: pages.home_page(site, listed, newest))
    write_feed(
        target, FeedPlace(site.title, f"New songs on {site.title}.", "", site.title), releases
    )
    addresses = ["", *(artist.address for artist in listed)]
    addresses += [release.address for release in releases]
    for name, text in feeds.sitemaps_of(site, addresses).items():
        target.write_plain(name, text)
    robots = f"User-agent: *\nAllow: /\nSitemap: {site.at('', 'sitemap.xml')}\n"
    target.write_plain("robots.txt", robots)
    target.write_plain(STYLE, (pages.TEMPLATES / STYLE).read_text(encoding="utf-8"))


# --- Media ---


def bundle_files(release: SiteRelease) -> Path:
    """A folder with what the page may have of a release's bundle. Raises SiteRefused."""
    try:
        return bundle_folder(release.folder, release.bundle, *FROM_BUNDLE)
    except FileNotFoundError as error:
        raise SiteRefused(without(release, "archive")) from error


def media_of(release: SiteRelease, bundle: Path) -> list[TrackMedia]:
    """The files of each track in a release's bundle. Raises SiteRefused if one is missing."""
    media = []
    for track in release.tracks:
        mp3 = mp3_in(bundle / "audio", release, track)
        if mp3 is None:
            raise SiteRefused(without(release, f"MP3 of track {track.position}"))
        stem = mp3.stem
        single = release.is_single
        media.append(
            TrackMedia(
                mp3=mp3,
                aac=present(mp3.with_suffix(".m4a")),
                video=present(bundle / "video" / ("video.mp4" if single else f"{stem}.mp4")),
                poster=present(
                    bundle / "video" / ("poster.jpg" if single else f"{stem}-poster.jpg")
                ),
                lyrics=present(bundle / "lyrics" / ("lyrics.txt" if single else f"{stem}.txt")),
            )
        )
    return media


def mp3_in(folder: Path, release: SiteRelease, track: SiteTrack) -> Path | None:
    """The MP3 of a track. That of an album keeps the name of when it was packaged, after an edit
    of its title too: its number finds it."""
    if release.is_single:
        return present(folder / "master.mp3")
    return next(iter(sorted(folder.glob(f"{track.position:02d}-*.mp3"))), None)


def cover_file(release: SiteRelease, bundle: Path, name: str) -> Path:
    """A picture of a release's cover in its bundle. Raises SiteRefused if it is missing."""
    path = bundle / "cover" / name
    if not path.is_file():
        raise SiteRefused(without(release, name))
    return path


def present(path: Path) -> Path | None:
    return path if path.is_file() else None


def without(release: SiteRelease, what: str) -> str:
    return (
        f"its bundle in {release.folder} has no {what} any more; make it again with "
        f"manage.py package_release {release.id}."
    )


def words_in(path: Path | None) -> str:
    """The lyrics in a file; empty without one."""
    if path is None:
        return ""
    content = read_file(path, max_bytes=LONGEST_LYRICS_BYTES)
    return clean_text(content.decode("utf-8", "replace")).strip()


# --- Files ---


def remove_files(folder: Path, *, keep: set[str]) -> int:
    """Remove files of a folder but for some. Returns how many."""
    others = [path for path in folder.iterdir() if path.name not in keep]
    for path in others:
        remove(path)
    return len(others)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_others(target: Target) -> int:
    """Remove what is not of the site any more. Returns how many files and folders."""
    kept = set(target.after)
    folders = {path.rpartition("/")[0] for path in kept}
    beside = [target.folder / path for path in target.before if path not in kept]
    others = [path for path in beside if path.parent == target.folder and path.is_file()]
    for artist in (target.folder / ARTISTS).glob("*/"):
        for path in artist.iterdir():
            name = f"{ARTISTS}/{artist.name}/{path.name}"
            if name not in (folders if path.is_dir() else kept):
                others.append(path)
    removed = 0
    for path in others:
        removed += path.exists()
        remove(path)
    for artist in (target.folder / ARTISTS).glob("*/"):
        if not any(artist.iterdir()):
            artist.rmdir()
    return removed
