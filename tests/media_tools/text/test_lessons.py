from __future__ import annotations

import pytest

from media_tools.text.lessons import (
    Wish,
    alikeness,
    avoided_words,
    contradict,
    same_key,
    uses_word,
    wishes_of,
)


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
        ("Avoid stock phrases in the lyrics", (Wish("fresh"),)),
        ("The chorus is too repetitive", (Wish("varied"),)),
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


@pytest.mark.parametrize(
    ("lesson", "other"),
    [
        ("Make it slower.", "Slower, please!"),
        ("slower", "The tempo is too fast"),
        ("Keep the tempo below 100 BPM", "tempo at most 99 bpm"),
        ("Avoid the word neon", "don't use the word “Neon”."),
        ("Too much reverb on the vocals", "too much reverb on vocals!"),
        ("Less reverb, please", "Less reverb"),
        ("No.", "no"),
    ],
)
def test_the_same_in_other_words_has_the_same_key(lesson: str, other: str) -> None:
    assert same_key(lesson) == same_key(other)


@pytest.mark.parametrize(
    ("lesson", "other"),
    [
        ("Make it slower.", "Make it slower and add a flute"),
        ("Keep the tempo below 100 BPM", "Keep the tempo below 90 BPM"),
        ("Less reverb", "More reverb"),
        ("No reverb", "Reverb"),
        ("Louder voice than drums", "Louder drums than voice"),
        ("Slower", "Faster"),
    ],
)
def test_what_says_something_else_has_another_key(lesson: str, other: str) -> None:
    assert same_key(lesson) != same_key(other)


def test_alikeness_is_the_shared_share_of_telling_words() -> None:
    assert alikeness("Slower", "Make it slower") == 1.0
    assert alikeness("Less reverb on the vocals", "Less reverb on vocals and drums") == 0.75
    assert alikeness("More cowbell", "Shorter intros") == 0.0


@pytest.mark.parametrize(
    ("lesson", "other", "expected"),
    [
        ("Make it slower", "Make it faster", True),
        ("Keep the tempo below 100 BPM", "tempo at least 110 bpm", True),
        ("Keep the tempo below 120 BPM", "tempo at least 110 bpm", False),
        ("longer than 2 minutes", "no longer than 90 seconds", True),
        ("use a minor key", "Write a brighter song", True),
        ("Make it slower", "Write a brighter song", False),
        ("More cowbell", "Less cowbell", False),  # not understood, so nothing is claimed
    ],
)
def test_contradictions_are_seen_both_ways(lesson: str, other: str, expected: bool) -> None:
    assert contradict(lesson, other) is expected
    assert contradict(other, lesson) is expected
