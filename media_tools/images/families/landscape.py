"""Landscapes: the sun over a grid or a sea, and ridges of cut paper."""

from __future__ import annotations

import numpy as np
from PIL import Image

from media_tools.images.families.canvas import Canvas, Sheet, soft_shadow
from media_tools.images.fields import (
    axes,
    fractal_noise,
    image_of,
    mask_of,
    smoothstep,
)
from media_tools.images.palette import ByteArray, FloatArray

GROUNDS = ("grid", "sea", "dunes")


def retro_sun(canvas: Canvas) -> Image.Image:
    """A striped sun in a graded sky over a perspective grid, a sea or dunes."""
    rng = canvas.rng("retro-sun")
    ground = GROUNDS[int(rng.integers(len(GROUNDS)))]
    horizon = float(rng.uniform(0.60, 0.70))
    centre = (float(rng.choice([0.5, 0.5, 0.34, 0.66])), horizon - float(rng.uniform(0.10, 0.2)))
    radius = float(rng.uniform(0.17, 0.27))

    image = image_of(_sky(canvas, rng, horizon), canvas.size_px)
    _stars(canvas, image, rng, below=horizon * 0.7)
    _sun(canvas, image, centre, radius, striped=ground != "dunes")
    if ground == "grid":
        _range(canvas, image, rng, horizon)
        _grid_floor(canvas, image, horizon, centre[0])
    elif ground == "sea":
        _sea(canvas, image, rng, horizon, centre[0], radius)
    else:
        _dunes(canvas, image, rng, horizon - 0.06)
    return image


def _sky(canvas: Canvas, rng: np.random.Generator, horizon: float) -> ByteArray:
    size = canvas.soft_px(3)
    _, y = axes(size)
    haze = fractal_noise(rng, size, cells=2.2, octaves=5, stretch=(2.6, 1.0))
    height = np.clip(y / np.float32(horizon), 0, 1)
    return canvas.palette.ramp(0.06 + 0.62 * height**1.7 + 0.16 * (haze - 0.5) * (0.4 + height))


def _stars(canvas: Canvas, image: Image.Image, rng: np.random.Generator, below: float) -> None:
    count = int(rng.integers(70, 160))
    light = Sheet(canvas.size_px, 0, "L")
    for x, y, weight in rng.random((count, 3)):
        spread = 0.0006 + 0.0013 * weight**6
        # Fewer and fainter towards the horizon.
        level = round(220 * (1 - y) * (0.35 + 0.65 * weight))
        box = light.scaled(x - spread, y * below - spread, x + spread, y * below + spread)
        light.draw.ellipse(box, fill=level)
    image.paste(canvas.palette.paper, mask=light.finish())


def _sun(
    canvas: Canvas,
    image: Image.Image,
    centre: tuple[float, float],
    radius: float,
    *,
    striped: bool,
) -> None:
    x0, y0 = centre
    size = canvas.soft_px(8)
    x, y = axes(size)
    distance = np.hypot(x - x0, y - y0) - radius
    glow = 0.55 * np.exp(-np.maximum(distance, 0) * 7.5)
    image.paste(canvas.palette.at(0.78), mask=mask_of(glow.astype(np.float32), canvas.size_px))

    disc = Sheet(canvas.size_px, 0, "L")
    disc.draw.ellipse(disc.scaled(x0 - radius, y0 - radius, x0 + radius, y0 + radius), fill=255)
    if striped:
        for step in range(7):
            top = y0 + radius * (-0.02 + 0.155 * step)
            thick = radius * (0.018 + 0.014 * step)
            disc.draw.rectangle(disc.scaled(x0 - radius, top, x0 + radius, top + thick), fill=0)
    top_px = max(round((y0 - radius) * canvas.size_px), 0)
    height_px = round(2 * radius * canvas.size_px)
    shade = np.linspace(0.99, 0.6, height_px, dtype=np.float32)[:, None]
    column = Image.fromarray(canvas.palette.ramp(shade))
    fill = column.resize((canvas.size_px, height_px))
    mask = disc.finish()
    image.paste(fill, (0, top_px), mask.crop((0, top_px, canvas.size_px, top_px + height_px)))


def _range(canvas: Canvas, image: Image.Image, rng: np.random.Generator, horizon: float) -> None:
    """Two jagged silhouettes on the horizon."""
    for tone, height in ((0.2, 0.1), (0.09, 0.06)):
        ridge = _ridge_line(rng, 512, roughness=0.5)
        points = [(i / 511, horizon - height * (0.12 + float(v))) for i, v in enumerate(ridge)]
        shape = Sheet(canvas.size_px, 0, "L")
        outline = [(0.0, horizon + 0.01), *points, (1.0, horizon + 0.01)]
        shape.draw.polygon([shape.scaled(*point) for point in outline], fill=255)
        image.paste(canvas.palette.at(tone), mask=shape.finish())


def _grid_floor(canvas: Canvas, image: Image.Image, horizon: float, vanishing_x: float) -> None:
    size = canvas.size_px
    top = round(horizon * size)
    rows = size - top
    x, _ = axes(size)
    depth_down = ((np.arange(rows, dtype=np.float32) + 0.5) / rows)[:, None]
    distance = 1 / (depth_down + 0.012)
    lanes = (x - np.float32(vanishing_x)) * distance * 5.2
    steps = np.log2(distance) * 3.4
    # Lanes lean, so their distance is taken across the line: offset over the length of the slope.
    lean = (x - np.float32(vanishing_x)) * distance * np.float32(size / rows)
    lane_slope = distance * np.float32(5.2 / size) * np.sqrt(1 + lean**2)
    across_px = np.abs(lanes - np.round(lanes)) / lane_slope
    along_px = np.abs(steps - np.round(steps)) * (depth_down + 0.012) * (rows * 0.204)
    width = 0.0011 * size * (0.35 + 1.1 * depth_down)
    line = np.maximum(_line_level(across_px, width), _line_level(along_px, width))
    halo = 0.30 * np.maximum(np.exp(-across_px / (5 * width)), np.exp(-along_px / (5 * width)))
    level = np.clip(line * 0.9 + halo, 0, 1) * smoothstep(0.0, 0.10, depth_down)
    ground = canvas.palette.ramp(0.16 - 0.10 * depth_down + np.zeros_like(x))
    floor = Image.fromarray(ground)
    mask = Image.fromarray((np.clip(level, 0, 1) * 235).astype(np.uint8))
    floor.paste(canvas.palette.at(0.72), mask=mask)
    image.paste(floor, (0, top))


def _line_level(distance_px: FloatArray, width_px: FloatArray) -> FloatArray:
    level: FloatArray = np.clip(width_px / 2 + 0.5 - distance_px, 0, 1)
    return level


def _sea(
    canvas: Canvas,
    image: Image.Image,
    rng: np.random.Generator,
    horizon: float,
    sun_x: float,
    radius: float,
) -> None:
    """Dark water with the sun's light broken into bars."""
    size = canvas.size_px
    top = round(horizon * size)
    depth = np.linspace(0, 1, size - top, dtype=np.float32)[:, None]
    column = Image.fromarray(canvas.palette.ramp(0.26 - 0.22 * depth**0.6))
    image.paste(column.resize((size, size - top)), (0, top))
    bars = Sheet(size, 0, "L")
    y = horizon + 0.004
    while y < 1:
        nearness = (y - horizon) / (1 - horizon)
        thick = 0.0016 + 0.010 * nearness
        for _ in range(3):
            reach = radius * (1.0 - 0.45 * nearness) * float(rng.uniform(0.10, 0.75))
            middle = sun_x + radius * float(rng.normal(0, 0.22))
            level = round(235 * (1 - 0.75 * nearness) * float(rng.uniform(0.35, 1.0)))
            lower = y + thick * float(rng.uniform(0.25, 0.5))
            box = bars.scaled(middle - reach, y, middle + reach, lower)
            bars.draw.rounded_rectangle(box, radius=(box[3] - box[1]) / 2, fill=level)
            y += thick * float(rng.uniform(0.3, 0.65))
    image.paste(canvas.palette.at(0.85), mask=bars.finish())


def _dunes(canvas: Canvas, image: Image.Image, rng: np.random.Generator, start: float) -> None:
    """Long smooth hills, lit along one flank."""
    count = 4
    for index in range(count):
        ridge = _ridge_line(rng, 256, roughness=0.26)
        base = start + (1.02 - start) * (index + 0.35) / count
        heights = base - 0.11 * ridge
        tone = 0.40 - 0.085 * index
        _paste_layer(canvas, image, heights, tone, tone - 0.10, shadow=0.35)


def ridges(canvas: Canvas) -> Image.Image:
    """Mountains in layers of paper, paler with distance, under a moon or sun."""
    rng = canvas.rng("ridges")
    night = bool(rng.random() < 0.5)
    size = canvas.soft_px(3)
    _, y = axes(size)
    haze = fractal_noise(rng, size, cells=1.6, octaves=4, stretch=(2.5, 1.0))
    if night:
        sky = 0.10 + 0.42 * y**1.4 + 0.10 * (haze - 0.5)
    else:
        sky = 0.72 + 0.24 * y - 0.10 * (haze - 0.5)
    image = image_of(canvas.palette.ramp(sky), canvas.size_px)
    if night:
        _stars(canvas, image, rng, below=0.45)
    _moon(canvas, image, rng, night=night)

    count = int(rng.integers(5, 8))
    top = float(rng.uniform(0.40, 0.50))
    roughness = float(rng.uniform(0.34, 0.52))
    near, far = (0.03, 0.55) if night else (0.06, 0.80)
    for index in range(count):
        nearness = index / (count - 1)
        ridge = _ridge_line(rng, 512, roughness=roughness)
        base = top + (1.04 - top) * nearness**1.15 * 0.92 + 0.09
        heights = base - (0.20 - 0.06 * nearness) * ridge
        tone = far + (near - far) * nearness**0.8
        # Mist: each layer pales towards its foot.
        _paste_layer(canvas, image, heights, tone, min(tone + 0.13, 1.0), shadow=0.42)
    return image


def _moon(canvas: Canvas, image: Image.Image, rng: np.random.Generator, *, night: bool) -> None:
    radius = float(rng.uniform(0.055, 0.135))
    x0 = float(rng.choice([0.27, 0.38, 0.5, 0.66, 0.74]))
    y0 = float(rng.uniform(0.27, 0.38))
    size = canvas.soft_px(8)
    x, y = axes(size)
    glow = np.exp(-np.maximum(np.hypot(x - x0, y - y0) - radius, 0) * 9).astype(np.float32)
    tone = canvas.palette.at(0.94 if night else 0.99)
    image.paste(tone, mask=mask_of(glow * np.float32(0.42), canvas.size_px))
    disc = Sheet(canvas.size_px, 0, "L")
    disc.draw.ellipse(disc.scaled(x0 - radius, y0 - radius, x0 + radius, y0 + radius), fill=255)
    image.paste(tone if night else canvas.palette.accent, mask=disc.finish())


def _ridge_line(rng: np.random.Generator, points: int, *, roughness: float) -> FloatArray:
    """Heights 0..1 along the width.

    roughness: gain of each next octave, 0.25 smooth, 0.6 jagged.
    """
    line = fractal_noise(rng, points, cells=2.2, octaves=7, gain=roughness, stretch=(1.0, 50.0))
    row: FloatArray = line[points // 2]
    low, high = float(row.min()), float(row.max())
    return (row - np.float32(low)) / np.float32(max(high - low, 1e-6))


def _paste_layer(
    canvas: Canvas,
    image: Image.Image,
    heights: FloatArray,
    top_tone: float,
    foot_tone: float,
    *,
    shadow: float,
) -> None:
    """Everything below the line filled, with a soft shadow cast on what lies behind.

    heights: y of the line in shares of the side, evenly spaced over the width.
    """
    shape = Sheet(canvas.size_px, 0, "L")
    across = np.linspace(0, 1, len(heights))
    outline = [(0.0, 1.01), *zip(across, heights, strict=True), (1.0, 1.01)]
    shape.draw.polygon([shape.scaled(float(x), float(y)) for x, y in outline], fill=255)
    mask = shape.finish()
    cast = soft_shadow(mask, blur=0.014, drop=-0.010, strength=shadow)
    image.paste(canvas.palette.ink, mask=cast)

    first = max(round(float(heights.min()) * canvas.size_px), 0)
    span = max(canvas.size_px - first, 1)
    fall = np.linspace(0, 1, span, dtype=np.float32)[:, None]
    fade = np.clip(fall / 0.55, 0, 1)
    column = Image.fromarray(
        canvas.palette.ramp((top_tone + (foot_tone - top_tone) * fade).astype(np.float32))
    )
    fill = column.resize((canvas.size_px, span))
    image.paste(fill, (0, first), mask.crop((0, first, canvas.size_px, first + span)))
