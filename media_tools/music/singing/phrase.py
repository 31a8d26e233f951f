"""A line of lyrics as syllables that can be put on notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from media_tools.music.singing.voice import STRESS_MARKS, VOWELS, SpokenWord

_DIPHTHONGS = frozenset("AIOQWY")


class SungNote(NamedTuple):
    """A note in seconds and MIDI pitch; a syllable with several notes is a melisma."""

    start_s: float
    end_s: float
    pitch: int


class Syllable(NamedTuple):
    """One vowel and its place."""

    word: int  # index of its word in the line
    vowel: int  # index of the vowel in the line's symbols
    stress: int  # 1 main, 2 second, 0 none
    ends_word: bool  # it is the last of its word


@dataclass(frozen=True)
class Phrase:
    """A line ready to be set to music. symbols: phonemes, stress marks and spaces in order."""

    words: tuple[str, ...]
    symbols: tuple[str, ...]
    syllables: tuple[Syllable, ...]


def phrase_of(words: Sequence[SpokenWord]) -> Phrase:
    """Return the syllables of a line's words."""
    symbols: list[str] = []
    syllables: list[Syllable] = []
    for number, word in enumerate(words):
        if symbols:
            symbols.append(" ")
        first = len(symbols)
        symbols += word.phonemes
        stress = 0
        vowels: list[Syllable] = []
        for index in range(first, len(symbols)):
            symbol = symbols[index]
            if symbol in STRESS_MARKS:
                stress = STRESS_MARKS[symbol]
            elif symbol in VOWELS and not _is_glide(symbols, index, first):
                vowels.append(Syllable(number, index, stress, ends_word=False))
                stress = 0
        vowels[-1] = vowels[-1]._replace(ends_word=True)
        syllables += vowels
    return Phrase(tuple(word.text for word in words), tuple(symbols), tuple(syllables))


def _is_glide(symbols: Sequence[str], index: int, first: int) -> bool:
    """Whether a schwa belongs to the diphthong before it: "fire" and "hour" are one syllable."""
    return (
        index > first
        and symbols[index] == "ə"
        and symbols[index - 1] in _DIPHTHONGS
        and symbols[index + 1 : index + 2] == ["ɹ"]
    )
