"""Discs of light out of focus, drifting upwards; the beat makes them flare."""

from __future__ import annotations

import numpy as np

from media_tools.seeds import stream
from media_tools.video.features import BANDS
from media_tools.video.scenes.base import (
    Bytes,
    Floats,
    Layout,
    Scene,
    SceneRequest,
    colors,
    field_size,
    floats,
    grid,
    light_to_bytes,
    phase,
    planes,
    smoothstep,
)

_DISCS = 46
_SPARKS = 60
_SPARK_REACH = 4  # pixels around a spark's centre that it may touch


class Drift(Scene):
    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        random = stream("drift", request.seed)
        self.layout = Layout(field=field_size(request, 270))
        x, y = grid(self.layout.field)
        self._tall, self._wide = float(np.abs(y).max()), float(np.abs(x).max())
        self._travel = phase(0.035 + 0.075 * self._music.energy, self._music.fps)
        count = _DISCS + _SPARKS
        # Nearer discs are larger, paler and faster; sparks are in focus: small and bright.
        self._depth = np.concatenate(
            [np.sort(random.uniform(0.15, 1.0, _DISCS)), random.uniform(0.2, 0.8, _SPARKS)]
        )
        self._radius = np.concatenate(
            [0.05 + 0.20 * self._depth[:_DISCS] ** 1.6, random.uniform(0.006, 0.014, _SPARKS)]
        )
        self._home = random.uniform(0.0, 1.0, (count, 2))
        self._sway = random.uniform(0.0, 2 * np.pi, count)
        self._band = random.integers(0, BANDS - 8, count)
        lights = self._stops[1:]
        self._color = lights[random.integers(0, len(lights), count)] ** 2
        self._strength = np.concatenate([0.30 - 0.17 * self._depth[:_DISCS], np.full(_SPARKS, 0.8)])
        self._background = self._prepare_background(x, y)

    def field(self, frame: int) -> Bytes:
        music = self._music
        beat, bands = float(music.beat[frame]), music.bands[frame]
        travel, seconds = float(self._travel[frame]), frame / music.fps
        light = self._background * (0.85 + 0.30 * float(music.energy[frame]))
        margin = 0.3
        span_x, span_y = 2 * (self._wide + margin), 2 * (self._tall + margin)
        speed = 0.35 + 1.3 * self._depth
        rise = (self._home[:, 1] - travel * speed) % 1.0
        x = self._home[:, 0] * span_x - span_x / 2 + 0.05 * np.sin(seconds * 0.5 + self._sway)
        y = rise * span_y - span_y / 2
        flare = 0.45 + 0.85 * bands[self._band] + 0.30 * beat
        radius = self._radius * (1.0 + 0.10 * beat)
        width, height = self.layout.field
        scale = min(width, height) / 2
        centres = floats(np.stack([x * scale + width / 2, y * scale + height / 2], axis=1))
        sizes = floats(np.maximum(radius * scale, 1.1))
        tints = floats(self._color * (self._strength * flare)[:, None])
        for index in range(_DISCS):
            self._add_disc(light, centres[index], float(sizes[index]), tints[index])
        self._add_sparks(light, centres[_DISCS:], sizes[_DISCS:], tints[_DISCS:])
        return light_to_bytes(light)

    def _add_disc(self, light: Floats, centre: Floats, size: float, tint: Floats) -> None:
        width, height = self.layout.field
        x, y = float(centre[0]), float(centre[1])
        left, right = max(0, int(x - size - 2)), min(width, int(x + size + 3))
        top, bottom = max(0, int(y - size - 2)), min(height, int(y + size + 3))
        if left >= right or top >= bottom:
            return
        across = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - x)
        down = np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - y)
        squared = np.square(across)[None, :] + np.square(down)[:, None]
        light[:, top:bottom, left:right] += planes(tint) * _disc(squared, np.float32(size))

    def _add_sparks(self, light: Floats, centres: Floats, sizes: Floats, tints: Floats) -> None:
        """Add all sparks at once: numpy's calls would cost more than the few pixels of each."""
        width, height = self.layout.field
        reach = np.arange(-_SPARK_REACH, _SPARK_REACH + 1, dtype=np.int32)
        corner = np.floor(centres).astype(np.int32)
        columns = (corner[:, 0, None] + reach)[:, None, :]
        rows = (corner[:, 1, None] + reach)[:, :, None]
        across = columns + np.float32(0.5) - centres[:, 0, None, None]
        down = rows + np.float32(0.5) - centres[:, 1, None, None]
        weight = _disc(np.square(across) + np.square(down), sizes[:, None, None])
        weight *= (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        place = rows.clip(0, height - 1) * width + columns.clip(0, width - 1)
        flat = light.reshape(3, -1)
        for channel in range(3):
            np.add.at(flat[channel], place, weight * tints[:, channel, None, None])

    def _prepare_background(
        self,
        x: Floats,
        y: Floats,
    ) -> Floats:
        """Return dark with a warm glow from below, as squared values (light)."""
        from_below = smoothstep(-0.3 * self._tall, 1.25 * self._tall, y)
        glow = np.exp(-(x**2 + (y - 0.9 * self._tall) ** 2) / 0.9)
        dark, middle = self._stops[0] ** 2, self._stops[1] ** 2
        high = self._stops[-2] ** 2
        light = planes(dark) + planes((middle - dark) * 0.9) * from_below
        return floats(light + planes(high * 0.16) * glow)


def _disc(squared: Floats, size: Floats | np.float32) -> Floats:
    """Return a disc with a slightly brighter rim, as a lens draws it; edges are antialiased.

    squared: distance from its centre, squared; size: its radius; both in pixels.
    """
    distance = np.sqrt(squared)
    disc = np.clip((size - distance) / np.maximum(1.2, size * 0.10) + 0.5, 0.0, 1.0)
    return floats(disc * (0.62 + 0.38 * np.square(np.minimum(distance / size, 1.0))))
