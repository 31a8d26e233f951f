"""Apple Music charts, against a server that speaks their contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from media_tools.errors import ProviderRejected, ProviderUnavailable
from tests.contract_servers.base import Fault
from tests.contract_servers.charts import SONGS, AppleServer
from tests.trends.sources.conftest import Clockwork
from tests.trends.visits import FakeVisit, read
from trends.sources.apple import LIMIT, SPACING_S, AppleCharts
from trends.sources.base import day_window
from trends.sources.transport import Transport

Make = Callable[..., AppleCharts]


@pytest.fixture
def make(apple: AppleServer, transport: Transport) -> Make:
    def made(*countries: str) -> AppleCharts:
        return AppleCharts(countries=countries or ("us",), base_url=apple.url, transport=transport)

    return made


def test_rows_have_rank_genres_and_country(make: Make) -> None:
    rows = make().chart("us", FakeVisit())

    assert [row.rank for row in rows] == list(range(1, len(SONGS) + 1))
    assert (rows[0].title, rows[0].artist, rows[0].country) == (*SONGS[0][:2], "us")
    assert rows[0].genres == ("Pop",)
    assert rows[0].url.startswith("https://music.apple.com/us/")


def test_topics_are_genres_and_words_and_nobodys_name(make: Make) -> None:
    seen, error = read(make())

    assert error is None
    assert {"pop", "electronic", "hip-hop", "folk", "midnight", "river"} <= seen.keys()
    assert seen["electronic"].genre == "techno"
    assert not {"otto", "lanterns", "nova", "music", "corridos", "letters"} & seen.keys()


def test_a_genre_the_composer_lacks_is_only_for_its_own_artists(make: Make) -> None:
    seen, _ = read(make())

    assert seen["música mexicana"].genre == "música_mexicana"


def test_shares_do_not_grow_with_the_number_of_countries(make: Make) -> None:
    one, _ = read(make("us"))
    two, _ = read(make("us", "gb"))

    assert two["midnight"].volume == pytest.approx(one["midnight"].volume, abs=1e-3)
    assert 0 < one["midnight"].volume < 100


def test_countries_are_asked_once_each_with_a_pause(
    make: Make, apple: AppleServer, clockwork: Clockwork
) -> None:
    visit = FakeVisit()
    read(make("us", "GB", "de"), visit)

    paths = [request.path for request in apple.seen()]
    assert [path.split("/")[3] for path in paths] == ["us", "gb", "de"]
    assert all(f"/{LIMIT}/songs.json" in path for path in paths)
    assert clockwork.slept_s == [SPACING_S, SPACING_S]
    assert visit.calls == 3


def test_the_feeds_own_date_is_the_window(make: Make, apple: AppleServer) -> None:
    apple.updated = datetime.now(tz=UTC) - timedelta(days=2)

    seen, _ = read(make())

    assert seen["pop"].observed_at == day_window(apple.updated.date())


@pytest.mark.parametrize("updated", ["", "yesterday"])
def test_without_a_date_it_is_todays(make: Make, apple: AppleServer, updated: str) -> None:
    rows = [{"name": "A", "artistName": "B", "id": "1", "genres": None}]
    apple.fault(body={"feed": {"results": rows, "updated": updated}})

    (row,) = make().chart("us", FakeVisit())

    assert (row.date, row.genres) == (timezone.localdate(), ())


@pytest.mark.provider_error(
    adapter="apple", row="404 unknown storefront", outcome="ProviderRejected"
)
def test_an_unknown_country_does_not_stop_the_others(make: Make, apple: AppleServer) -> None:
    seen, error = read(make("zz", "us"))

    assert isinstance(error, ProviderRejected)
    assert "no chart for the country 'zz'" in str(error)
    assert "AI_ARTIST_TREND_COUNTRIES" in error.action
    assert "pop" in seen
    assert apple.count() == 2


@pytest.mark.provider_error(
    adapter="apple", row="time-out or throttled", outcome="ProviderUnavailable"
)
def test_a_slow_answer_is_tried_again_and_then_left(
    make: Make, apple: AppleServer, clockwork: Clockwork
) -> None:
    apple.fault(delay_s=2.2, times=3)

    seen, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert (seen, apple.count()) == ({}, 3)
    assert clockwork.slept_s[1] > clockwork.slept_s[0] >= 1.0


def test_a_passing_fault_is_survived(make: Make, apple: AppleServer) -> None:
    apple.fault(status=503)

    seen, error = read(make())

    assert error is None
    assert "pop" in seen


@pytest.mark.provider_error(
    adapter="apple", row="200 with HTML or XML instead of JSON", outcome="ProviderUnavailable"
)
def test_a_page_instead_of_json(make: Make, apple: AppleServer) -> None:
    apple.fault(body="<html>busy</html>", times=3)

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert "a web page" in str(error)


def test_json_without_a_chart(make: Make, apple: AppleServer) -> None:
    apple.fault(Fault(body={"feed": {}}))

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert error.code == "bad_answer"


def test_health_is_one_free_call(make: Make) -> None:
    visit = FakeVisit()

    assert make().health(visit).note
    assert (visit.calls, visit.paid) == (1, [])
