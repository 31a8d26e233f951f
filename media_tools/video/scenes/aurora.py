"""Soft light that drifts behind a ring of spectrum bars."""

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
    grid,
    light_to_bytes,
    phase,
    planes,
    ramp,
    smoothstep,
)

_BLOBS = 5
_RING_PX = 460
_BARS = 2 * BANDS - 16  # mirrored; without the highest bands, which are mostly empty
_INNER = 0.52  # radius where bars start; 1 is the sprite's edge
_REACH = 0.36
_SHADES = 256


class Aurora(Scene):
    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        random = stream("aurora", request.seed)
        side = round(min(request.width, request.height) * 0.86) // 2 * 2
        x = (request.width - side) // 2
        y = round(request.height * 0.47) - side // 2
        sprite = min(_RING_PX, side)
        self.layout = Layout(
            field=field_size(request, 72),
            field_every=2,
            sprite=(sprite, sprite),
            sprite_box=(x - x % 2, y - y % 2, side, side),
        )
        self._x, self._y = grid(self.layout.field)
        self._travel = phase(0.10 + 0.22 * self._music.energy, self._music.fps)
        self._paths = random.uniform(0.0, 2 * np.pi, (_BLOBS, 2)).astype(np.float32)
        self._speeds = random.uniform(0.6, 1.5, (_BLOBS, 2)).astype(np.float32)
        self._sizes = random.uniform(0.45, 0.95, _BLOBS).astype(np.float32)
        # The ring has the lightest colour, which would look washed out as a large blob.
        tones = self._stops[1:-1] if len(self._stops) > 2 else self._stops[1:]
        self._blob_colors = tones[np.arange(_BLOBS) % len(tones)]
        self._turn = float(random.uniform(-0.35, 0.35))
        self._prepare_ring(sprite)

    def field(self, frame: int) -> Bytes:
        travel = float(self._travel[frame]) * 2 * np.pi
        tall = float(np.abs(self._y).max())
        glow = 0.55 + 0.35 * float(self._music.energy[frame])
        # Light is added as squared values, with the root taken at the end.
        dusk = 0.55 + 0.45 * smoothstep(tall, -tall, self._y)
        light = (planes(self._stops[0]) * dusk) ** 2
        for index in range(_BLOBS):
            phase_x, phase_y = self._paths[index] + self._speeds[index] * travel
            centre_x, centre_y = 0.75 * np.sin(phase_x), 0.8 * tall * np.cos(phase_y)
            size = self._sizes[index]
            distance = (self._x - centre_x) ** 2 + (self._y - centre_y) ** 2
            weight = np.exp(-distance / (size * size)) * glow * glow
            light += planes(self._blob_colors[index] ** 2 * 0.55) * weight
        return light_to_bytes(light)

    def sprite(self, frame: int) -> Bytes:
        assert self.layout.sprite is not None
        side = self.layout.sprite[0]
        beat = float(self._music.beat[frame])
        bars = self._music.bands[frame][self._bar_band]
        pixel = 2.0 / side
        length = (0.012 + _REACH * bars)[self._bar_of]
        over = np.maximum(self._radius - _INNER - length, _INNER - self._radius)
        distance = np.sqrt(np.square(np.maximum(over, 0.0)) + self._aside_squared)
        bar = np.clip((self._half_width - distance) / pixel + 0.5, 0.0, 1.0)
        halo = self._halo * (0.20 + 0.55 * beat)
        alpha = np.maximum(bar, halo + self._rim * (0.45 + 0.55 * beat))
        image = np.zeros((4, side * side), dtype=np.uint8)
        tints = ((self._lights + (1.0 - self._lights) * (0.35 * beat)) * 255.0).astype(np.uint8)
        for part in range(3):
            image[part, self._drawn] = tints[self._shade, part]
        image[3, self._drawn] = np.minimum(alpha, 1.0) * 255.0
        return image.reshape(4, side, side)

    def _prepare_ring(self, side: int) -> None:
        """Prepare everything about the ring's pixels that no frame changes."""
        x, y = (axis.ravel() for axis in grid((side, side)))
        radius = np.hypot(x, y)
        # Nothing of the ring is ever seen nearer to the middle or farther out.
        self._drawn = np.flatnonzero((radius > 0.22) & (radius < _INNER + _REACH + 0.03))
        x, y, self._radius = x[self._drawn], y[self._drawn], radius[self._drawn]
        angle = (np.arctan2(x, -y) + self._turn) / (2 * np.pi) % 1.0 * _BARS
        self._bar_of = angle.astype(np.int32) % _BARS
        aside = (angle - np.floor(angle) - 0.5) * (2 * np.pi / _BARS) * self._radius
        self._aside_squared: Floats = np.square(aside)
        self._half_width = 0.30 * 2 * np.pi * _INNER / _BARS
        half = _BARS // 2
        self._bar_band = np.concatenate([np.arange(half), np.arange(_BARS - half)[::-1]])
        edge = np.abs(self._radius - _INNER + 0.055)
        self._rim = np.clip(1.0 - np.abs(self._radius - _INNER + 0.045) * side / 3.0, 0.0, 1.0)
        self._halo = np.exp(-np.square(edge / 0.10)) * smoothstep(1.0, 0.75, self._radius)
        self._lights = ramp(self._stops[-3:] if len(self._stops) > 3 else self._stops[1:], _SHADES)
        self._shade = (np.abs(angle / _BARS * 2.0 - 1.0) * (_SHADES - 1)).astype(np.int32)
