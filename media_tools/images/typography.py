"""Title and artist set on a cover: faces by genre, balanced lines, fitted sizes, placement.

Sizes are shares of the cover's side unless a name says px.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from media_tools import fonts
from media_tools.images.identity import artist_mark
from media_tools.seeds import derive_seed

MARGIN = 0.07
MAX_LINES = 4
# At a 160 px thumbnail this is 9.8 px of capital height.
MIN_CAP_SHARE = 0.061
LINE_GAP_CAPS = 0.34
CALM_LINES = 2
REFERENCE_PX = 400
ARTIST_TRACKING = 0.08
# Side of the artist's mark in capital heights of the name, and the gap after it in sides.
MARK_CAPS = 1.5
MARK_GAP = 0.45
# Faces for titles too long for the genre's own: condensed, all scripts the genre faces lack aside.
CONDENSED = ("bebas-neue", "anton")


@dataclass(frozen=True)
class Face:
    """A font family at one weight. case: "upper", "lower" or "as written"."""

    family: str
    weight: int | None = None
    case: str = "upper"
    italic: bool = False


@dataclass(frozen=True)
class Layout:
    """Where the text stands.

    align: left, center. anchor: where the title block holds: top, middle, bottom. artist: below or
    above the title, or "opposite" at the other end of the cover. panel: None, "band" (full-width
    bar at the bottom), "print" (picture framed in paper, text beneath), "label" (a plate in the
    middle) or "plate" (one in the lower left corner). width: the widest a line may be.
    """

    name: str
    align: str
    anchor: str
    artist: str
    panel: str | None = None
    width: float = 1 - 2 * MARGIN


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout("top", "center", "top", "below"),
        Layout("top-left", "left", "top", "below"),
        Layout("bottom", "center", "bottom", "below"),
        Layout("bottom-left", "left", "bottom", "above"),
        Layout("center", "center", "middle", "below"),
        Layout("center-small", "center", "middle", "below", width=0.62),
        Layout("split", "left", "top", "opposite"),
        Layout("band", "left", "bottom", "below", "band"),
        Layout("print", "left", "bottom", "below", "print"),
        Layout("label", "center", "middle", "below", "label", width=0.62),
        Layout("plate", "left", "bottom", "above", "plate", width=0.56),
    )
}

GENRE_FACES: dict[str, tuple[Face, ...]] = {
    "synthwave": (Face("orbitron", 800), Face("righteous"), Face("anton")),
    "lofi": (
        Face("space-grotesk", 600, "lower"),
        Face("righteous", case="as written"),
        Face("playfair-display", 700, "as written", italic=True),
    ),
    "ambient": (
        Face("montserrat", 500),
        Face("playfair-display", 500, "as written"),
        Face("space-grotesk", 500, "lower"),
    ),
    "house": (Face("montserrat", 800), Face("anton"), Face("space-grotesk", 700, "as written")),
    "techno": (Face("space-grotesk", 700), Face("bebas-neue"), Face("inter", 800, "lower")),
    "drum_and_bass": (Face("bebas-neue"), Face("orbitron", 900), Face("anton")),
    "trap": (Face("anton"), Face("playfair-display", 900), Face("bebas-neue")),
    "indie_pop": (
        Face("righteous", case="as written"),
        Face("playfair-display", 800, "as written", italic=True),
        Face("montserrat", 800, "lower"),
    ),
    "folk": (
        Face("playfair-display", 700, "as written"),
        Face("playfair-display", 700, "as written", italic=True),
        Face("bebas-neue"),
    ),
    "cinematic": (Face("montserrat", 600), Face("playfair-display", 700), Face("bebas-neue")),
    "hyperpop": (
        Face("righteous", case="lower"),
        Face("orbitron", 800, "lower"),
        Face("inter", 900, "lower"),
    ),
    "reggaeton": (Face("anton"), Face("montserrat", 900), Face("righteous")),
    "afrobeats": (Face("righteous"), Face("montserrat", 800, "as written"), Face("anton")),
    "amapiano": (Face("montserrat", 700), Face("righteous"), Face("space-grotesk", 700)),
    "rnb": (
        Face("playfair-display", 800, "as written", italic=True),
        Face("montserrat", 500),
        Face("inter", 700, "lower"),
    ),
    "country": (Face("playfair-display", 900), Face("bebas-neue"), Face("anton")),
    "metal": (Face("anton"), Face("bebas-neue"), Face("playfair-display", 900)),
    "classical_piano": (
        Face("playfair-display", 500, "as written"),
        Face("playfair-display", 500, "as written", italic=True),
        Face("montserrat", 500),
    ),
    "phonk": (Face("orbitron", 900), Face("anton"), Face("bebas-neue")),
    "chillhop": (
        Face("space-grotesk", 600, "as written"),
        Face("righteous", case="lower"),
        Face("playfair-display", 700, "as written", italic=True),
    ),
}
OTHER_FACES = (
    Face("inter", 800, "as written"),
    Face("montserrat", 800),
    Face("playfair-display", 700, "as written"),
)


@dataclass(frozen=True)
class Line:
    """One line as it is drawn: x of its ink's left edge and y of the baseline, in pixels."""

    text: str
    x_px: float
    baseline_px: float


@dataclass(frozen=True)
class Block:
    """Text set in one font. The box is that of the ink: left, top, right, bottom in pixels.

    mark: artist whose mark stands before the first line, as high as the box; none if empty.
    """

    lines: tuple[Line, ...]
    face: Face
    size_px: int
    cap_px: float
    tracking_px: float
    box: tuple[int, int, int, int]
    mark: str = ""

    def mask(self, side_px: int) -> Image.Image:
        """Coverage of the glyphs, 8 bits, on a square of the cover's size."""
        image = Image.new("L", (side_px, side_px))
        draw = ImageDraw.Draw(image)
        font = fonts.load_font(
            self.face.family, self.size_px, self.face.weight, italic=self.face.italic
        )
        for line in self.lines:
            x = line.x_px - _ink(font, line.text, self.tracking_px)[0]
            if not self.tracking_px:
                draw.text((x, line.baseline_px), line.text, 255, font, anchor="ls")
                continue
            for character in line.text:
                draw.text((x, line.baseline_px), character, 255, font, anchor="ls")
                x += font.getlength(character) + self.tracking_px
        if self.mark:
            left, top, _, bottom = self.box
            image.paste(artist_mark(self.mark, bottom - top), (left, top))
        return image


def face_for(text: str, genre: str, artist: str) -> Face:
    """The artist's one face, of those of the genre; another or the fallback if it lacks glyphs.

    Raises fonts.TextNotDrawable if no font has them.
    """
    key = re.sub(r"[^a-z0-9]+", "_", genre.lower()).strip("_")
    choices = GENRE_FACES.get(key, OTHER_FACES)
    first = derive_seed("typeface", artist) % len(choices)
    for face in choices[first:] + choices[:first]:
        if fonts.covers_text(fonts.font_path(face.family, italic=face.italic), cased(text, face)):
            return face
    family = fonts.family_for_text(text, fonts.FALLBACK_FAMILY)
    return Face(family, 800, "as written")


def cased(text: str, face: Face) -> str:
    if face.case == "upper":
        return unicodedata.normalize("NFC", text.upper())
    return text.lower() if face.case == "lower" else text


def set_title(
    text: str, face: Face, *, side_px: int, width_px: float, height_px: float, max_cap: float
) -> Block:
    """The title fitted to a box, its ink's corner at (0, 0); `placed` moves it.

    As few lines as let it be large; a title too long for its face takes a condensed one that has
    the glyphs, and a word too long for any line is divided.
    """
    room = (side_px, width_px, height_px, max_cap)
    block = _fitted(text, face, *room)
    small = block.cap_px < MIN_CAP_SHARE * side_px
    if small or len(block.lines) > CALM_LINES:
        narrow = [
            _fitted(text, condensed, *room)
            for condensed in map(Face, CONDENSED)
            if fonts.covers_text(fonts.font_path(condensed.family), cased(text, condensed))
        ]
        # A tall block of small type hides the picture: large enough first, then low.
        block = max(
            [block, *narrow],
            key=lambda each: (min(each.cap_px, MIN_CAP_SHARE * side_px), -each.box[3]),
        )
    if block.cap_px < MIN_CAP_SHARE * side_px:
        divided = _divided(text, block, width_px, MIN_CAP_SHARE * side_px)
        again = _fitted(divided, block.face, *room)
        block = max(block, again, key=lambda b: b.cap_px)
    return block


def set_artist(text: str, *, side_px: int, width_px: float, cap: float, face: Face) -> Block:
    """The artist's mark and name on one line, in spaced capitals where the script has any."""
    upper = face.case == "upper" or not fonts.covers_text(font_path_of(face), text)
    shown = text.upper() if upper else cased(text, face)
    if not fonts.covers_text(font_path_of(face), shown):
        face = Face(fonts.family_for_text(shown, fonts.FALLBACK_FAMILY), 600)
    spaced = all(_stands_alone(character) for character in shown)
    if not spaced:
        shown = text
    reference = fonts.load_font(face.family, REFERENCE_PX, face.weight, italic=face.italic)
    size_px = max(round(cap * side_px * REFERENCE_PX / _cap_px(reference)), 6)
    while True:
        font = fonts.load_font(face.family, size_px, face.weight, italic=face.italic)
        tracking_px = ARTIST_TRACKING * size_px if spaced else 0.0
        left, top, right, bottom = _ink(font, shown, tracking_px)
        mark_px = int(np.ceil(MARK_CAPS * _cap_px(font)))
        before_px = mark_px + MARK_GAP * mark_px
        if before_px + right - left <= width_px or size_px <= 6:
            break
        size_px = max(min(int(size_px * width_px / (before_px + right - left)), size_px - 1), 6)
    height = max(mark_px, int(np.ceil(bottom - top)))
    # Capitals stand at half the height of the mark.
    baseline = max((height + _cap_px(font)) / 2, -top)
    line = Line(shown, before_px, baseline)
    box = (0, 0, int(np.ceil(before_px + right - left)), height)
    return Block((line,), face, size_px, _cap_px(font), tracking_px, box, mark=text)


def font_path_of(face: Face) -> Path:
    return fonts.font_path(face.family, italic=face.italic)


def placed(block: Block, *, left_px: float, top_px: float, align: str, width_px: float) -> Block:
    """The block moved so that its box starts at the corner; lines aligned within the width."""
    own_width = block.box[2] - block.box[0]
    shift_x = left_px + (width_px - own_width) / 2 if align == "center" else left_px
    shift_y = top_px - block.box[1]
    font = fonts.load_font(
        block.face.family, block.size_px, block.face.weight, italic=block.face.italic
    )
    lines = []
    for line in block.lines:
        ink = _ink(font, line.text, block.tracking_px)
        inner = (own_width - (ink[2] - ink[0])) / 2 if align == "center" else 0.0
        if block.mark:
            inner = line.x_px
        lines.append(Line(line.text, round(shift_x + inner), round(line.baseline_px + shift_y)))
    box = (
        int(np.floor(shift_x)),
        int(np.floor(top_px)),
        int(np.ceil(shift_x + own_width)) + 1,
        int(np.ceil(top_px + block.box[3] - block.box[1])) + 1,
    )
    return replace(block, lines=tuple(lines), box=box)


def _fitted(
    text: str, face: Face, side_px: int, width_px: float, height_px: float, max_cap: float
) -> Block:
    """The largest setting over all numbers of lines; one line more must pay with a fifth."""
    best: Block | None = None
    for lines in _breaks(cased(text, face), face):
        block = _largest(lines, face, side_px, width_px, height_px, max_cap)
        if best is None or block.cap_px > best.cap_px * 1.2:
            best = block
    if best is None:
        raise ValueError("A title needs at least one character that is drawn.")
    return best


def _breaks(text: str, face: Face) -> Iterator[tuple[str, ...]]:
    """For 1..MAX_LINES lines, the break whose widest line is narrowest."""
    words = text.split()
    font = fonts.load_font(face.family, REFERENCE_PX, face.weight, italic=face.italic)
    for count in range(1, min(MAX_LINES, len(words)) + 1):
        choices = (
            tuple(
                " ".join(words[start:end])
                for start, end in zip((0, *cuts), (*cuts, len(words)), strict=True)
            )
            for cuts in combinations(range(1, len(words)), count - 1)
        )
        widths: dict[str, float] = {}

        def widest(lines: tuple[str, ...], known: dict[str, float] = widths) -> float:
            for line in lines:
                if line not in known:
                    known[line] = font.getlength(line)
            return max(known[line] for line in lines)

        yield min(choices, key=widest)


def _largest(
    lines: tuple[str, ...],
    face: Face,
    side_px: int,
    width_px: float,
    height_px: float,
    max_cap: float,
) -> Block:
    font = fonts.load_font(face.family, REFERENCE_PX, face.weight, italic=face.italic)
    size_px = max(int(max_cap * side_px * REFERENCE_PX / _cap_px(font)), 6)
    while True:
        font = fonts.load_font(face.family, size_px, face.weight, italic=face.italic)
        block = _stacked(lines, face, font, size_px)
        over = max(block.box[2] / width_px, block.box[3] / height_px)
        if over <= 1 or size_px <= 6:
            return block
        size_px = max(min(int(size_px / over), size_px - 1), 6)


def _stacked(
    lines: tuple[str, ...], face: Face, font: ImageFont.FreeTypeFont, size_px: int
) -> Block:
    """Lines over each other at even distance, no ink of one touching the next."""
    cap_px = _cap_px(font)
    inks = [_ink(font, line, 0.0) for line in lines]
    pitch_px = cap_px * (1 + LINE_GAP_CAPS)
    for upper, lower in pairwise(inks):
        pitch_px = max(pitch_px, upper[3] - lower[1] + 0.16 * cap_px)
    first_px = -inks[0][1]
    placed_lines = tuple(
        Line(line, 0.0, first_px + index * pitch_px) for index, line in enumerate(lines)
    )
    width = max(ink[2] - ink[0] for ink in inks)
    height = first_px + (len(lines) - 1) * pitch_px + inks[-1][3]
    box = (0, 0, int(np.ceil(width)), int(np.ceil(height)))
    return Block(placed_lines, face, size_px, cap_px, 0.0, box)


def _divided(text: str, block: Block, width_px: float, cap_px: float) -> str:
    """Words wider than a line at the wanted capital height cut in even parts, with hyphens."""
    size_px = max(round(block.size_px * cap_px / block.cap_px), 6)
    font = fonts.load_font(block.face.family, size_px, block.face.weight)
    words = []
    for word in text.split():
        parts = min(int(np.ceil(font.getlength(cased(word, block.face)) / (0.94 * width_px))), 4)
        step = int(np.ceil(len(word) / max(parts, 1)))
        pieces = [word[at : at + step] for at in range(0, len(word), step)]
        words.append("- ".join(pieces))
    return " ".join(words)


def _stands_alone(character: str) -> bool:
    """Whether letters may be set apart: no marks, no joining scripts."""
    if unicodedata.category(character) in {"Mn", "Mc", "Cf"}:
        return False
    return ord(character) < 0x0590


def _cap_px(font: ImageFont.FreeTypeFont) -> float:
    box = font.getbbox("H", anchor="ls")
    return float(box[3] - box[1])


def _ink(
    font: ImageFont.FreeTypeFont, text: str, tracking_px: float
) -> tuple[float, float, float, float]:
    """Ink box relative to the pen's start on the baseline."""
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    if not tracking_px:
        return left, top, right, bottom
    before = sum(font.getlength(character) + tracking_px for character in text[:-1])
    return left, top, before + font.getbbox(text[-1], anchor="ls")[2], bottom
