"""Flowing pictures: silk, nebula, colour fields, strands, contour lines."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from media_tools.images.families.canvas import Canvas, Sheet
from media_tools.images.fields import (
    axes,
    bands,
    fractal_noise,
    image_of,
    mask_of,
    resized,
    smoothstep,
    warped,
)
from media_tools.images.palette import FloatArray


def silk(canvas: Canvas) -> Image.Image:
    """Folded cloth: waves bent by noise, lit from one side."""
    rng = canvas.rng("silk")
    size = canvas.soft_px(2)
    x, y = axes(size)
    bend = fractal_noise(rng, size, cells=1.5, octaves=2)
    twist = fractal_noise(rng, size, cells=1.1, octaves=2)
    angle = float(rng.uniform(0, np.pi))
    along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    folds = float(rng.uniform(1.6, 3.2))
    phase = along * folds + bend * 2.3 + 0.9 * np.sin(3.1 * twist + 2 * along)
    height = np.sin(2 * np.pi * phase) + 0.35 * np.sin(4 * np.pi * phase + 5 * twist)
    slope_y, slope_x = np.gradient(height.astype(np.float32), 1 / size)
    scale = np.float32(0.045)
    length = np.sqrt(1 + (scale * slope_x) ** 2 + (scale * slope_y) ** 2)
    light = float(rng.uniform(0, 2 * np.pi))
    lit = (
        0.62 - scale * (slope_x * np.float32(np.cos(light)) + slope_y * np.float32(np.sin(light)))
    ) / length
    shine = np.clip(lit, 0, 1) ** 10
    tone = 0.05 + 0.62 * np.clip(0.5 * lit + 0.28, 0, 1) + 0.12 * (height * 0.5) + 0.22 * shine
    tone += 0.16 * (twist - 0.5)
    return image_of(canvas.palette.ramp(tone.astype(np.float32)), canvas.size_px)


def nebula(canvas: Canvas) -> Image.Image:
    """Clouds of gas warped twice, lit from within, with stars of several sizes."""
    rng = canvas.rng("nebula")
    size = canvas.soft_px(3)
    x, y = axes(size)
    first = fractal_noise(rng, size, cells=1.8, octaves=4)
    second = fractal_noise(rng, size, cells=1.8, octaves=4)
    base = fractal_noise(rng, size, cells=2.2, octaves=8, gain=0.56)
    cloud = warped(base, np.float32(0.34) * (first - 0.5), np.float32(0.34) * (second - 0.5))
    dust = warped(first, np.float32(0.25) * (base - 0.5), np.float32(0.25) * (second - 0.5))
    x0, y0 = float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.38, 0.62))
    lean = float(rng.uniform(-0.9, 0.9))
    across = (x - x0) * np.float32(np.cos(lean)) + (y - y0) * np.float32(np.sin(lean))
    away = (y - y0) * np.float32(np.cos(lean)) - (x - x0) * np.float32(np.sin(lean))
    band = np.exp(-((across / 0.75) ** 2) - (away / 0.30) ** 2)
    core = np.exp(-((across / 0.26) ** 2) - (away / 0.18) ** 2)
    gas = smoothstep(0.16, 0.80, cloud)
    tone = 0.06 + 0.26 * gas + 0.36 * band * gas + 0.44 * core * gas**1.3 + 0.07 * band
    tone -= 0.24 * smoothstep(0.50, 0.72, dust) * band * (0.35 + gas)
    image = image_of(canvas.palette.ramp(tone.astype(np.float32)), canvas.size_px)
    # Ionised gas glows in its own colour beside the lit dust.
    ionised = smoothstep(0.42, 0.80, second) * gas * (1 - core)
    image.paste(canvas.palette.accent, mask=mask_of(np.float32(0.55) * ionised, canvas.size_px))
    _starfield(canvas, image, rng, below=1.0)
    return image


def aurora(canvas: Canvas) -> Image.Image:
    """Curtains of light over dark hills: a sharp lower hem, rays fading upwards."""
    rng = canvas.rng("aurora")
    size = canvas.soft_px(3)
    x, y = axes(size)
    tone = 0.05 + 0.10 * y + np.zeros_like(x)
    sway = fractal_noise(rng, size, cells=2.0, octaves=3)
    for index in range(3):
        hem = fractal_noise(rng, size, cells=1.7, octaves=3, gain=0.42, stretch=(1.0, 50.0))
        ray = fractal_noise(rng, size, cells=9, octaves=5, gain=0.72, stretch=(1.0, 50.0))
        lit = fractal_noise(rng, size, cells=1.8, octaves=2, stretch=(1.0, 50.0))
        rays = warped(ray, np.float32(0.10) * (sway - 0.5), np.zeros_like(sway))
        line = 0.42 + 0.14 * index + 0.34 * (hem - 0.5)
        above = line - y
        reach = 0.10 + 0.34 * rays
        glow = np.exp(-np.maximum(above, 0) / reach) * smoothstep(-0.035, 0.010, above)
        tone += 0.50 * glow * (0.22 + 0.78 * rays) * (0.25 + 0.75 * lit)
        tone += 0.06 * np.exp(-np.abs(above) / 0.16)
    image = image_of(canvas.palette.ramp(np.minimum(tone, 0.93).astype(np.float32)), canvas.size_px)
    _starfield(canvas, image, rng, below=0.8)
    _skyline(canvas, image, rng)
    return image


def _starfield(canvas: Canvas, image: Image.Image, rng: np.random.Generator, below: float) -> None:
    light = Sheet(canvas.size_px, 0, "L")
    for x, y, weight in rng.random((int(rng.integers(160, 300)), 3)):
        spread = 0.0005 + 0.0016 * weight**9
        level = round(70 + 170 * weight**2)
        y *= below
        light.draw.ellipse(light.scaled(x - spread, y - spread, x + spread, y + spread), fill=level)
    image.paste(canvas.palette.paper, mask=light.finish())


def _skyline(canvas: Canvas, image: Image.Image, rng: np.random.Generator) -> None:
    """A dark line of hills that gives the aurora a ground."""
    row = fractal_noise(rng, 512, cells=2.5, octaves=7, gain=0.46, stretch=(1.0, 50.0))[256]
    shape = Sheet(canvas.size_px, 0, "L")
    points = [(i / 511, 0.93 - 0.13 * float(v)) for i, v in enumerate(row)]
    outline = [(0.0, 1.01), *points, (1.0, 1.01)]
    shape.draw.polygon([shape.scaled(*point) for point in outline], fill=255)
    image.paste(canvas.palette.ink, mask=shape.finish())


def colour_fields(canvas: Canvas) -> Image.Image:
    """Soft-edged blocks of colour on a woven ground, painted in many thin coats."""
    rng = canvas.rng("colour-fields")
    size = canvas.soft_px(2)
    x, y = axes(size)
    dark = bool(rng.random() < 0.65)
    wash = fractal_noise(rng, size, cells=3, octaves=6, gain=0.6)
    brush = fractal_noise(rng, size, cells=7, octaves=5, gain=0.6, stretch=(5.0, 0.5))
    ragged = fractal_noise(rng, size, cells=9, octaves=5, gain=0.62)
    pixels: FloatArray = canvas.palette.ramp((0.10 if dark else 0.90) + 0.07 * (wash - 0.5)).astype(
        np.float32
    )

    count = int(rng.integers(2, 4))
    margin = float(rng.uniform(0.045, 0.075))
    # The first edge stays above the title's band, or one plain block would be left to see.
    parts = rng.uniform(0.27, 0.47, 1) if count == 2 else np.array([0.26, 0.66])
    parts = np.clip(parts + rng.uniform(-0.07, 0.07, count - 1), 0.2, 0.8)
    edges = [margin, *(margin + float(p) * (1 - 2 * margin) for p in parts), 1 - margin]
    tones = rng.permutation([0.30, 0.5, 0.70, 0.86] if dark else [0.16, 0.36, 0.55, 0.72])
    jitter = 0.016 * (ragged - 0.5)
    for index in range(count):
        top, bottom = edges[index] + 0.012, edges[index + 1] - 0.012
        inside = np.minimum(np.minimum(x - margin, 1 - margin - x), np.minimum(y - top, bottom - y))
        cover = smoothstep(-0.004, 0.022, inside + jitter) * (0.86 + 0.14 * wash)
        tone = float(tones[index]) + 0.13 * (brush - 0.5) + 0.07 * (wash - 0.5)
        pixels += cover[..., None] * (canvas.palette.ramp(tone) - pixels)
    weave = np.sin(2 * np.pi * 160 * x) + np.sin(2 * np.pi * 160 * y)
    pixels += (1.6 * weave + 9 * (brush - 0.5))[..., None]
    return image_of(np.clip(pixels, 0, 255).astype(np.uint8), canvas.size_px)


def strands(canvas: Canvas) -> Image.Image:
    """Thousands of steps along a swirling field, drawn as fine threads."""
    rng = canvas.rng("strands")
    dark = bool(rng.random() < 0.7)
    field_px = 256
    swirl = fractal_noise(rng, field_px, cells=float(rng.uniform(1.1, 2.0)), octaves=3, gain=0.4)
    turn = (swirl * float(rng.uniform(5.0, 8.0)) + float(rng.uniform(0, 6.28))).astype(np.float32)
    count, steps, reach = 760, 90, 0.0062
    heads: FloatArray = rng.uniform(-0.15, 1.15, (count, 2)).astype(np.float32)
    paths = np.empty((steps, count, 2), dtype=np.float32)
    for step in range(steps):
        paths[step] = heads
        places = np.clip(heads[:, ::-1].T * (field_px - 1), 0, field_px - 1)
        angle = ndimage.map_coordinates(turn, places, order=1)
        heads = heads + np.float32(reach) * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    tones = np.clip(rng.normal(0.56, 0.20, count) + 0.5 * (paths[0, :, 1] - 0.5), 0.22, 0.97)
    widths = 0.0014 + 0.0052 * rng.random(count) ** 3
    order = np.argsort(tones if dark else -tones, kind="stable")
    sheet = Sheet(canvas.size_px, canvas.palette.at(0.05 if dark else 0.95))
    for index in order:
        line = [sheet.scaled(float(px), float(py)) for px, py in paths[:, index]]
        tone = float(tones[index]) if dark else 0.95 - 0.85 * float(tones[index])
        width = sheet.width(float(widths[index]))
        sheet.draw.line(line, fill=canvas.palette.at(tone), width=width, joint="curve")
        for px, py in (line[0], line[-1]):
            cap = width / 2 - 0.5
            sheet.draw.ellipse((px - cap, py - cap, px + cap, py + cap), canvas.palette.at(tone))
    image = sheet.finish()
    size = canvas.soft_px(8)
    depth = fractal_noise(rng, size, cells=1.4, octaves=2)
    shade = smoothstep(0.45, 0.95, depth) * np.float32(0.72)
    image.paste(canvas.palette.at(0.03 if dark else 0.97), mask=mask_of(shade, canvas.size_px))
    return image


def contours(canvas: Canvas) -> Image.Image:
    """A map of a land that does not exist: tinted heights and their lines."""
    rng = canvas.rng("contours")
    size = canvas.size_px
    small = canvas.soft_px(4)
    dark = bool(rng.random() < 0.6)
    x, y = axes(small)
    bumps = fractal_noise(rng, small, cells=float(rng.uniform(1.6, 2.6)), octaves=4, gain=0.42)
    bend = fractal_noise(rng, small, cells=1.5, octaves=2)
    land = ndimage.gaussian_filter(
        warped(bumps, 0.14 * (bend - 0.5), 0.14 * (0.5 - bumps)), small * 0.006
    )
    x0, y0 = rng.uniform(0.3, 0.7, 2)
    land += 0.35 * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 0.07).astype(np.float32)
    land = (land - land.min()) / (land.max() - land.min())
    levels = int(rng.integers(15, 24))
    slope_y, slope_x = np.gradient(land, 1 / small)
    steep = np.maximum(np.hypot(slope_x, slope_y), 0.15).astype(np.float32)
    image = Image.new("RGB", (size, size))
    lines = Image.new("L", (size, size))
    for band in bands(size):
        height = resized(land, size, band) * np.float32(levels)
        # Distance to the nearest level, in pixels, from height and steepness.
        step_px = resized(steep, size, band) * np.float32(levels / size)
        nearest = np.round(height)
        distance = np.abs(height - nearest) / step_px
        width = np.where(nearest % 5 == 0, 0.0030, 0.0013).astype(np.float32) * size
        line = np.clip(width / 2 + 0.5 - distance, 0, 1)
        lines.paste(Image.fromarray((line * 217).astype(np.uint8)), (0, band[0]))
        banded = np.clip(np.floor(height) / np.float32(levels), 0, 1)
        tone = 0.05 + 0.55 * banded**1.3 if dark else 0.95 - 0.42 * banded
        image.paste(Image.fromarray(canvas.palette.ramp(tone.astype(np.float32))), (0, band[0]))
    slope = (slope_x + slope_y).astype(np.float32)
    relief = mask_of(np.clip(slope * np.float32(0.075), 0, 0.5), size)
    image.paste(canvas.palette.ink, mask=relief)
    image.paste(canvas.palette.at(0.80 if dark else 0.10), mask=lines)
    return image
