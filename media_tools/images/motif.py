"""What a song is about as a small drawn mark, such as a bell or a wave (assets/motifs.toml)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw

from media_tools.assets import read_toml
from media_tools.text.base import Concept

_LARGE = 6  # drawn this much larger, then averaged down
_LINE = 7  # of a square of 100
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Motif:
    """words: of one or two words, that mean it. strokes: as assets/motifs.toml explains."""

    words: frozenset[str]
    strokes: tuple[str, ...]


MOTIFS: dict[str, Motif] = {
    name: Motif(frozenset(table["words"]), tuple(table["draw"]))
    for name, table in read_toml("motifs").items()
}


def choose_motif(texts: Sequence[str]) -> str:
    """Return the motif that the texts speak of, empty if they speak of none.

    texts: the weightiest first; one word of a text outweighs all words of the texts after it.
    """
    for text in texts:
        said = _words_of(text)
        counts = {name: len(motif.words & said) for name, motif in MOTIFS.items()}
        best = max(counts, key=lambda name: counts[name])
        if counts[best]:
            return best
    return ""


def motif_of(concept: Concept) -> str:
    """Return the motif of a song, empty if it has none.

    By its title, hook, keywords, theme and story. The story comes last: how it is told may name a
    night that the song is not about.
    """
    about = " ".join(concept.keywords)
    return choose_motif((concept.title, concept.hook, about, concept.theme, concept.story))


def _words_of(text: str) -> frozenset[str]:
    """Return the words of a text, singular too, and its pairs of neighbouring words."""
    words = _WORD.findall(text.lower())
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    singular = (one for word in words for one in _singulars(word))
    return frozenset((*words, *singular, *pairs))


def _singulars(word: str) -> Iterator[str]:
    """Yield what a word may be the plural of: "bell", "match", "galaxy", "leaf"."""
    for plural, ending in (("s", ""), ("es", ""), ("ies", "y"), ("ves", "f")):
        if word.endswith(plural):
            yield word.removesuffix(plural) + ending


@lru_cache(maxsize=32)
def motif_mark(name: str, side_px: int) -> Image.Image:
    """Return a motif as coverage, 8 bits, `side_px` square."""
    side = side_px * _LARGE
    mark = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mark)
    for stroke in MOTIFS[name].strokes:
        kind, *numbers = stroke.replace(",", " ").split()
        _draw(pen, kind, [float(number) * side / 100 for number in numbers], side)
    return mark.reduce(_LARGE)


def _draw(pen: ImageDraw.ImageDraw, kind: str, numbers: list[float], side: int) -> None:
    thick = _LINE * side / 100
    if kind in ("line", "score", "fill"):
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if kind == "fill":
            pen.polygon(points, fill=255)
        else:
            _line(pen, points, thick, 255 if kind == "line" else 0)
        return
    x, y, reach = numbers[:3]
    box = (x - reach, y - reach, x + reach, y + reach)
    if kind in ("disc", "cut"):
        pen.ellipse(box, fill=255 if kind == "disc" else 0)
    elif kind == "ring":
        pen.ellipse(box, outline=255, width=round(thick))
    else:
        start, end = (round(degrees * 100 / side) for degrees in numbers[3:])
        pen.arc(box, start, end, fill=255, width=round(thick))


def _line(
    pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], thick: float, fill: int
) -> None:
    """Draw a line with round ends and corners."""
    pen.line(points, fill=fill, width=round(thick))
    for x, y in points:
        reach = thick / 2
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=fill)
