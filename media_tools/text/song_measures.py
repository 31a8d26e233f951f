"""How good a song's words are, by figures: singable, even, new."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from media_tools.text.base import Lyrics
from media_tools.text.filling import content_words
from media_tools.text.phonemes import stress, syllables


@dataclass(frozen=True)
class SongMeasures:
    """Shares from 0 to 1.

    singable: of syllables, those without a clash of stresses. even: how alike neighbouring lines
    are in syllables. varied: of words with a meaning, those that are new in the song.
    """

    singable: float
    even: float
    varied: float

    @property
    def worth(self) -> float:
        """All of them as one figure; the better of two songs has the higher one."""
        return 2.0 * self.singable + 1.0 * self.even + 2.0 * self.varied


def measure_song(lyrics: Lyrics) -> SongMeasures:
    """Measure a song; a repeated section counts once."""
    sections = list(dict.fromkeys(section.lines for section in lyrics.sections))
    clashes = beats = off = counted = 0
    words: list[str] = []
    for lines in sections:
        for one, other in itertools.pairwise(map(syllables, lines)):
            off += abs(one - other)
            counted += one + other
        for line in lines:
            words += content_words(line)
            pattern = stress(line).replace("2", "1")
            beats += len(pattern)
            clashes += sum(pattern[i : i + 2] == "11" for i in range(len(pattern)))
    return SongMeasures(
        singable=1 - clashes / max(1, beats),
        even=1 - off / max(1, counted),
        varied=len(set(words)) / max(1, len(words)),
    )
