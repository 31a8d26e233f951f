"""Finds names of real artists in texts: of songs, pictures, voices and invented artists.

Names are compared word by word without case, accents and punctuation. A name that is an ordinary
word too ("Queen", "The Cure") counts only if it is written with capitals and stands like a name:

- it is the whole text; or
- it follows "like", "by" or "feat.", or in any case "in the style of" and the like; or
- it is inside a sentence, after a word without a capital that is no article ("the Queen"), and the
  sentence has other words of four letters and more without a capital, so that it is no title.

Never if the next word has a capital too: "Prince Charming" is somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from media_tools.foreign import Refused, clean_text, label, read_file
from media_tools.text.bank.words import ARTISTS
from media_tools.text.shingles import folded_words

MAX_NAMES = 20_000
MAX_FILE_BYTES = 2 * 1024 * 1024
LONGEST_NAME = 80
LONG_WORD = 4

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|&")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"\n|[.!?;:]\s")
# Nothing of this is between the words of a name, but "Dr. Dre" has a full stop.
_NAME_END = re.compile(r"\n|[.?;:]\s")
_CUE = re.compile(r"\b(?:like|by|feat\.?|ft\.?|featuring|vs\.?)\s+$", re.IGNORECASE)
_CERTAIN_CUE = re.compile(
    r"\b(?:in the (?:style|manner|vein|spirit) of|sounds? like|sounding like|inspired by"
    r"|reminiscent of|influenced by|à la|a la|feat\.|ft\.|featuring)\s+$",
    re.IGNORECASE,
)
# After these comes a thing, not a name.
_ARTICLES = {"the", "a", "an", "my", "your", "our", "his", "her", "their", "this", "that", "some"}
_CUE_REACH = 40  # characters before a name in which a cue is looked for

Words = tuple[str, ...]


@dataclass(frozen=True)
class _Token:
    """A word of a text, as it is written and as it is compared."""

    start: int
    end: int
    capital: bool
    folded: Words


class Names:
    """Names by their first word. like_words: those that are ordinary words too."""

    def __init__(self, names: Iterable[str], like_words: Iterable[str]) -> None:
        self._by_first: dict[str, dict[Words, bool]] = {}
        for written in names:
            self._add(written, ordinary=False)
        for written in like_words:
            self._add(written, ordinary=True)

    def _add(self, written: str, *, ordinary: bool) -> None:
        name = tuple(word for token in _tokens(written) for word in token.folded)
        if name:
            self._by_first.setdefault(name[0], {}).setdefault(name, ordinary)

    def add(self, written: Iterable[str]) -> None:
        """Add names; those of one word count as ordinary words."""
        for name in written:
            self._add(name, ordinary=len(_tokens(name)) < 2)

    def found_in(self, text: str) -> list[str]:
        """Return the names in a text as they are written there, each once."""
        tokens = _tokens(text)
        found: list[str] = []
        position = 0
        while position < len(tokens):
            length = self._length_at(text, tokens, position)
            if length:
                last = tokens[position + length - 1]
                found.append(_POSSESSIVE.sub("", text[tokens[position].start : last.end]))
            position += length or 1
        return list(dict.fromkeys(found))

    def _length_at(self, text: str, tokens: list[_Token], position: int) -> int:
        """Return how many words the longest name that begins here has, or 0."""
        first = tokens[position].folded
        candidates = self._by_first.get(first[0], {}) if first else {}
        for name, ordinary in sorted(candidates.items(), key=lambda one: -len(one[0])):
            length = _match(text, tokens, position, name)
            if length and (not ordinary or _stands_as_name(text, tokens, position, length)):
                return length
        return 0


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        word = "and" if match[0] == "&" else _POSSESSIVE.sub("", match[0])
        folded = tuple(folded_words(word))
        found.append(_Token(match.start(), match.end(), not word[0].islower(), folded))
    return found


def _match(text: str, tokens: list[_Token], position: int, name: Words) -> int:
    """Return how many words of the text the name takes from here, or 0."""
    words: Words = ()
    for length, token in enumerate(tokens[position : position + len(name)], start=1):
        between = text[tokens[position + length - 2].end : token.start] if length > 1 else ""
        if _NAME_END.search(between) and not (between == ". " and len(words[-1]) <= 2):
            return 0
        words += token.folded
        if words == name:
            return length
        if words != name[: len(words)]:
            return 0
    return 0


def _sentence_ends(text: str, token: _Token, following: _Token) -> bool:
    return bool(_SENTENCE_END.search(text[token.end : following.start]))


def _stands_as_name(text: str, tokens: list[_Token], position: int, length: int) -> bool:
    """Return whether a name that is an ordinary word too is meant as a name here."""
    if length == len(tokens):
        return True
    name = tokens[position : position + length]
    before = text[max(0, name[0].start - _CUE_REACH) : name[0].start]
    after = position + length
    if after < len(tokens):
        gap = text[name[-1].end : tokens[after].start]
        if tokens[after].capital and gap.strip(" \t") == "":
            return False
    if _CERTAIN_CUE.search(before):
        return True
    # In "Earth, Wind & Fire" and "Girl in Red" short words need no capital.
    if not all(token.capital or token.end - token.start < LONG_WORD for token in name):
        return False
    if not name[0].capital:
        return False
    if _CUE.search(before):
        return True
    if not position or _sentence_ends(text, tokens[position - 1], name[0]):
        return False
    previous = tokens[position - 1]
    if previous.capital or _ARTICLES.intersection(previous.folded):
        return False
    return _has_plain_words(text, tokens, position, length)


def _has_plain_words(text: str, tokens: list[_Token], position: int, length: int) -> bool:
    """Return whether the sentence around a name has longer words without a capital."""
    first, last = position, position + length - 1
    while first and not _sentence_ends(text, tokens[first - 1], tokens[first]):
        first -= 1
    while last + 1 < len(tokens) and not _sentence_ends(text, tokens[last], tokens[last + 1]):
        last += 1
    around = (*tokens[first:position], *tokens[position + length : last + 1])
    return any(not token.capital and token.end - token.start >= LONG_WORD for token in around)


@cache
def _known() -> Names:
    """Return the names that count in this process, made at their first use."""
    return Names(ARTISTS.names, ARTISTS.like_words)


def real_artists(text: str) -> list[str]:
    """Return names of known real artists in a text, as they are written there."""
    return _known().found_in(text)


def read_names(path: Path) -> list[str]:
    """Return the names of an operator's file: one a line, lines with # are comments.

    Raises Refused for a file that is missing, too large, no UTF-8 or has too many names.
    """
    try:
        text = clean_text(read_file(path, max_bytes=MAX_FILE_BYTES).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused("is not text in UTF-8") from None
    lines = (label(line, longest=LONGEST_NAME) for line in text.splitlines())
    names = [line for line in lines if line and not line.startswith("#")]
    if len(names) > MAX_NAMES:
        raise Refused(f"has {len(names)} names; at most {MAX_NAMES} are read")
    return names


def add_names(names: Iterable[str]) -> None:
    """Let more names count in this process."""
    _known().add(names)
