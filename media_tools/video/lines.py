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


@dataclass(frozen=True)
class _Piece:
    """A unit that is never broken, and what precedes it within a line: a space or nothing."""

    text: str
    gap: str = " "


def balanced_lines(
    text: str, measure: Callable[[str], float], max_width: float
) -> list[str] | None:
    """Break text into the fewest lines that fit, of widths as equal as possible.

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
    """Minimise the sum of squared slack over the fewest lines (Knuth's method on whole lines)."""

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
            options.append(((count + 1, slack + (max_width - width) ** 2), start))
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
