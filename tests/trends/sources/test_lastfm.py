"""Last.fm charts, against a server that speaks their contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from media_tools import VERSION
from media_tools.errors import ProviderRejected, ProviderUnavailable
from tests.contract_servers.charts import LASTFM_KEY, LastfmServer
from tests.trends.visits import FakeVisit, read
from trends.sources.lastfm import LastfmCharts
from trends.sources.transport import Transport

Make = Callable[..., LastfmCharts]


@pytest.fixture
def make(lastfm: LastfmServer, transport: Transport) -> Make:
    def made(key: str = LASTFM_KEY) -> LastfmCharts:
        return LastfmCharts(api_key=key, base_url=f"{lastfm.url}/2.0/", transport=transport)

    return made


def test_tags_and_words_become_topics(make: Make) -> None:
    seen, error = read(make())

    assert error is None
    assert {"rock", "electronic", "hip-hop", "synthwave", "midnight"} <= seen.keys()
    assert "seen live" not in seen


def test_volumes_are_shares_in_percent(make: Make) -> None:
    seen, _ = read(make())

    # 4000 of 4000 + 3500 + 3000 + 2500 + 2000 + 1500 taggings.
    assert seen["rock"].volume == pytest.approx(100 * 4000 / 16500, abs=1e-3)
    # Of two names of one genre the larger counts.
    assert seen["hip-hop"].volume == pytest.approx(100 * 2500 / 16500, abs=1e-3)


def test_numbers_come_as_text(make: Make) -> None:
    assert make().tracks(FakeVisit())[0].metric == 1500.0


def test_a_list_of_one_and_no_list(make: Make, lastfm: LastfmServer) -> None:
    lastfm.fault(body={"tracks": {"track": {"name": "A", "artist": {"name": "B"}}}})
    assert len(make().tracks(FakeVisit())) == 1

    lastfm.fault(body={"tracks": {"track": [], "@attr": {"total": "0"}}})
    assert make().tracks(FakeVisit()) == []


def test_it_says_who_is_asking(make: Make, lastfm: LastfmServer) -> None:
    read(make())

    assert lastfm.seen()[0].header("User-Agent") == f"ai-artist-platform/{VERSION}"


@pytest.mark.provider_error(adapter="lastfm", row="no key set", outcome="ProviderRejected")
def test_without_a_key_nothing_is_asked(make: Make, lastfm: LastfmServer) -> None:
    _, error = read(make(""))

    assert isinstance(error, ProviderRejected)
    assert "set LASTFM_API_KEY" in error.action
    assert lastfm.count() == 0


@pytest.mark.provider_error(
    adapter="lastfm", row="200 with error 10 (invalid key)", outcome="ProviderRejected"
)
def test_a_wrong_key_is_named_but_not_shown(make: Make) -> None:
    _, error = read(make("fedcba9876543210fedcba9876543210"))

    assert isinstance(error, ProviderRejected)
    assert error.action == "check LASTFM_API_KEY"
    assert "fedcba98" not in str(error)


@pytest.mark.parametrize("code", [4, 13])
@pytest.mark.provider_error(
    adapter="lastfm", row="200 with error 4 or 13 (authentication)", outcome="ProviderRejected"
)
def test_authentication_errors(make: Make, lastfm: LastfmServer, code: int) -> None:
    lastfm.fault(lastfm.error(code, "Authentication failed"))

    _, error = read(make())

    assert isinstance(error, ProviderRejected)
    assert lastfm.count() == 1


@pytest.mark.provider_error(
    adapter="lastfm", row="200 with error 26 (key suspended)", outcome="ProviderRejected"
)
def test_a_suspended_key(make: Make, lastfm: LastfmServer) -> None:
    lastfm.fault(lastfm.error(26, "API Key Suspended"))

    _, error = read(make())

    assert isinstance(error, ProviderRejected)
    assert "ask Last.fm" in error.action


@pytest.mark.parametrize("code", [2, 3, 5, 6, 7])
@pytest.mark.provider_error(
    adapter="lastfm", row="200 with error 2, 3, 5, 6 or 7 (request)", outcome="ProviderRejected"
)
def test_errors_of_the_request(make: Make, lastfm: LastfmServer, code: int) -> None:
    lastfm.fault(lastfm.error(code, "Invalid parameters"))

    _, error = read(make())

    assert isinstance(error, ProviderRejected)
    assert error.code == f"Last.fm {code}"


@pytest.mark.parametrize("code", [8, 11, 16, 29])
@pytest.mark.provider_error(
    adapter="lastfm", row="200 with error 8, 11, 16 or 29 (passing)", outcome="ProviderUnavailable"
)
def test_passing_errors_are_tried_again_and_then_left(
    make: Make, lastfm: LastfmServer, code: int
) -> None:
    lastfm.fault(lastfm.error(code, "Try again later"), times=3)

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert lastfm.count() == 3


def test_a_passing_error_is_survived(make: Make, lastfm: LastfmServer) -> None:
    lastfm.fault(lastfm.error(29, "Rate limit exceeded"))

    assert read(make())[1] is None


def test_an_answer_without_tags(make: Make, lastfm: LastfmServer) -> None:
    lastfm.fault(body={"tags": None})

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert error.code == "bad_answer"


def test_health_is_one_free_call(make: Make) -> None:
    visit = FakeVisit()

    assert make().health(visit).note
    assert (visit.calls, visit.paid) == (1, [])
