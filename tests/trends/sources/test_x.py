"""X, against a server that speaks its contract in either spelling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable, SubmissionUnknown
from tests.contract_servers.base import Fault
from tests.contract_servers.x import (
    CREDITS_DEPLETED,
    MONTHLY_CAP,
    NOT_ENROLLED,
    TOKEN,
    XServer,
    problem,
)
from tests.trends.visits import FakeVisit, read
from trends.sources.base import SpendingLimits, day_window
from trends.sources.transport import Transport
from trends.sources.x import (
    DAYS_BACK,
    GENRE_QUERIES,
    Sampling,
    XCounts,
    XPrices,
    XQuery,
    _whole_days,
)

Make = Callable[..., XCounts]
SYNTHWAVE = XQuery("synthwave", "#synthwave", "synthwave")
TECHNO = XQuery("techno", "#techno lang:en", "techno")
COUNTS, SEARCH = "GET /2/tweets/counts/recent", "GET /2/tweets/search/recent"


@pytest.fixture
def make(x: XServer, transport: Transport) -> Make:
    def made(*queries: XQuery, **options: Any) -> XCounts:
        options.setdefault("bearer_token", TOKEN)
        return XCounts(
            queries=queries or (SYNTHWAVE,),
            limits=SpendingLimits(),
            base_url=x.url,
            transport=transport,
            **options,
        )

    return made


# --- Counts ---


@pytest.mark.parametrize("style", ["tweet", "post"])
def test_counts_are_read_in_both_spellings(make: Make, x: XServer, style: str) -> None:
    x.style = style

    counts = make().counts(SYNTHWAVE, FakeVisit())

    assert len(counts.days) == DAYS_BACK
    assert all(posts >= x.posts_a_day for _, posts in counts.days)


def test_each_whole_day_is_a_window(make: Make) -> None:
    visit = FakeVisit(now=datetime.now(tz=UTC))

    sightings = list(make().sightings(visit))

    days = [sighting.observed_at for sighting in sightings]
    assert len(days) == DAYS_BACK
    assert days == sorted(days)
    assert days[-1] < day_window(visit.now.date())
    assert {(sighting.topic, sighting.genre) for sighting in sightings} == {
        ("synthwave", "synthwave")
    }


def test_a_query_costs_one_request_whatever_it_finds(make: Make, x: XServer) -> None:
    visit = FakeVisit()

    read(make(SYNTHWAVE, TECHNO), visit)

    assert visit.paid == [("counts", "#synthwave"), ("counts", "#techno lang:en")]
    assert visit.usd == x.billed_usd == Decimal("0.010")
    assert x.count() == 2


def test_a_query_that_finds_nothing_is_no_fault(make: Make) -> None:
    seen, error = read(make(XQuery("silence", "nothing"), SYNTHWAVE))

    assert error is None
    assert seen.keys() == {"synthwave"}


def test_a_topic_alone_is_searched_as_a_phrase() -> None:
    assert XQuery.parse("city pop") == XQuery("city pop", '"city pop"')
    assert XQuery.parse(" rain = #rain OR #umbrella ") == XQuery("rain", "#rain OR #umbrella")


def test_the_queries_of_the_genres_are_accepted(make: Make, x: XServer) -> None:
    seen, error = read(make(*GENRE_QUERIES))

    assert error is None
    assert len(seen) == len(GENRE_QUERIES)


# --- Samples of posts ---


def test_posts_are_not_read_unless_asked_for(make: Make, x: XServer) -> None:
    read(make())

    assert x.count(SEARCH) == 0


@pytest.mark.parametrize("style", ["tweet", "post"])
def test_hashtags_are_scaled_to_all_posts(make: Make, x: XServer, style: str) -> None:
    x.style = style
    reader = make(sampling=Sampling(1, 20))

    seen, error = read(reader)

    assert error is None
    total = seen["synthwave"].volume
    # Of 20 posts two are sensitive; all others have one hashtag, 8 of them the other too.
    assert seen["hyperpop"].volume == pytest.approx(total * 18 / 20, abs=0.1)
    assert seen["city pop"].volume == pytest.approx(total * 8 / 20, abs=0.1)
    assert seen["city pop"].engagement == pytest.approx(total * 8 * 8 / 20, abs=0.1)


@pytest.mark.provider_error(
    adapter="x", row="400 about the fields parameter", outcome="the other spelling, once"
)
def test_the_other_spelling_is_tried_once_and_remembered(make: Make, x: XServer) -> None:
    x.style = "post"
    visit = FakeVisit()
    read(make(sampling=Sampling(1, 10)), visit)
    assert x.count(SEARCH) == 2
    assert visit.memory == {"field_style": "post"}

    read(make(sampling=Sampling(1, 10)), FakeVisit(memory=visit.memory))

    assert x.count(SEARCH) == 3
    assert "post.fields" in x.seen(SEARCH)[-1].query


def test_both_spellings_refused_is_an_error(make: Make, x: XServer) -> None:
    for name in ("tweet", "post"):
        x.fault(status=400, body={"errors": [{"message": f"bad [{name}.fields]"}]}, where=SEARCH)

    _, error = read(make(sampling=Sampling(1, 10)))

    assert isinstance(error, ProviderRejected)
    assert error.action == "see X_FIELD_STYLE"
    assert x.count(SEARCH) == 2


def test_pages_are_followed_up_to_the_sample(make: Make, x: XServer) -> None:
    x.posts_a_day = 400
    visit = FakeVisit()

    posts = make(sampling=Sampling(1, 150)).posts(
        SYNTHWAVE, make().counts(SYNTHWAVE, FakeVisit()).days[-1][0], visit
    )

    assert len(posts) == visit.reads == 150
    assert [request.query["max_results"] for request in x.seen(SEARCH)] == ["100", "50"]
    assert "next_token" in x.seen(SEARCH)[1].query


def test_only_the_posts_returned_are_paid(make: Make, x: XServer) -> None:
    visit = FakeVisit()

    read(make(sampling=Sampling(1, 100)), visit)

    assert visit.usd == x.billed_usd
    assert 0 < visit.reads < 100
    assert visit.usd == Decimal("0.005") * (1 + visit.reads)


def test_no_more_posts_than_the_month_has_left(make: Make, x: XServer) -> None:
    visit = FakeVisit(reads_allowed=25)

    read(make(SYNTHWAVE, TECHNO, sampling=Sampling(2, 20)), visit)

    # 20 of the first; the 5 left are less than X's smallest page.
    assert visit.reads == 20
    assert x.count(SEARCH) == 1


def test_partial_errors_beside_data_are_let_be(make: Make) -> None:
    seen, error = read(make(XQuery("partial", "partial"), sampling=Sampling(1, 10)))

    assert error is None
    assert "hyperpop" in seen


def test_prices_can_be_set(make: Make) -> None:
    visit = FakeVisit()

    read(make(prices=XPrices(counts_usd=Decimal("0.01"))), visit)

    assert visit.usd == Decimal("0.01")


def test_neither_posts_nor_authors_are_asked_for_or_kept(make: Make, x: XServer) -> None:
    seen, _ = read(make(sampling=Sampling(1, 20)))

    assert "expansions" not in x.seen(SEARCH)[0].query
    assert seen.keys() == {"synthwave", "hyperpop", "city pop"}


# --- Errors ---


def refused(make: Make, x: XServer, fault: Fault) -> Exception:
    x.fault(fault)
    _, error = read(make())
    assert x.count() == 1
    assert error is not None
    assert TOKEN not in str(error)
    return error


@pytest.mark.provider_error(adapter="x", row="no token set", outcome="ProviderRejected")
def test_without_a_token_nothing_is_asked(make: Make, x: XServer) -> None:
    _, error = read(make(bearer_token=""))

    assert isinstance(error, ProviderRejected)
    assert "set X_BEARER_TOKEN" in error.action
    assert x.count() == 0


@pytest.mark.provider_error(adapter="x", row="400 invalid-request", outcome="ProviderRejected")
def test_a_bad_query_does_not_stop_the_others(make: Make, x: XServer) -> None:
    x.fault(problem(400, "invalid-request", "no viable alternative at character ')'"))

    seen, error = read(make(XQuery("odd", "odd)"), SYNTHWAVE))

    assert isinstance(error, ProviderRejected)
    assert "no viable alternative" in str(error)
    assert "X_QUERIES" in error.action
    assert "synthwave" in seen


@pytest.mark.provider_error(
    adapter="x", row="400 in the shape of old times", outcome="ProviderRejected"
)
def test_the_old_shape_of_errors_is_read(make: Make, x: XServer) -> None:
    body = {"errors": [{"message": "Invalid query", "parameters": {}}], "title": "Invalid Request"}

    error = refused(make, x, Fault(status=400, body=body))

    assert isinstance(error, ProviderRejected)
    assert "Invalid query" in str(error)


@pytest.mark.parametrize("query", ["", "#a " * 200, "#a min_faves:10", "#a min_retweets:5"])
@pytest.mark.provider_error(
    adapter="x", row="a query X would refuse (length, web operators)", outcome="ProviderRejected"
)
def test_a_query_that_cannot_work_is_not_sent(make: Make, x: XServer, query: str) -> None:
    _, error = read(make(XQuery("odd", query)))

    assert isinstance(error, ProviderRejected)
    assert "topic 'odd'" in str(error)
    assert x.count() == 0


@pytest.mark.provider_error(adapter="x", row="401", outcome="ProviderRejected")
def test_a_wrong_token(make: Make, x: XServer) -> None:
    wrong = "AAAAwrong-token-of-somebody-else-123"

    _, error = read(make(SYNTHWAVE, TECHNO, bearer_token=wrong))

    assert isinstance(error, ProviderRejected)
    assert error.action == "check X_BEARER_TOKEN"
    assert wrong not in str(error)
    assert x.count() == 1


@pytest.mark.provider_error(adapter="x", row="402 CreditsDepleted", outcome="ProviderRejected")
def test_no_credits_is_no_rate_limit(make: Make, x: XServer) -> None:
    error = refused(make, x, CREDITS_DEPLETED)

    assert isinstance(error, ProviderRejected)
    assert "buy credits" in error.action


@pytest.mark.provider_error(adapter="x", row="403 client-forbidden", outcome="ProviderRejected")
def test_an_app_that_is_not_enrolled(make: Make, x: XServer) -> None:
    error = refused(make, x, NOT_ENROLLED)

    assert isinstance(error, ProviderRejected)
    assert "client-not-enrolled" in str(error)


@pytest.mark.provider_error(adapter="x", row="404", outcome="ProviderRejected")
def test_an_unknown_path(make: Make, x: XServer) -> None:
    error = refused(make, x, problem(404, "resource-not-found", "Not Found"))

    assert isinstance(error, ProviderRejected)
    assert error.action == "check X_BASE_URL"


@pytest.mark.provider_error(
    adapter="x", row="429 rate-limit-exceeded", outcome="ProviderUnavailable"
)
def test_a_rate_limit_names_its_end_and_holds_nobody(make: Make, x: XServer) -> None:
    reset = int(datetime.now(tz=UTC).timestamp()) + 300
    fault = Fault(
        status=429,
        body={"title": "Too Many Requests", "type": "https://api.x.com/2/problems/rate-limit"},
        headers={"x-rate-limit-reset": str(reset)},
    )

    error = refused(make, x, fault)

    assert isinstance(error, ProviderUnavailable)
    assert error.retry_after_s is not None
    assert 280 < error.retry_after_s <= 300


@pytest.mark.provider_error(adapter="x", row="429 legacy code 88", outcome="ProviderUnavailable")
def test_a_rate_limit_in_the_legacy_shape(make: Make, x: XServer) -> None:
    error = refused(make, x, Fault(status=429, body={"code": 88, "message": "Rate limit exceeded"}))

    assert isinstance(error, ProviderUnavailable)


@pytest.mark.provider_error(adapter="x", row="429 usage-capped", outcome="ProviderRejected")
def test_a_usage_cap_ends_the_collection(make: Make, x: XServer) -> None:
    error = refused(make, x, MONTHLY_CAP)

    assert isinstance(error, ProviderRejected)
    assert "monthly product" in str(error)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.provider_error(adapter="x", row="500, 502, 503 or 504", outcome="ProviderUnavailable")
def test_a_fault_on_their_side_costs_nothing(make: Make, x: XServer, status: int) -> None:
    x.fault(status=status, body="<html>over capacity</html>")
    visit = FakeVisit()

    _, error = read(make(), visit)

    assert isinstance(error, ProviderUnavailable)
    assert (visit.usd, x.count()) == (0, 1)


@pytest.mark.parametrize("fault", [Fault(reset="after"), Fault(delay_s=2.2), Fault(truncate_at=20)])
@pytest.mark.provider_error(adapter="x", row="the answer is lost", outcome="SubmissionUnknown")
def test_a_lost_answer_may_have_been_charged(make: Make, x: XServer, fault: Fault) -> None:
    x.fault(fault)
    visit = FakeVisit()

    _, error = read(make(SYNTHWAVE, TECHNO), visit)

    assert isinstance(error, SubmissionUnknown)
    assert (visit.usd, x.count()) == (Decimal("0.005"), 1)


@pytest.mark.provider_error(
    adapter="x", row="200 with errors and no data", outcome="ProviderUnavailable"
)
def test_errors_without_data(make: Make, x: XServer) -> None:
    error = refused(make, x, Fault(body={"errors": [{"title": "Internal"}]}))

    assert isinstance(error, ProviderUnavailable)
    assert error.code == "bad_answer"


def test_what_came_before_an_error_is_kept(make: Make, x: XServer) -> None:
    reader = make(SYNTHWAVE, TECHNO)
    sightings = iter(reader.sightings(FakeVisit()))
    kept = [next(sightings) for _ in range(DAYS_BACK)]
    x.fault(CREDITS_DEPLETED)

    with pytest.raises(ProviderRejected):
        next(sightings)

    assert {sighting.topic for sighting in kept} == {"synthwave"}


# --- Health ---


def test_health_tells_the_reads_left_and_costs_nothing(make: Make, x: XServer) -> None:
    visit = FakeVisit()

    health = make().health(visit)

    assert (health.credits, health.unit) == (Decimal(3_000_000 - 120), "post reads in this cycle")
    assert (visit.usd, x.billed_usd) == (0, 0)


def test_health_without_figures_is_still_an_answer(make: Make, x: XServer) -> None:
    x.fault(body={"data": {}})

    assert make().health(FakeVisit()).credits is None


@pytest.mark.parametrize("seconds", [0, 30, 59, 61, 300, 86_399])
def test_the_days_asked_for_lie_within_the_seven_at_any_time_of_day(seconds: int) -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC) + timedelta(seconds=seconds)

    start, end = _whole_days(now)

    assert start >= now - timedelta(days=7)
    assert end <= now - timedelta(seconds=10)
    assert (end - start).days == (6 if 60 <= seconds <= 86_100 else 5)
