from __future__ import annotations

import pytest

from media_tools.text.dictionary import look_up
from media_tools.text.phonemes import (
    clean_words,
    near_rhymes,
    phones,
    rhymes,
    stress,
    syllables,
)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("light", "night"),
        ("weight", "late"),
        ("eye", "sky"),
        ("through", "blue"),
        ("rhyme", "climb"),
        ("heart", "apart"),
        ("stone", "unknown"),
        ("word", "bird"),
        ("choir", "wire"),
        ("lights", "nights"),
        ("burned", "turned"),
        ("I walked all the way home,", "a window of chrome"),
        ("shaking", "waking"),
        ("flying", "crying"),
    ],
)
def test_words_that_sound_alike_rhyme_however_they_are_spelt(one: str, two: str) -> None:
    assert rhymes(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("love", "move"),
        ("cough", "though"),
        ("wind", "find"),
        ("said", "paid"),
        ("word", "lord"),
        ("light", "light"),
        ("night", "knight"),
        ("sea", "see"),
        ("light", "delight"),
        ("stone", "gone"),
        ("", "night"),
    ],
)
def test_same_spelling_same_word_or_same_sound_is_no_rhyme(one: str, two: str) -> None:
    assert not rhymes(one, two)


@pytest.mark.parametrize(("one", "two"), [("time", "mine"), ("name", "rain"), ("light", "night")])
def test_related_consonants_make_a_near_rhyme(one: str, two: str) -> None:
    assert near_rhymes(one, two)


@pytest.mark.parametrize(("one", "two"), [("time", "home"), ("life", "like"), ("rain", "rain")])
def test_other_sounds_make_no_near_rhyme(one: str, two: str) -> None:
    assert not near_rhymes(one, two)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("night", 1),
        ("motorway", 3),
        ("streetlights", 2),
        ("umbrella", 3),
        ("silences", 3),
        ("walked", 1),
        ("wanted", 2),
        ("Follow the silver headlights home", 8),
        ("I'm still here", 3),
        ("", 0),
        ("24", 2),
        ("…", 0),
    ],
)
def test_syllables_are_counted_by_sound(text: str, count: int) -> None:
    assert syllables(text) == count


def test_unknown_words_are_read_by_their_spelling() -> None:
    assert look_up("blarneyton") is None
    assert syllables("blarneyton") == 3
    assert rhymes("grobe", "flobe")


def test_compounds_and_inflections_come_from_known_words() -> None:
    assert look_up("raincoats'") is None
    assert phones("streetlights")[-1] == "S"
    assert phones("nightwhisperings")[-1] == "Z"


def test_stress_leaves_little_words_weak_inside_a_line() -> None:
    assert stress("the silver light") == "0101"
    assert stress("the") == "0"


def test_a_rhyme_starts_at_the_last_stressed_vowel() -> None:
    assert rhymes("afterglow", "snow")
    assert not rhymes("melody", "body")


def test_words_are_cleaned_of_punctuation_and_typographic_quotes() -> None:
    assert clean_words("Don’t look—back, (now)!") == ["don't", "look", "back", "now"]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("bridges", 2),
        ("torches", 2),
        ("rented", 2),
        ("dancing", 2),
        ("celebration", 4),
        ("mechanical", 4),
        ("beautiful", 3),
        ("everything", 3),
        ("loneliness", 3),
        ("photographer", 4),
        ("rain", 1),
        ("created", 3),
    ],
)
def test_syllables_of_common_words_of_other_writers(word: str, count: int) -> None:
    assert syllables(word) == count
