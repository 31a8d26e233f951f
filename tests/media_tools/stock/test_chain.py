"""Sources asked in order, clips vetted, no failure in the way of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media_tools.provenance import Provenance
from media_tools.stock.base import FootageRequest, credits_of
from media_tools.stock.chain import FootageChain
from media_tools.stock.local import LocalFootage
from media_tools.stock.pexels import Pexels
from media_tools.stock.pixabay import Pixabay
from media_tools.video.plan import LyricVideo, VideoSpec, VisualPlan
from media_tools.video.stills import render_poster
from tests.contract_servers import media
from tests.contract_servers.stock import PexelsServer, PixabayServer

Wanted = Callable[..., FootageRequest]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def local(tmp_path: Path) -> LocalFootage:
    folder = tmp_path / "own"
    folder.mkdir()
    for number in range(3):
        (folder / f"rain {number}.mp4").write_bytes(media.video(duration_s=4))
    return LocalFootage(folder)


@pytest.fixture
def chain(pexels: Pexels, pixabay: Pixabay, local: LocalFootage) -> FootageChain:
    return FootageChain([pexels, pixabay, local], clock=lambda: NOON)


def sources(chain: FootageChain, request: FootageRequest, workdir: Path) -> list[str]:
    return [clip.clip.provider for clip in chain.find(request, workdir).clips]


def test_first_source_is_enough_when_it_has_clips(
    chain: FootageChain, pixabay_server: PixabayServer, wanted: Wanted, tmp_path: Path
) -> None:
    found = chain.find(wanted(), tmp_path)

    assert [clip.clip.provider for clip in found.clips] == ["pexels"] * 3
    assert sum(clip.info.duration_s for clip in found.clips) >= 12.0
    assert found.troubles == ()
    assert pixabay_server.requests == []


def test_queries_contribute_in_turn_and_keep_their_order(
    chain: FootageChain, wanted: Wanted, tmp_path: Path
) -> None:
    found = chain.find(wanted("rain", "neon city", "sea"), tmp_path)

    assert [clip.query for clip in found.clips] == ["rain", "neon city", "sea"]


def test_same_request_finds_the_same_clips(
    chain: FootageChain, wanted: Wanted, tmp_path: Path
) -> None:
    first = chain.find(wanted(), tmp_path / "a")
    second = chain.find(wanted(), tmp_path / "b")

    assert [clip.sha256 for clip in first.clips] == [clip.sha256 for clip in second.clips]


def test_clips_of_other_runs_are_not_used_again(
    chain: FootageChain, wanted: Wanted, tmp_path: Path
) -> None:
    first = chain.find(wanted(), tmp_path / "a")
    used = frozenset(clip.clip.key for clip in first.clips)

    second = chain.find(wanted(excluded=used), tmp_path / "b")

    assert second.clips
    assert used.isdisjoint(clip.clip.key for clip in second.clips)


def test_next_source_fills_up_what_is_missing(
    chain: FootageChain, wanted: Wanted, tmp_path: Path
) -> None:
    found = chain.find(wanted("rain", duration_s=60.0, clips=(2, 7)), tmp_path)

    providers = [clip.clip.provider for clip in found.clips]
    assert providers == ["pexels"] * 5 + ["pixabay"] * 2


def test_broken_source_is_passed_over_and_told(
    chain: FootageChain, pexels_server: PexelsServer, wanted: Wanted, tmp_path: Path
) -> None:
    pexels_server.fault(status=401, body={"error": "Unauthorized"}, times=3)

    found = chain.find(wanted("rain", "sea"), tmp_path)

    assert {clip.clip.provider for clip in found.clips} == {"pixabay"}
    assert found.troubles == (
        "pexels: the key was refused: Unauthorized (auth, HTTP 401) - check PEXELS_API_KEY",
    )
    assert pexels_server.count() == 1


def test_all_libraries_down_leaves_the_own_folder(
    chain: FootageChain,
    pexels_server: PexelsServer,
    pixabay_server: PixabayServer,
    wanted: Wanted,
    tmp_path: Path,
) -> None:
    pexels_server.fault(status=429)
    pixabay_server.fault(status=503)

    assert sources(chain, wanted(), tmp_path) == ["local"] * 3


def test_nothing_anywhere_means_generated_visuals(
    pexels: Pexels, pixabay: Pixabay, wanted: Wanted, tmp_path: Path
) -> None:
    found = FootageChain([pexels, pixabay]).find(wanted("nothing"), tmp_path)

    assert found.clips == ()
    assert found.paths == ()
    assert len(found.troubles) == 2


def test_fewer_than_the_fewest_leave_no_file(
    local: LocalFootage, wanted: Wanted, tmp_path: Path
) -> None:
    found = FootageChain([local]).find(wanted(clips=(4, 6)), tmp_path / "work")

    assert found.clips == ()
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("fault", [{"truncate_at": 3000}, {"status": 404}, {"status": 503}])
def test_clip_that_does_not_arrive_is_replaced(
    chain: FootageChain,
    pexels_server: PexelsServer,
    wanted: Wanted,
    tmp_path: Path,
    fault: dict[str, int],
) -> None:
    pexels_server.fault(where="/files/", **fault)

    found = chain.find(wanted(), tmp_path)

    assert len(found.clips) == 3
    assert len(found.troubles) == 1
    assert len(list(tmp_path.glob("footage-*"))) == 3


def test_damaged_clip_is_found_by_decoding(
    chain: FootageChain, pexels_server: PexelsServer, wanted: Wanted, tmp_path: Path
) -> None:
    whole = media.video(duration_s=4)
    damaged = whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2)
    pexels_server.fault(status=200, body=damaged, where="/files/")

    found = chain.find(wanted(), tmp_path)

    assert len(found.clips) == 3
    assert "does not decode to its end" in found.troubles[0]
    assert str(tmp_path) not in found.troubles[0]


def test_clip_unlike_its_description_is_refused(
    chain: FootageChain, pexels_server: PexelsServer, wanted: Wanted, tmp_path: Path
) -> None:
    lying = media.video(width=480, height=270, duration_s=4)
    pexels_server.fault(status=200, body=lying, where="/files/")

    found = chain.find(wanted(), tmp_path)

    assert "480x270 does not fill 270x480" in found.troubles[0]


def test_hopeless_source_is_given_up(
    chain: FootageChain, pexels_server: PexelsServer, wanted: Wanted, tmp_path: Path
) -> None:
    pexels_server.fault(status=404, where="/files/", times=20)

    found = chain.find(wanted(), tmp_path)

    assert {clip.clip.provider for clip in found.clips} == {"pixabay"}
    assert pexels_server.count("/files/") == 4


def test_every_clip_has_its_own_provenance(
    chain: FootageChain, wanted: Wanted, tmp_path: Path
) -> None:
    clip = chain.find(wanted(), tmp_path).clips[0]

    assert clip.provenance == Provenance(
        provider="pexels",
        model=clip.clip.clip_id,
        licence="Pexels License",
        generator="human",
        author="Jane Doe",
        source_url=clip.clip.page_url,
        prompt="night rain",
    )
    assert clip.credits().credit == "Video by Jane Doe on Pexels"
    assert clip.credits().retrieved_at == NOON.isoformat()


def test_video_names_every_source_it_was_cut_from(
    pexels: Pexels, pixabay: Pixabay, wanted: Wanted, tmp_path: Path
) -> None:
    request = wanted("rain", duration_s=60.0, clips=(2, 7))
    clips = FootageChain([pexels, pixabay]).find(request, tmp_path).clips
    made = Provenance(provider="local", model="footage-1", licence="operator", seed=5)

    credit = credits_of(clips, made_with=made)

    assert credit.provider == "local; pexels; pixabay"
    assert credit.licence == "operator; Pexels License; Pixabay Content License"
    assert credit.author == "Video by Jane Doe on Pexels; Video by SomeUser on Pixabay"
    assert credit.source_url.count("https://") == 7
    assert credit.seed == 5


def test_found_clips_can_be_rendered(chain: FootageChain, wanted: Wanted, tmp_path: Path) -> None:
    found = chain.find(replace(wanted(), clips=(2, 2)), tmp_path)
    sound = tmp_path / "sound.wav"
    sound.write_bytes(media.audio(".wav"))
    plan = VisualPlan(kind="footage", footage=found.paths, seed=1)

    poster = tmp_path / "poster.jpg"
    video = LyricVideo(sound, plan, "Midnight", "Nova")
    render_poster(video, poster, VideoSpec(width=270, height=480, fps=12))

    assert poster.stat().st_size > 5000
