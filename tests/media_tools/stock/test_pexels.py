"""Pexels: what is asked, what is read, and what each failure becomes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.stock.base import FootageRequest
from media_tools.stock.pexels import Pexels, PexelsOptions
from media_tools.video.probe import probe
from tests.contract_servers.stock import PEXELS_KEY, PexelsServer
from tests.media_tools.stock.conftest import QUICK, Clock

Wanted = Callable[..., FootageRequest]


def test_search_asks_for_the_frames_shape(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted
) -> None:
    pexels.search("  Neon   CITY ", wanted(width=1080, height=1920))

    sent = pexels_server.requests[0]
    assert sent.header("Authorization") == PEXELS_KEY
    assert dict(sent.query) == {
        "query": "neon city",
        "orientation": "portrait",
        "size": "medium",
        "locale": "en-US",
        "per_page": "80",
        "page": "1",
    }


@pytest.mark.parametrize(
    ("longest_px", "word"), [(480, "small"), (1280, "small"), (1281, "medium"), (2560, "large")]
)
def test_smallest_sufficient_size_word_is_asked(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, longest_px: int, word: str
) -> None:
    pexels.search("rain", wanted(width=240, height=longest_px))

    assert pexels_server.requests[0].query["size"] == word


def test_clips_carry_what_a_credit_needs(pexels: Pexels, wanted: Wanted) -> None:
    clip = pexels.search("night rain", wanted())[0]

    assert clip.key.startswith("pexels:")
    assert clip.credit == "Video by Jane Doe on Pexels"
    assert clip.page_url.startswith("https://www.pexels.com/video/")
    assert clip.licence == "Pexels License"


def test_playlists_are_skipped(pexels: Pexels, wanted: Wanted) -> None:
    files = pexels.search("night rain", wanted())[0].files

    assert [(file.width, file.height, file.fps) for file in files] == [
        (270, 480, None),
        (1080, 1920, 15.0),
    ]


def test_nothing_found_is_no_error(pexels: Pexels, wanted: Wanted) -> None:
    assert pexels.search("nothing", wanted()) == []


def test_further_pages_are_read_while_there_are_few(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted
) -> None:
    clips = pexels.search("many rains", wanted())

    assert [request.query["page"] for request in pexels_server.requests] == ["1", "2"]
    assert len({clip.key for clip in clips}) == 10


def test_enough_new_clips_end_the_reading(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_tools.stock.pexels.ENOUGH_CLIPS", 5)
    first = pexels.search("many rains", wanted())
    assert len(first) == 5

    used = frozenset({first[0].key})
    assert len(pexels.search("many rains", wanted(excluded=used))) == 10


def test_older_base_url_works(pexels_server: PexelsServer, tmp_path: Path, wanted: Wanted) -> None:
    address = f"{pexels_server.url}/videos"
    older = Pexels(PexelsOptions(api_key=PEXELS_KEY, spool=tmp_path, base_url=address))

    assert older.search("rain", wanted())


def test_same_search_is_asked_once_a_day(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, clock: Clock
) -> None:
    first = pexels.search("night rain", wanted())
    clock.now += 23 * 3600

    assert pexels.search("Night  Rain", wanted()) == first
    assert pexels_server.count("search") == 1
    clock.now += 2 * 3600
    pexels.search("night rain", wanted())
    assert pexels_server.count("search") == 2


def test_kept_answer_of_another_form_is_asked_anew(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, tmp_path: Path
) -> None:
    pexels.search("night rain", wanted())
    (kept,) = (tmp_path / "stock").iterdir()
    state = kept.stat()
    kept.write_text(kept.read_text().replace('"videos"', '"clips"'))
    os.utime(kept, (state.st_atime, state.st_mtime))

    assert pexels.search("night rain", wanted())
    assert pexels_server.count() == 2


def test_key_is_not_in_the_cache(pexels: Pexels, wanted: Wanted, tmp_path: Path) -> None:
    pexels.search("night rain", wanted())

    kept = list((tmp_path / "stock").iterdir())
    assert kept
    assert all(PEXELS_KEY not in path.read_text() for path in kept)


def test_fetched_file_is_a_video(pexels: Pexels, wanted: Wanted, tmp_path: Path) -> None:
    file = pexels.search("night rain", wanted())[0].files[0]

    pexels.fetch(file, tmp_path / "clip.mp4")

    assert probe(tmp_path / "clip.mp4").width == 270


def test_health_tells_what_is_left_of_the_month(pexels: Pexels) -> None:
    assert pexels.health().credits == 19_999


def test_no_key_asks_nothing(pexels_server: PexelsServer, tmp_path: Path, wanted: Wanted) -> None:
    keyless = Pexels(PexelsOptions(api_key="", spool=tmp_path, base_url=pexels_server.base_url))

    with pytest.raises(ProviderRejected, match="set PEXELS_API_KEY"):
        keyless.search("rain", wanted())
    assert pexels_server.requests == []


@pytest.mark.provider_error(adapter="pexels", row="401 / 403", outcome="ProviderRejected")
@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_is_final(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, status: int
) -> None:
    pexels_server.fault(status=status, body={"error": "Unauthorized"})

    with pytest.raises(ProviderRejected, match=r"Unauthorized .*check PEXELS_API_KEY"):
        pexels.search("rain", wanted())


@pytest.mark.provider_error(
    adapter="pexels", row="429 without any rate header", outcome="ProviderUnavailable"
)
def test_used_up_limit_asks_for_an_hour(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted
) -> None:
    pexels_server.fault(status=429, body="Too many requests")

    with pytest.raises(ProviderUnavailable, match="Too many requests") as caught:
        pexels.search("rain", wanted())
    assert caught.value.retry_after_s == 3600


def test_used_up_limit_is_kept_to(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, clock: Clock
) -> None:
    pexels_server.fault(status=429)
    with pytest.raises(ProviderUnavailable):
        pexels.search("rain", wanted())

    clock.now += 3599
    with pytest.raises(ProviderUnavailable, match="not asked"):
        pexels.search("rain", wanted())
    assert pexels_server.count() == 1

    clock.now += 2
    assert pexels.search("rain", wanted())


@pytest.mark.provider_error(
    adapter="pexels", row="month used up (2xx headers)", outcome="ProviderUnavailable"
)
def test_used_up_month_pauses_until_it_rolls_over(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, clock: Clock
) -> None:
    pexels_server.left = 1

    assert pexels.search("last one", wanted())
    with pytest.raises(ProviderUnavailable, match="not asked") as caught:
        pexels.search("one more", wanted())

    assert caught.value.retry_after_s == pytest.approx(1796083200 - clock.now)


@pytest.mark.provider_error(adapter="pexels", row="5xx", outcome="ProviderUnavailable")
def test_server_error_passes(pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted) -> None:
    pexels_server.fault(status=503, body="<html>down</html>")

    with pytest.raises(ProviderUnavailable, match="tried again later"):
        pexels.search("rain", wanted())


@pytest.mark.provider_error(adapter="pexels", row="400", outcome="ProviderRejected")
def test_bad_request_is_final(pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted) -> None:
    pexels_server.fault(status=400, body={"error": "query is missing"})

    with pytest.raises(ProviderRejected, match="query is missing"):
        pexels.search("rain", wanted())


@pytest.mark.provider_error(adapter="pexels", row="time-out", outcome="ProviderUnavailable")
def test_slow_answer_passes(pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted) -> None:
    pexels_server.fault(delay_s=2.2)

    with pytest.raises(ProviderUnavailable):
        pexels.search("rain", wanted())


@pytest.mark.provider_error(
    adapter="pexels", row="200 of another form", outcome="ProviderUnavailable"
)
@pytest.mark.parametrize("body", ["<html></html>", "{}", '{"videos": [7]}', "[]", '{"videos": 1}'])
def test_other_form_is_not_kept(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, body: str
) -> None:
    pexels_server.fault(status=200, body=body)

    with pytest.raises(ProviderUnavailable):
        pexels.search("rain", wanted())
    assert pexels.search("rain", wanted())


@pytest.mark.provider_error(
    adapter="pexels", row="file redirects to a foreign host", outcome="ProviderRejected"
)
@pytest.mark.parametrize(
    "location",
    [
        "https://files.example.com/a.mp4",
        "https://pexels.com.example.com/a.mp4",
        "file:///etc/hosts",
    ],
)
def test_file_elsewhere_is_refused(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, tmp_path: Path, location: str
) -> None:
    file = pexels.search("rain", wanted())[0].files[0]
    pexels_server.fault(status=302, headers={"Location": location}, where="/files/")

    with pytest.raises(ProviderRejected, match="was not fetched"):
        pexels.fetch(file, tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.provider_error(adapter="pexels", row="file cut off", outcome="ProviderUnavailable")
def test_cut_off_file_is_not_kept(
    pexels: Pexels, pexels_server: PexelsServer, wanted: Wanted, tmp_path: Path
) -> None:
    file = pexels.search("rain", wanted())[0].files[0]
    pexels_server.fault(truncate_at=2000, where="/files/")

    with pytest.raises(ProviderUnavailable, match="nothing was kept"):
        pexels.fetch(file, tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.provider_error(adapter="pexels", row="file gone (404)", outcome="ProviderRejected")
def test_file_that_is_gone_is_final(pexels: Pexels, wanted: Wanted, tmp_path: Path) -> None:
    file = pexels.search("rain", wanted())[0].files[0]

    with pytest.raises(ProviderRejected, match="HTTP 404"):
        pexels.fetch(replace(file, link=file.link.replace("/files/", "/gone/")), tmp_path / "c.mp4")


def test_key_is_in_no_message(pexels_server: PexelsServer, tmp_path: Path, wanted: Wanted) -> None:
    options = PexelsOptions(api_key=PEXELS_KEY, spool=tmp_path, base_url=pexels_server.base_url)
    adapter = Pexels(options, QUICK)
    pexels_server.fault(status=401, body={"error": f"bad key {PEXELS_KEY}"})

    with pytest.raises(ProviderRejected) as caught:
        adapter.search("rain", wanted())
    assert PEXELS_KEY not in str(caught.value)
