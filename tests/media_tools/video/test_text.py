from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from media_tools.fonts import TextNotDrawable
from media_tools.video.text import (
    TextDoesNotFit,
    TextStyle,
    balanced_lines,
    faded,
    place,
    rasterise,
    safe_area,
    stacked,
    without_pictographs,
)

WORDS = "We were chasing city light"


def by_length(text: str) -> float:
    return float(len(text))


def test_lines_are_balanced_without_orphans() -> None:
    assert balanced_lines(WORDS, by_length, 22) == ["We were chasing", "city light"]


def test_own_line_breaks_are_kept() -> None:
    assert balanced_lines("a b\n\nc", by_length, 20) == ["a b", "c"]


def test_a_word_wider_than_the_line_is_reported() -> None:
    assert balanced_lines("incomprehensible", by_length, 10) is None


@pytest.mark.parametrize("backing", ["none", "box", "soft"])
def test_a_picture_is_inked_and_even(backing) -> None:
    picture = rasterise(
        WORDS, TextStyle(size_px=30, backing=backing), max_width_px=240, max_height_px=200
    )

    assert picture.mode == "RGBA"
    assert picture.width % 2 == 0 and picture.height % 2 == 0
    assert picture.getextrema()[0] == (0, 255)


def test_a_box_keeps_to_the_maximum() -> None:
    picture = rasterise(WORDS * 4, TextStyle(size_px=40), max_width_px=240, max_height_px=260)

    assert picture.width <= 240 and picture.height <= 260


def test_ink_stays_inside_the_picture() -> None:
    style = TextStyle(size_px=60, stroke_px=6, backing="none", font="anton")
    alpha = np.asarray(
        rasterise("gÅjy", style, max_width_px=400, max_height_px=300).getchannel("A")
    )

    assert not alpha[0].any() and not alpha[-1].any()
    assert not alpha[:, 0].any() and not alpha[:, -1].any()


def test_text_that_cannot_shrink_enough_is_refused() -> None:
    with pytest.raises(TextDoesNotFit, match="too long"):
        rasterise("word " * 200, TextStyle(size_px=60), max_width_px=240, max_height_px=120)


def test_a_script_the_font_lacks_takes_the_fallback_font() -> None:
    style = TextStyle(font="bebas-neue", size_px=30)

    picture = rasterise("Жизнь Ω", style, max_width_px=240, max_height_px=100)

    assert picture.getextrema()[0][1] == 255


def test_emoji_are_named_in_the_error() -> None:
    with pytest.raises(TextNotDrawable, match="U\\+1F44B"):
        rasterise("hello 👋", TextStyle(), max_width_px=400, max_height_px=200)


def test_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no text"):
        rasterise("  \n", TextStyle(), max_width_px=400, max_height_px=200)


def test_pictographs_are_dropped_and_letters_kept() -> None:
    assert without_pictographs("hi 👋🏽 there 🎉\nтак ❤️ 20°", "inter") == "hi there\nтак ❤ 20°"


def test_letters_no_font_has_are_not_dropped_in_silence() -> None:
    assert without_pictographs("夜 night", "inter") == "夜 night"


def contrast(first: float, second: float) -> float:
    """WCAG 2 contrast of two relative luminances."""
    high, low = max(first, second), min(first, second)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("backing", ["box", "soft"])
def test_words_are_legible_on_white(backing) -> None:
    """4.5:1 against the brightest tenth of what surrounds the glyphs closely."""
    style = TextStyle(size_px=71, backing=backing, backing_opacity=0.8)
    lines = "We were chasing\ncity light"
    picture = rasterise(lines, style, max_width_px=1000, max_height_px=600)
    bare = rasterise(lines, replace(style, backing="none"), max_width_px=1000, max_height_px=600)
    on_white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    on_white.alpha_composite(picture)
    shown = np.asarray(on_white.convert("L"), dtype=float) / 255
    glyphs = np.zeros(shown.shape, dtype=bool)
    top = (picture.height - bare.height) // 2
    left = (picture.width - bare.width) // 2
    inked = np.asarray(bare.getchannel("A")) > 0
    glyphs[top : top + bare.height, left : left + bare.width] = inked
    grown = glyphs.copy()
    for _ in range(6):
        grown[1:-1, 1:-1] |= grown[:-2, 1:-1] | grown[2:, 1:-1] | grown[1:-1, :-2] | grown[1:-1, 2:]
    around = shown[grown & ~glyphs]
    brightest = float(np.quantile(around, 0.9)) ** 2.2

    assert contrast(1.0, brightest) >= 4.5


@pytest.mark.parametrize("position", ["top", "title", "center", "bottom"])
def test_named_positions_stay_in_the_safe_area(position) -> None:
    x, y = place((200, 100), (1080, 1920), position)
    area = safe_area(1080, 1920)

    assert area.left <= x and x + 200 <= area.right
    assert area.top <= y and y + 100 <= area.bottom
    assert x % 2 == 0 and y % 2 == 0


def test_a_corner_outside_the_frame_is_brought_inside() -> None:
    assert place((200, 100), (1080, 1920), (1001, -7)) == (880, 0)


def test_an_unknown_position_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown position"):
        place((10, 10), (100, 100), "left")


def test_fading_scales_the_opacity() -> None:
    picture = Image.new("RGBA", (2, 2), (10, 20, 30, 200))

    assert faded(picture, 0.5).getpixel((0, 0)) == (10, 20, 30, 100)


def test_stacked_pictures_are_centred() -> None:
    wide, narrow = Image.new("RGBA", (10, 4), "red"), Image.new("RGBA", (4, 4), "blue")

    sheet = stacked([wide, narrow], 2)

    assert sheet.size == (10, 10)
    assert sheet.getpixel((5, 8)) == (0, 0, 255, 255)
    assert sheet.getpixel((1, 8))[3] == 0
