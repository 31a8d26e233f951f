"""What makes words second-hand: how lines begin and end, titles, hooks."""

from __future__ import annotations

from media_tools.text.base import Lyrics
from media_tools.text.phonemes import clean_words

_WORDS = 3  # of an opening or an ending


def line_opening(line: str) -> str:
    """Return the first three words of a line."""
    return " ".join(clean_words(line)[:_WORDS])


def line_ending(line: str) -> str:
    """Return the last three words of a line."""
    return " ".join(clean_words(line)[-_WORDS:])


def openings(lyrics: Lyrics) -> list[str]:
    """Return how a song's lines begin, each once."""
    lines = (line for section in lyrics.sections for line in section.lines)
    return list(dict.fromkeys(map(line_opening, lines)))


def endings(lyrics: Lyrics) -> list[str]:
    """Return how a song's lines end, each once."""
    lines = (line for section in lyrics.sections for line in section.lines)
    return list(dict.fromkeys(map(line_ending, lines)))
