"""Colours of a cover: a perceptual ramp through the palette."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_tools.luminance import LINEAR, WEIGHTS, rgb_of

# Work fields are float32; numpy widens a few intermediate ones.
FloatArray = NDArray[np.floating[Any]]
ByteArray = NDArray[np.uint8]
Rgb = tuple[int, int, int]

RAMP_STEPS = 1024
# Text colours lie beyond these OKLab lightnesses, so that ink on paper always reaches 10:1.
INK_LIGHTNESS = 0.22
PAPER_LIGHTNESS = 0.93

_HEX = re.compile(r"#[0-9a-fA-F]{6}")

# OKLab, Bjoern Ottosson 2020, https://bottosson.github.io/posts/oklab/
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB = np.linalg.inv(_TO_LAB)
_FROM_CONES = np.linalg.inv(_TO_CONES)


def _linear(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _lab_of(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    lab: NDArray[np.float64] = np.cbrt(_linear(colours / 255) @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def _rgb_of(lab: NDArray[np.float64]) -> ByteArray:
    linear = np.clip(((lab @ _FROM_LAB.T) ** 3) @ _FROM_CONES.T, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    rounded: ByteArray = np.round(srgb * 255).astype(np.uint8)
    return rounded


_LIGHT = np.array(LINEAR, np.float32)


def luminances(pixels: ByteArray) -> FloatArray:
    """The luminance, 0..1, of each of the sRGB pixels (..., 3)."""
    red, green, blue = WEIGHTS
    light = _LIGHT[pixels]
    total: FloatArray = red * light[..., 0] + green * light[..., 1] + blue * light[..., 2]
    return total


def _as_rgb(colour: ByteArray) -> Rgb:
    return (int(colour[0]), int(colour[1]), int(colour[2]))


@dataclass(frozen=True)
class Palette:
    """Three or more colours, sorted from dark to light by perceived lightness."""

    colours: tuple[Rgb, ...]

    @classmethod
    def from_hex(cls, names: tuple[str, ...]) -> Palette:
        """names: two or more "#rrggbb". Raises ValueError on anything else."""
        bad = [name for name in names if not _HEX.fullmatch(name)]
        if bad or len(names) < 2:
            raise ValueError(f"Palette {names!r}: give two or more colours as #rrggbb.")
        rgb = np.array([rgb_of(name) for name in names], dtype=np.float64)
        order = np.argsort(_lab_of(rgb)[:, 0], kind="stable")
        return cls(tuple(_as_rgb(colour) for colour in rgb[order].astype(np.uint8)))

    @cached_property
    def _lab(self) -> NDArray[np.float64]:
        return _lab_of(np.array(self.colours, dtype=np.float64))

    @cached_property
    def table(self) -> ByteArray:
        """RAMP_STEPS colours from ink through the palette to paper, shape (RAMP_STEPS, 3)."""
        knots = np.vstack([self._toned(0, INK_LIGHTNESS), self._lab, self._toned(-1, 0.95)])
        # The ends get little room: most of a picture should wear the palette's own colours.
        inner = np.linspace(0.14, 0.9, len(self.colours))
        places = np.concatenate([[0.0], inner, [1.0]])
        steps = np.linspace(0, 1, RAMP_STEPS)
        lab = np.stack([np.interp(steps, places, knots[:, axis]) for axis in range(3)], axis=1)
        return _rgb_of(lab)

    def ramp(self, values: FloatArray) -> ByteArray:
        """Colours (..., 3) for values 0 (dark) to 1 (light); values outside are held."""
        index = np.clip(values * (RAMP_STEPS - 1) + 0.5, 0, RAMP_STEPS - 1).astype(np.uint16)
        colours: ByteArray = np.take(self.table, index, axis=0)
        return colours

    def at(self, value: float) -> Rgb:
        """One colour of the ramp, 0 (dark) to 1 (light)."""
        return _as_rgb(self.table[round(min(max(value, 0.0), 1.0) * (RAMP_STEPS - 1))])

    @cached_property
    def ink(self) -> Rgb:
        """Near black with the hue of the darkest colour."""
        return _as_rgb(_rgb_of(self._toned(0, INK_LIGHTNESS)))

    @cached_property
    def paper(self) -> Rgb:
        """Near white with a trace of the lightest colour's hue."""
        return _as_rgb(_rgb_of(self._toned(-1, PAPER_LIGHTNESS)))

    @cached_property
    def accent(self) -> Rgb:
        """The most colourful one."""
        chroma = np.hypot(self._lab[:, 1], self._lab[:, 2])
        return self.colours[int(np.argmax(chroma))]

    def _toned(self, index: int, bound: float) -> NDArray[np.float64]:
        """The palette's colour at `index`, at least as dark or light as the bound says."""
        tone: NDArray[np.float64] = self._lab[index].copy()
        if index == 0:
            tone[0] = min(tone[0], bound)
        else:
            tone[0] = max(tone[0], bound)
            tone[1:] *= 0.45
        return tone
