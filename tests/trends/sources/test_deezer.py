"""Deezer charts, against a server that speaks their contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable
from tests.contract_servers.charts import DeezerServer
from tests.trends.sources.conftest import Clockwork
from tests.trends.visits import FakeVisit, read
from trends.sources.deezer import DeezerCharts
from trends.sources.transport import Transport


@pytest.fixture
def reader(deezer: DeezerServer, transport: Transport) -> DeezerCharts:
    return DeezerCharts(base_url=deezer.url, transport=transport)


def test_position_is_the_rank_and_rank_the_popularity(reader: DeezerCharts) -> None:
    rows = reader.chart(132, "Pop", FakeVisit())

    assert [row.rank for row in rows] == list(range(1, 101))
    assert rows[0].metric == 900_000 - 132_000
    assert rows[0].genres == ("Pop",)
    assert rows[0].country == ""


def test_pages_are_followed_up_to_a_hundred_rows(
    reader: DeezerCharts, deezer: DeezerServer
) -> None:
    reader.chart(0, "", FakeVisit())

    assert [request.query["index"] for request in deezer.seen("/chart/0/tracks")] == ["0", "50"]


def test_a_short_chart_ends_where_next_is_missing(
    reader: DeezerCharts, deezer: DeezerServer
) -> None:
    deezer.fault(body={"data": [{"id": 1, "title": "A", "artist": {"name": "B"}}], "total": 1})

    assert len(reader.chart(0, "", FakeVisit())) == 1
    assert deezer.count() == 1


def test_genres_the_composer_knows_have_their_popularity(reader: DeezerCharts) -> None:
    seen, error = read(reader)

    assert error is None
    assert (seen["pop"].genre, seen["electronic"].genre) == ("indie_pop", "techno")
    assert seen["electronic"].volume > seen["hip-hop"].volume > seen["pop"].volume > 0
    assert "kids" not in seen
    assert "midnight" in seen


def test_it_stays_below_fifty_requests_in_five_seconds(
    reader: DeezerCharts, clockwork: Clockwork
) -> None:
    visit = FakeVisit()
    read(reader, visit)

    assert sum(clockwork.slept_s) / visit.calls >= 5 / 50


@pytest.mark.provider_error(
    adapter="deezer", row="200 with error 4 (quota), passing", outcome="waits 5 s and tries again"
)
def test_a_passing_quota_is_waited_for(
    reader: DeezerCharts, deezer: DeezerServer, clockwork: Clockwork
) -> None:
    deezer.fault(deezer.error(4, "Quota limit exceeded"))

    seen, error = read(reader)

    assert error is None
    assert "pop" in seen
    assert max(clockwork.slept_s) == 5.0


@pytest.mark.provider_error(
    adapter="deezer", row="200 with error 4 (quota), lasting", outcome="ProviderUnavailable"
)
def test_a_lasting_quota_ends_the_collection(reader: DeezerCharts, deezer: DeezerServer) -> None:
    deezer.fault(deezer.error(4, "Quota limit exceeded"), times=3)

    seen, error = read(reader)

    assert isinstance(error, ProviderUnavailable)
    assert (error.code, error.retry_after_s) == ("Deezer 4", 5.0)
    assert seen == {}


@pytest.mark.provider_error(
    adapter="deezer", row="200 with error 800 (no data)", outcome="ProviderRejected"
)
def test_a_genre_without_data_does_not_stop_the_others(
    reader: DeezerCharts, deezer: DeezerServer
) -> None:
    deezer.fault(replace(deezer.error(800, "no data"), where="/chart/132/tracks"))

    seen, error = read(reader)

    assert isinstance(error, ProviderRejected)
    assert "pop" not in seen
    assert "electronic" in seen


@pytest.mark.provider_error(
    adapter="deezer", row="200 with any other error", outcome="ProviderRejected"
)
def test_another_error_is_for_the_operator(reader: DeezerCharts, deezer: DeezerServer) -> None:
    deezer.fault(deezer.error(200, "Invalid OAuth access token"))

    _, error = read(reader)

    assert isinstance(error, ProviderRejected)
    assert "Invalid OAuth access token" in str(error)
    assert deezer.count() == 1


def test_an_answer_without_a_list(reader: DeezerCharts, deezer: DeezerServer) -> None:
    deezer.fault(body={"total": 0})

    _, error = read(reader)

    assert isinstance(error, ProviderUnavailable)
    assert error.code == "bad_answer"


def test_health_is_one_free_call(reader: DeezerCharts) -> None:
    visit = FakeVisit()

    assert reader.health(visit).note
    assert (visit.calls, visit.paid) == (1, [])
