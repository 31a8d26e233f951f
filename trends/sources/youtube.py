"""YouTube: the music chart of a country (Data API v3, videos.list mostPopular).

Volumes are sums of YouTube's own view counts, not figures of ours; they are deleted after 30 days,
as YouTube's terms ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from pydantic import Field

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpReply
from media_tools.providers.replies import Figure, Label, Reply, at, rows
from trends.charts import ChartEntry, chart_metrics
from trends.sources.base import FreeReader, Sighting, Visit, day_window
from trends.sources.transport import Remainder, Transport, named, needed_key, no_chart_of

BASE_URL = "https://www.googleapis.com/youtube/v3"
MUSIC = "10"
ROWS = 50
QUOTA_ZONE = ZoneInfo("America/Los_Angeles")  # quota days end at midnight there

OUT_OF_QUOTA = ("quotaExceeded", "dailyLimitExceeded")
TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded")
NO_CHART = ("videoChartNotFound", "invalidRegionCode")
ACTIONS = {
    "keyInvalid": "check YOUTUBE_API_KEY",
    "badRequest": "check YOUTUBE_API_KEY and AI_ARTIST_TREND_COUNTRIES",
    "forbidden": "switch the YouTube Data API on for the key's project",
    "accessNotConfigured": "switch the YouTube Data API on for the key's project",
}


# Written as text.
_Count = Annotated[Figure, Field(ge=0.0)]


class _Video(Reply):
    id: Label = ""
    title: Label = at("snippet", "title")
    channel: Label = at("snippet", "channelTitle")
    views: _Count = at("statistics", "viewCount", default=0.0)
    # Hidden likes and closed comments are missing.
    likes: _Count = at("statistics", "likeCount", default=0.0)
    comments: _Count = at("statistics", "commentCount", default=0.0)


class _Chart(Reply):
    items: Annotated[list[_Video], rows(ROWS)]


class _Failed(Reply):
    error: dict[str, Any] = {}
    reason: Label = at("error", "errors", 0, "reason")


class YoutubeCharts(FreeReader):
    """Title words of the music chart, by views. countries: region codes, two letters."""

    name = "youtube"
    keep: timedelta | None = timedelta(days=30)

    def __init__(
        self,
        *,
        api_key: str,
        countries: Sequence[str],
        base_url: str = BASE_URL,
        transport: Transport | None = None,
    ) -> None:
        self._key = api_key
        self._countries = [country.upper() for country in countries]
        self._http = (transport or Transport()).client(
            self.name, base_url, secrets=(api_key,), classify=self._error_in
        )

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        rest = Remainder()
        entries: list[ChartEntry] = []
        for country in self._countries:
            with rest:
                entries += self.chart(country, visit)
        window = day_window(timezone.localdate(visit.now))
        yield from chart_metrics(entries, observed_at=window)
        rest.raise_first()

    def health(self, visit: Visit) -> ProviderHealth:
        rows = self.chart(self._countries[0], visit) if self._countries else []
        return ProviderHealth(self.name, note=f"{len(rows)} rows; took one unit of quota")

    def chart(self, country: str, visit: Visit) -> list[ChartEntry]:
        """Return the rows of a country's chart. Takes one unit of the daily quota."""
        key = needed_key(self.name, self._key, "YOUTUBE_API_KEY")
        visit.call()
        params = {
            "part": "snippet,statistics",
            "chart": "mostPopular",
            "videoCategoryId": MUSIC,
            "regionCode": country,
            "maxResults": ROWS,
            "key": key,
        }
        try:
            chart = self._http.read(Call("GET", "/videos", params=params), _Chart)
        except ProviderRejected as error:
            if error.code not in NO_CHART:
                raise
            raise no_chart_of(self.name, country) from error
        entries = [
            self._entry(video, rank, country, visit)
            for rank, video in enumerate(chart.items, start=1)
        ]
        return named(self.name, entries)

    def _entry(self, video: _Video, rank: int, country: str, visit: Visit) -> ChartEntry:
        # "Artist - Title (Official Video)" by channel "Artist - Topic" or "ArtistVEVO".
        artist, _, title = video.title.partition(" - ")
        return ChartEntry(
            source=self.name,
            chart="mostPopular",
            country=country.lower(),
            rank=rank,
            title=title or artist,
            artist=artist if title else video.channel,
            date=timezone.localdate(visit.now),
            external_id=video.id,
            url=f"https://www.youtube.com/watch?v={video.id}",
            metric=video.views,
            engagement=video.likes + video.comments,
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        failed = _Failed.of(reply.data)
        if not failed.error:
            return None
        reason = failed.reason
        words = self._http.said(reply)
        if reason in OUT_OF_QUOTA:
            return ProviderUnavailable(
                self.name,
                words,
                code=reason,
                action="the daily quota returns at midnight Pacific time",
                retry_after_s=_until_quota_day(timezone.now()),
            )
        if reason in TOO_FAST or reply.status >= 500:
            return ProviderUnavailable(
                self.name,
                words,
                code=reason or f"HTTP {reply.status}",
                action="it is tried again later",
                retry_after_s=reply.retry_after_s,
            )
        return ProviderRejected(
            self.name,
            words,
            code=reason or f"HTTP {reply.status}",
            action=ACTIONS.get(reason, "see the YouTube Data API"),
        )


def _until_quota_day(now: datetime) -> float:
    local = now.astimezone(QUOTA_ZONE)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()
