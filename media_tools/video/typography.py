"""How an artist's words look and move: one face, and a manner for calm and for loud parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

from media_tools.fonts import covers_text, family_for_text, font_path, load_font
from media_tools.images.typography import Face, cased, face_for
from media_tools.seeds import stream
from media_tools.video.lines import balanced_lines
from media_tools.video.text import direction_of

HAND = "caveat"
# Handwriting has low letters.
_HAND_SIZE = 1.42
_SHRINK = 0.94
_SMALLEST_SHARE = 0.45
# Opacity by how much of the letters a blur still has: soon full, and solid for a stroke.
_BACKING_OPACITY = 0.84
_SHADOW = [round(min(255, value * 9) * _BACKING_OPACITY) for value in range(256)]
_SOLID = [min(255, value * 7) for value in range(256)]
# Reach and softness of the shadow in shares of the size.
_SHADOW_REACH, _SHADOW_BLUR = 0.30, 0.22
_STROKE = 0.055
_SOFT = 4  # shadows are worked out this much smaller
_LINE_HEIGHT = 1.14
_ROW_GAP = 0.20
_MOST_ROWS = 5
_LARGEST_ROW = 2.6  # of a stack, in sizes
_STROKES = 3  # pictures in which a handwritten word appears


class Manner(StrEnum):
    """How a line of words comes."""

    KARAOKE = "karaoke"  # the whole line; the word being sung is lit
    BUILT = "built"  # word by word, in lines
    WRITTEN = "written"  # word by word, as if by hand
    STACKED = "stacked"  # word by word, in rows of one width
    SOLO = "solo"  # one large word at a time


_CALM = (Manner.KARAOKE, Manner.BUILT, Manner.WRITTEN)
_LOUD = (Manner.STACKED, Manner.SOLO, Manner.STACKED)
# Hands do not write machine music.
_TYPED = frozenset(
    {"techno", "drum_and_bass", "trap", "house", "synthwave", "hyperpop", "phonk", "metal"}
)


@dataclass(frozen=True)
class Typography:
    """An artist's face, and its manners in calm and in loud parts."""

    face: Face
    calm: Manner = Manner.KARAOKE
    loud: Manner = Manner.KARAOKE


def typography_of(artist: str, genre: str) -> Typography:
    """Return the artist's typography."""
    random = stream("typography", artist)
    calm, loud = random.choice(_CALM), random.choice(_LOUD)
    if calm == Manner.WRITTEN and genre in _TYPED:
        calm = Manner.BUILT
    return Typography(face_for(artist, genre, artist), Manner(str(calm)), Manner(str(loud)))


@dataclass(frozen=True)
class Word:
    """A word at its place: the left end of its baseline, in pixels."""

    text: str
    x: float
    y: float
    size_px: int


@dataclass(frozen=True)
class Verse:
    """Words that come one after the other."""

    words: tuple[Word, ...]
    face: Face
    size: tuple[int, int]  # of the picture, in pixels, even
    size_px: int  # of the letters the shadow is measured by
    manner: Manner

    @property
    def word_count(self) -> int:
        return len(self.words)

    def picture(self) -> Image.Image:
        """Draw the last state: all words, or the last one of a solo."""
        shown = self.words[-1:] if self.manner == Manner.SOLO else self.words
        return self._drawn(shown, (), "")

    def states(self, highlight: str) -> Iterator[Image.Image]:
        """Yield what is seen from each word's time on, the newest word in another colour."""
        for number, word in enumerate(self.words):
            before = () if self.manner == Manner.SOLO else self.words[:number]
            yield self._drawn(before, (word,), highlight)

    def strokes(self, number: int, highlight: str) -> Iterator[Image.Image]:
        """Yield a handwritten word as it is written; empty for other manners."""
        if self.manner != Manner.WRITTEN:
            return
        whole = self._drawn(self.words[:number], (self.words[number],), highlight)
        before = self._drawn(self.words[:number], (), highlight)
        word = self.words[number]
        width = _font(self.face, word.size_px).getlength(word.text)
        for step in range(1, _STROKES + 1):
            edge = round(word.x + width * step / (_STROKES + 1))
            ramp = Image.new("L", self.size, 0)
            ImageDraw.Draw(ramp).rectangle((0, 0, edge, self.size[1]), fill=255)
            soft = ramp.filter(ImageFilter.BoxBlur(round(word.size_px * 0.12)))
            yield Image.composite(whole, before, soft)

    def _drawn(self, plain: Sequence[Word], lit: Sequence[Word], highlight: str) -> Image.Image:
        mask = self._mask(plain)
        if not lit:
            return backed(mask, self.size_px)
        shine = self._mask(lit)
        picture = backed(ImageChops.lighter(mask, shine), self.size_px)
        # By planes: pasting a colour through a mask takes several times as long.
        tinted = (
            ImageChops.lighter(
                mask, shine.point([round(value * part / 255) for value in range(256)])
            )
            for part in ImageColor.getrgb(highlight)[:3]
        )
        return Image.merge("RGBA", (*tinted, picture.getchannel("A")))

    def _mask(self, words: Sequence[Word]) -> Image.Image:
        mask = Image.new("L", self.size, 0)
        pen = ImageDraw.Draw(mask)
        for word in words:
            font = _font(self.face, word.size_px)
            pen.text((word.x, word.y), word.text, 255, font, anchor="ls")
        return mask


def backed(mask: Image.Image, size_px: int) -> Image.Image:
    """Return letters (coverage, 8 bits) in white, with a stroke and a soft black shadow.

    Both are blurs made stronger, which takes a tenth of the time of growing the letters.
    """
    small = mask.reduce(_SOFT).filter(ImageFilter.BoxBlur(size_px * _SHADOW_REACH / _SOFT))
    soft = small.point(_SHADOW).filter(ImageFilter.BoxBlur(size_px * _SHADOW_BLUR / _SOFT))
    shadow = soft.resize(mask.size, Image.Resampling.BILINEAR)
    stroke = mask.filter(ImageFilter.BoxBlur(max(1, round(size_px * _STROKE / 2)))).point(_SOLID)
    # White letters on black are their own coverage.
    return Image.merge("RGBA", (mask, mask, mask, ImageChops.lighter(shadow, stroke)))


def margin_px(size_px: int) -> int:
    """Return the space a shadow needs around letters."""
    return round(size_px * 0.7)


def set_verse(
    text: str, typography: Typography, manner: Manner, *, size_px: int, room: tuple[int, int]
) -> Verse | None:
    """Lay out a line of words that come one by one; the letters stay inside the room.

    Returns None if this manner cannot show it: a single word in a script without spaces, mixed
    directions, more words than a stack holds, or no size that fits. Raises TextNotDrawable.
    """
    words = text.split()
    if len(words) < 2 or direction_of(text) != "ltr" or manner == Manner.KARAOKE:
        return None
    face = typography.face
    if manner == Manner.WRITTEN:
        face, size_px = Face(HAND, 700, "as written"), round(size_px * _HAND_SIZE)
    shown = cased(text, face)
    if not covers_text(font_path(face.family, italic=face.italic), shown):
        face = Face(family_for_text(text, face.family), 700, "as written")
        shown = text
    smallest = size_px * _SMALLEST_SHARE
    while size_px >= max(8, smallest):
        placed = _PLACED[manner](shown, face, size_px, room)
        if placed is not None:
            return _framed(placed, face, size_px, manner)
        size_px = min(size_px - 1, round(size_px * _SHRINK))
    return None


def _framed(words: Sequence[Word], face: Face, size_px: int, manner: Manner) -> Verse:
    """Move words so that they and their shadow fill a picture."""
    boxes = [_font(face, word.size_px).getbbox(word.text, anchor="ls") for word in words]
    left = min(word.x + box[0] for word, box in zip(words, boxes, strict=True))
    top = min(word.y + box[1] for word, box in zip(words, boxes, strict=True))
    right = max(word.x + box[2] for word, box in zip(words, boxes, strict=True))
    bottom = max(word.y + box[3] for word, box in zip(words, boxes, strict=True))
    margin = margin_px(size_px)
    width, height = round(right - left) + 2 * margin, round(bottom - top) + 2 * margin
    moved = tuple(
        replace(word, x=word.x - left + margin, y=word.y - top + margin) for word in words
    )
    return Verse(moved, face, (width + width % 2, height + height % 2), size_px, manner)


def _built(text: str, face: Face, size_px: int, room: tuple[int, int]) -> list[Word] | None:
    font = _font(face, size_px)
    lines = balanced_lines(text, font.getlength, room[0])
    step = round(size_px * _LINE_HEIGHT)
    if lines is None or step * len(lines) > room[1]:
        return None
    placed = []
    for number, line in enumerate(lines):
        left = -font.getlength(line) / 2
        words = line.split()
        for count, word in enumerate(words):
            before = font.getlength(" ".join([*words[:count], ""])) if count else 0.0
            placed.append(Word(word, left + before, number * step, size_px))
    return placed


def _stacked(text: str, face: Face, size_px: int, room: tuple[int, int]) -> list[Word] | None:
    """Rows of one width: the fewer the words of a row, the larger they are."""
    font = _font(face, size_px)
    lines = balanced_lines(text, font.getlength, room[0] * 0.52)
    if lines is None or len(lines) > _MOST_ROWS:
        return None
    placed: list[Word] = []
    y = 0.0
    for number, line in enumerate(lines):
        row_px = min(
            round(size_px * room[0] * 0.92 / font.getlength(line)), round(size_px * _LARGEST_ROW)
        )
        row = _font(face, row_px)
        cap = -row.getbbox("H", anchor="ls")[1]
        y += cap + (size_px * _ROW_GAP + _descent(row, lines[number - 1]) if number else 0)
        left, words = -row.getlength(line) / 2, line.split()
        for count, word in enumerate(words):
            before = row.getlength(" ".join([*words[:count], ""])) if count else 0.0
            placed.append(Word(word, left + before, y, row_px))
    return placed if y <= room[1] else None


def _descent(font: ImageFont.FreeTypeFont, line: str) -> float:
    return max(0.0, float(font.getbbox(line, anchor="ls")[3]))


def _solo(text: str, face: Face, size_px: int, room: tuple[int, int]) -> list[Word] | None:
    words = text.split()
    font = _font(face, size_px)
    widest = max(font.getlength(word) for word in words)
    large = min(round(size_px * room[0] * 0.9 / widest), round(size_px * _LARGEST_ROW))
    font = _font(face, large)
    return [Word(word, -font.getlength(word) / 2, 0.0, large) for word in words]


_PLACED = {
    Manner.BUILT: _built,
    Manner.WRITTEN: _built,
    Manner.STACKED: _stacked,
    Manner.SOLO: _solo,
}


@lru_cache(maxsize=32)
def _font(face: Face, size_px: int) -> ImageFont.FreeTypeFont:
    return load_font(face.family, size_px, face.weight, italic=face.italic)
