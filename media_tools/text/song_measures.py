"""How good a song's words are, by figures: linked lines, things to see, singable, new."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

from media_tools.text.bank.lexicon import KINDS
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import VOICES
from media_tools.text.base import Lyrics
from media_tools.text.filling import content_words
from media_tools.text.phonemes import clean_words, stress

# What a line begins with that goes on with the sentence before it.
_LINKS = frozenset(
    (
        "where", "while", "as", "with", "without", "like", "because", "since", "so", "for", "to",
        "in", "until", "till", "before", "when", "whenever", "after", "long", "if", "unless",
        "that", "no", "too", "but", "then", "and", "or", "instead", "each", "every", "just", "only",
    )
)  # fmt: skip
_ABSTRACT = ("idea", "time")


@dataclass(frozen=True)
class SongMeasures:
    """Shares from 0 to 1.

    linked: of neighbouring lines, those that grammar or a word in common joins. concrete: of words
    with a meaning, things one can see or touch. singable: of syllables, those without a clash of
    stresses. varied: of words with a meaning, those that are new in the song.
    """

    linked: float
    concrete: float
    singable: float
    varied: float

    @property
    def worth(self) -> float:
        """All of them as one figure; the better of two songs has the higher one."""
        return 1.0 * self.linked + 1.5 * self.concrete + 2.0 * self.singable + 2.0 * self.varied


@cache
def _concrete() -> frozenset[str]:
    """The words of the bank's nouns for things."""
    nouns = [
        noun
        for kinds in (
            {name: kind.nouns for name, kind in KINDS.items()},
            *(theme.nouns for theme in THEMES.values()),
            *(voice.nouns for voice in VOICES.values()),
        )
        for name, listed in kinds.items()
        if name not in _ABSTRACT
        for noun in listed
    ]
    things = [thing for theme in THEMES.values() for thing in theme.things]
    things += [thing for voice in VOICES.values() for thing in voice.objects]
    return frozenset(
        word for text in (*(noun.text for noun in nouns), *things) for word in content_words(text)
    )


def measure_song(lyrics: Lyrics) -> SongMeasures:
    """Measure a song; a repeated section counts once."""
    sections = list(dict.fromkeys(section.lines for section in lyrics.sections))
    pairs = linked = clashes = beats = 0
    words: list[str] = []
    for lines in sections:
        for before, line in itertools.pairwise(lines):
            pairs += 1
            first, second = content_words(before), clean_words(line)
            linked += bool(second and second[0] in _LINKS) or bool(set(first) & set(second))
        for line in lines:
            words += content_words(line)
            pattern = stress(line).replace("2", "1")
            beats += len(pattern)
            clashes += sum(pattern[i : i + 2] == "11" for i in range(len(pattern)))
    return SongMeasures(
        linked=linked / max(1, pairs),
        concrete=sum(word in _concrete() for word in words) / max(1, len(words)),
        singable=1 - clashes / max(1, beats),
        varied=len(set(words)) / max(1, len(words)),
    )
