"""YouTube's music chart, against a server that speaks its contract."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable
from tests.contract_servers.charts import SONGS, YOUTUBE_KEY, YoutubeServer
from tests.trends.visits import FakeVisit, read
from trends.sources.transport import Transport
from trends.sources.youtube import YoutubeCharts

Make = Callable[..., YoutubeCharts]


@pytest.fixture
def make(youtube: YoutubeServer, transport: Transport) -> Make:
    def made(*countries: str, key: str = YOUTUBE_KEY) -> YoutubeCharts:
        return YoutubeCharts(
            api_key=key,
            countries=countries or ("us",),
            base_url=f"{youtube.url}/youtube/v3",
            transport=transport,
        )

    return made


def test_artist_and_title_are_told_apart(make: Make) -> None:
    rows = make().chart("US", FakeVisit())

    assert (rows[0].artist, rows[0].country) == (SONGS[0][1], "us")
    assert rows[0].title.startswith(SONGS[0][0])


def test_words_have_the_views_as_reported(make: Make) -> None:
    seen, error = read(make())

    assert error is None
    # Songs 0, 1 and 6; the likes of the first are hidden.
    assert seen["midnight"].volume == 3_000_000 - 1000 * (0 + 1 + 6)
    assert seen["midnight"].engagement == 2 * 5100
    assert not {"official", "nova", "otto"} & seen.keys()


def test_a_video_on_two_charts_counts_once(make: Make) -> None:
    one, _ = read(make("us"))
    two, _ = read(make("us", "gb"))

    assert one == two


def test_only_the_music_chart_is_asked_for(make: Make, youtube: YoutubeServer) -> None:
    read(make())

    query = youtube.seen()[0].query
    assert (query["chart"], query["videoCategoryId"], query["regionCode"]) == (
        "mostPopular",
        "10",
        "US",
    )


def test_its_figures_are_kept_for_thirty_days() -> None:
    assert YoutubeCharts.keep is not None
    assert YoutubeCharts.keep.days == 30


@pytest.mark.provider_error(
    adapter="youtube", row="400 badRequest or keyInvalid", outcome="ProviderRejected"
)
def test_a_wrong_key_is_named_but_not_shown(make: Make) -> None:
    wrong = "AIzaWrongKey0123456789abcdefghijklmnopq"
    _, error = read(make(key=wrong))

    assert isinstance(error, ProviderRejected)
    assert "YOUTUBE_API_KEY" in error.action
    assert wrong not in str(error)


@pytest.mark.provider_error(adapter="youtube", row="no key set", outcome="ProviderRejected")
def test_without_a_key_nothing_is_asked(make: Make, youtube: YoutubeServer) -> None:
    _, error = read(make(key=""))

    assert isinstance(error, ProviderRejected)
    assert "set YOUTUBE_API_KEY" in error.action
    assert youtube.count() == 0


@pytest.mark.provider_error(
    adapter="youtube", row="403 quotaExceeded", outcome="ProviderUnavailable"
)
def test_an_empty_quota_returns_at_midnight_pacific(make: Make, youtube: YoutubeServer) -> None:
    youtube.fault(youtube.error(403, "quotaExceeded", "The request cannot be completed"))

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s is not None
    assert 0 < error.retry_after_s <= 25 * 3600
    assert "midnight Pacific" in error.action


@pytest.mark.provider_error(
    adapter="youtube", row="403 rateLimitExceeded", outcome="ProviderUnavailable"
)
def test_too_fast_is_tried_again_and_then_left(make: Make, youtube: YoutubeServer) -> None:
    youtube.fault(youtube.error(403, "rateLimitExceeded", "Slow down"), times=3)

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert youtube.count() == 3


@pytest.mark.provider_error(adapter="youtube", row="403 forbidden", outcome="ProviderRejected")
def test_a_project_without_the_api(make: Make, youtube: YoutubeServer) -> None:
    youtube.fault(youtube.error(403, "forbidden", "Access forbidden"))

    _, error = read(make())

    assert isinstance(error, ProviderRejected)
    assert "switch the YouTube Data API on" in error.action


@pytest.mark.provider_error(
    adapter="youtube", row="404 videoChartNotFound", outcome="ProviderRejected"
)
def test_a_region_without_a_chart_does_not_stop_the_others(make: Make) -> None:
    seen, error = read(make("zz", "us"))

    assert isinstance(error, ProviderRejected)
    assert "'ZZ'" in str(error)
    assert "midnight" in seen


@pytest.mark.provider_error(
    adapter="youtube", row="500 backendError", outcome="ProviderUnavailable"
)
def test_a_fault_on_their_side(make: Make, youtube: YoutubeServer) -> None:
    youtube.fault(youtube.error(500, "backendError", "Backend Error"), times=3)

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)


def test_an_answer_without_videos(make: Make, youtube: YoutubeServer) -> None:
    youtube.fault(body={"kind": "youtube#videoListResponse"})

    _, error = read(make())

    assert isinstance(error, ProviderUnavailable)
    assert error.code == "bad_answer"


def test_health_is_one_free_call(make: Make) -> None:
    visit = FakeVisit()

    assert make().health(visit).note
    assert (visit.calls, visit.paid) == (1, [])
