"""Breaks words into lines of equal length, in scripts with and without spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

# Characters that must not begin a line in Chinese and Japanese (JIS X 4051, the common ones).
_NEVER_FIRST = frozenset(
    "、。，．！？：；・…）」』】〉》〕｝ー々〜～ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
)
_NEVER_LAST = frozenset("（「『【〈《〔｛")
# Thai, Lao, Burmese and Khmer have no spaces between words: a dictionary finds where they end.
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A line does not end with these English words: what they belong to would stand on the next line.
_NEVER_ENDS = _words(
    """a an the of to in on at by for from with without into onto over under through between behind
    beyond before after against around across along like as than and or but nor so if when while
    because until my your his her its our their this that these those every each no some any all
    i you he she we they it's i'm is are was were be am not don't won't can't very too"""
)
_PHRASE_ENDS = ",;:.!?\u2013\u2014\u2026)"
# What a bad break costs and a good one saves, in shares of the width, squared.
_PARTED, _AT_PHRASE = 0.40, 0.30


@dataclass(frozen=True)
class _Piece:
    """A unit that is never broken, and what precedes it within a line: a space or nothing."""

    text: str
    gap: str = " "


def balanced_lines(
    text: str, measure: Callable[[str], float], max_width: float
) -> list[str] | None:
    """Break text into the fewest lines that fit: at the ends of phrases, of widths nearly equal.

    Lines break at spaces, between Chinese and Japanese characters, and between the words of Thai,
    Lao, Khmer and Burmese. Line breaks of the text are kept. Returns None if a single word is wider
    than max_width.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        pieces = _pieces(paragraph)
        if not pieces:
            continue
        broken = _balance(pieces, measure, max_width)
        if broken is None:
            return None
        lines += broken
    return lines


def _pieces(paragraph: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for word in paragraph.split():
        first, *rest = _parts(word)
        pieces.append(_Piece(first))
        pieces += (_Piece(part, gap="") for part in rest)
    return pieces


def _parts(word: str) -> list[str]:
    """Return the parts of a text without spaces, divided wherever a line may break."""
    if _WITHOUT_SPACES.search(word):
        from icu4py.breakers import LineBreaker  # 40 MB of dictionaries, which few texts need

        return list(LineBreaker(word, "th"))  # its data has the dictionaries of all four
    parts = [word[0]]
    for before, after in pairwise(word):
        if _breaks_between(before, after):
            parts.append(after)
        else:
            parts[-1] += after
    return parts


def _breaks_between(before: str, after: str) -> bool:
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return _is_ideographic(before) or _is_ideographic(after)


def _is_ideographic(character: str) -> bool:
    """Whether a character is of a script of squares without spaces; Korean has spaces."""
    return unicodedata.east_asian_width(character) in ("W", "F") and not (
        "\uac00" <= character <= "\ud7a3"
    )


def _balance(
    pieces: list[_Piece], measure: Callable[[str], float], max_width: float
) -> list[str] | None:
    """Minimise the sum of squared slack over the fewest lines (Knuth's method on whole lines).

    A break after a comma saves some, one that parts what belongs together costs.
    """

    def line(start: int, end: int) -> str:
        first, *rest = pieces[start:end]
        return first.text + "".join(piece.gap + piece.text for piece in rest)

    # best[i]: (lines, slack) and the start of the last line, for the first i pieces.
    best: list[tuple[int, float]] = [(0, 0.0)]
    starts = [0]
    for end in range(1, len(pieces) + 1):
        options: list[tuple[tuple[int, float], int]] = []
        for start in range(end - 1, -1, -1):
            width = measure(line(start, end))
            if width > max_width:
                break
            count, slack = best[start]
            parting = _parting(pieces[end - 1].text) if end < len(pieces) else 0.0
            added = (max_width - width) ** 2 + parting * max_width**2
            options.append(((count + 1, slack + added), start))
        if not options:
            return None
        cost, start = min(options)
        best.append(cost)
        starts.append(start)
    lines: list[str] = []
    end = len(pieces)
    while end:
        lines.insert(0, line(starts[end], end))
        end = starts[end]
    return lines


def _parting(last: str) -> float:
    """Return what it costs to end a line with this word."""
    if last[-1] in _PHRASE_ENDS:
        return -_AT_PHRASE
    return _PARTED if last.lower().replace("\u2019", "'") in _NEVER_ENDS else 0.0
