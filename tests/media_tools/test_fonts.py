"""Fonts: found, set to weights, and honest about the characters they lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_tools import fonts
from media_tools.errors import ToolMissing


def test_all_families_are_installed() -> None:
    assert fonts.families() == fonts.FAMILIES


def test_family_names_are_forgiving() -> None:
    assert fonts.font_path("Bebas Neue") == fonts.font_path("bebas-neue")


def test_unknown_family_says_how_to_install() -> None:
    with pytest.raises(ToolMissing, match=r"pip install -r requirements\.txt"):
        fonts.font_path("comic-book")


def test_missing_italic_is_refused() -> None:
    with pytest.raises(ToolMissing, match="italic anton"):
        fonts.font_path("anton", italic=True)


@pytest.mark.parametrize("family", ["inter", "montserrat", "noto-sans", "space-grotesk"])
def test_weight_changes_variable_fonts(family: str) -> None:
    light = fonts.load_font(family, 100, 300).getlength("Weight")
    heavy = fonts.load_font(family, 100, 700).getlength("Weight")

    assert heavy > light


def test_weight_is_held_to_the_range_of_the_font() -> None:
    beyond = fonts.load_font("orbitron", 100, 5000).getlength("Weight")

    assert beyond == fonts.load_font("orbitron", 100, 900).getlength("Weight")


@pytest.mark.parametrize("family", fonts.FAMILIES)
def test_every_family_draws_western_text(family: str) -> None:
    assert fonts.covers_text(fonts.font_path(family), "Crème & Straße – 24/7!")


def test_coverage_agrees_with_what_is_drawn() -> None:
    """A character outside the map is drawn as the font's box, one inside is not."""
    path = fonts.font_path("inter")
    font = fonts.load_font("inter", 40)
    box = bytes(font.getmask("\U0010fffe"))
    letters = [chr(code) for code in (*range(0x21, 0x7F), *range(0x410, 0x450), 0x5D0, 0x4E00)]

    drawn = {letter: bytes(font.getmask(letter)) != box for letter in letters}

    assert drawn == {letter: fonts.covers_text(path, letter) for letter in letters}


# Between two characters of the map, beside it, and in the plane of the rarer ideographs.
@pytest.mark.parametrize(
    ("letter", "drawn"), [("夜", True), ("𠮷", True), ("ღ", False), ("𓀀", False)]
)
def test_coverage_reaches_beyond_the_basic_plane(letter: str, drawn: bool) -> None:
    assert fonts.covers_text(fonts.font_path("noto-sans-cjk"), letter) is drawn


def test_missing_characters_come_once_in_order() -> None:
    path = fonts.font_path("anton")

    assert fonts.missing_characters(path, "夜 of 光 and 夜") == "夜光"


def test_decomposed_accents_and_invisible_characters_count_as_drawn() -> None:
    path = fonts.font_path("bebas-neue")

    assert fonts.covers_text(path, "Cafe\u0301\u200b\n")


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Привет, Νύχτα", "noto-sans"),
        ("रात की रोशनी", "noto-sans"),
        ("לילה טוב, Nova", "heebo"),
        ("ليالي الصيف، Nova", "noto-sans-arabic"),
        ("رات کی روشنی ہے", "noto-sans-arabic"),
        ("คืนนี้ไม่มีวันจบ", "noto-sans-thai"),
        ("ខ្ញុំស្រលាញ់អ្នក, Nova", "noto-sans-khmer"),
        ("夜の街を走る、Nova", "noto-sans-cjk"),
        ("我们在夜里奔跑", "noto-sans-cjk"),
        ("밤의 거리를 달려", "noto-sans-cjk"),
    ],
)
def test_every_script_has_its_fallback_family(text: str, family: str) -> None:
    assert fonts.family_for_text(text, "anton") == family


def test_text_without_any_glyphs_is_refused_by_name() -> None:
    with pytest.raises(fonts.TextNotDrawable, match=r"draws ღ \(U\+10E6\) ა \(U\+10D0\);"):
        fonts.family_for_text("Night ღა", "anton")


def test_scripts_of_two_fonts_in_one_text_are_refused() -> None:
    with pytest.raises(fonts.TextNotDrawable, match="夜"):
        fonts.family_for_text("夜 ليالي", "anton")


@pytest.mark.parametrize("content", [None, b"", b"not a font at all, only some words", b"\0\1\0\0"])
def test_a_file_that_is_no_font_is_reported(tmp_path: Path, content: bytes | None) -> None:
    broken = tmp_path / "broken.ttf"
    if content is not None:
        broken.write_bytes(content)

    with pytest.raises(ToolMissing, match=r"broken\.ttf"):
        fonts.covers_text(broken, "a")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Neon Harbour", "Neon Harbour"),
        ("  Neon\t\n Harbour ", "Neon Harbour"),
        ("Neon Harbour 🌃", "Neon Harbour"),
        ("🌙 Luna 🌙", "Luna"),
        ("Fam👨‍👩‍👧‍👦ily", "Family"),
        ("Wave 👋🏽 and 🇩🇪", "Wave and"),
        ("No. 1️⃣", "No. 1"),
        ("Zoe\u0308", "Zoë"),
        ("夜の港", "夜の港"),
        ("夜の港 🌃", "夜の港"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),
        ("Sma\u200bll\ufeff", "Small"),
        ("abc\u202edef", "abcdef"),
        ("Straße", "Straße"),
        ("a\x00\ud800b", "ab"),
    ],
)
def test_text_is_drawn_without_emoji(text: str, shown: str) -> None:
    assert fonts.drawable(text) == shown
    assert fonts.drawable(shown) == shown


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("𝓥𝓮𝓻𝓪 𝓛𝓾𝓷𝓮", "U+1D4E5"),
        ("Ｖera 𝔏", "U+1D50F"),
        ("Vera ᏣᎳᎩ", "U+13E3"),
        ("Kahlo \U00012000", "U+12000"),
        ("🌙", "U+1F319"),
        ("Luna שלום 夜", "U+"),
    ],
)
def test_letters_no_font_has_are_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(fonts.TextNotDrawable) as caught:
        fonts.drawable(text)

    assert named in str(caught.value)


@pytest.mark.parametrize("text", ["", " ", "\u200b\ufeff", "\u2066\u2069"])
def test_nothing_to_draw_is_refused(text: str) -> None:
    with pytest.raises(fonts.TextNotDrawable, match="nothing"):
        fonts.drawable(text)
