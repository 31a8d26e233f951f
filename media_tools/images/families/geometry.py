"""Geometric pictures: tiles, rings, a halftone orb, stained glass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from scipy.spatial import Voronoi

from media_tools.images.families.canvas import Canvas, Sheet
from media_tools.images.fields import (
    axes,
    bands,
    fractal_noise,
    image_of,
    mask_of,
    smoothstep,
)
from media_tools.images.palette import ByteArray, FloatArray, Rgb

Points = NDArray[np.float64]
# Centre and radius of spheres, in shares of the side.
Orbs = tuple[tuple[float, float, float], ...]
ORBS: tuple[Orbs, ...] = (
    ((0.5, 0.47, 0.34),),
    ((0.62, 0.42, 0.32), (0.24, 0.68, 0.12)),
    ((0.36, 0.44, 0.30), (0.76, 0.60, 0.15), (0.66, 0.24, 0.06)),
    ((0.92, 0.5, 0.52),),
    ((0.5, 1.02, 0.60),),
)


def bauhaus(canvas: Canvas) -> Image.Image:
    """A grid of quarter discs, half discs, arcs and bars in flat colours."""
    rng = canvas.rng("bauhaus")
    count = int(rng.choice([3, 4, 4, 5]))
    dark = bool(rng.random() < 0.45)
    ground = 0.06 if dark else 0.95
    tones = [0.2, 0.38, 0.56, 0.74, 0.88] if dark else [0.08, 0.26, 0.44, 0.62, 0.80]
    sheet = Sheet(canvas.size_px, canvas.palette.at(ground))
    share = 1 / count
    accents = set(rng.choice(count * count, size=max(count - 2, 1), replace=False).tolist())
    for index in range(count * count):
        row, column = divmod(index, count)
        back, front = rng.choice(len(tones), size=2, replace=False)
        while abs(int(back) - int(front)) < 2:
            back, front = rng.choice(len(tones), size=2, replace=False)
        colour = canvas.palette.accent if index in accents else canvas.palette.at(tones[front])
        empty = rng.random() < 0.22
        under = canvas.palette.at(ground if empty else tones[back])
        _tile(sheet, (column * share, row * share), share, under, colour, rng)
    return sheet.finish()


def _tile(
    sheet: Sheet,
    corner: tuple[float, float],
    share: float,
    back: Rgb,
    front: Rgb,
    rng: np.random.Generator,
) -> None:
    x, y = corner
    sheet.draw.rectangle(sheet.scaled(x, y, x + share, y + share), fill=back)
    kind = int(rng.integers(7))
    turn = int(rng.integers(4))
    dx, dy = ((0, 0), (1, 0), (1, 1), (0, 1))[turn]
    cx, cy = x + dx * share, y + dy * share
    quarter = (90 * turn, 90 * turn + 90)
    if kind == 0:
        box = sheet.scaled(cx - share, cy - share, cx + share, cy + share)
        sheet.draw.pieslice(box, *quarter, fill=front)
    elif kind == 1:
        for ring in range(3):
            reach = share * (1 - ring / 3)
            box = sheet.scaled(cx - reach, cy - reach, cx + reach, cy + reach)
            sheet.draw.pieslice(box, *quarter, fill=front if ring != 1 else back)
    elif kind == 2:
        inset = share * 0.14
        box = sheet.scaled(x + inset, y + inset, x + share - inset, y + share - inset)
        sheet.draw.ellipse(box, fill=front)
    elif kind == 3:
        # A half disc on one side.
        mx, my = x + share / 2, y + share / 2
        ox, oy = ((0, -0.5), (0.5, 0), (0, 0.5), (-0.5, 0))[turn]
        hx, hy = mx + ox * share, my + oy * share
        reach = share / 2
        start = (0, 90, 180, 270)[turn]
        box = sheet.scaled(hx - reach, hy - reach, hx + reach, hy + reach)
        sheet.draw.pieslice(box, start, start + 180, fill=front)
    elif kind == 4:
        bars = 5
        for bar in range(bars):
            low, high = share * (bar + 0.25) / bars, share * (bar + 0.75) / bars
            if turn % 2:
                box = sheet.scaled(x + low, y, x + high, y + share)
            else:
                box = sheet.scaled(x, y + low, x + share, y + high)
            sheet.draw.rectangle(box, fill=front)
    elif kind == 5:
        corners = [(x, y), (x + share, y), (x + share, y + share), (x, y + share)]
        del corners[turn]
        sheet.draw.polygon([sheet.scaled(*point) for point in corners], fill=front)


def orbits(canvas: Canvas) -> Image.Image:
    """Concentric rings, each with the palette swept around it from its own angle."""
    rng = canvas.rng("orbits")
    size = canvas.size_px
    x, y = axes(size)
    x0 = float(rng.choice([0.5, 0.5, 0.0, 1.0, 0.28, 0.72]))
    y0 = float(rng.choice([0.5, 0.42, 0.58, 0.0, 1.0])) if x0 != 0.5 else 0.5
    outer = 0.43 if (x0, y0) == (0.5, 0.5) else 0.92
    count = int(rng.integers(6, 15))
    phases = np.append(np.cumsum(rng.uniform(0.04, 0.22, count)), 0).astype(np.float32)
    image = Image.new("RGB", (size, size), canvas.palette.at(0.05))
    glow_px = canvas.soft_px(8)
    gx, gy = axes(glow_px)
    glow = 0.5 * np.exp(-np.maximum(np.hypot(gx - x0, gy - y0) - outer, 0) * 6)
    image.paste(canvas.palette.at(0.28), mask=mask_of(glow.astype(np.float32), size))
    for top, bottom in bands(size):
        across, down = x - np.float32(x0), y[top:bottom] - np.float32(y0)
        radius = np.hypot(across, down)
        angle = np.arctan2(down, across) / np.float32(2 * np.pi)
        ring = radius * np.float32(count / outer)
        index = np.minimum(ring.astype(np.uint8), count)
        sweep = (angle + phases[index]) % 1
        tone = 0.08 + 0.82 * (1 - np.abs(2 * sweep - 1)) ** 1.15
        # A thin gap between rings, antialiased in pixels.
        away_px = np.abs(ring - np.round(ring)) * np.float32(outer / count * size)
        gap = np.clip(away_px - np.float32(0.0012 * size) + 0.5, 0, 1)
        inside = np.clip((outer - radius) * size + 0.5, 0, 1)
        mask = Image.fromarray((gap * inside * 255).astype(np.uint8))
        image.paste(Image.fromarray(canvas.palette.ramp(tone)), (0, top), mask)
    return image


def halftone_orb(canvas: Canvas) -> Image.Image:
    """A lit sphere, or several, printed in dots of two colours."""
    rng = canvas.rng("halftone")
    size = canvas.size_px
    dark = bool(rng.random() < 0.6)
    small = canvas.soft_px(4)
    orbs = tuple(
        (
            x + float(rng.uniform(-0.04, 0.04)),
            y + float(rng.uniform(-0.04, 0.04)),
            radius * float(rng.uniform(0.82, 1.1)),
        )
        for x, y, radius in ORBS[int(rng.integers(len(ORBS)))]
    )
    light = _orb_light(orbs, rng, small)
    ground = 0.06 if dark else 0.94
    back = fractal_noise(rng, small, cells=1.5, octaves=3)
    _, y = axes(small)
    base = ground + (0.12 if dark else -0.12) * (back - 0.5) + (0.10 if dark else -0.10) * (y - 0.5)
    image = image_of(canvas.palette.ramp(base.astype(np.float32)), size)
    for colour, degrees, offset, gain in (
        (canvas.palette.at(0.45), 75.0, 0.009, 1.0),
        (canvas.palette.at(0.86 if dark else 0.16), 22.0, 0.0, 0.9),
    ):
        dots = _dots(light * np.float32(gain), size, cells=float(64), degrees=degrees)
        layer = Image.new("L", (size, size))
        shift = round(offset * size)
        layer.paste(Image.fromarray(dots), (shift, shift))
        image.paste(colour, mask=ImageChops.multiply(layer, _discs(canvas, orbs, offset)))
    return image


def _discs(canvas: Canvas, orbs: Orbs, offset: float) -> Image.Image:
    """Where the spheres are, so that no dot sticks out of their outline."""
    sheet = Sheet(canvas.size_px, 0, "L")
    for x0, y0, radius in orbs:
        corners = (x0 - radius, y0 - radius, x0 + radius, y0 + radius)
        sheet.draw.ellipse(sheet.scaled(*(corner + offset for corner in corners)), fill=255)
    return sheet.finish()


def _orb_light(orbs: Orbs, rng: np.random.Generator, size_px: int) -> FloatArray:
    """Brightness 0..1 of spheres lit from a corner; 0 outside them."""
    x, y = axes(size_px)
    total = np.zeros((size_px, size_px), dtype=np.float32)
    lamp = np.array([rng.choice([-0.55, 0.55]), -0.55, 0.63], dtype=np.float32)
    for x0, y0, radius in orbs:
        nx, ny = (x - np.float32(x0)) / radius, (y - np.float32(y0)) / radius
        flat = nx**2 + ny**2
        nz = np.sqrt(np.maximum(1 - flat, 0))
        lit = np.clip(nx * lamp[0] + ny * lamp[1] + nz * lamp[2], 0, 1)
        rim = 0.25 * smoothstep(0.80, 1.0, flat)
        bright = np.clip(0.06 + 0.92 * lit + rim, 0, 1) * (flat < 1)
        total = np.where(flat < 1, bright, total)
    return total.astype(np.float32)


def _dots(light: FloatArray, size_px: int, *, cells: float, degrees: float) -> ByteArray:
    """Round dots on a turned grid whose area follows the light at their centres."""
    dots = np.empty((size_px, size_px), dtype=np.uint8)
    for top, bottom in bands(size_px):
        dots[top:bottom] = _dot_rows(light, size_px, (top, bottom), cells=cells, degrees=degrees)
    return dots


def _dot_rows(
    light: FloatArray, size_px: int, band: tuple[int, int], *, cells: float, degrees: float
) -> ByteArray:
    x, y = axes(size_px)
    y = y[slice(*band)]
    turn = np.deg2rad(degrees)
    cos, sin = np.float32(np.cos(turn) * cells), np.float32(np.sin(turn) * cells)
    u, v = x * cos + y * sin, y * cos - x * sin
    centre_u, centre_v = np.round(u), np.round(v)
    scale = np.float32(light.shape[0] / cells**2)
    column = np.clip((centre_u * cos - centre_v * sin) * scale, 0, light.shape[1] - 1)
    row = np.clip((centre_u * sin + centre_v * cos) * scale, 0, light.shape[0] - 1)
    wanted = light[row.astype(np.intp), column.astype(np.intp)]
    reach = np.sqrt(wanted) * np.float32(0.60)
    px_per_cell = np.float32(size_px / cells)
    level = np.clip((reach - np.hypot(u - centre_u, v - centre_v)) * px_per_cell + 0.5, 0, 1)
    rows: ByteArray = (level * (wanted > 0.004) * 255).astype(np.uint8)
    return rows


def stained_glass(canvas: Canvas) -> Image.Image:
    """Coloured glass between dark lines: a rose window, or loose panes around a glow."""
    rng = canvas.rng("stained-glass")
    if rng.random() < 0.6:
        x0, y0 = float(rng.choice([0.5, 0.5, 0.0, 1.0])), float(rng.choice([0.5, 0.36, 1.0]))
        points, tones = _rose_panes(rng, x0, y0)
    else:
        x0, y0 = rng.uniform(0.3, 0.7, 2).tolist()
        points, tones = _loose_panes(rng, x0, y0)
    cells = Voronoi(_mirrored(points))
    accents = rng.random(len(points)) < 0.08
    sheet = Sheet(canvas.size_px, canvas.palette.ink)
    for index in range(len(points)):
        corners = cells.vertices[cells.regions[cells.point_region[index]]]
        colour = canvas.palette.at(min(max(float(tones[index]), 0.13), 0.95))
        if accents[index]:
            colour = canvas.palette.accent
        sheet.draw.polygon([sheet.scaled(*corner) for corner in corners.tolist()], fill=colour)
    for ridge in cells.ridge_vertices:
        if min(ridge) >= 0:
            (ax, ay), (bx, by) = cells.vertices[ridge].tolist()
            width = sheet.width(0.0062)
            sheet.draw.line(sheet.scaled(ax, ay, bx, by), canvas.palette.ink, width)
            for px, py in (sheet.scaled(ax, ay), sheet.scaled(bx, by)):
                cap = width / 2
                sheet.draw.ellipse((px - cap, py - cap, px + cap, py + cap), canvas.palette.ink)
    image = sheet.finish()
    small = canvas.soft_px(4)
    sx, sy = axes(small)
    marble = fractal_noise(rng, small, cells=6, octaves=5, gain=0.6, stretch=(2.0, 0.6))
    light = np.exp(-(((sx - x0) ** 2 + (sy - y0) ** 2) / 0.10)).astype(np.float32)
    image.paste(
        canvas.palette.paper, mask=mask_of(0.34 * light * (0.4 + 0.6 * marble), canvas.size_px)
    )
    shade = 0.30 * marble + 0.35 * (1 - light)
    image.paste(canvas.palette.ink, mask=mask_of(shade * np.float32(0.7), canvas.size_px))
    return image


def _loose_panes(rng: np.random.Generator, x0: float, y0: float) -> tuple[Points, Points]:
    """Centres and tones of panes that are small and light near a point, large and dark far off."""
    count = int(rng.integers(70, 150))
    near = rng.normal((x0, y0), float(rng.uniform(0.20, 0.34)), (count, 2))
    far = rng.uniform(-0.1, 1.1, (count // 2, 2))
    points = _relaxed(np.vstack([near, far]))
    distance = np.hypot(points[:, 0] - x0, points[:, 1] - y0)
    return points, 0.92 - 1.05 * distance + rng.normal(0, 0.10, len(points))


def _rose_panes(rng: np.random.Generator, x0: float, y0: float) -> tuple[Points, Points]:
    """Centres and tones of panes in rings around a point, each ring with colours of its own."""
    petals = int(rng.choice([8, 10, 12, 16]))
    step = float(rng.uniform(0.075, 0.11))
    rings: list[Points] = [np.array([[x0, y0]])]
    tones: list[Points] = [np.array([0.92])]
    for ring in range(1, int(np.ceil(1.45 / step))):
        # Panes keep about their width: the number doubles as the ring grows.
        count = petals * 2 ** max(int(np.log2(ring / 2.5)), 0)
        turn = (np.arange(count) + 0.5 * (ring % 2)) * 2 * np.pi / count
        radius = ring * step
        rings.append(np.stack([x0 + radius * np.cos(turn), y0 + radius * np.sin(turn)], axis=1))
        pair = 0.90 - 0.55 * radius + rng.uniform(-0.30, 0.12, 2)
        tones.append(pair[np.arange(count) % 2] + rng.normal(0, 0.025, count))
    points, tone = np.vstack(rings), np.concatenate(tones)
    inside = np.all((points > 0.002) & (points < 0.998), axis=1)
    return points[inside], tone[inside]


def _relaxed(points: Points) -> Points:
    """Points inside the picture, moved once to their cells' centres (Lloyd)."""
    inside = points[np.all((points > 0) & (points < 1), axis=1)]
    cells = Voronoi(_mirrored(inside))
    return np.array(
        [
            cells.vertices[cells.regions[cells.point_region[index]]].mean(axis=0)
            for index in range(len(inside))
        ]
    )


def _mirrored(points: Points) -> Points:
    """The points and their reflections at the four borders, so that inner cells are bounded."""
    flip_x, flip_y = np.array([-1, 1]), np.array([1, -1])
    return np.vstack(
        [
            points,
            points * flip_x,
            points * flip_x + (2, 0),
            points * flip_y,
            points * flip_y + (0, 2),
        ]
    )
