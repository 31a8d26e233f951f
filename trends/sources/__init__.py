"""The trend sources, built from the settings. A new one is a module here and a line in BUILDERS."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from trends.sources.apple import AppleCharts
from trends.sources.base import SpendingLimits, TrendReader
from trends.sources.chartmetric import ChartmetricCharts
from trends.sources.deezer import DeezerCharts
from trends.sources.lastfm import LastfmCharts
from trends.sources.local import LocalCalendar
from trends.sources.transport import Transport
from trends.sources.x import GENRE_QUERIES, Sampling, XCounts, XPrices, XQuery
from trends.sources.youtube import YoutubeCharts


def _usd(amount: float) -> Decimal:
    return Decimal(str(amount))


def _x(config: dict[str, Any], transport: Transport) -> TrendReader:
    return XCounts(
        bearer_token=config["x_bearer_token"],
        base_url=config["x_base_url"],
        field_style=config["x_field_style"],
        queries=[XQuery.parse(text) for text in config["x_queries"]] or GENRE_QUERIES,
        sampling=Sampling(config["x_sampled_queries"], config["x_sample_posts"]),
        prices=XPrices(_usd(config["x_post_usd"]), _usd(config["x_counts_usd"])),
        limits=SpendingLimits(_usd(config["x_monthly_usd"]), config["x_monthly_post_reads"]),
        transport=transport,
    )


def _chartmetric(config: dict[str, Any], transport: Transport) -> TrendReader:
    return ChartmetricCharts(
        refresh_token=config["chartmetric_refresh_token"],
        base_url=config["chartmetric_base_url"],
        countries=config["countries"],
        charts=config["chartmetric_charts"],
        call_usd=_usd(config["chartmetric_call_usd"]),
        limits=SpendingLimits(_usd(config["chartmetric_monthly_usd"])),
        transport=transport,
    )


BUILDERS: dict[str, Callable[[dict[str, Any], Transport], TrendReader]] = {
    LocalCalendar.name: lambda config, transport: LocalCalendar(),
    AppleCharts.name: lambda config, transport: AppleCharts(
        countries=config["countries"], base_url=config["apple_base_url"], transport=transport
    ),
    DeezerCharts.name: lambda config, transport: DeezerCharts(
        base_url=config["deezer_base_url"], transport=transport
    ),
    LastfmCharts.name: lambda config, transport: LastfmCharts(
        api_key=config["lastfm_api_key"], base_url=config["lastfm_base_url"], transport=transport
    ),
    YoutubeCharts.name: lambda config, transport: YoutubeCharts(
        api_key=config["youtube_api_key"],
        countries=config["countries"],
        base_url=config["youtube_base_url"],
        transport=transport,
    ),
    ChartmetricCharts.name: _chartmetric,
    XCounts.name: _x,
}


def configured(transport: Transport | None = None) -> list[TrendReader]:
    """Build the readers that AI_ARTIST_TREND_SOURCES names, in its order.

    Raises ImproperlyConfigured for an unknown name.
    """
    config = settings.TRENDS
    unknown = [name for name in config["sources"] if name not in BUILDERS]
    if unknown:
        raise ImproperlyConfigured(
            f"AI_ARTIST_TREND_SOURCES names {', '.join(unknown)}; use some of: "
            f"{', '.join(BUILDERS)}."
        )
    transport = transport or Transport()
    return [BUILDERS[name](config, transport) for name in dict.fromkeys(config["sources"])]
