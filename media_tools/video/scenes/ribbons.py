"""Bundles of fine lines that flow across the picture; each moves with its part of the spectrum."""

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
    ramp,
    smoothstep,
)

_BUNDLES = 4
_LINES = 13  # in each bundle
_REACH = 2  # rows above and below a line that it touches


class Ribbons(Scene):
    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        stops = colors(request.palette)
        random = stream("ribbons", request.seed)
        self.layout = Layout(field=field_size(request, 432))
        width = self.layout.field[0]
        self._columns = ((np.arange(width) + 0.5) / width).astype(np.float32)
        self._travel = phase(0.05 + 0.12 * self._music.energy, self._music.fps) * 2 * np.pi
        self._waves = random.uniform(0.55, 1.35, (_BUNDLES, 3)).astype(np.float32)
        self._starts = random.uniform(0, 2 * np.pi, (_BUNDLES, 3)).astype(np.float32)
        self._pace = (random.choice([-1.0, 1.0], (_BUNDLES, 3)) * [1.0, 1.7, 2.6]).astype(
            np.float32
        )
        self._tint = (ramp(stops[1:], _BUNDLES * _LINES) ** 2).astype(np.float32)
        self._background = self._prepare_background(stops)

    def field(self, frame: int) -> Bytes:
        width, height = self.layout.field
        lines = self._lines(frame) * height
        slope = np.gradient(lines, axis=1)
        # A steep line must be higher in rows to look equally wide.
        thickness = (0.75 * np.sqrt(1.0 + np.square(slope))).clip(0.75, _REACH)
        strength = self._strength(frame) * (0.75 + 0.6 * float(self._music.beat[frame]))
        tint = self._tint * strength
        light = self._background.copy()
        flat = light.reshape(3, -1)
        rows = np.floor(lines).astype(np.int32)
        offsets = np.arange(-_REACH, _REACH + 1, dtype=np.int32)[:, None, None]
        touched = rows[None] + offsets
        away = np.abs(touched + np.float32(0.5) - lines[None])
        weight = np.clip(thickness[None] + np.float32(0.5) - away, 0.0, 1.0)
        place = np.clip(touched, 0, height - 1) * width + np.arange(width, dtype=np.int32)
        # All lines are in this band of rows, so counting outside it would be wasted.
        low, high = int(place.min()), int(place.max()) + 1
        place = (place - low).ravel()
        for channel in range(3):
            tinted = weight * tint[None, :, None, channel]
            flat[channel, low:high] += np.bincount(
                place, weights=tinted.ravel(), minlength=high - low
            )
        return light_to_bytes(light)

    def _lines(self, frame: int) -> Floats:
        """Return each line's height at each column, 0 (top) to 1: (bundles * lines, columns)."""
        music = self._music
        travel = float(self._travel[frame])
        x = self._columns * 2 * np.pi
        spread = np.linspace(-1.0, 1.0, _LINES, dtype=np.float32)[:, None]
        parts = []
        for bundle in range(_BUNDLES):
            low = bundle * BANDS // _BUNDLES
            level = float(music.bands[frame, low : low + BANDS // _BUNDLES].mean())
            swing = 0.030 + 0.075 * float(music.energy[frame]) + 0.055 * level
            first, second, third = (
                np.sin(
                    x * self._waves[bundle, part] * (part + 1) * 0.5
                    + self._starts[bundle, part]
                    + self._pace[bundle, part] * travel
                    + spread * (0.35 + 0.25 * part)
                )
                for part in range(3)
            )
            twist = np.sin(x * 0.5 * self._waves[bundle, 0] + self._pace[bundle, 1] * travel)
            middle = 0.34 + 0.09 * bundle
            parts.append(
                middle
                + swing * (first + 0.5 * second + 0.22 * third)
                + spread * (0.020 + 0.035 * level) * (0.35 + twist[None, :] ** 2)
            )
        return floats(np.concatenate(parts))

    def _strength(self, frame: int) -> Floats:
        """Return the brightness of each line: (bundles * lines, 1)."""
        bands = self._music.bands[frame]
        level = bands.reshape(_BUNDLES, -1).mean(axis=1)
        across = 0.30 + 0.70 * np.cos(np.linspace(-1.35, 1.35, _LINES)) ** 2
        return floats(np.repeat(0.60 + level, _LINES) * np.tile(across, _BUNDLES))[:, None]

    def _prepare_background(self, stops: Floats) -> Floats:
        x, y = grid(self.layout.field)
        tall = float(np.abs(y).max())
        glow = np.exp(-(np.square(x) * 0.5 + np.square(y + 0.1 * tall) * 0.9))
        shade = 0.55 + 0.45 * smoothstep(tall, -tall, y)
        dark, middle = stops[0] ** 2, stops[1] ** 2
        light = planes(dark) * shade + planes(middle * 0.55) * glow
        return floats(light)
