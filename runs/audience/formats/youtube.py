"""The table of YouTube Studio's advanced mode: totals of videos over a period.

The period is at most in the name of the file or its ZIP; the second line is a total of all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from runs.audience.formats.base import Format, Origin
from runs.audience.rows import COUNTS, TRACK, Figure
from runs.audience.tables import Row

# Column -> metric. A file has one of the two spellings.
FIGURES = {
    "views": "views",
    "engaged views": "engaged_views",
    "subscribers gained": "subscribers_gained",
    "subscribers lost": "subscribers_lost",
    "impressions": "impressions",
    "thumbnail impressions": "impressions",
    "impressions click-through rate (%)": "impressions_ctr",
    "thumbnail click-through rate (%)": "impressions_ctr",
    "likes": "likes",
    "comments added": "comments",
    "shares": "shares",
}
REVENUE = re.compile(r"(?:your )?estimated revenue \(([a-z]{3})\)")
HOURS, NET, DURATION = "watch time (hours)", "subscribers", "average view duration"


def read(row: Row, origin: Origin) -> Iterator[Figure]:
    video = row.text("content")
    if video.lower() == "total":
        return  # the second line is the total of the others
    if not video:
        row.refuse("content", "the id of a video")
    item = Figure(
        line=row.line,
        start=origin.day,
        period="total",
        platform="youtube",
        metric="",
        value=Decimal(0),
        level=TRACK,
        # Totals of 28 days and of a year cannot be compared, so they are separate sources.
        source=f"youtube_studio_{origin.span}".rstrip("_"),
        artist=origin.artist,
        external_id=video,
        title=row.text("video title"),
    )
    values = {
        metric: row.figure(column, whole=metric in COUNTS)
        for column, metric in FIGURES.items()
        if row.has(column)
    }
    values["followers_net"] = row.figure(NET, negative=True)
    hours = row.figure(HOURS, whole=False)
    values["watch_time_minutes"] = None if hours is None else hours * 60
    values["avg_view_duration_seconds"] = row.seconds(DURATION)
    yield from item.each(values)
    for column in row.table.header:
        if match := REVENUE.fullmatch(column):
            money = row.figure(column, whole=False, negative=True)
            yield from item.each({"revenue": money}, currency=match[1].upper())


FORMATS = (
    Format(
        name="youtube-studio",
        label="YouTube Studio",
        needs=frozenset({"content", "video title"}),
        knows=frozenset({*FIGURES, HOURS, NET, DURATION}),
        knows_like=REVENUE,
        read=read,
        undated=True,
    ),
)
