"""YouTube: the music chart of a country (Data API v3, videos.list mostPopular).

Volumes are YouTube's own view counts, summed, never a figure of our making; they are deleted after
30 days, as YouTube's terms ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpReply
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
        """The rows of a country's chart: one unit of the daily quota."""
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
            answer = self._http.json(Call("GET", "/videos", params=params))
        except ProviderRejected as error:
            if error.code not in NO_CHART:
                raise
            raise no_chart_of(self.name, country) from error
        videos = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(videos, list):
            raise ProviderUnavailable(
                self.name,
                "its answer holds no videos",
                code="bad_answer",
                action="it is tried again later",
            )
        entries = [
            self._entry(video, rank, country, visit)
            for rank, video in enumerate(map(foreign.fields, videos[:ROWS]), start=1)
        ]
        return named(self.name, entries)

    def _entry(self, video: Mapping[str, Any], rank: int, country: str, visit: Visit) -> ChartEntry:
        snippet = foreign.fields(video.get("snippet"))
        counts = foreign.fields(video.get("statistics"))
        video_id = foreign.label(video.get("id"))
        # "Artist - Title (Official Video)" by channel "Artist - Topic" or "ArtistVEVO".
        artist, _, title = foreign.label(snippet.get("title")).partition(" - ")
        return ChartEntry(
            source=self.name,
            chart="mostPopular",
            country=country.lower(),
            rank=rank,
            title=title or artist,
            artist=artist if title else foreign.label(snippet.get("channelTitle")),
            date=timezone.localdate(visit.now),
            external_id=video_id,
            url=f"https://www.youtube.com/watch?v={video_id}",
            metric_name="views",
            metric=_count(counts, "viewCount"),
            # Hidden likes and closed comments are missing.
            engagement=_count(counts, "likeCount") + _count(counts, "commentCount"),
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        error = foreign.fields(foreign.fields(reply.data).get("error"))
        if not error:
            return None
        reason = _reason_of(error)
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


def _reason_of(error: Mapping[str, Any]) -> str:
    first = next(iter(foreign.items(error.get("errors"), 1)), None)
    return foreign.label(foreign.fields(first).get("reason"))


def _count(counts: Mapping[str, Any], name: str) -> float:
    """A figure of the statistics: text, or missing."""
    return foreign.figure(counts.get(name), low=0.0) or 0.0


def _until_quota_day(now: datetime) -> float:
    local = now.astimezone(QUOTA_ZONE)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()
