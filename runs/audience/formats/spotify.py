"""Files of Spotify for Artists. Song, artist and period are at most in the file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from runs.audience.formats.base import Format, Origin
from runs.audience.rows import ARTIST, PLAYLIST, TRACK, Figure
from runs.audience.tables import Row

AUDIENCE = {
    "listeners": "listeners",
    "monthly listeners": "monthly_listeners",
    "streams": "streams",
    "playlist adds": "playlist_adds",
    "saves": "saves",
    "followers": "followers",
}
COUNTS = ("listeners", "streams", "saves")
PERIOD = re.compile(r"-songs-(\w{1,20})$")


def _figure(row: Row, *, start: date, period: str, level: str, source: str, **of: str) -> Figure:
    return Figure(
        line=row.line,
        start=start,
        period=period,
        platform="spotify",
        metric="",
        value=Decimal(0),
        level=level,
        source=source,
        **of,
    )


def _artist(origin: Origin, before: str) -> str:
    """Return the artist in a name such as "Nova Lune-songs-28day"; empty for other names."""
    name, separator, _ = origin.stem.rpartition(before)
    return origin.artist or (name if separator else "")


def read_song(row: Row, origin: Origin) -> Iterator[Figure]:
    """Read one song over time: `<song title>-timeline.csv`."""
    item = _figure(
        row,
        start=row.day("date"),
        period="day",
        level=TRACK,
        source="spotify_song",
        artist=origin.artist,
        title=origin.stem.removesuffix("-timeline"),
    )
    yield from item.each({"streams": row.figure("streams")})


def read_audience(row: Row, origin: Origin) -> Iterator[Figure]:
    """Read an artist over time: `<artist>-audience-timeline.csv`."""
    item = _figure(
        row,
        start=row.day("date"),
        period="day",
        level=ARTIST,
        source="spotify_audience",
        artist=origin.artist or origin.stem.removesuffix("-timeline").removesuffix("-audience"),
    )
    yield from item.each({metric: row.figure(column) for column, metric in AUDIENCE.items()})


def read_songs(row: Row, origin: Origin) -> Iterator[Figure]:
    """Read the songs of a period: `<artist>-songs-<period>.csv`."""
    if not row.text("song"):
        row.refuse("song", "the title of a song")
    period = PERIOD.search(origin.stem)
    item = _figure(
        row,
        start=origin.day,
        period="total",
        level=TRACK,
        # Totals of 28 days and of a year cannot be compared, so they are separate sources.
        source=f"spotify_songs_{period[1] if period else ''}".rstrip("_"),
        artist=_artist(origin, "-songs"),
        title=row.text("song"),
    )
    yield from item.each({metric: row.figure(metric) for metric in COUNTS})


def read_playlists(row: Row, origin: Origin) -> Iterator[Figure]:
    """Read the playlists an artist is on: `<artist>-playlists-<period>.csv`."""
    if not row.text("title"):
        row.refuse("title", "the title of a playlist")
    item = _figure(
        row,
        start=origin.day,
        period="total",
        level=PLAYLIST,
        source="spotify_playlists",
        artist=_artist(origin, "-playlists"),
        title=row.text("title"),
        part=row.text("author"),
    )
    yield from item.each({metric: row.figure(metric) for metric in ("listeners", "streams")})


FORMATS = (
    Format(
        name="spotify-audience",
        label="Spotify for Artists, audience over time",
        needs=frozenset({"date", "listeners", "streams", "followers"}),
        knows=frozenset(AUDIENCE),
        read=read_audience,
    ),
    Format(
        name="spotify-songs",
        label="Spotify for Artists, songs",
        needs=frozenset({"song", "listeners", "streams", "saves"}),
        knows=frozenset({"release_date"}),
        read=read_songs,
        undated=True,
    ),
    Format(
        name="spotify-playlists",
        label="Spotify for Artists, playlists",
        needs=frozenset({"title", "author", "listeners", "streams", "date_added"}),
        read=read_playlists,
        undated=True,
    ),
    Format(
        name="spotify-song",
        label="Spotify for Artists, one song over time",
        needs=frozenset({"date", "streams"}),
        read=read_song,
    ),
)
