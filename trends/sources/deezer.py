"""Deezer: the charts of genres, without a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpReply
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
        """The rows of a genre's chart; genre: its name, empty for all."""
        entries: list[ChartEntry] = []
        for start in range(0, ROWS, ROWS_A_PAGE):
            params = {"limit": ROWS_A_PAGE, "index": start}
            page = self._page(f"/chart/{genre_id}/tracks", params, visit)
            rows = page["data"][:ROWS_A_PAGE]
            read = [
                self._entry(row, position, genre, visit)
                for position, row in enumerate(map(foreign.fields, rows), start=start + 1)
            ]
            entries += named(self.name, read)
            if not rows or not page.get("next"):
                break
        if not entries:
            raise ProviderRejected(
                self.name, f"its chart of genre {genre_id} is empty", code=NO_DATA
            )
        return entries

    def _composed_genres(self, visit: Visit) -> list[tuple[int, str]]:
        found = []
        for genre in map(foreign.fields, self._page("/genre", {}, visit)["data"][:GENRES_READ]):
            genre_id, name = foreign.whole(genre.get("id")), foreign.label(genre.get("name"))
            if genre_id and genre_id != ALL_GENRES and is_composed(name):
                found.append((genre_id, name))
        return found

    def _page(self, path: str, params: dict[str, int], visit: Visit) -> dict[str, Any]:
        visit.call()
        self._transport.line.sleep(SPACING_S)
        answer = self._http.json(Call("GET", path, params=params))
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise ProviderUnavailable(
                self.name,
                f"the answer to GET {path} holds no list",
                code="bad_answer",
                action="it is tried again later",
            )
        return answer

    def _entry(self, row: Mapping[str, Any], position: int, genre: str, visit: Visit) -> ChartEntry:
        return ChartEntry(
            source=self.name,
            chart="tracks",
            rank=foreign.whole(row.get("position"), low=1, high=LOWEST_RANK) or position,
            title=foreign.label(row.get("title_short")) or foreign.label(row.get("title")),
            artist=foreign.label(foreign.fields(row.get("artist")).get("name")),
            date=timezone.localdate(visit.now),
            external_id=foreign.label(row.get("id")),
            url=foreign.label(row.get("link"), longest=1000),
            genres=(genre,) if genre else (),
            metric_name="rank",  # Deezer's word for popularity
            metric=foreign.finite(row.get("rank"), low=0.0) or 0.0,
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """Deezer's errors come with HTTP 200."""
        error = foreign.fields(foreign.fields(reply.data).get("error"))
        if not error:
            return None
        number = foreign.whole(error.get("code"))
        words = self._http.words(error.get("message")) or "no message"
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
