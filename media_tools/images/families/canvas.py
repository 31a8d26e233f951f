"""What every family of pictures works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from media_tools.images.palette import Palette, Rgb
from media_tools.seeds import stream

# Drawn this much larger, then averaged down: Pillow's shapes have no antialiasing of their own.
SUPERSAMPLING = 2
SHADOW_STEP = 8


@dataclass(frozen=True)
class Canvas:
    """Size, colours and random streams of one picture."""

    size_px: int
    palette: Palette
    seed: int

    def rng(self, purpose: str) -> np.random.Generator:
        return stream("cover", self.seed, purpose)

    def soft_px(self, share: int) -> int:
        """Side of a work field for soft content: a share of the full side, not too small."""
        return min(self.size_px, max(self.size_px // share, 240))


@dataclass(frozen=True)
class Family:
    """A way to make a picture.

    layouts: names of layouts (typography.LAYOUTS) that leave its motif room. genres: where it
    belongs; words: visual style words that ask for it.
    """

    name: str
    render: Callable[[Canvas], Image.Image]
    layouts: tuple[str, ...]
    genres: frozenset[str]
    words: frozenset[str]
    grain: float = 7.0


@dataclass
class Sheet:
    """A drawing surface of twice the size; `finish` averages it down.

    Coordinates of `scaled` are shares of the side, 0..1.
    """

    size_px: int
    background: Rgb | int
    mode: str = "RGB"
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        side = self.size_px * SUPERSAMPLING
        self.image = Image.new(self.mode, (side, side), self.background)
        self.draw = ImageDraw.Draw(self.image)

    @property
    def side(self) -> int:
        return self.size_px * SUPERSAMPLING

    def scaled(self, *shares: float) -> tuple[float, ...]:
        return tuple(share * self.side for share in shares)

    def width(self, share: float) -> int:
        """A line width of at least one pixel."""
        return max(round(share * self.side), 1)

    def finish(self) -> Image.Image:
        return self.image.reduce(SUPERSAMPLING)


def soft_shadow(mask: Image.Image, *, blur: float, drop: float, strength: float) -> Image.Image:
    """A blurred mask `drop` lower, to paste a dark colour through.

    blur and drop are shares of the side; strength 0..1.
    """
    side = mask.width
    small = mask.reduce(SHADOW_STEP) if side >= 64 * SHADOW_STEP else mask
    moved = Image.new("L", small.size)
    moved.paste(small, (0, round(drop * small.height)))
    blurred = moved.filter(ImageFilter.GaussianBlur(blur * small.width))
    return blurred.point([round(value * strength) for value in range(256)]).resize(
        mask.size, Image.Resampling.BILINEAR
    )
