"""Pixabay: plain-text errors, an upright shape found on our side, the key kept out of sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.stock.base import FootageRequest
from media_tools.stock.pixabay import Pixabay, PixabayOptions
from tests.contract_servers.stock import PIXABAY_KEY, PixabayServer
from tests.media_tools.stock.conftest import QUICK, Clock

Wanted = Callable[..., FootageRequest]


def test_search_sends_what_the_contract_takes(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted
) -> None:
    pixabay.search("x" * 60 + " " + "y" * 60, wanted())

    assert dict(pixabay_server.requests[0].query) == {
        "key": PIXABAY_KEY,
        "q": "x" * 60,
        "lang": "en",
        "safesearch": "true",
        "min_width": "270",
        "min_height": "480",
        "per_page": "200",
        "page": "1",
    }


def test_clips_carry_what_a_credit_needs(pixabay: Pixabay, wanted: Wanted) -> None:
    clip = pixabay.search("night rain", wanted())[0]

    assert clip.credit == "Video by SomeUser on Pixabay"
    assert clip.author_url == "https://pixabay.com/users/SomeUser-1281706/"
    assert clip.licence == "Pixabay Content License"
    assert clip.words == ("rain", "city", "night")


def test_rendition_that_does_not_exist_is_skipped(pixabay: Pixabay, wanted: Wanted) -> None:
    files = pixabay.search("night rain", wanted())[0].files

    assert all(file.link for file in files)
    assert (files[0].width, files[0].height) == (1080, 1920)


def test_lying_clips_are_left_out(pixabay: Pixabay, wanted: Wanted) -> None:
    assert pixabay.search("wide sea", wanted()) == []


def test_lying_clips_suit_a_lying_frame(pixabay: Pixabay, wanted: Wanted) -> None:
    assert pixabay.search("wide sea", wanted(width=480, height=270))


def test_further_pages_are_read_while_there_are_few(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted
) -> None:
    clips = pixabay.search("many rains", wanted())

    assert [request.query["page"] for request in pixabay_server.requests] == ["1", "2"]
    assert len({clip.key for clip in clips}) == 10


def test_answers_are_kept_for_a_day_without_the_key(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted, clock: Clock, tmp_path: Path
) -> None:
    first = pixabay.search("night rain", wanted())
    clock.now += 24 * 3600 - 1

    assert pixabay.search("night rain", wanted()) == first
    assert pixabay_server.count() == 1
    assert all(PIXABAY_KEY not in path.read_text() for path in (tmp_path / "stock").iterdir())


def test_health_tells_what_is_left(pixabay: Pixabay) -> None:
    assert pixabay.health().credits == 20_000


@pytest.mark.provider_error(
    adapter="pixabay", row="400 key (plain text)", outcome="ProviderRejected"
)
def test_refused_key_is_final_and_unseen(
    pixabay_server: PixabayServer, tmp_path: Path, wanted: Wanted
) -> None:
    options = PixabayOptions(
        api_key="wrong-key-of-pixabay", spool=tmp_path, base_url=pixabay_server.base_url
    )
    wrong = Pixabay(options, QUICK)

    with pytest.raises(ProviderRejected, match="check PIXABAY_API_KEY") as caught:
        wrong.search("rain", wanted())
    assert "Invalid or missing API key" in str(caught.value)
    assert "wrong-key" not in str(caught.value)


@pytest.mark.provider_error(
    adapter="pixabay", row="400 parameter (plain text)", outcome="ProviderRejected"
)
def test_refused_parameter_is_final(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted
) -> None:
    pixabay_server.fault(status=400, body='[ERROR 400] "per_page" is out of valid range.')

    with pytest.raises(ProviderRejected, match='"per_page" is out of valid range'):
        pixabay.search("rain", wanted())


@pytest.mark.provider_error(
    adapter="pixabay", row="429 (plain text)", outcome="ProviderUnavailable"
)
def test_used_up_limit_asks_for_the_seconds_left(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted
) -> None:
    pixabay_server.fault(
        status=429, body="API rate limit exceeded", headers={"X-RateLimit-Reset": "42"}
    )

    with pytest.raises(ProviderUnavailable, match="API rate limit exceeded") as caught:
        pixabay.search("rain", wanted())
    assert caught.value.retry_after_s == 42


def test_used_up_limit_is_kept_to(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted, clock: Clock
) -> None:
    pixabay_server.fault(status=429, headers={"X-RateLimit-Reset": "42"})
    with pytest.raises(ProviderUnavailable):
        pixabay.search("rain", wanted())

    clock.now += 41
    with pytest.raises(ProviderUnavailable, match="not asked"):
        pixabay.search("rain", wanted())
    clock.now += 2
    assert pixabay.search("rain", wanted())


@pytest.mark.provider_error(
    adapter="pixabay", row="window used up (2xx headers)", outcome="ProviderUnavailable"
)
def test_used_up_window_pauses_before_the_next_request(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted
) -> None:
    pixabay_server.left = 0
    pixabay.search("rain", wanted())

    with pytest.raises(ProviderUnavailable, match="not asked") as caught:
        pixabay.search("snow", wanted())
    assert caught.value.retry_after_s == 42


@pytest.mark.provider_error(adapter="pixabay", row="5xx", outcome="ProviderUnavailable")
def test_server_error_passes(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted
) -> None:
    pixabay_server.fault(status=502, body="<html>bad gateway</html>")

    with pytest.raises(ProviderUnavailable):
        pixabay.search("rain", wanted())


@pytest.mark.provider_error(
    adapter="pixabay", row="connection reset", outcome="ProviderUnavailable"
)
def test_lost_connection_hides_the_address(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted
) -> None:
    pixabay_server.fault(reset="before")

    with pytest.raises(ProviderUnavailable) as caught:
        pixabay.search("rain", wanted())
    assert PIXABAY_KEY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.provider_error(
    adapter="pixabay", row="200 of another form", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize("body", ["API maintenance", '{"hits": [null]}', '{"total": 1}'])
def test_other_form_is_not_kept(
    pixabay: Pixabay, pixabay_server: PixabayServer, wanted: Wanted, body: str
) -> None:
    pixabay_server.fault(status=200, body=body)

    with pytest.raises(ProviderUnavailable):
        pixabay.search("rain", wanted())
    assert pixabay.search("rain", wanted())
