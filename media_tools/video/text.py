"""Draws words as pictures: balanced lines with stroke and backing, and their place in the frame.

Pillow draws, not ffmpeg, so no text of a song ever enters a filter string.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from media_tools.errors import MediaError
from media_tools.fonts import family_for_text, font_path, load_font, missing_characters
from media_tools.foreign import clean_text
from media_tools.video.lines import balanced_lines

# Space between words and edge, across and down, in shares of the font size.
_PADDING = {"none": (0.0, 0.0), "box": (0.30, 0.22), "soft": (0.60, 0.60)}

Backing = Literal["none", "box", "soft"]
Position = str | tuple[int, int]

NAMED_POSITIONS = ("top", "title", "center", "bottom")

_SMALLEST_SHARE = 0.45  # text that would have to shrink below this share of its size is refused
# Shares of the frame that phone apps cover with their own buttons and captions (portrait), and
# broadcast's title-safe margin (landscape).
_PORTRAIT_MARGINS = (0.12, 0.20)
_LANDSCAPE_MARGINS = (0.07, 0.07)
_SIDE_MARGIN = 0.09
_TITLE_CENTRE = 0.22

# Unicode categories of symbols, skin tones, keycaps, controls and unassigned code points.
_DECORATION = frozenset({"So", "Sk", "Me", "Cc", "Cn", "Co", "Cs"})
# Categories of joiners, selectors, tags and marks, which belong to the character before them.
_ATTACHED = frozenset({"Cf", "Mn", "Me"})
_UNSEEN = frozenset({"Cf", "Zs"})
_TEXT_OR_EMOJI = {0xFE0E: None, 0xFE0F: None}  # selectors of how a symbol is shown


class TextDoesNotFit(MediaError):
    """The text is too long for its place even at the smallest size."""


@dataclass(frozen=True)
class TextStyle:
    """How words look. Sizes in pixels of the frame; colours "#rrggbb" or a CSS name."""

    font: str = "inter"
    weight: int | None = 700  # 100..900 for variable fonts
    size_px: int = 72
    color: str = "#ffffff"
    stroke_color: str = "#000000"
    stroke_px: int = 4
    # "box" (rounded rectangle), "soft" (a wide blurred shadow of the words) or "none".
    backing: Backing = "box"
    backing_opacity: float = 0.6  # 0..1 of black
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
    """Return the safe area of a frame of this size."""
    above, below = _PORTRAIT_MARGINS if height > width else _LANDSCAPE_MARGINS
    side = round(width * _SIDE_MARGIN)
    return SafeArea(side, round(height * above), width - side, round(height * (1 - below)))


def place(size: tuple[int, int], frame: tuple[int, int], position: Position) -> tuple[int, int]:
    """Return the top left corner for a picture of `size`, in even pixels, inside the frame.

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


def tidy(text: str) -> str:
    """Return the text ready for layout: clean, with its lines, other white space as single spaces.

    Returns "" if nothing in it is visible.
    """
    lines = (" ".join(clean_text(line).split()) for line in text.splitlines())
    tidied = "\n".join(lines).strip()
    seen = any(unicodedata.category(character) not in _UNSEEN for character in tidied)
    return tidied if seen else ""


def without_pictographs(text: str, family: str) -> str:
    """Return the tidied text without emoji and symbols that the font family cannot draw.

    For lyrics, whose lines are sometimes decorated. Letters are never removed, and neither are the
    joiners between them, which many scripts need.
    """
    text = tidy(text)
    missing = set(missing_characters(font_path(family), text))
    kept = []
    dropped = False
    for character in text.translate(_TEXT_OR_EMOJI):
        category = unicodedata.category(character)
        dropped = (dropped and category in _ATTACHED) or (
            character in missing and category in _DECORATION
        )
        if not dropped:
            kept.append(character)
    return tidy("".join(kept))


def rasterise(text: str, style: TextStyle, *, max_width_px: int, max_height_px: int) -> Image.Image:
    """Draw text into a tight RGBA picture: `letter` and its picture in one step."""
    return letter(text, style, max_width_px=max_width_px, max_height_px=max_height_px).picture()


def letter(text: str, style: TextStyle, *, max_width_px: int, max_height_px: int) -> Lettering:
    """Lay out text; words and box are no larger than the maximum.

    A size that does not fit shrinks, to 45 % at most. If Pillow has raqm, it shapes the words, so
    that right-to-left and joined scripts are correct.
    Raises TextNotDrawable (no font has the characters), TextDoesNotFit, ValueError (no text, or an
    invalid colour).
    """
    text = tidy(text)
    if not text:
        raise ValueError("there is no text to draw")
    family = family_for_text(text, style.font)
    size_px = style.size_px
    while size_px >= max(8, style.size_px * _SMALLEST_SHARE):
        scaled = replace(
            style,
            font=family,
            size_px=size_px,
            stroke_px=round(style.stroke_px * size_px / style.size_px),
        )
        lettering = _laid_out(text, scaled, max_width_px, max_height_px)
        if lettering is not None:
            return lettering
        size_px = min(size_px - 1, round(size_px * 0.94))
    raise TextDoesNotFit(
        f'Text "{text[:60]}": too long for {max_width_px}x{max_height_px} px even at '
        f"{_SMALLEST_SHARE:.0%} of {style.size_px} px; shorten it or choose a smaller font size."
    )


@dataclass(frozen=True)
class Lettering:
    """Words with their layout, drawn only when needed, because pictures are large."""

    lines: tuple[str, ...]
    style: TextStyle  # with the family and size that fit
    size: tuple[int, int]  # of the picture, in pixels, even

    @property
    def word_count(self) -> int:
        """Number of words between spaces in all lines."""
        return sum(len(line.split()) for line in self.lines)

    def picture(self, *, color: str | None = None) -> Image.Image:
        """Draw the words as RGBA, in the style's colour or in another."""
        picture = Image.new("RGBA", self.size, (0, 0, 0, 0))
        if self.style.backing == "box":
            picture.putalpha(_box(self.size, self.style))
        elif self.style.backing == "soft":
            picture.putalpha(self._shadow())
        pen = ImageDraw.Draw(picture)
        # All strokes first: a line's outline must not cut into the glyphs of the line above.
        if self.style.stroke_px:
            self._write(pen, self.style.stroke_color, self.style.stroke_px)
        self._write(pen, color or self.style.color, 0)
        return picture

    def highlights(self, color: str) -> Iterator[Image.Image]:
        """Yield a picture for each word between spaces, in order, with that word in another colour.

        A word in a line of mixed directions is not coloured, because its place is not known.
        """
        plain, colored = self.picture(), self.picture(color=color)
        for box in self._word_boxes():
            shown = plain.copy()
            if box is not None:
                shown.paste(colored.crop(box), box)
            yield shown

    def _word_boxes(self) -> Iterator[tuple[int, int, int, int] | None]:
        font = self._font
        # Tall scripts reach into the lines above and below, so boxes end halfway between lines.
        shared = max(0, sum(font.getmetrics()) - self._step) // 2
        half_space = font.getlength(" ") / 2
        for index, line in enumerate(self.lines):
            top = self._top + index * self._step + (shared if index else 0)
            bottom = self._top + (index + 1) * self._step + shared
            length = font.getlength(line)
            direction = direction_of(line)
            words = line.split()
            for count, word in enumerate(words):
                before = font.getlength(" ".join([*words[:count], ""])) if count else 0.0
                begin, end = before - half_space, before + font.getlength(word) + half_space
                if direction == "rtl":
                    begin, end = length - end, length - begin
                left = (self.size[0] - length) / 2
                yield (round(left + begin), top, round(left + end), bottom) if direction else None

    @property
    def _font(self) -> ImageFont.FreeTypeFont:
        return _font(self.style.font, self.style.size_px, self.style.weight)

    @property
    def _top(self) -> int:
        return _margins(self.style)[1]

    @property
    def _step(self) -> int:
        return _line_step(self.style, self._font)

    def _write(self, pen: ImageDraw.ImageDraw, fill: str | int, stroke_px: int) -> None:
        for index, line in enumerate(self.lines):
            at = (self.size[0] / 2, self._top + index * self._step)
            pen.text(at, line, font=self._font, fill=fill, anchor="ma", stroke_width=stroke_px)

    def _shadow(self) -> Image.Image:
        """Return the opacity of a wide soft shadow in the shape of the words."""
        mask = Image.new("L", self.size, 0)
        opacity = round(255 * self.style.backing_opacity)
        self._write(ImageDraw.Draw(mask), opacity, round(self.style.size_px * 0.30))
        return mask.filter(ImageFilter.GaussianBlur(self.style.size_px * 0.17))


def _laid_out(
    text: str, style: TextStyle, max_width_px: int, max_height_px: int
) -> Lettering | None:
    font = _font(style.font, style.size_px, style.weight)
    margin_x, margin_y = _margins(style)
    # A shadow may leave the safe area; words and a box may not.
    shadow = style.backing == "soft"
    counted_x, counted_y = (_edge(style), _edge(style)) if shadow else (margin_x, margin_y)
    lines = balanced_lines(text, font.getlength, max_width_px - 2 * counted_x)
    if lines is None:
        return None
    words_height = _line_step(style, font) * (len(lines) - 1) + sum(font.getmetrics())
    if words_height + 2 * counted_y > max_height_px:
        return None
    width = round(max(font.getlength(line) for line in lines)) + 2 * margin_x
    height = words_height + 2 * margin_y
    return Lettering(tuple(lines), style, (width + width % 2, height + height % 2))


@lru_cache(maxsize=8)
def _font(family: str, size_px: int, weight: int | None) -> ImageFont.FreeTypeFont:
    return load_font(family, size_px, weight)


def _edge(style: TextStyle) -> int:
    """Return the space that strokes and accents take outside the letters' advance."""
    return style.stroke_px + round(style.size_px * 0.10)


def _margins(style: TextStyle) -> tuple[int, int]:
    """Return the space from the picture's edge to the words, across and down."""
    across, down = _PADDING[style.backing]
    edge = _edge(style)
    return edge + round(style.size_px * across), edge + round(style.size_px * down)


def _line_step(style: TextStyle, font: ImageFont.FreeTypeFont) -> int:
    """Return the distance between lines: the style's, or more for a taller script."""
    return max(round(style.size_px * style.line_height), round(sum(font.getmetrics()) * 0.89))


def direction_of(line: str) -> Literal["ltr", "rtl"] | None:
    """Return the direction of all words in a line; None if it is mixed."""
    kinds = {unicodedata.bidirectional(character) for character in line}
    if not kinds & {"R", "AL", "AN"}:
        return "ltr"
    return None if kinds & {"L", "EN"} else "rtl"


def _box(size: tuple[int, int], style: TextStyle) -> Image.Image:
    """Return the opacity of a rounded box, drawn larger because Pillow's corners are jagged."""
    large = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1),
        round(style.size_px * 0.34) * 4,
        fill=round(255 * style.backing_opacity),
    )
    return large.resize(size, Image.Resampling.BOX)


def faded(picture: Image.Image, share: float) -> Image.Image:
    """Return a copy with its opacity scaled to `share` (0..1)."""
    copy = picture.copy()
    alpha = picture.getchannel("A")
    level = Image.new("L", picture.size, round(255 * share))
    copy.putalpha(ImageChops.multiply(alpha, level))
    return copy
