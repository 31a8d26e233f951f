"""Last.fm: the tags and tracks people listen to most. Data powered by Last.fm.

Its terms are for non-commercial use; commercial use needs Last.fm's written agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpReply
from trends.charts import PERCENT, ChartEntry, chart_shares
from trends.genres import genre_topic
from trends.sources.base import FreeReader, Sighting, Visit, day_window
from trends.sources.transport import Transport, named, needed_key

BASE_URL = "https://ws.audioscrobbler.com/2.0/"
TAGS, TRACKS = 50, 100
SPACING_S = 0.25  # about five requests a second are tolerated

# 8 operation failed, 11 offline, 16 temporary, 29 rate limit.
PASSING = {8: 5.0, 11: None, 16: 5.0, 29: 5.0}
KEY_FAULTS = (4, 10, 13, 26)
# Tags that name no kind of music.
NO_GENRES = frozenset(
    {
        "seen live",
        "female vocalists",
        "male vocalists",
        "under 2000 listeners",
        "all",
        "favorites",
        "favourites",
        "favorite",
        "love",
        "awesome",
        "beautiful",
        "american",
        "british",
        "german",
        "swedish",
        "japanese",
        "usa",
        "uk",
        "cover",
        "covers",
        "sexy",
        "cool",
        "60s",
        "70s",
        "80s",
        "90s",
        "00s",
        "10s",
        "2000s",
        "2010s",
        "2020s",
    }
)


class LastfmCharts(FreeReader):
    """Tags by their share of all taggings, and title words of the top tracks.

    Tag charts are of all time and hardly move, so the source weighs less than others at first.
    """

    name = "lastfm"
    weight = 0.5

    def __init__(
        self, *, api_key: str, base_url: str = BASE_URL, transport: Transport | None = None
    ) -> None:
        self._key = api_key
        self._transport = transport or Transport()
        self._http = self._transport.client(
            self.name, base_url, secrets=(api_key,), classify=self._error_in
        )

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        window = day_window(timezone.localdate(visit.now))
        seen: set[str] = set()
        tags = self._list("chart.gettoptags", "tags", "tag", TAGS, visit)
        total = sum(_number(tag.get("taggings")) for tag in tags) or 1.0
        for tag in tags:
            name = foreign.label(tag.get("name")).lower()
            if name in NO_GENRES or not name:
                continue
            topic = genre_topic(name)
            if topic.topic not in seen:
                # In the order of the chart: of two names of a genre the larger counts.
                seen.add(topic.topic)
                volume = PERCENT * _number(tag.get("taggings")) / total
                yield Sighting(topic.topic, round(volume, 4), window, genre=topic.genre)
        words = chart_shares(self.tracks(visit), observed_at=window)
        yield from (word for word in words if word.topic not in seen)

    def health(self, visit: Visit) -> ProviderHealth:
        self._list("chart.gettoptags", "tags", "tag", 1, visit)
        return ProviderHealth(self.name, note="the key is accepted")

    def tracks(self, visit: Visit) -> list[ChartEntry]:
        """The rows of the chart of tracks."""
        rows = self._list("chart.gettoptracks", "tracks", "track", TRACKS, visit)
        entries = [
            ChartEntry(
                source=self.name,
                chart="top tracks",
                rank=rank,
                title=foreign.label(row.get("name")),
                artist=foreign.label(foreign.fields(row.get("artist")).get("name")),
                date=timezone.localdate(visit.now),
                external_id=foreign.label(row.get("mbid"))
                or foreign.label(row.get("url"), longest=1000),
                url=foreign.label(row.get("url"), longest=1000),
                metric_name="listeners",
                metric=_number(row.get("listeners")),
            )
            for rank, row in enumerate(rows, start=1)
        ]
        return named(self.name, entries)

    def _list(
        self, method: str, outer: str, inner: str, limit: int, visit: Visit
    ) -> list[Mapping[str, Any]]:
        key = needed_key(self.name, self._key, "LASTFM_API_KEY")
        visit.call()
        self._transport.line.sleep(SPACING_S)
        params = {"method": method, "api_key": key, "format": "json", "limit": limit}
        answer = self._http.json(Call("GET", "", params=params))
        found = answer.get(outer) if isinstance(answer, dict) else None
        if not isinstance(found, dict):
            raise ProviderUnavailable(
                self.name,
                f"the answer to {method} holds no {outer}",
                code="bad_answer",
                action="it is tried again later",
            )
        rows = found.get(inner) or []
        # A list of one comes as the row itself.
        return list(map(foreign.fields, rows[:limit] if isinstance(rows, list) else [rows]))

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """Last.fm's errors may come with HTTP 200."""
        told = foreign.fields(reply.data)
        number = foreign.whole(told.get("error"))
        if number is None:
            return None
        words = self._http.words(told.get("message")) or "no message"
        code = f"Last.fm {number}"
        if number in PASSING:
            return ProviderUnavailable(
                self.name,
                words,
                code=code,
                action="it is tried again later",
                retry_after_s=PASSING[number],
            )
        action = "check LASTFM_API_KEY" if number in KEY_FAULTS else "see the Last.fm API"
        if number == 26:
            action = "the key is suspended: ask Last.fm"
        return ProviderRejected(self.name, words, code=code, action=action)


def _number(text: Any) -> float:
    """Numbers come as text in lists."""
    return foreign.figure(text, low=0.0) or 0.0
