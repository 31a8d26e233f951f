"""Apple Music: the most played songs of a country, without a key (RSS as JSON)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated

from django.utils import timezone
from pydantic import AliasPath, Field

from media_tools.errors import ProviderRejected
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call
from media_tools.providers.replies import Label, LongLabel, Reply, at, rows
from trends.charts import ChartEntry, chart_shares
from trends.sources.base import FreeReader, Sighting, Visit, day_window
from trends.sources.transport import Remainder, Transport, named, no_chart_of

BASE_URL = "https://rss.marketingtools.apple.com"
LIMIT = 100  # the largest that Apple's own generator offers
SPACING_S = 2.0  # Apple throttles quick repeats
GENRES_READ = 20
OLDEST = timedelta(days=31)
MUSIC_GENRE = "34"  # "Music", on every row


class _Genre(Reply):
    name: Label = ""
    id: Label = at("genreId")


class _Song(Reply):
    id: Label = ""
    name: Label = ""
    artist: Label = at("artistName")
    url: LongLabel = ""
    genres: Annotated[list[_Genre], rows(GENRES_READ)] = []


class _Chart(Reply):
    updated: Label = at("feed", "updated")
    songs: Annotated[list[_Song], rows(LIMIT)] = Field(
        validation_alias=AliasPath("feed", "results")
    )


class AppleCharts(FreeReader):
    """Genres and title words of the top songs. countries: storefronts, two letters."""

    name = "apple"

    def __init__(
        self,
        *,
        countries: Sequence[str],
        base_url: str = BASE_URL,
        transport: Transport | None = None,
    ) -> None:
        self._countries = [country.lower() for country in countries]
        self._transport = transport or Transport()
        self._http = self._transport.client(self.name, base_url)

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        rest = Remainder()
        entries: list[ChartEntry] = []
        for number, country in enumerate(self._countries):
            if number:
                self._transport.line.sleep(SPACING_S)
            with rest:
                entries += self.chart(country, visit)
        if entries:
            # Charts of some countries are a day older; together they are one picture.
            newest = max(entry.date for entry in entries)
            yield from chart_shares(entries, observed_at=day_window(newest))
        rest.raise_first()

    def health(self, visit: Visit) -> ProviderHealth:
        rows = self.chart(self._countries[0], visit) if self._countries else []
        return ProviderHealth(self.name, note=f"{len(rows)} rows")

    def chart(self, country: str, visit: Visit) -> list[ChartEntry]:
        """Return the rows of a country's chart."""
        visit.call()
        path = f"/api/v2/{country}/music/most-played/{LIMIT}/songs.json"
        try:
            chart = self._http.read(Call("GET", path), _Chart)
        except ProviderRejected as error:
            if error.code != "HTTP 404":
                raise
            raise no_chart_of(self.name, country) from error
        updated = _day_of(chart.updated, visit.now)
        entries = [
            ChartEntry(
                source=self.name,
                chart="most-played",
                country=country,
                rank=rank,
                title=song.name,
                artist=song.artist,
                date=updated,
                external_id=song.id,
                url=song.url,
                genres=tuple(
                    genre.name for genre in song.genres if genre.name and genre.id != MUSIC_GENRE
                ),
            )
            for rank, song in enumerate(chart.songs, start=1)
        ]
        return named(self.name, entries)


def _day_of(updated: str, now: datetime) -> date:
    """Read the feed's date (RFC 2822). Returns today if it is later, or not believable."""
    today = timezone.localdate(now)
    try:
        day = min(parsedate_to_datetime(updated).astimezone(UTC).date(), today)
    except (ValueError, OverflowError):
        return today
    return day if today - day < OLDEST else today
