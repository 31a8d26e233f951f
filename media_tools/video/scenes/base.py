"""What every scene gives: a small picture a frame, which ffmpeg enlarges.

Drawing small and enlarging in ffmpeg is what makes these videos cheap: the encoder, not Python,
is then the cost.
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

_CACHED = 2**15  # numbers: 128 KiB, well inside any core's second cache


@dataclass(frozen=True)
class Layout:
    """Pictures of a scene. Sizes are (width, height) in pixels as drawn.

    field: opaque, enlarged to the whole frame; new every `field_every` frames (a calm background
    needs no more). sprite: RGBA on top, enlarged to the square-pixel box sprite_box = (x, y,
    width, height) of the finished frame; None for scenes of one picture.
    """

    field: tuple[int, int]
    field_every: int = 1
    sprite: tuple[int, int] | None = None
    sprite_box: tuple[int, int, int, int] = (0, 0, 0, 0)


class Scene(ABC):
    """A style, ready to draw one song. Frames may be drawn in any order.

    Pictures are planes, one a colour: numpy is several times as slow where its innermost loop goes
    over the three parts of a pixel, and ffmpeg reads either as fast.
    """

    layout: Layout

    @abstractmethod
    def field(self, frame: int) -> Bytes:
        """(3, height, width): red, green, blue."""

    def sprite(self, frame: int) -> Bytes | None:
        """(4, height, width): red, green, blue, alpha, not premultiplied; None in a scene of one
        picture."""
        return None


@dataclass(frozen=True)
class SceneRequest:
    """palette: dark to light, "#rrggbb". width, height: of the finished frame."""

    music: AudioFeatures
    palette: tuple[str, ...]
    seed: int
    width: int
    height: int


def floats(values: npt.ArrayLike) -> Floats:
    """As 32-bit floats, uncopied if they are so already: half the memory traffic of 64."""
    return np.asarray(values, dtype=np.float32)


def colors(palette: tuple[str, ...]) -> Floats:
    """(n, 3) sRGB 0..1, ordered from dark to light. Raises ValueError on a bad colour."""
    rgb = floats([ImageColor.getrgb(color)[:3] for color in palette]) / np.float32(255)
    return rgb[np.argsort(luma(rgb), kind="stable")]


def luma(rgb: Floats) -> Floats:
    """BT.709 luma of sRGB values 0..1."""
    return floats(rgb @ floats([0.2126, 0.7152, 0.0722]))


def ramp(stops: Floats, steps: int = 256) -> Floats:
    """(steps, 3): the colours blended evenly from first to last, mixed as light."""
    at = np.linspace(0, len(stops) - 1, steps)
    mixed = [np.interp(at, np.arange(len(stops)), stops[:, part] ** 2) for part in range(3)]
    return floats(np.sqrt(np.stack(mixed, axis=1)))


def planes(color: Floats) -> Floats:
    """A colour (3,) as (3, 1, 1), to be multiplied with a picture's plane."""
    return color[:, None, None]


def smoothstep(low: float, high: float, values: Floats) -> Floats:
    """0 below `low`, 1 above `high`, a smooth cubic between."""
    x = np.clip((values - low) / (high - low), 0.0, 1.0)
    return floats(x * x * (3.0 - 2.0 * x))


def light_to_bytes(light: Floats) -> Bytes:
    """Light (squared values, 0 and more) to bytes of sRGB, held to 0..255. `light` is used up.

    In place and in pieces that stay in the cache: the time goes into memory, not into arithmetic.
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
    """(width, height) of a field in the frame's shape, `width` across its shorter side."""
    shorter = min(request.width, request.height)
    return (
        max(2, round(request.width * width / shorter)),
        max(2, round(request.height * width / shorter)),
    )


def phase(speed_per_s: Floats, fps: int) -> Floats:
    """A position that moves at the given speed: one value a frame, from 0."""
    return np.cumsum(speed_per_s / fps, dtype=np.float64).astype(np.float32)


def grid(size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Pixel centres as x, y; the shorter side spans -1..1, the origin is the centre."""
    width, height = size
    shorter = min(width, height)
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * (2 / shorter)
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) * (2 / shorter)
    across, down = np.meshgrid(x, y)
    return across, down
