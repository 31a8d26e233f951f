"""Chartmetric: charts of many services with one paid key. Its terms keep the data internal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode

from django.utils import timezone
from pydantic import BeforeValidator, Field

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpClient, HttpReply
from media_tools.providers.replies import Amount, Label, Reply, Whole, first, read_reply, rows
from trends.charts import LOWEST_RANK, ChartEntry, chart_shares
from trends.sources.base import DAY, Price, Sighting, SpendingLimits, Visit, day_window
from trends.sources.transport import NO_DATA, Remainder, Transport, named, needed_key, put_off

BASE_URL = "https://api.chartmetric.com"
LONGEST_LAG_DAYS = 5
SPACING_S = 1.0  # the smallest plan allows one request a second
ROWS = 200
ARTISTS_READ = 20
LONGEST_TOKEN = 4000


@dataclass(frozen=True)
class Chart:
    """A chart and its path. by_country: it takes country_code."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    by_country: bool = True


CHARTS = {
    "spotify": Chart("/api/charts/spotify", {"type": "regional", "interval": "daily"}),
    "spotify-viral": Chart("/api/charts/spotify", {"type": "viral", "interval": "daily"}),
    "applemusic": Chart("/api/charts/applemusic/tracks", {"type": "daily"}),
    "shazam": Chart("/api/charts/shazam"),
    "tiktok": Chart("/api/charts/tiktok/tracks", {"interval": "weekly"}, by_country=False),
    "soundcloud": Chart("/api/charts/soundcloud", {"kind": "trending", "genre": "all-music"}),
}


def _token_in(value: object) -> str:
    """Return a token that can be sent in a header, or ""."""
    token = foreign.reference(value, longest=LONGEST_TOKEN)
    return token if token.isascii() else ""


_Token = Annotated[str, BeforeValidator(_token_in)]
_Rank = Annotated[Whole, Field(ge=1, le=LOWEST_RANK)]
_Names = Annotated[list[Label], first(ARTISTS_READ)]


class _Tokens(Reply):
    token: Annotated[_Token, Field(min_length=1)]
    refresh_token: _Token = ""


class _Row(Reply):
    name: Label = ""
    rank: _Rank | None = None
    artist_names: _Names = []
    spotify_artist_names: _Names = []
    cm_track: Label = ""
    isrc: Label = ""
    current_plays: Amount = 0.0


class _Chart(Reply):
    """Rows in {"obj": [...]} or {"obj": {"data": [...]}}."""

    obj: Annotated[
        list[_Row],
        rows(ROWS),
        BeforeValidator(lambda obj: obj.get("data") if isinstance(obj, Mapping) else obj),
    ]


class ChartmetricCharts:
    """Title words of the chosen charts. charts: names of CHARTS. call_usd: price of a call, the
    token's included."""

    name = "chartmetric"
    window = DAY
    weight = 1.0
    keep: timedelta | None = None
    paid = True

    def __init__(
        self,
        *,
        refresh_token: str,
        countries: Sequence[str],
        charts: Sequence[str],
        call_usd: Decimal,
        limits: SpendingLimits,
        base_url: str = BASE_URL,
        transport: Transport | None = None,
    ) -> None:
        self.limits = limits
        self._refresh_token = refresh_token
        self._countries = [country.upper() for country in countries]
        self._charts = list(charts)
        self._price = Price(call_usd)
        self._base_url = base_url
        self._transport = transport or Transport()
        self._http: HttpClient | None = None

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        questions = [
            (name, country)
            for name in self._charts
            for country in (self._countries if self._chart(name).by_country else [""])
        ]
        rest = Remainder()
        entries: list[ChartEntry] = []
        failure: ProviderError | None = None
        for name, country in questions:
            try:
                with rest:
                    entries += self.chart(name, country, visit)
            except ProviderError as error:
                failure = error
                break
        # What was paid for is kept, also when a later call failed.
        if entries:
            newest = max(entry.date for entry in entries)
            yield from chart_shares(entries, observed_at=day_window(newest))
        if failure:
            raise failure
        rest.raise_first()

    def health(self, visit: Visit) -> ProviderHealth:
        self._signed_in(visit)
        return ProviderHealth(self.name, note="the refresh token is accepted")

    def chart(self, name: str, country: str, visit: Visit) -> list[ChartEntry]:
        """Return the newest rows of a chart. Charts lag, so earlier days are tried in turn."""
        chart = self._chart(name)
        slot = f"lag {name} {country}"
        first_days = max(1, int(visit.memory.get(slot, 1)) - 1)
        for days in range(first_days, first_days + LONGEST_LAG_DAYS):
            day = timezone.localdate(visit.now) - timedelta(days=days)
            params = {**chart.params, "date": day.isoformat()}
            if country and chart.by_country:
                params["country_code"] = country
            answer = read_reply(
                _Chart,
                self._ask(chart.path, params, visit),
                provider=self.name,
                what=f"its {name} chart",
            )
            if answer.obj:
                visit.memory[slot] = days
                entries = [
                    _entry(row, rank, name, country, day)
                    for rank, row in enumerate(answer.obj, start=1)
                ]
                return named(self.name, entries)
        visit.memory.pop(slot, None)
        raise ProviderRejected(
            self.name,
            f"its {name} chart{f' of {country}' if country else ''} was empty on "
            f"{LONGEST_LAG_DAYS} days",
            code=NO_DATA,
            action="take it out of CHARTMETRIC_CHARTS if this lasts",
        )

    def _chart(self, name: str) -> Chart:
        if name not in CHARTS:
            raise ProviderRejected(
                self.name,
                f"it has no chart {name!r} here",
                code="configuration",
                action=f"set CHARTMETRIC_CHARTS to some of {', '.join(CHARTS)}",
            )
        return CHARTS[name]

    def _ask(self, path: str, params: Mapping[str, str], visit: Visit) -> Any:
        """Return a paid answer. Renews an expired token once."""
        http = self._http or self._signed_in(visit)
        try:
            return self._paid(http, path, params, visit)
        except ProviderRejected as error:
            if error.code != "HTTP 401":
                raise
        return self._paid(self._signed_in(visit), path, params, visit)

    def _paid(self, http: HttpClient, path: str, params: Mapping[str, str], visit: Visit) -> Any:
        self._transport.line.sleep(SPACING_S)
        subject = f"{path}?{urlencode(sorted(params.items()))}"
        with visit.paid_call("chart", subject, self._price):
            return http.json(Call("GET", path, params=params, submission=True))

    def _signed_in(self, visit: Visit) -> HttpClient:
        """Return a client with a fresh token. Remembers a changed refresh token."""
        given = needed_key(self.name, self._refresh_token, "CHARTMETRIC_REFRESH_TOKEN")
        mark = hashlib.sha256(given.encode()).hexdigest()[:16]
        kept = visit.memory.get("refresh_token") if visit.memory.get("issued_for") == mark else None
        answer = self._token(kept, visit) if kept else None
        if answer is None:
            answer = self._token(given, visit)
        if answer is None:
            raise ProviderRejected(
                self.name,
                "it refused the refresh token",
                code="HTTP 401",
                action="check CHARTMETRIC_REFRESH_TOKEN",
            )
        if answer.refresh_token:
            visit.memory.update({"refresh_token": answer.refresh_token, "issued_for": mark})
        self._http = self._client(
            {"Authorization": f"Bearer {answer.token}"},
            (given, str(kept or ""), answer.refresh_token),
        )
        return self._http

    def _token(self, refresh_token: str, visit: Visit) -> _Tokens | None:
        """Return a new token, or None if this refresh token is refused."""
        visit.call()
        http = self._client({}, (refresh_token,))
        ask = Call("POST", "/api/token", json={"refreshtoken": refresh_token})
        try:
            return http.read(ask, _Tokens)
        except ProviderRejected as error:
            if error.code in ("HTTP 400", "HTTP 401", "HTTP 403"):
                return None
            raise

    def _client(self, headers: Mapping[str, str], secrets: Sequence[str]) -> HttpClient:
        return self._transport.client(
            self.name, self._base_url, headers=headers, secrets=secrets, classify=self._error_in
        )

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        if reply.status == 403:
            return ProviderRejected(
                self.name,
                "the plan does not include this chart",
                code="HTTP 403",
                action="take it out of CHARTMETRIC_CHARTS, or change the plan",
            )
        if reply.status == 429 or reply.status >= 500:
            return put_off(self.name, reply, reset_header="x-ratelimit-reset")
        return None


def _entry(row: _Row, position: int, chart: str, country: str, day: date) -> ChartEntry:
    return ChartEntry(
        source=ChartmetricCharts.name,
        chart=chart,
        country=country.lower(),
        rank=row.rank or position,
        title=row.name,
        artist=", ".join(filter(None, row.artist_names or row.spotify_artist_names)),
        date=day,
        external_id=row.cm_track,
        isrc=row.isrc,
        metric=row.current_plays,
    )
