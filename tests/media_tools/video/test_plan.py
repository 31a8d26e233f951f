from __future__ import annotations

import pytest

from media_tools.video.plan import STYLES, Caption, VideoSpec, choose_style


@pytest.mark.parametrize("starts", [(1.0,), (1.0, 2.0, 3.0), (2.0, 1.0)])
def test_times_that_do_not_fit_the_words_are_refused(starts) -> None:
    with pytest.raises(ValueError, match='caption "two words"'):
        Caption(0.0, 4.0, "two words", starts)


def test_a_caption_is_moved_into_a_part_of_the_song() -> None:
    caption = Caption(8.0, 12.0, "two words", (8.5, 11.0))

    assert caption.within(10.0, 30.0) == Caption(0.0, 2.0, "two words", (-1.5, 1.0))
    assert caption.within(0.0, 10.0) == Caption(8.0, 10.0, "two words", (8.5, 11.0))
    assert caption.within(12.0, 30.0) is None


@pytest.mark.parametrize(
    ("shape", "size"), [("9:16", (1080, 1920)), ("16:9", (1920, 1080)), ("1:1", (1080, 1080))]
)
def test_shapes_keep_the_shorter_side(shape, size) -> None:
    shaped = VideoSpec(1080, 1920, crf=18).shaped(shape)

    assert (shaped.width, shaped.height, shaped.crf) == (*size, 18)


def test_shapes_of_odd_sizes_come_out_even() -> None:
    shaped = VideoSpec(250, 444).shaped("16:9")

    assert (shaped.width, shaped.height) == (444, 250)


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown shape '4:3'"):
        VideoSpec().shaped("4:3")


def test_synthwave_gets_the_horizon_more_often_than_not() -> None:
    chosen = [choose_style("synthwave", "neon", seed) for seed in range(60)]

    assert chosen.count("horizon") > 30
    assert set(chosen) == {"horizon", "aurora"}


def test_unknown_words_reach_every_style() -> None:
    assert {choose_style("polka", "", seed) for seed in range(80)} == set(STYLES)


def test_the_choice_is_stable() -> None:
    assert choose_style("techno", "dark", 5) == choose_style("techno", "dark", 5)
