"""Number fields that pictures are made of: noise, warps, soft steps, grain.

Fields are float32 arrays (rows, columns). Noise lattices do not depend on the pixel size, so a
seed gives the same picture at 300 and at 3000 pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageChops
from scipy import ndimage

from media_tools.images.palette import ByteArray, FloatArray

GRAIN_TILE_PX = 1024
# Fields at full size are worked on in strips of this height: a whole one holds 36 MB at 3000 px.
BAND_PX = 250


def axes(size_px: int) -> tuple[FloatArray, FloatArray]:
    """x as (1, size) and y as (size, 1), pixel centres from 0 to 1; they broadcast."""
    line = ((np.arange(size_px) + 0.5) / size_px).astype(np.float32)
    return line[None, :], line[:, None]


def bands(size_px: int) -> Iterator[tuple[int, int]]:
    """First row and the one behind the last of each strip of a picture, from the top."""
    for top in range(0, size_px, BAND_PX):
        yield top, min(top + BAND_PX, size_px)


def resized(field: FloatArray, size_px: int, band: tuple[int, int] | None = None) -> FloatArray:
    """The square field at another size, bicubic; with `band` those rows of the result alone."""
    top, bottom = band or (0, size_px)
    scale = field.shape[0] / size_px
    image = Image.fromarray(field).resize(
        (size_px, bottom - top),
        Image.Resampling.BICUBIC,
        box=(0, top * scale, field.shape[1], bottom * scale),
    )
    return np.asarray(image, dtype=np.float32)


def fractal_noise(
    rng: np.random.Generator,
    size_px: int,
    *,
    cells: float,
    octaves: int = 5,
    gain: float = 0.5,
    stretch: tuple[float, float] = (1.0, 1.0),
) -> FloatArray:
    """Smooth noise summed over octaves, scaled to 0..1.

    cells: bumps across the picture in the first octave; each next octave doubles them with
    `gain` of the height. stretch: how much wider (x) and taller (y) bumps are.
    """
    total = np.zeros((size_px, size_px), dtype=np.float32)
    for octave in range(octaves):
        across = max(cells * 2**octave / stretch[0], 1.0)
        down = max(cells * 2**octave / stretch[1], 1.0)
        shape = (int(np.ceil(down)) + 4, int(np.ceil(across)) + 4)
        lattice = Image.fromarray(rng.random(shape, dtype=np.float32))
        layer = lattice.resize(
            (size_px, size_px),
            Image.Resampling.BICUBIC,
            # One and a half cells in from the border, where bicubic has all its neighbours.
            box=(1.5, 1.5, 1.5 + across, 1.5 + down),
        )
        total += np.asarray(layer, dtype=np.float32) * np.float32(gain**octave)
    low, high = float(total.min()), float(total.max())
    return (total - np.float32(low)) / np.float32(max(high - low, 1e-6))


def warped(field: FloatArray, shift_x: FloatArray, shift_y: FloatArray) -> FloatArray:
    """The field read at places moved by the shifts (in widths of the picture), mirrored."""
    rows, columns = np.indices(field.shape, dtype=np.float32)
    size = field.shape[0]
    places = np.stack([rows + shift_y * size, columns + shift_x * size])
    moved: FloatArray = ndimage.map_coordinates(field, places, order=1, mode="mirror")
    return moved


def smoothstep(low: float, high: float, values: FloatArray) -> FloatArray:
    """0 below `low`, 1 above `high`, a smooth S between; falls if low > high."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    stepped: FloatArray = t * t * (3 - 2 * t)
    return stepped


def image_of(pixels: ByteArray, size_px: int) -> Image.Image:
    """An RGB picture of the pixels (rows, columns, 3), enlarged to `size_px` if need be."""
    image = Image.fromarray(pixels)
    if image.size != (size_px, size_px):
        image = image.resize((size_px, size_px), Image.Resampling.BICUBIC)
    return image


def mask_of(field: FloatArray, size_px: int) -> Image.Image:
    """An 8-bit mask of a field 0..1, enlarged to `size_px` if need be."""
    mask = Image.fromarray((np.clip(field, 0, 1) * 255 + 0.5).astype(np.uint8))
    if mask.size != (size_px, size_px):
        mask = mask.resize((size_px, size_px), Image.Resampling.BICUBIC)
    return mask


def grain_added(image: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Film grain: grey triangular noise; strength is its peak in 8-bit steps."""
    noise = rng.random((GRAIN_TILE_PX, GRAIN_TILE_PX), dtype=np.float32)
    noise += rng.random((GRAIN_TILE_PX, GRAIN_TILE_PX), dtype=np.float32)
    tile = Image.fromarray(np.round(128 + (noise - 1) * strength).astype(np.uint8))
    sheet = Image.new("L", image.size)
    turns = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.TRANSPOSE)
    for left in range(0, image.width, GRAIN_TILE_PX):
        for top in range(0, image.height, GRAIN_TILE_PX):
            turn = turns[int(rng.integers(len(turns)))]
            sheet.paste(tile if turn is None else tile.transpose(turn), (left, top))
    return ImageChops.add(image, Image.merge("RGB", (sheet, sheet, sheet)), 1.0, -128)
