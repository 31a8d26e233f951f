"""Last.fm: the tags and tracks people listen to most. Data powered by Last.fm.

Its terms are for non-commercial use; commercial use needs Last.fm's written agreement.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from django.utils import timezone
from pydantic import BeforeValidator, Field

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpReply
from media_tools.providers.replies import Figure, Label, LongLabel, Read, Reply, Whole, at, rows
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


# Numbers come as text in lists.
_Number = Annotated[Figure, Field(ge=0.0)]
# A list of one comes as the row itself.
_ONE_OR_MORE = BeforeValidator(lambda found: found if isinstance(found, list) else [found])


class _Tag(Reply):
    name: Label = ""
    taggings: _Number = 0.0


class _Tags(Reply):
    tag: Annotated[list[_Tag], rows(TAGS), _ONE_OR_MORE] = []


class _TopTags(Reply):
    tags: _Tags


class _Track(Reply):
    name: Label = ""
    artist: Label = at("artist", "name")
    mbid: Label = ""
    url: LongLabel = ""
    listeners: _Number = 0.0


class _Tracks(Reply):
    track: Annotated[list[_Track], rows(TRACKS), _ONE_OR_MORE] = []


class _TopTracks(Reply):
    tracks: _Tracks


class _Fault(Reply):
    error: Whole | None = None
    message: LongLabel = ""


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
        tags = self._ask("chart.gettoptags", TAGS, visit, _TopTags).tags.tag
        total = sum(tag.taggings for tag in tags) or 1.0
        for tag in tags:
            name = tag.name.lower()
            if name in NO_GENRES or not name:
                continue
            topic = genre_topic(name)
            if topic.topic not in seen:
                # In the order of the chart: of two names of a genre the larger counts.
                seen.add(topic.topic)
                volume = PERCENT * tag.taggings / total
                yield Sighting(topic.topic, round(volume, 4), window, genre=topic.genre)
        words = chart_shares(self.tracks(visit), observed_at=window)
        yield from (word for word in words if word.topic not in seen)

    def health(self, visit: Visit) -> ProviderHealth:
        self._ask("chart.gettoptags", 1, visit, _TopTags)
        return ProviderHealth(self.name, note="the key is accepted")

    def tracks(self, visit: Visit) -> list[ChartEntry]:
        """Return the rows of the chart of tracks."""
        tracks = self._ask("chart.gettoptracks", TRACKS, visit, _TopTracks).tracks.track
        entries = [
            ChartEntry(
                source=self.name,
                chart="top tracks",
                rank=rank,
                title=track.name,
                artist=track.artist,
                date=timezone.localdate(visit.now),
                external_id=track.mbid or track.url,
                url=track.url,
                metric=track.listeners,
            )
            for rank, track in enumerate(tracks, start=1)
        ]
        return named(self.name, entries)

    def _ask(self, method: str, limit: int, visit: Visit, model: type[Read]) -> Read:
        key = needed_key(self.name, self._key, "LASTFM_API_KEY")
        visit.call()
        self._transport.line.sleep(SPACING_S)
        params = {"method": method, "api_key": key, "format": "json", "limit": limit}
        return self._http.read(Call("GET", "", params=params), model)

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """Last.fm's errors may come with HTTP 200."""
        fault = _Fault.of(reply.data)
        number = fault.error
        if number is None:
            return None
        words = self._http.words(fault.message) or "no message"
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
