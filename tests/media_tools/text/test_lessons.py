from __future__ import annotations

import pytest

from media_tools.text.lessons import Wish, avoided_words, uses_word, wishes_of


@pytest.mark.parametrize(
    ("lesson", "wishes"),
    [
        ("Keep the tempo below 100 BPM", (Wish("tempo_max", 99),)),
        ("tempo at most 100", (Wish("tempo_max", 100),)),
        ("Tempo no faster than 96 bpm!", (Wish("tempo_max", 96),)),
        ("slower than 90 BPM", (Wish("tempo_max", 89),)),
        ("Keep the tempo above 120 BPM", (Wish("tempo_min", 121),)),
        ("at least 110 bpm", (Wish("tempo_min", 110),)),
        ("Slower.", (Wish("slower"),)),
        ("This was too fast", (Wish("slower"),)),
        ("Keep it under 90 seconds", (Wish("duration_max", 89),)),
        ("no longer than 2 minutes", (Wish("duration_max", 120),)),
        ("Make it shorter", (Wish("shorter"),)),
        ("Write brighter choruses", (Wish("brighter"),)),
        ("darker and slower", (Wish("slower"), Wish("darker"))),
        ("use a minor key", (Wish("minor"),)),
        ("Avoid the word neon", (Wish("avoid", words=("neon",)),)),
        ('don\'t use the words "neon" and "chrome"', (Wish("avoid", words=("neon", "chrome")),)),
        ("Avoid the word “night” in choruses", (Wish("avoid", words=("night",)),)),
        ("Avoid the word 'the'", ()),
        ("Never slower", ()),
        ("not too dark", ()),
        ("More cowbell", ()),
        ("", ()),
    ],
)
def test_simple_lessons_are_understood(lesson: str, wishes: tuple[Wish, ...]) -> None:
    assert wishes_of(lesson) == wishes


def test_avoided_words_are_collected_from_all_lessons() -> None:
    assert avoided_words(("slower", "avoid the word neon", "avoid the word rain")) == {
        "neon",
        "rain",
    }


@pytest.mark.parametrize("text", ["Burning low", "it burns", "she burned", "burn!"])
def test_inflections_count_as_the_word(text: str) -> None:
    assert uses_word(text, frozenset({"burn"}))


def test_other_words_do_not() -> None:
    assert not uses_word("midnight sunburn", frozenset({"night", "burn"}))
