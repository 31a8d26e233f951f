"""Where title and artist stand on a cover: blocks fitted and placed by the layout."""

from __future__ import annotations

from dataclasses import dataclass

from media_tools import fonts
from media_tools.images.families import Canvas
from media_tools.images.typography import (
    MARGIN,
    Block,
    Layout,
    face_for,
    placed,
    set_artist,
    set_title,
)

# Largest capitals of a title, by temper: quiet, plain, loud.
CAP_SHARES = (0.088, 0.115, 0.165)
# At a 160 px thumbnail 6.7 px of capital height.
ARTIST_CAP = 0.042
ARTIST_GAP = 0.042
TITLE_HEIGHT = 0.38
PANEL_TITLE_HEIGHT = 0.27
PRINT_FRAME = 0.055
PANEL_PADDING = 0.05
# Side of the song's motif, and how far it stays from words and the edges of a panel.
MOTIF_SIDE = 0.08
MOTIF_GAP = 0.035

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True)
class Setting:
    """Text placed on the cover.

    panel: box of the flat ground under it, in pixels, if any.
    """

    layout: Layout
    title: Block
    artist: Block
    panel: Box | None

    @property
    def groups(self) -> tuple[tuple[Block, ...], ...]:
        """Blocks that stand together and share colour and shade."""
        if self.layout.artist == "opposite":
            return ((self.title,), (self.artist,))
        return ((self.title, self.artist),)


def set_text(title: str, artist: str, genre: str, *, layout: Layout, canvas: Canvas) -> Setting:
    """Title and artist in the artist's face, sized by the canvas's seed, where the layout says.

    Raises fonts.TextNotDrawable if no font has the glyphs.
    """
    rng = canvas.rng("type")
    title, artist = fonts.drawable(title), fonts.drawable(artist)
    face = face_for(title, genre, artist)
    cap = float(rng.choice(CAP_SHARES))
    side = canvas.size_px
    width_px = layout.width * side
    if layout.panel or layout.width < 0.7:
        cap = min(cap, CAP_SHARES[1])
    title_block = set_title(
        title,
        face,
        side_px=side,
        width_px=width_px,
        height_px=(PANEL_TITLE_HEIGHT if layout.panel else TITLE_HEIGHT) * side,
        max_cap=cap,
    )
    artist_block = set_artist(
        artist,
        side_px=side,
        width_px=width_px,
        cap=ARTIST_CAP,
        face=face_for(artist, genre, artist),
    )
    return _placed(layout, title_block, artist_block, side)


def _placed(layout: Layout, title: Block, artist: Block, side: int) -> Setting:
    margin, gap, padding = MARGIN * side, ARTIST_GAP * side, PANEL_PADDING * side
    heights = (title.box[3], artist.box[3])
    total = heights[0] + gap + heights[1]
    panel: Box | None = None
    left, width = margin, side - 2 * margin
    if layout.panel == "label":
        width = max(title.box[2], artist.box[2])
        left, top = (side - width) / 2, (side - total) / 2
        panel = (
            round(left - 1.3 * padding),
            round(top - 1.3 * padding),
            round(left + width + 1.3 * padding),
            round(top + total + 1.3 * padding),
        )
    elif layout.panel == "plate":
        width = max(title.box[2], artist.box[2])
        left, top = margin + 0.9 * padding, side - margin - 0.9 * padding - total
        panel = (
            round(margin),
            round(top - 0.9 * padding),
            round(left + width + 0.9 * padding),
            round(side - margin),
        )
    elif layout.panel:
        frame = PRINT_FRAME * side if layout.panel == "print" else margin
        left, width = frame, side - 2 * frame
        top = side - max(frame, padding) - total
        panel = (0, round(top - padding), side, side)
    else:
        top = {"top": margin, "middle": (side - total) / 2, "bottom": side - margin - total}[
            layout.anchor
        ]
    title_top, artist_top = top, top + heights[0] + gap
    if layout.artist == "above":
        title_top, artist_top = top + heights[1] + gap, top
    elif layout.artist == "opposite":
        artist_top = side - margin - heights[1]
    return Setting(
        layout,
        placed(title, left_px=left, top_px=title_top, align=layout.align, width_px=width),
        placed(artist, left_px=left, top_px=artist_top, align=layout.align, width_px=width),
        panel,
    )


def motif_places(setting: Setting, side_px: int) -> list[Box]:
    """Return where a small motif may stand: corners of the picture or the panel without words.

    Those of a panel come first; none crosses its edge.
    """
    side, gap = round(MOTIF_SIDE * side_px), round(MOTIF_GAP * side_px)
    margin = round(MARGIN * side_px)
    panel = setting.panel
    places = []
    if panel:
        places += _corners(panel, side, round(PRINT_FRAME * side_px))
    places += _corners((0, 0, side_px, side_px), side, margin)
    taken = [_grown(block.box, gap) for group in setting.groups for block in group]
    return [
        place
        for place in places
        if not any(_touch(place, box) for box in taken)
        and (panel is None or _inside(place, panel) or not _touch(place, _grown(panel, gap)))
    ]


def _corners(box: Box, side: int, margin: int) -> list[Box]:
    """Return squares in the corners of a box, those at its right first."""
    xs = (box[2] - margin - side, box[0] + margin)
    ys = (box[3] - margin - side, box[1] + margin)
    return [(x, y, x + side, y + side) for x in xs for y in ys]


def _grown(box: Box, by: int) -> Box:
    return (box[0] - by, box[1] - by, box[2] + by, box[3] + by)


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(box: Box, outer: Box) -> bool:
    return outer[0] <= box[0] and outer[1] <= box[1] and box[2] <= outer[2] and box[3] <= outer[3]
