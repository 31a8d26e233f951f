"""Words as pictures: balanced lines with stroke and backing, and where they stand in the frame.

Pillow draws, not ffmpeg, so no text of a song ever enters a filter string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

from media_tools.errors import MediaError
from media_tools.fonts import family_for_text, load_font

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


class TextDoesNotFit(MediaError):
    """The text is too long for its place even at the smallest size."""


@dataclass(frozen=True)
class TextStyle:
    """How words look. Sizes in pixels of the frame; colours "#rrggbb" or a CSS name.

    backing: "box" (rounded rectangle), "soft" (the same with a wide blurred edge) or "none".
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


def without_pictographs(text: str) -> str:
    """The text without emoji and control characters, for lyrics that decorate their lines."""
    kept = (
        character
        for character in text
        if unicodedata.category(character) not in ("So", "Sk", "Cc", "Cn", "Co", "Cs")
        and not 0xFE00 <= ord(character) <= 0xFE0F
        and not 0x1F3FB <= ord(character) <= 0x1F3FF
        or character == "\n"
    )
    lines = "".join(kept).replace("\u200d", "").split("\n")
    return "\n".join(re.sub(r"\s+", " ", line).strip() for line in lines).strip()


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


def rasterise(
    text: str, style: TextStyle, *, max_width_px: int, max_height_px: int
) -> Image.Image:
    """Draw text into a tight RGBA picture no larger than the maximum, backing included.

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


def _draw(
    text: str, family: str, style: TextStyle, max_width_px: int, max_height_px: int
) -> Image.Image | None:
    font = load_font(family, style.size_px, style.weight)
    padding_x, padding_y = _padding(style)
    room = max_width_px - 2 * padding_x
    lines = balanced_lines(text, font.getlength, room)
    if lines is None:
        return None
    ascent, descent = font.getmetrics()
    step = round(style.size_px * style.line_height)
    words_height = step * (len(lines) - 1) + ascent + descent
    words_width = round(max(font.getlength(line) for line in lines))
    width, height = words_width + 2 * padding_x, words_height + 2 * padding_y
    width, height = width + width % 2, height + height % 2
    if height > max_height_px:
        return None
    picture = _backing((width, height), style)
    pen = ImageDraw.Draw(picture)
    # Every stroke first: a line's outline must not cut into the glyphs of the line above.
    for fill_px in (style.stroke_px, 0):
        if fill_px == 0 or style.stroke_px:
            _write(pen, lines, font, style, fill_px, (width / 2, padding_y, step))
    return picture


def _write(
    pen: ImageDraw.ImageDraw,
    lines: list[str],
    font: ImageFont.FreeTypeFont,
    style: TextStyle,
    stroke_px: int,
    place_px: tuple[float, int, int],
) -> None:
    centre, top, step = place_px
    fill = style.stroke_color if stroke_px else style.color
    for index, line in enumerate(lines):
        pen.text(
            (centre, top + index * step),
            line,
            font=font,
            fill=fill,
            anchor="ma",
            stroke_width=stroke_px,
            stroke_fill=fill,
        )


def _padding(style: TextStyle) -> tuple[int, int]:
    """Room around the words: for stroke and overhang always, more for a backing."""
    margin = style.stroke_px + round(style.size_px * 0.10)
    if style.backing == "none":
        return margin, margin
    blur = round(style.size_px * 0.45) if style.backing == "soft" else 0
    return margin + round(style.size_px * 0.30) + blur, round(style.size_px * 0.22) + blur


def _backing(size: tuple[int, int], style: TextStyle) -> Image.Image:
    if style.backing == "none":
        red, green, blue = ImageColor.getrgb(style.stroke_color)[:3]
        return Image.new("RGBA", size, (red, green, blue, 0))
    inset = round(style.size_px * 0.45) if style.backing == "soft" else 0
    mask = Image.new("L", size, 0)
    box = (inset, inset, size[0] - 1 - inset, size[1] - 1 - inset)
    radius = round(style.size_px * 0.34)
    # Drawn at four times the size: Pillow's own rounded corners are not antialiased.
    large = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle(
        tuple(4 * side for side in box), radius * 4, fill=round(255 * style.backing_opacity)
    )
    mask = large.resize(size, Image.Resampling.BOX)
    if inset:
        mask = mask.filter(ImageFilter.GaussianBlur(inset * 0.42))
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    picture.putalpha(mask)
    return picture


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
