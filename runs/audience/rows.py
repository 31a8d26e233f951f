"""The figures that every format of audience figures is read into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

PERIODS = ("day", "week", "month", "total")
PLATFORMS = {
    "youtube": "YouTube",
    "spotify": "Spotify",
    "apple_music": "Apple Music",
    "tiktok": "TikTok",
    "soundcloud": "SoundCloud",
    "deezer": "Deezer",
    "amazon_music": "Amazon Music",
    "instagram": "Instagram",
    "peertube": "PeerTube",
    "labelgrid": "Shops, by LabelGrid",
    "other": "Other platforms",
}
METRICS = frozenset(
    {
        "views",
        "engaged_views",
        "streams",
        "listeners",
        "monthly_listeners",
        "followers",
        "followers_net",
        "subscribers_gained",
        "subscribers_lost",
        "likes",
        "comments",
        "shares",
        "saves",
        "playlist_adds",
        "watch_time_minutes",
        "avg_view_duration_seconds",
        "impressions",
        "impressions_ctr",
        "revenue",
    }
)
# Figures of several days, countries or tracks that may be added up; people and averages may not.
ADDITIVE = METRICS - {
    "listeners",
    "monthly_listeners",
    "followers",
    "avg_view_duration_seconds",
    "impressions_ctr",
}
# Whole numbers, in which a dot or comma can only separate thousands.
COUNTS = METRICS - {
    "watch_time_minutes",
    "avg_view_duration_seconds",
    "impressions_ctr",
    "revenue",
}
MAY_BE_NEGATIVE = frozenset({"revenue", "followers_net"})

ARTIST, TRACK, PLAYLIST = "artist", "track", "playlist"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One figure of a file, and the item it belongs to."""

    line: int  # in the file, from 1
    start: date  # of the period, or the day a total was taken
    period: str
    platform: str
    metric: str
    value: Decimal
    level: str  # ARTIST, TRACK (a track or video) or PLAYLIST
    source: str  # kind of file; figures of two sources are never mixed
    artist: str = ""  # name or slug
    isrc: str = ""
    upc: str = ""
    external_id: str = ""
    title: str = ""  # of the track or the playlist
    country: str = ""
    currency: str = ""
    part: str = ""  # separates figures of the same item, for example by store

    @property
    def series(self) -> str:
        """Figures with the same series, artist and metric can be compared over time."""
        return "/".join((self.platform, self.period, self.level, self.source))

    def each(self, values: Mapping[str, Decimal | None], *, currency: str = "") -> Iterator[Figure]:
        """Yield a copy for each metric; None is a value the file does not know."""
        for metric, value in values.items():
            if value is not None:
                yield replace(self, metric=metric, value=value, currency=currency)
