"""The base of all scenes: a small picture per frame, which ffmpeg enlarges.

Drawing small pictures and enlarging them in ffmpeg makes these videos cheap: most of the cost is
then the encoder, not Python.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from media_tools.video.features import AudioFeatures

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_CACHED = 2**15  # numbers: 128 KiB, which fits into any core's second cache


class Scene(ABC):
    """A composition of a style, ready to draw one song. Frames may be drawn in any order.

    Pictures are planes, one per colour: numpy is several times slower if its innermost loop goes
    over the three parts of a pixel, and ffmpeg reads both equally fast.
    """

    # (width, height) as drawn; ffmpeg enlarges it. The scenes of a style share one.
    size: tuple[int, int]

    @abstractmethod
    def light(self, frame: int) -> Floats:
        """Return (3, height, width): red, green, blue as squared values; the caller may change it.

        Light adds up as squared values; the root is taken when it is shown.
        """


@dataclass(frozen=True)
class SceneRequest:
    """What a scene is drawn from."""

    music: AudioFeatures
    palette: tuple[str, ...]  # dark to light, "#rrggbb"
    seed: int
    # Of the finished frame.
    width: int
    height: int


def floats(values: npt.ArrayLike) -> Floats:
    """Return 32-bit floats, which need half the memory traffic of 64; copies only if necessary."""
    return np.asarray(values, dtype=np.float32)


def colors(palette: tuple[str, ...]) -> Floats:
    """Return (n, 3) sRGB values 0..1, dark to light. Raises ValueError on a bad colour."""
    rgb = floats([ImageColor.getrgb(color)[:3] for color in palette]) / np.float32(255)
    return rgb[np.argsort(luma(rgb), kind="stable")]


def luma(rgb: Floats) -> Floats:
    """Return the BT.709 luma of sRGB values 0..1."""
    return floats(rgb @ floats([0.2126, 0.7152, 0.0722]))


def ramp(stops: Floats, steps: int = 256) -> Floats:
    """Return (steps, 3): the colours blended evenly from first to last, mixed as light."""
    at = np.linspace(0, len(stops) - 1, steps)
    mixed = [np.interp(at, np.arange(len(stops)), stops[:, part] ** 2) for part in range(3)]
    return floats(np.sqrt(np.stack(mixed, axis=1)))


def planes(color: Floats) -> Floats:
    """Return a colour (3,) as (3, 1, 1), to be multiplied with a picture's plane."""
    return color[:, None, None]


def smoothstep(low: float, high: float, values: Floats) -> Floats:
    """Return 0 below `low`, 1 above `high`, and a smooth cubic between."""
    x = np.clip((values - low) / (high - low), 0.0, 1.0)
    return floats(x * x * (3.0 - 2.0 * x))


def light_to_bytes(light: Floats) -> Bytes:
    """Convert light (squared values, 0 and more) to bytes of sRGB, limited to 0..255.

    Overwrites `light`, in pieces that stay in the cache: memory access takes the time, not
    arithmetic.
    """
    shown = np.empty(light.shape, dtype=np.uint8)
    flat, flat_shown = light.reshape(-1), shown.reshape(-1)
    for start in range(0, flat.size, _CACHED):
        piece = flat[start : start + _CACHED]
        np.minimum(piece, 1.0, out=piece)
        np.sqrt(piece, out=piece)
        piece *= 255.0
        piece += 0.5
        flat_shown[start : start + _CACHED] = piece
    return shown


def field_size(request: SceneRequest, width: int) -> tuple[int, int]:
    """Return (width, height) of a field in the frame's shape, `width` across its shorter side."""
    shorter = min(request.width, request.height)
    return (
        max(2, round(request.width * width / shorter)),
        max(2, round(request.height * width / shorter)),
    )


def phase(speed_per_s: Floats, fps: int) -> Floats:
    """Return a position that moves at the given speed: one value per frame, from 0."""
    return np.cumsum(speed_per_s / fps, dtype=np.float64).astype(np.float32)


def grid(size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return pixel centres as x, y; the shorter side spans -1..1, the origin is the centre."""
    width, height = size
    shorter = min(width, height)
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * (2 / shorter)
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) * (2 / shorter)
    across, down = np.meshgrid(x, y)
    return across, down


def glows(axes: tuple[Floats, Floats], centres: Floats, sizes: Floats, tints: Floats) -> Floats:
    """Return soft round lights added up: (3, height, width).

    axes: x of the columns, y of the rows. centres: (n, 2). sizes: (n,), where a light has fallen
    to 1/e. tints: (n, 3). A product of two exponentials, so that a picture costs as much as its
    edges.
    """
    x, y = axes
    across = np.exp(-np.square((x[None, :] - centres[:, 0, None]) / sizes[:, None]))
    down = np.exp(-np.square((y[:, None] - centres[None, :, 1]) / sizes[None, :]))
    return floats((down[None] * tints.T[:, None, :]) @ across)


def dusk(y: Floats, color: Floats) -> Floats:
    """Return a ground of one colour, darker towards the bottom: (3, height, width)."""
    low = 0.55
    tall = float(np.abs(y).max())
    return floats((planes(color) * (low + (1 - low) * smoothstep(tall, -tall, y))) ** 2)


def looked_up(table: Floats, index: npt.NDArray[np.intp]) -> Floats:
    """Return a picture from a table of colours (3, n) and each pixel's place in it."""
    return table.take(index, axis=1)
