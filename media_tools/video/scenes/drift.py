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
    smoothstep,
)

_DISCS = 46
_SPARKS = 60


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
        for index in range(len(x)):
            tint = self._color[index] * float(self._strength[index] * flare[index])
            self._add_disc(light, float(x[index]), float(y[index]), float(radius[index]), tint)
        return light_to_bytes(light)

    def _add_disc(
        self,
        light: Floats,
        x: float,
        y: float,
        radius: float,
        tint: Floats,
    ) -> None:
        """Add a disc with a slightly brighter rim, as a lens draws it; edges are antialiased."""
        width, height = self.layout.field
        scale = min(width, height) / 2
        centre_x, centre_y = x * scale + width / 2, y * scale + height / 2
        size = max(radius * scale, 1.1)
        left, right = max(0, int(centre_x - size - 2)), min(width, int(centre_x + size + 3))
        top, bottom = max(0, int(centre_y - size - 2)), min(height, int(centre_y + size + 3))
        if left >= right or top >= bottom:
            return
        across = np.arange(left, right, dtype=np.float32) + 0.5 - centre_x
        down = np.arange(top, bottom, dtype=np.float32) + 0.5 - centre_y
        distance = np.hypot(across[None, :], down[:, None])
        edge = max(1.2, size * 0.10)
        disc = np.clip((size - distance) / edge + 0.5, 0.0, 1.0)
        disc *= 0.62 + 0.38 * np.square(np.minimum(distance / size, 1.0))
        light[top:bottom, left:right] += disc[..., None] * tint

    def _prepare_background(
        self,
        x: Floats,
        y: Floats,
    ) -> Floats:
        """Dark, with a warm glow from below, as squared values (light)."""
        from_below = smoothstep(-0.3 * self._tall, 1.25 * self._tall, y)
        glow = np.exp(-(x**2 + (y - 0.9 * self._tall) ** 2) / 0.9)
        dark, middle = self._stops[0] ** 2, self._stops[1] ** 2
        high = self._stops[-2] ** 2
        light = dark + from_below[..., None] * (middle - dark) * 0.9 + glow[..., None] * high * 0.16
        return floats(light)
