from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from media_tools.fonts import TextNotDrawable, load_font
from media_tools.video.lines import balanced_lines
from media_tools.video.text import (
    TextDoesNotFit,
    TextStyle,
    faded,
    letter,
    place,
    rasterise,
    safe_area,
    without_pictographs,
)

WORDS = "We were chasing city light"


def by_length(text: str) -> float:
    return float(len(text))


def test_lines_are_balanced_without_orphans() -> None:
    assert balanced_lines(WORDS, by_length, 22) == ["We were chasing", "city light"]


def test_own_line_breaks_are_kept() -> None:
    assert balanced_lines("a b\n\nc", by_length, 20) == ["a b", "c"]


def test_scripts_without_spaces_break_between_characters() -> None:
    lines = balanced_lines("夜の街を走る君と二人で", by_length, 7)

    assert lines == ["夜の街を走", "る君と二人で"]


def test_korean_breaks_at_its_spaces() -> None:
    assert balanced_lines("밤의 거리를 달려", by_length, 7) == ["밤의", "거리를 달려"]


def test_no_line_begins_with_a_closing_mark() -> None:
    lines = balanced_lines("走る「夜」、光。", by_length, 4)

    assert lines is not None
    assert not any(line[0] in "」、。" or line[-1] == "「" for line in lines)


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


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("दर्\u200dया पार", "दर्\u200dया पार"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ක්\u200dෂ", "ක්\u200dෂ"),
        ("hi 👩🏽\u200d🚀 there", "hi there"),
        ("one 1\ufe0f\u20e3 two", "one 1 two"),
        ("🏴\U000e0067\U000e0062\U000e007f", ""),
        ("\u200b\u200d", ""),
    ],
)
def test_joiners_of_letters_stay_and_those_of_emoji_go(text: str, kept: str) -> None:
    assert without_pictographs(text, "inter") == kept


def test_a_joined_caption_is_drawn_as_an_overlay_is() -> None:
    text, style = "दर्\u200dया पार", TextStyle(size_px=40)

    caption = rasterise(
        without_pictographs(text, "inter"), style, max_width_px=400, max_height_px=200
    )

    assert caption == rasterise(text, style, max_width_px=400, max_height_px=200)
    assert caption != rasterise(
        text.replace("\u200d", ""), style, max_width_px=400, max_height_px=200
    )


@pytest.mark.parametrize("space", ["\t", "\t\t ", "\u00a0", "\u3000", "\x00 "])
def test_every_white_space_is_a_space(space: str) -> None:
    lettering = letter(f"Hold{space}me", TextStyle(), max_width_px=900, max_height_px=200)

    assert lettering.lines == ("Hold me",)
    assert without_pictographs(f"Hold{space}me", "inter") == "Hold me"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b", "\x85"])
def test_every_line_end_is_one(end: str) -> None:
    lettering = letter(f"Hold{end}me", TextStyle(), max_width_px=900, max_height_px=400)

    assert lettering.lines == ("Hold", "me")


THAI = "รักเธอทุกวันทุกคืนไม่มีวันเปลี่ยนแปลงแม้โลกจะหมุนไปอีกนานเท่าไรก็ตาม"


@pytest.mark.parametrize(
    ("text", "inside_words"),
    [
        (THAI, ("เปลี่ยนแปลง", "ทุก", "หมุน", "เธอ")),
        ("ខ្ញុំស្រលាញ់អ្នករាល់ថ្ងៃខ្ញុំនឹងរង់ចាំអ្នកជានិច្ច", ("ស្រលាញ់", "អ្នក", "ថ្ងៃ")),
        ("ຂ້ອຍຮັກເຈົ້າທຸກມື້ຂ້ອຍຈະລໍຖ້າເຈົ້າສະເໝີ", ("ຂ້ອຍ", "ເຈົ້າ")),
        ("မင်းကိုနေ့တိုင်းချစ်တယ်မင်းကိုအမြဲစောင့်နေမယ်", ("မင်း", "ချစ်")),
    ],
    ids=["Thai", "Khmer", "Lao", "Burmese"],
)
def test_scripts_without_spaces_break_between_words(text: str, inside_words) -> None:
    lines = balanced_lines(text, by_length, 24)

    assert lines is not None and len(lines) > 1
    assert "".join(lines) == text
    for word in inside_words:
        assert "\n".join(lines).count(word) == text.count(word)


def test_spaces_between_thai_phrases_stay() -> None:
    assert balanced_lines("รักเธอ ทุกวัน Nova", by_length, 40) == ["รักเธอ ทุกวัน Nova"]


@pytest.mark.parametrize("text", [THAI, "ខ្ញុំស្រលាញ់អ្នករាល់ថ្ងៃខ្ញុំនឹងរង់ចាំអ្នកជានិច្ច"])
def test_long_captions_without_spaces_fit(text: str) -> None:
    lettering = letter(text, TextStyle(size_px=36), max_width_px=440, max_height_px=300)

    assert len(lettering.lines) > 1 and lettering.size[0] <= 440


def test_scripts_without_a_font_are_refused_by_name() -> None:
    for text, name in (("ຂ້ອຍຮັກເຈົ້າ", "U\\+0E82"), ("မင်းကို", "U\\+1019")):
        with pytest.raises(TextNotDrawable, match=name):
            rasterise(text, TextStyle(), max_width_px=400, max_height_px=200)


def test_letters_no_font_has_are_not_dropped_in_silence() -> None:
    assert without_pictographs("夜 night", "inter") == "夜 night"


@pytest.mark.parametrize(
    "text", ["ليالي الصيف", "לילה טוב", "คืนนี้ ไม่มีวันจบ", "रात की रोशनी", "夜の街を走る", "밤의 거리"]
)
def test_other_scripts_are_drawn_with_their_own_glyphs(text: str) -> None:
    style = TextStyle(font="anton", size_px=40, backing="none", stroke_px=0)
    lettering = letter(text, style, max_width_px=600, max_height_px=200)
    font = load_font(lettering.style.font, 40, 700)
    boxes = bytes(font.getmask("\U0010fffe" * len(text)))

    assert lettering.style.font != "anton"
    assert lettering.picture().getbbox() is not None
    assert bytes(font.getmask(text)) != boxes


def test_joined_letters_are_shaped() -> None:
    """Arabic letters within a word join, and are narrower than they are alone."""
    font = load_font("noto-sans-arabic", 100, 700)

    assert font.getlength("ليالي") < 0.9 * sum(font.getlength(letter) for letter in "ليالي")


@pytest.mark.parametrize(("text", "leftmost"), [("one two three", 0), ("אחת שתיים שלוש", 2)])
def test_each_word_in_turn_is_highlighted_where_it_stands(text: str, leftmost: int) -> None:
    style = TextStyle(size_px=40)
    lettering = letter(text, style, max_width_px=600, max_height_px=200)
    plain = np.asarray(lettering.picture(), int)

    places = []
    for picture in lettering.highlights("#ff0000"):
        changed = np.argwhere(np.abs(np.asarray(picture, int) - plain).max(axis=2) > 40)
        places.append((changed[:, 1].min(), changed[:, 1].max()))

    assert len(places) == 3
    order = places if leftmost == 0 else places[::-1]
    assert all(before[1] < after[0] for before, after in pairwise(order))


def test_words_that_run_both_ways_are_left_as_they_are() -> None:
    lettering = letter("Nova שלום", TextStyle(size_px=40), max_width_px=600, max_height_px=200)
    plain = lettering.picture().tobytes()

    assert all(picture.tobytes() == plain for picture in lettering.highlights("#ff0000"))


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
