"""A turning tunnel of polygons; every beat sends a bright frame outwards."""

from __future__ import annotations

import numpy as np

from media_tools.seeds import stream
from media_tools.video.scenes.base import (
    Bytes,
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

_SIDES = (3, 4, 6, 8)
_PER_OCTAVE = 2.2  # polygons in each doubling of the radius
_AGES = 512
_FLIGHT_S = 1.6  # time that a beat takes from the centre to the edge


class Tunnel(Scene):
    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        random = stream("tunnel", request.seed)
        sides = int(random.choice(_SIDES))
        twist = float(random.choice([-1, 1]) * random.uniform(0.10, 0.28))
        self.layout = Layout(field=field_size(request, 216))
        x, y = grid(self.layout.field)
        y = y + 0.06
        radius = np.maximum(np.hypot(x, y), 0.02)
        self._depth = np.log2(radius)
        # Twisted with depth, then measured in sides.
        twisted = np.arctan2(y, x) + twist * self._depth * 2.0
        self._angle = twisted * (sides / (2 * np.pi))
        fps = self._music.fps
        energy = self._music.energy
        self._push = phase(0.40 + 0.75 * energy + 0.6 * self._music.bass, fps)
        self._turn = phase(0.05 + 0.10 * energy, fps) * sides
        self._wave = self._music.beat * 0.8 + self._music.bass * 0.35
        self._ages = np.linspace(0.0, _FLIGHT_S * fps, _AGES)
        self._age = (np.clip((self._depth + 5.0) / 6.0, 0.0, 1.0) * (_AGES - 1)).astype(np.int32)
        turns = np.linspace(0, 2 * np.pi / sides, 1025, dtype=np.float32)
        # Distance to a polygon's side over distance to its centre, by angle within one side.
        half = np.pi / sides
        self._metric = np.log2(np.cos(turns - half) / np.cos(half)).astype(np.float32)
        self._lights = np.ascontiguousarray((ramp(self._stops[1:]) ** 2).T)
        # Dark towards the edges: the eye follows the middle, and the encoder has less to do.
        self._near = smoothstep(0.03, 0.30, radius) * smoothstep(1.45, 0.75, radius)
        glow = np.exp(-np.square(radius / 0.30)).astype(np.float32)
        self._glow = planes(self._stops[-2] ** 2) * glow
        # Line width in depth units, chosen so that it grows with distance but never aliases.
        pixel = 2.0 / min(self.layout.field)
        self._line_width = 0.055 + pixel * _PER_OCTAVE * 1.6 / radius

    def field(self, frame: int) -> Bytes:
        beat = float(self._music.beat[frame])
        angle = self._angle + float(self._turn[frame])
        angle -= np.floor(angle)
        depth = self._depth + self._metric[(angle * 1024).astype(np.int32)]
        place = depth * _PER_OCTAVE - float(self._push[frame])
        which = np.floor(place)
        away = np.abs(place - which - 0.5)
        line = 1.0 - smoothstep(0.0, 1.0, away / self._line_width)
        haze = np.square(1.0 - away * 2.0)
        # Interpolated between frames, so that a beat's front has no steps.
        by_age = np.interp(frame - self._ages, np.arange(len(self._wave)), self._wave)
        wave = by_age.astype(np.float32)[self._age]
        # Each polygon has its own tone; there are few of them.
        first = int(which.min())
        tones = (np.arange(first, int(which.max()) + 1) * 0.618 % 1.0 * 255).astype(np.int32)
        # `take`, because a fancy index would put the colours beside each other again.
        tint = self._lights.take(tones, axis=1).take((which - first).astype(np.int32), axis=1)
        strength = (line * (0.16 + 1.0 * wave) + haze * 0.10 * (0.4 + wave)) * self._near
        light = tint * strength
        light += planes(self._stops[0] ** 2)
        light += self._glow * (0.10 + 0.55 * beat)
        return light_to_bytes(light)
