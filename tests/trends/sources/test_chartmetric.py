"""Chartmetric, against a server that speaks its contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from media_tools.errors import ProviderRejected, ProviderUnavailable, SubmissionUnknown
from tests.contract_servers.base import Fault
from tests.contract_servers.charts import REFRESH_TOKEN, SONGS, ChartmetricServer
from tests.trends.sources.conftest import Clockwork
from tests.trends.visits import FakeVisit, read
from trends.sources.base import SpendingLimits
from trends.sources.chartmetric import LONGEST_LAG_DAYS, ChartmetricCharts
from trends.sources.transport import Transport

Make = Callable[..., ChartmetricCharts]
CALL_USD = Decimal("0.01")


@pytest.fixture
def make(chartmetric: ChartmetricServer, transport: Transport) -> Make:
    def made(*charts: str, **options: Any) -> ChartmetricCharts:
        options.setdefault("refresh_token", REFRESH_TOKEN)
        options.setdefault("countries", ("us",))
        return ChartmetricCharts(
            charts=charts or ("spotify",),
            call_usd=CALL_USD,
            limits=SpendingLimits(),
            base_url=chartmetric.url,
            transport=transport,
            **options,
        )

    return made


def test_rows_have_rank_isrc_and_plays(make: Make) -> None:
    row = make().chart("spotify", "US", FakeVisit())[0]

    assert (row.rank, row.isrc) == (1, "USSM11910000")
    assert (row.title, row.artist, row.metric) == (*SONGS[0][:2], 1200000.0)


@pytest.mark.parametrize("chart", ["spotify", "shazam"])
def test_both_wrappings_are_read(make: Make, chart: str) -> None:
    seen, error = read(make(chart))

    assert error is None
    assert "midnight" in seen


def test_empty_days_are_walked_back(make: Make) -> None:
    visit = FakeVisit()

    rows = make().chart("spotify", "US", visit)

    assert rows[0].date == timezone.localdate(visit.now) - timedelta(days=2)
    assert (len(visit.paid), visit.usd) == (2, 2 * CALL_USD)


def test_a_long_lag_is_remembered(make: Make, chartmetric: ChartmetricServer) -> None:
    chartmetric.lag_days = 4
    memory = FakeVisit()
    read(make(), memory)
    assert len(memory.paid) == 4

    following = FakeVisit(memory=memory.memory)
    read(make(), following)

    assert len(following.paid) == 2


def test_no_limit_is_sent(make: Make, chartmetric: ChartmetricServer) -> None:
    read(make("spotify", "tiktok"))

    assert all("limit" not in request.query for request in chartmetric.seen("/api/charts"))
    assert "country_code" not in chartmetric.seen("/tiktok/")[0].query


def test_one_request_a_second(make: Make, clockwork: Clockwork) -> None:
    visit = FakeVisit()
    read(make("spotify", "shazam"), visit)

    assert clockwork.slept_s == [1.0] * len(visit.paid)


# --- The token ---


def test_a_token_is_used_until_it_expires(make: Make, chartmetric: ChartmetricServer) -> None:
    read(make("spotify", "shazam"))

    assert chartmetric.minted == 1


def test_a_changed_refresh_token_is_remembered(make: Make, chartmetric: ChartmetricServer) -> None:
    visit = FakeVisit()
    read(make(), visit)

    read(make(), FakeVisit(memory=visit.memory))

    tokens = [request.json["refreshtoken"] for request in chartmetric.seen("/api/token")]
    assert tokens == [REFRESH_TOKEN, f"{REFRESH_TOKEN}-1"]


def test_a_used_up_token_gives_way_to_the_operators(
    make: Make, chartmetric: ChartmetricServer
) -> None:
    visit = FakeVisit()
    read(make(), visit)
    chartmetric.refresh_tokens = {REFRESH_TOKEN}

    seen, error = read(make(), FakeVisit(memory=visit.memory))

    assert error is None
    assert "midnight" in seen


def test_a_new_token_of_the_operator_replaces_the_remembered_one(
    make: Make, chartmetric: ChartmetricServer
) -> None:
    visit = FakeVisit()
    read(make(), visit)
    chartmetric.refresh_tokens.add("another-token-of-the-operator")

    read(make(refresh_token="another-token-of-the-operator"), FakeVisit(memory=visit.memory))

    last = chartmetric.seen("/api/token")[-1].json
    assert last == {"refreshtoken": "another-token-of-the-operator"}


@pytest.mark.provider_error(
    adapter="chartmetric", row="401 expired token", outcome="a new token, then the call once more"
)
def test_an_expired_token_is_renewed_once(make: Make, chartmetric: ChartmetricServer) -> None:
    reader, visit = make(), FakeVisit()
    reader.chart("spotify", "US", visit)
    chartmetric.expire()

    reader.chart("spotify", "US", visit)

    assert chartmetric.minted == 2
    # The refused call cost nothing.
    assert visit.usd == CALL_USD * (len(visit.paid) - 1)


@pytest.mark.provider_error(
    adapter="chartmetric", row="401 with a fresh token too", outcome="ProviderRejected"
)
def test_a_refused_fresh_token_ends_it(make: Make, chartmetric: ChartmetricServer) -> None:
    chartmetric.fault(status=401, body={"error": "Unauthorized"}, where="/charts", times=2)

    _, error = read(make())

    assert isinstance(error, ProviderRejected)
    assert chartmetric.count("/charts") == 2


@pytest.mark.provider_error(
    adapter="chartmetric", row="401 on the refresh token", outcome="ProviderRejected"
)
def test_a_wrong_refresh_token(make: Make) -> None:
    _, error = read(make(refresh_token="wrong-refresh-token-9876543210"))

    assert isinstance(error, ProviderRejected)
    assert error.action == "check CHARTMETRIC_REFRESH_TOKEN"
    assert "9876543210" not in str(error)


@pytest.mark.provider_error(adapter="chartmetric", row="no token set", outcome="ProviderRejected")
def test_without_a_token_nothing_is_asked(make: Make, chartmetric: ChartmetricServer) -> None:
    _, error = read(make(refresh_token=""))

    assert isinstance(error, ProviderRejected)
    assert "set CHARTMETRIC_REFRESH_TOKEN" in error.action
    assert chartmetric.count() == 0


def test_a_token_answer_without_a_token(make: Make, chartmetric: ChartmetricServer) -> None:
    chartmetric.fault(body={"scope": "api"}, where="/api/token")

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)


# --- Errors of charts ---


@pytest.mark.provider_error(
    adapter="chartmetric", row="403 plan lacks the endpoint", outcome="ProviderRejected"
)
def test_a_chart_outside_the_plan(make: Make, chartmetric: ChartmetricServer) -> None:
    chartmetric.fault(status=403, body={"error": "Forbidden"}, where="/charts/shazam")

    seen, error = read(make("spotify", "shazam"))

    assert isinstance(error, ProviderRejected)
    assert "CHARTMETRIC_CHARTS" in error.action
    # What was paid for before is kept.
    assert "midnight" in seen


@pytest.mark.provider_error(
    adapter="chartmetric", row="404 unknown chart", outcome="ProviderRejected"
)
def test_an_unknown_path_does_not_stop_the_others(
    make: Make, chartmetric: ChartmetricServer
) -> None:
    chartmetric.fault(status=404, body={"error": "Not Found"}, where="/charts/spotify")

    seen, error = read(make("spotify", "shazam"))

    assert isinstance(error, ProviderRejected)
    assert "midnight" in seen


@pytest.mark.provider_error(
    adapter="chartmetric", row="429 rate limit", outcome="ProviderUnavailable"
)
def test_too_many_requests(make: Make, chartmetric: ChartmetricServer) -> None:
    reset = int(timezone.now().timestamp()) + 20
    chartmetric.fault(status=429, headers={"X-RateLimit-Reset": str(reset)}, where="/charts")

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s is not None
    assert 10 < error.retry_after_s <= 20
    assert chartmetric.count("/charts") == 1


@pytest.mark.provider_error(adapter="chartmetric", row="5xx", outcome="ProviderUnavailable")
def test_a_fault_on_their_side_costs_nothing(make: Make, chartmetric: ChartmetricServer) -> None:
    chartmetric.fault(Fault(status=502, body="<html>502</html>", where="/charts"))
    visit = FakeVisit()

    _, error = read(make(), visit)

    assert isinstance(error, ProviderUnavailable)
    assert visit.usd == 0


@pytest.mark.provider_error(
    adapter="chartmetric", row="the answer is lost", outcome="SubmissionUnknown"
)
def test_a_lost_answer_may_have_cost_something(make: Make, chartmetric: ChartmetricServer) -> None:
    chartmetric.fault(reset="after", where="/charts")
    visit = FakeVisit()

    _, error = read(make(), visit)

    assert isinstance(error, SubmissionUnknown)
    assert (visit.usd, chartmetric.count("/charts")) == (CALL_USD, 1)


@pytest.mark.provider_error(
    adapter="chartmetric", row="empty on every day", outcome="ProviderRejected"
)
def test_a_chart_that_stays_empty(make: Make) -> None:
    visit = FakeVisit()

    seen, error = read(make(countries=("zz", "us")), visit)

    assert isinstance(error, ProviderRejected)
    assert f"empty on {LONGEST_LAG_DAYS} days" in str(error)
    assert "midnight" in seen


@pytest.mark.provider_error(
    adapter="chartmetric", row="200 of another shape", outcome="ProviderUnavailable"
)
def test_an_answer_without_rows(make: Make, chartmetric: ChartmetricServer) -> None:
    chartmetric.fault(body={"obj": None}, where="/charts")

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert error.code == "bad_answer"


def test_an_unknown_name_of_a_chart(make: Make, chartmetric: ChartmetricServer) -> None:
    _, error = read(make("billboard"))

    assert isinstance(error, ProviderRejected)
    assert "spotify-viral" in error.action
    assert chartmetric.count() == 0


def test_health_is_one_free_call(make: Make) -> None:
    visit = FakeVisit()

    assert make().health(visit).note
    assert (visit.calls, visit.paid) == (1, [])
