"""What makes an artist known again: a mark of simple shapes, the same on covers and films."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from media_tools.seeds import stream

_LARGE = 8  # drawn this much larger, then averaged down
_OUTER = ("ring", "square", "diamond", "hexagon", "arch", "shield")
_INNER = ("dot", "bar", "bars", "triangle", "cross", "half")
# Corners in shares of the side.
_OUTLINES: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((0.08, 0.08), (0.92, 0.08), (0.92, 0.92), (0.08, 0.92)),
    "diamond": ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)),
    "hexagon": tuple(
        (0.5 + 0.5 * math.sin(turn * math.pi / 3), 0.5 - 0.5 * math.cos(turn * math.pi / 3))
        for turn in range(6)
    ),
    "shield": ((0.06, 0.04), (0.94, 0.04), (0.94, 0.55), (0.5, 1.0), (0.06, 0.55)),
    "ring": tuple(
        (0.5 + 0.5 * math.cos(turn * math.pi / 32), 0.5 + 0.5 * math.sin(turn * math.pi / 32))
        for turn in range(64)
    ),
    "arch": (
        (0.08, 1.0),
        *(
            (
                0.5 - 0.42 * math.cos(turn * math.pi / 24),
                0.42 - 0.42 * math.sin(turn * math.pi / 24),
            )
            for turn in range(25)
        ),
        (0.92, 1.0),
    ),
}


@lru_cache(maxsize=32)
def artist_mark(artist: str, side_px: int) -> Image.Image:
    """Return the artist's mark as coverage, 8 bits, `side_px` square. The name decides."""
    random = stream("mark", artist)
    outer, inner = str(random.choice(_OUTER)), str(random.choice(_INNER))
    side = side_px * _LARGE
    mark = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mark)
    outline = np.array(_OUTLINES[outer])
    middle = outline.mean(axis=0)
    solid = bool(random.random() < 0.4)
    pen.polygon([tuple(corner * side) for corner in outline], fill=255)
    if not solid:
        hollow = middle + (outline - middle) * 0.74
        pen.polygon([tuple(corner * side) for corner in hollow], fill=0)
    _draw_inner(pen, inner, middle * side, side * 0.2, 0 if solid else 255)
    return mark.reduce(_LARGE)


def _draw_inner(
    pen: ImageDraw.ImageDraw, shape: str, middle: np.ndarray, reach: float, fill: int
) -> None:
    x, y = float(middle[0]), float(middle[1])
    thin = reach * 0.32
    if shape == "dot":
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=fill)
    elif shape == "half":
        pen.pieslice((x - reach, y - reach, x + reach, y + reach), 180, 360, fill=fill)
    elif shape == "triangle":
        pen.polygon([(x, y - reach), (x + reach, y + reach), (x - reach, y + reach)], fill=fill)
    elif shape == "bars":
        for number, share in enumerate((0.45, 1.0, 0.7)):
            left = x + (number - 1) * reach * 0.85 - thin
            pen.rectangle((left, y - reach * share, left + 2 * thin, y + reach), fill=fill)
    else:
        pen.rectangle((x - thin, y - reach, x + thin, y + reach), fill=fill)
        if shape == "cross":
            pen.rectangle((x - reach, y - thin, x + reach, y + thin), fill=fill)
