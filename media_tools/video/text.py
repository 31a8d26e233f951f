"""Words as pictures: balanced lines with stroke and backing, and where they stand in the frame.

Pillow draws, not ffmpeg, so no text of a song ever enters a filter string.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from media_tools.errors import MediaError
from media_tools.fonts import family_for_text, font_path, load_font, missing_characters

# Room between words and edge, across and down, in shares of the font size.
_PADDING = {"none": (0.0, 0.0), "box": (0.30, 0.22), "soft": (0.60, 0.60)}

Backing = Literal["none", "box", "soft"]
Position = str | tuple[int, int]

NAMED_POSITIONS = ("top", "title", "center", "bottom")

_SMALLEST_SHARE = 0.45  # text that must shrink below this share of its size is refused
# Shares of the frame that phone apps cover with their own buttons and captions (portrait), and
# broadcast's title-safe margin (landscape).
_PORTRAIT_MARGINS = (0.12, 0.20)
_LANDSCAPE_MARGINS = (0.07, 0.07)
_SIDE_MARGIN = 0.09
_TITLE_CENTRE = 0.22

# Unicode categories of symbols, skin tones, controls and unassigned code points.
_DECORATION = frozenset({"So", "Sk", "Cc", "Cn", "Co", "Cs"})
# Zero width joiner and the variation selectors that belong to emoji.
_INVISIBLE = {0x200D: None, **dict.fromkeys(range(0xFE00, 0xFE10))}


class TextDoesNotFit(MediaError):
    """The text is too long for its place even at the smallest size."""


@dataclass(frozen=True)
class TextStyle:
    """How words look. Sizes in pixels of the frame; colours "#rrggbb" or a CSS name.

    backing: "box" (rounded rectangle), "soft" (a wide blurred shadow of the words) or "none".
    backing_opacity: 0..1 of black. weight: 100..900 for variable fonts.
    """

    font: str = "inter"
    weight: int | None = 700
    size_px: int = 72
    color: str = "#ffffff"
    stroke_color: str = "#000000"
    stroke_px: int = 4
    backing: Backing = "box"
    backing_opacity: float = 0.6
    line_height: float = 1.18


@dataclass(frozen=True)
class SafeArea:
    """The part of a frame that players leave free, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


def safe_area(width: int, height: int) -> SafeArea:
    """The safe area of a frame of this size."""
    above, below = _PORTRAIT_MARGINS if height > width else _LANDSCAPE_MARGINS
    side = round(width * _SIDE_MARGIN)
    return SafeArea(side, round(height * above), width - side, round(height * (1 - below)))


def place(size: tuple[int, int], frame: tuple[int, int], position: Position) -> tuple[int, int]:
    """Top left corner for a picture of `size` in `frame`, in even pixels, inside the frame.

    position: one of NAMED_POSITIONS within the safe area, or the corner itself. Even, because
    chroma has half the resolution: an odd corner would tint the edge.
    Raises ValueError on an unknown name.
    """
    (width, height), (frame_width, frame_height) = size, frame
    area = safe_area(frame_width, frame_height)
    if isinstance(position, tuple):
        x, y = position
    else:
        x = (frame_width - width) // 2
        tops = {
            "top": area.top,
            "title": round(frame_height * _TITLE_CENTRE) - height // 2,
            "center": (frame_height - height) // 2,
            "bottom": area.bottom - height,
        }
        if position not in tops:
            known = ", ".join(NAMED_POSITIONS)
            raise ValueError(f"unknown position {position!r}; use one of {known} or X,Y in pixels")
        y = tops[position]
    x = min(max(x, 0), max(frame_width - width, 0))
    y = min(max(y, 0), max(frame_height - height, 0))
    return x - x % 2, y - y % 2


def without_pictographs(text: str, family: str) -> str:
    """The text without the emoji and control characters that the font family cannot draw.

    For lyrics, whose lines are sometimes decorated; letters are never dropped.
    """
    missing = set(missing_characters(font_path(family), text))
    kept = (
        character
        for character in text
        if character == "\n"
        or not (character in missing and unicodedata.category(character) in _DECORATION)
    )
    lines = "".join(kept).translate(_INVISIBLE).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def balanced_lines(
    text: str, measure: Callable[[str], float], max_width: float
) -> list[str] | None:
    """Break text into the fewest lines that fit, of widths as equal as can be.

    Own line breaks of the text are kept. Returns None if a single word is wider than max_width.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        words = paragraph.split()
        if not words:
            continue
        broken = _balance(words, measure, max_width)
        if broken is None:
            return None
        lines += broken
    return lines


def _balance(
    words: list[str], measure: Callable[[str], float], max_width: float
) -> list[str] | None:
    """Least sum of squared slack over the least number of lines (Knuth's idea, whole lines)."""
    # best[i]: (lines, slack) and the start of the last line, for the first i words.
    best: list[tuple[int, float]] = [(0, 0.0)]
    starts = [0]
    for end in range(1, len(words) + 1):
        options: list[tuple[tuple[int, float], int]] = []
        for start in range(end - 1, -1, -1):
            width = measure(" ".join(words[start:end]))
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
    end = len(words)
    while end:
        lines.insert(0, " ".join(words[starts[end] : end]))
        end = starts[end]
    return lines


def rasterise(text: str, style: TextStyle, *, max_width_px: int, max_height_px: int) -> Image.Image:
    """Draw text into a tight RGBA picture; words and box are no larger than the maximum.

    A size that does not fit shrinks, to 45 % at most. Words are shaped by raqm where Pillow has
    it, so right-to-left and joined scripts are right where a font has them.
    Raises TextNotDrawable (no font has the characters), TextDoesNotFit, ValueError (no text, or a
    colour that is none).
    """
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise ValueError("there is no text to draw")
    family = family_for_text(text, style.font)
    size_px = style.size_px
    while size_px >= max(8, style.size_px * _SMALLEST_SHARE):
        scaled = replace(
            style, size_px=size_px, stroke_px=round(style.stroke_px * size_px / style.size_px)
        )
        picture = _draw(text, family, scaled, max_width_px, max_height_px)
        if picture is not None:
            return picture
        size_px = min(size_px - 1, round(size_px * 0.94))
    raise TextDoesNotFit(
        f'Text "{text[:60]}": too long for {max_width_px}x{max_height_px} px even at '
        f"{_SMALLEST_SHARE:.0%} of {style.size_px} px; shorten it or choose a smaller font size."
    )


@dataclass(frozen=True)
class _Words:
    """Broken lines and where they go: the middle x, the top y, and the step between lines."""

    lines: list[str]
    font: ImageFont.FreeTypeFont
    centre_x: float
    top_y: int
    step: int

    def write(self, pen: ImageDraw.ImageDraw, fill: str | int, stroke_px: int) -> None:
        for index, line in enumerate(self.lines):
            at = (self.centre_x, self.top_y + index * self.step)
            pen.text(at, line, font=self.font, fill=fill, anchor="ma", stroke_width=stroke_px)


def _draw(
    text: str, family: str, style: TextStyle, max_width_px: int, max_height_px: int
) -> Image.Image | None:
    font = load_font(family, style.size_px, style.weight)
    margin = style.stroke_px + round(style.size_px * 0.10)
    box_x, box_y = (round(style.size_px * share) for share in _PADDING[style.backing])
    # A shadow may leave the safe area; words and a box may not.
    counted_x, counted_y = (box_x, box_y) if style.backing == "box" else (0, 0)
    lines = balanced_lines(text, font.getlength, max_width_px - 2 * (margin + counted_x))
    if lines is None:
        return None
    ascent, descent = font.getmetrics()
    step = round(style.size_px * style.line_height)
    words_height = step * (len(lines) - 1) + ascent + descent
    if words_height + 2 * (margin + counted_y) > max_height_px:
        return None
    width = round(max(font.getlength(line) for line in lines)) + 2 * (margin + box_x)
    height = words_height + 2 * (margin + box_y)
    size = (width + width % 2, height + height % 2)
    words = _Words(lines, font, size[0] / 2, margin + box_y, step)
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    if style.backing == "box":
        picture.putalpha(_box(size, style))
    elif style.backing == "soft":
        picture.putalpha(_shadow(size, words, style))
    pen = ImageDraw.Draw(picture)
    # Every stroke first: a line's outline must not cut into the glyphs of the line above.
    if style.stroke_px:
        words.write(pen, style.stroke_color, style.stroke_px)
    words.write(pen, style.color, 0)
    return picture


def _box(size: tuple[int, int], style: TextStyle) -> Image.Image:
    """Opacity of a rounded box; drawn four times as large, since Pillow's corners are jagged."""
    large = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1),
        round(style.size_px * 0.34) * 4,
        fill=round(255 * style.backing_opacity),
    )
    return large.resize(size, Image.Resampling.BOX)


def _shadow(size: tuple[int, int], words: _Words, style: TextStyle) -> Image.Image:
    """Opacity of a wide soft shadow in the shape of the words."""
    mask = Image.new("L", size, 0)
    opacity = round(255 * style.backing_opacity)
    words.write(ImageDraw.Draw(mask), opacity, round(style.size_px * 0.30))
    return mask.filter(ImageFilter.GaussianBlur(style.size_px * 0.17))


def stacked(pictures: list[Image.Image], gap_px: int) -> Image.Image:
    """Pictures one under the other, centred, in one transparent picture."""
    width = max(picture.width for picture in pictures)
    height = sum(picture.height for picture in pictures) + gap_px * (len(pictures) - 1)
    sheet = Image.new("RGBA", (width, height + height % 2), (0, 0, 0, 0))
    top = 0
    for picture in pictures:
        sheet.alpha_composite(picture, ((width - picture.width) // 2, top))
        top += picture.height + gap_px
    return sheet


def faded(picture: Image.Image, share: float) -> Image.Image:
    """A copy with its opacity scaled to `share` (0..1)."""
    copy = picture.copy()
    alpha = picture.getchannel("A")
    level = Image.new("L", picture.size, round(255 * share))
    copy.putalpha(ImageChops.multiply(alpha, level))
    return copy
