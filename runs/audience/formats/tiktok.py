"""Tabs of TikTok Studio. No file names its account, and days have no year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from runs.audience import tables
from runs.audience.errors import IgnoredRow
from runs.audience.formats.base import Format, Origin
from runs.audience.rows import ARTIST, TRACK, Figure
from runs.audience.tables import Row

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAY = re.compile(r"([a-z]+) (\d{1,2})", re.ASCII | re.IGNORECASE)
VIDEO = re.compile(r"tiktok\.com/@[^/\s]+/(?:video|photo)/(\d{5,25})(?:[/?#]|$)", re.ASCII)
UNKNOWN = (*tables.UNKNOWN, "undefined")

OVERVIEW = {
    "video views": "views",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
}
# Headers differ by version; a file has one column of each set.
TITLES = frozenset({"video title", "title", "video description"})
LINKS = frozenset({"video link", "link", "post link", "video url"})
CONTENT = {
    "views": frozenset({"total views", "video views", "views"}),
    "likes": frozenset({"total likes", "likes"}),
    "comments": frozenset({"total comments", "comments"}),
    "shares": frozenset({"total shares", "shares"}),
}
WATCHED = frozenset({"average watch time", "avg watch time", "average time watched"})
POSTED = frozenset({"post time", "posted time", "publish time", "time", "date"})
NET = "difference in followers from previous day"


def day_of(row: Row, column: str, origin: Origin) -> date:
    """Return a day such as "December 31": the last one before the end of the file's range.

    A range is at most a year, so it contains one such day, even if it crosses New Year.
    """
    text = row.text(column)
    if text[:4].isdigit():
        return row.day(column)
    match = DAY.fullmatch(text)
    if match and match[1].lower() in MONTHS:
        month = MONTHS.index(match[1].lower()) + 1
        # Any nine years in a row contain a 29 February.
        for year in range(origin.day.year, origin.day.year - 9, -1):
            try:
                day = date(year, month, int(match[2]))
            except ValueError:
                continue
            if day <= origin.day:
                return day
    return row.refuse(column, "a day such as December 31, or 2026-12-31")


def _figure(
    row: Row, origin: Origin, *, start: date, period: str, level: str, source: str, **of: str
) -> Figure:
    return Figure(
        line=row.line,
        artist=origin.artist,
        start=start,
        period=period,
        platform="tiktok",
        metric="",
        value=Decimal(0),
        level=level,
        source=source,
        **of,
    )


def read_overview(row: Row, origin: Origin) -> Iterator[Figure]:
    day = day_of(row, "date", origin)
    item = _figure(row, origin, start=day, period="day", level=ARTIST, source="tiktok_overview")
    yield from item.each(
        {metric: row.figure(column, unknown=UNKNOWN) for column, metric in OVERVIEW.items()}
    )


def read_followers(row: Row, origin: Origin) -> Iterator[Figure]:
    day = day_of(row, "date", origin)
    item = _figure(row, origin, start=day, period="day", level=ARTIST, source="tiktok_followers")
    yield from item.each(
        {
            "followers": row.figure("followers", unknown=UNKNOWN),
            "followers_net": row.figure(NET, unknown=UNKNOWN, negative=True),
        }
    )


def read_viewers(row: Row, origin: Origin) -> Iterator[Figure]:
    raise IgnoredRow(row.line, "viewers are not a metric we keep")


def read_content(row: Row, origin: Origin) -> Iterator[Figure]:
    link = row.one_of(LINKS)
    video = VIDEO.search(row.text(link))
    if not video:
        row.refuse(link, "the link of a post, such as https://www.tiktok.com/@name/video/7412345")
    item = _figure(
        row,
        origin,
        start=origin.day,
        period="total",
        level=TRACK,
        source="tiktok_content",
        external_id=video[1],
        title=row.text(row.one_of(TITLES)),
    )
    values = {
        metric: row.figure(row.one_of(columns), unknown=UNKNOWN)
        for metric, columns in CONTENT.items()
    }
    yield from item.each(values | {"avg_view_duration_seconds": row.seconds(row.one_of(WATCHED))})


FORMATS = (
    Format(
        name="tiktok-overview",
        label="TikTok Studio, overview",
        needs=frozenset({"date", "video views"}),
        knows=frozenset(OVERVIEW),
        read=read_overview,
        undated=True,
    ),
    Format(
        name="tiktok-followers",
        label="TikTok Studio, follower history",
        needs=frozenset({"date", "followers", NET}),
        read=read_followers,
        undated=True,
    ),
    Format(
        name="tiktok-viewers",
        label="TikTok Studio, viewers",
        needs=frozenset({"date", "total viewers"}),
        knows=frozenset({"new viewers", "returning viewers"}),
        read=read_viewers,
    ),
    Format(
        name="tiktok-content",
        label="TikTok Studio, content",
        needs=frozenset(),
        one_of=(LINKS, TITLES, CONTENT["views"]),
        knows=frozenset().union(*CONTENT.values(), WATCHED, POSTED),
        read=read_content,
        undated=True,
    ),
)
