"""Which clips, which file of a clip, which words to search for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from media_tools.stock.base import ClipFile, FootageRequest, StockClip
from media_tools.stock.choose import best_file, choices, normalised, queries_for
from media_tools.text.base import ConceptBrief, PersonaBrief
from media_tools.text.offline import OfflineWriter

Wanted = Callable[..., FootageRequest]

FULL = ClipFile("full.mp4", 1080, 1920, 25.0)
UHD = ClipFile("uhd.mp4", 2160, 3840, 25.0)
SMALL = ClipFile("small.mp4", 540, 960, 25.0)
WIDE_UHD = ClipFile("wide.mp4", 3840, 2160, 25.0)


def clip(*files: ClipFile, number: int = 1, duration_s: float = 10.0) -> StockClip:
    return StockClip(
        provider="pexels",
        clip_id=str(number),
        page_url="",
        author="Jane",
        author_url="",
        duration_s=duration_s,
        licence="Pexels License",
        files=files,
    )


@pytest.fixture
def phone(wanted: Wanted) -> FootageRequest:
    return wanted(width=1080, height=1920)


def test_smallest_file_that_fills_the_frame_is_taken(phone: FootageRequest) -> None:
    assert best_file(clip(UHD, SMALL, FULL), phone) == FULL


def test_nothing_is_enlarged(phone: FootageRequest) -> None:
    assert best_file(clip(SMALL), phone) is None


def test_ordinary_frame_rate_goes_before_few_pixels(phone: FootageRequest) -> None:
    slow = replace(FULL, link="slow.mp4", fps=12.0)

    assert best_file(clip(slow, UHD), phone) == UHD
    assert best_file(clip(slow), phone) == slow


def test_fewer_bytes_decide_between_equal_files(phone: FootageRequest) -> None:
    heavy, light = (
        replace(FULL, link="a", size_bytes=9_000_000),
        replace(FULL, link="b", size_bytes=4_000_000),
    )

    assert best_file(clip(heavy, light), phone) == light


def test_lying_picture_is_not_cropped_upright(phone: FootageRequest) -> None:
    assert best_file(clip(WIDE_UHD), phone) is None


def test_what_the_renderer_would_refuse_is_not_fetched(phone: FootageRequest) -> None:
    huge = ClipFile("8k.mp4", 4320, 7680, 25.0)

    assert best_file(clip(huge), phone) is None
    assert best_file(clip(replace(FULL, fps=240.0)), phone) is None


@pytest.mark.parametrize("duration_s", [0.0, 2.9, 121.0])
def test_too_short_and_too_long_clips_are_left_out(
    phone: FootageRequest, duration_s: float
) -> None:
    assert best_file(clip(FULL, duration_s=duration_s), phone) is None


def test_clips_used_lately_are_left_out(phone: FootageRequest) -> None:
    request = replace(phone, excluded=frozenset({"pexels:1"}))
    offered = choices([clip(FULL, number=n) for n in (1, 2)], request, "rain")

    assert [choice.clip.key for choice in offered] == ["pexels:2"]


def test_same_seed_gives_the_same_order(phone: FootageRequest) -> None:
    clips = [clip(FULL, number=n) for n in range(30)]

    assert choices(clips, phone, "rain") == choices(clips, phone, "rain")


def test_songs_do_not_all_get_the_first_hit(phone: FootageRequest) -> None:
    clips = [clip(FULL, number=n) for n in range(30)]
    firsts = [
        int(choices(clips, replace(phone, seed=seed), "rain")[0].clip.clip_id)
        for seed in range(200)
    ]

    assert len(set(firsts)) > 15
    assert sum(first < 8 for first in firsts) > 100


def test_reuse_control_does_not_reshuffle_the_rest(phone: FootageRequest) -> None:
    clips = [clip(FULL, number=n) for n in range(10)]
    all_keys = [choice.clip.key for choice in choices(clips, phone, "rain")]
    without = replace(phone, excluded=frozenset(all_keys[:3]))

    assert [choice.clip.key for choice in choices(clips, without, "rain")] == all_keys[3:]


def test_query_is_cut_between_words() -> None:
    assert normalised("  Neon   RAIN ") == "neon rain"
    assert normalised("word " * 40) == ("word " * 20).strip()
    assert len(normalised("x" * 150)) == 100


def test_queries_come_from_picture_theme_and_sections() -> None:
    writer = OfflineWriter()
    persona = writer.persona(PersonaBrief("synthwave", frozenset(), 1))
    concept = replace(
        writer.concept(ConceptBrief(persona, (), None, (), "", (70, 100), 1)),
        visual_prompt="a rowing boat from above, magenta light, colours #07142b #2b429e, no text",
        theme="open water",
        keywords=("rope", "sails"),
    )

    found = queries_for(
        concept, sections=[["Hold the ROPE tonight"], ["la la"], ["the sails, the water"]]
    )

    assert found == (
        "rowing boat above",
        "magenta light",
        "open water",
        "rope open water",
        "sails water open",
    )
