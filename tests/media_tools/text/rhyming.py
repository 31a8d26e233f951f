"""Tells how sections of lyrics rhyme by sound."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from media_tools.text.base import LyricsSection
from media_tools.text.phonemes import clean_words, near_rhymes, rhymes


@dataclass(frozen=True)
class SectionRhymes:
    """scheme: such as "ABAB", with x for a line that does not rhyme. perfect: lines that do."""

    scheme: str
    perfect: int
    lines: int


def section_rhymes(section: LyricsSection) -> SectionRhymes:
    """Return the scheme of a section by sound: perfect rhymes first, then near ones.

    A repeated line is a refrain: it keeps its letter but is not a rhyme by itself.
    """
    lines = section.lines
    plain = [" ".join(clean_words(line)) for line in lines]
    count = len(lines)
    group = list(range(count))
    perfect: set[int] = set()

    def join(first: int, second: int) -> None:
        old, new = group[second], group[first]
        group[:] = [new if letter == old else letter for letter in group]

    pairs = [(i, j) for j in range(count) for i in range(j)]
    for i, j in pairs:
        if plain[i] and plain[i] == plain[j]:
            join(i, j)
        elif rhymes(lines[i], lines[j]):
            join(i, j)
            perfect.update((i, j))
    for i, j in pairs:
        alone = i not in perfect or j not in perfect
        if alone and plain[i] != plain[j] and near_rhymes(lines[i], lines[j]):
            join(i, j)
    letters: dict[int, str] = {}
    sizes = Counter(group)
    for index in group:
        if sizes[index] > 1:
            letters.setdefault(index, chr(ord("A") + len(letters) % 26))
    scheme = "".join(letters.get(index, "x") for index in group)
    return SectionRhymes(scheme, len(perfect), count)
