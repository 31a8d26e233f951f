"""Deezer: the charts of genres, without a key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpReply
from media_tools.providers.replies import Amount, Label, LongLabel, Read, Reply, Whole, at, rows
from trends.charts import LOWEST_RANK, ChartEntry, chart_shares
from trends.genres import genre_topic, is_composed
from trends.sources.base import FreeReader, Sighting, Visit, day_window
from trends.sources.transport import NO_DATA, Remainder, Transport, named

BASE_URL = "https://api.deezer.com"
ALL_GENRES = 0
GENRES_READ = 100
ROWS = 100
ROWS_A_PAGE = 50
SPACING_S = 0.2  # 50 requests in 5 seconds are allowed
POPULARITY_OF_ONE = 10_000.0  # Deezer's "rank" goes up to about a million

QUOTA, BUSY, UNKNOWN_ID = 4, 700, 800
QUOTA_WAIT_S = 5.0


class _Genre(Reply):
    id: Whole = ALL_GENRES
    name: Label = ""


class _Genres(Reply):
    data: Annotated[list[_Genre], rows(GENRES_READ)]


class _Track(Reply):
    id: Label = ""
    position: Annotated[Whole | None, Field(ge=1, le=LOWEST_RANK)] = None
    title: Label = ""
    title_short: Label = ""
    artist: Label = at("artist", "name")
    link: LongLabel = ""
    rank: Amount = 0.0  # Deezer's word for popularity


class _Tracks(Reply):
    data: Annotated[list[_Track], rows(ROWS_A_PAGE)]
    next: LongLabel = ""


class _Failed(Reply):
    error: dict[str, Any] = {}
    code: Whole | None = at("error", "code", default=None)
    message: LongLabel = at("error", "message")


class DeezerCharts(FreeReader):
    """Title words of the chart of all genres, and how popular the composer's genres are.

    The country of a chart is unknown: Deezer may take it from the caller's address.
    """

    name = "deezer"

    def __init__(self, *, base_url: str = BASE_URL, transport: Transport | None = None) -> None:
        self._transport = transport or Transport()
        self._http = self._transport.client(self.name, base_url, classify=self._error_in)

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        window = day_window(timezone.localdate(visit.now))
        rest = Remainder()
        everything = self.chart(ALL_GENRES, "", visit)
        yield from chart_shares(everything, observed_at=window)
        popularity: dict[str, Sighting] = {}
        for genre_id, name in self._composed_genres(visit):
            with rest:
                rows = self.chart(genre_id, name, visit)
                topic = genre_topic(name)
                mean = sum(row.metric for row in rows) / len(rows) / POPULARITY_OF_ONE
                seen = Sighting(topic.topic, round(mean, 4), window, genre=topic.genre)
                # Two of Deezer's genres may be one topic here; the larger counts.
                if topic.topic not in popularity or mean > popularity[topic.topic].volume:
                    popularity[topic.topic] = seen
        yield from popularity.values()
        rest.raise_first()

    def health(self, visit: Visit) -> ProviderHealth:
        return ProviderHealth(self.name, note=f"{len(self._composed_genres(visit))} genres")

    def chart(self, genre_id: int, genre: str, visit: Visit) -> list[ChartEntry]:
        """Return the rows of a genre's chart. genre: its name, empty for all."""
        entries: list[ChartEntry] = []
        for start in range(0, ROWS, ROWS_A_PAGE):
            params = {"limit": ROWS_A_PAGE, "index": start}
            page = self._page(f"/chart/{genre_id}/tracks", params, visit, _Tracks)
            read = [
                self._entry(track, position, genre, visit)
                for position, track in enumerate(page.data, start=start + 1)
            ]
            entries += named(self.name, read)
            if not page.data or not page.next:
                break
        if not entries:
            raise ProviderRejected(
                self.name, f"its chart of genre {genre_id} is empty", code=NO_DATA
            )
        return entries

    def _composed_genres(self, visit: Visit) -> list[tuple[int, str]]:
        return [
            (genre.id, genre.name)
            for genre in self._page("/genre", {}, visit, _Genres).data
            if genre.id != ALL_GENRES and is_composed(genre.name)
        ]

    def _page(self, path: str, params: dict[str, int], visit: Visit, model: type[Read]) -> Read:
        visit.call()
        self._transport.line.sleep(SPACING_S)
        return self._http.read(Call("GET", path, params=params), model)

    def _entry(self, track: _Track, position: int, genre: str, visit: Visit) -> ChartEntry:
        return ChartEntry(
            source=self.name,
            chart="tracks",
            rank=track.position or position,
            title=track.title_short or track.title,
            artist=track.artist,
            date=timezone.localdate(visit.now),
            external_id=track.id,
            url=track.link,
            genres=(genre,) if genre else (),
            metric=track.rank,
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """Deezer's errors come with HTTP 200."""
        failed = _Failed.of(reply.data)
        if not failed.error:
            return None
        number = failed.code
        words = self._http.words(failed.message) or "no message"
        code = f"Deezer {number}"
        if number in (QUOTA, BUSY):
            return ProviderUnavailable(
                self.name,
                words,
                code=code,
                action="it is tried again later",
                retry_after_s=QUOTA_WAIT_S,
            )
        return ProviderRejected(
            self.name,
            words,
            code=NO_DATA if number == UNKNOWN_ID else code,
            action="other charts are not affected" if number == UNKNOWN_ID else "see Deezer's API",
        )
