"""Our own table, "AAP metrics v1": one figure per row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runs.audience.errors import IgnoredRow
from runs.audience.formats.base import Format, Origin
from runs.audience.rows import (
    ARTIST,
    COUNTS,
    MAY_BE_NEGATIVE,
    METRICS,
    PERIODS,
    PLATFORMS,
    TRACK,
    Figure,
)
from runs.audience.tables import Row


def read(row: Row, origin: Origin) -> Iterator[Figure]:
    period = row.text("period") or "day"
    if period not in PERIODS:
        row.refuse("period", f"one of {', '.join(PERIODS)}")
    start = row.day("date")
    if period == "month" and start.day != 1:
        row.refuse("date", "the first day of its month, as monthly figures ask")
    platform = row.text("platform")
    if platform not in PLATFORMS:
        row.refuse("platform", f"one of {', '.join(PLATFORMS)}")
    artist, title = row.text("artist_slug") or origin.artist, row.text("title")
    country = row.country("country")
    isrc, external_id = row.isrc("isrc"), row.text("external_id")
    if not (artist or title or isrc or external_id):
        row.refuse(
            "artist_slug", "filled; at least one of artist_slug, isrc, external_id, title is"
        )
    metric = row.text("metric")
    if not metric:
        row.refuse("metric", f"one of {', '.join(sorted(METRICS))}")
    if metric not in METRICS:
        raise IgnoredRow(row.line, f"unknown metric {metric[:60]!r}")
    read_value = row.count if metric in COUNTS else row.number
    value = read_value("value", negative=metric in MAY_BE_NEGATIVE)
    currency = row.text("currency").upper()
    if metric == "revenue" and not re.fullmatch(r"[A-Z]{3}", currency):
        row.refuse("currency", "a currency of three letters, such as USD, as revenue asks")
    yield Figure(
        line=row.line,
        start=start,
        period=period,
        platform=platform,
        metric=metric,
        value=value,
        level=TRACK if title or isrc or external_id else ARTIST,
        # Figures of all countries and of one country are separate sources, so they are never added
        # up.
        source="aap_by_country" if country else "aap",
        artist=artist,
        isrc=isrc,
        external_id=external_id,
        title=title,
        country=country,
        currency=currency if metric == "revenue" else "",
    )


FORMATS = (
    Format(
        name="aap",
        label="AAP metrics v1",
        needs=frozenset({"date", "platform", "metric", "value"}),
        knows=frozenset(
            {
                "period",
                "artist_slug",
                "isrc",
                "external_id",
                "title",
                "country",
                "currency",
                "source",
            }
        ),
        read=read,
        max_bytes=10_000_000,
        max_rows=50_000,
    ),
)
