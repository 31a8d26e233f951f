"""Hard geometry: a tunnel of polygons, beams from one point, a wall of tiles."""

from __future__ import annotations

import numpy as np

from media_tools.seeds import stream
from media_tools.video.features import BANDS
from media_tools.video.scenes.base import (
    Floats,
    Scene,
    SceneRequest,
    colors,
    field_size,
    floats,
    grid,
    looked_up,
    phase,
    planes,
    ramp,
    smoothstep,
)

_WIDTH = 216
_SIDES = (3, 4, 6, 8)
_PER_OCTAVE = 2.2  # polygons in each doubling of the radius
_AGES = 512
_FLIGHT_S = 1.6  # time that a beat takes from the centre to the edge
_BEAMS = 18
_TILES = 9  # across the shorter side


class Polygons(Scene):
    """A turning tunnel of polygons; every beat sends a bright frame outwards."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        random = stream("tunnel", request.seed)
        sides = int(random.choice(_SIDES))
        twist = float(random.choice([-1, 1]) * random.uniform(0.10, 0.28))
        self.size = field_size(request, _WIDTH)
        x, y = grid(self.size)
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
        pixel = 2.0 / min(self.size)
        self._line_width = 0.055 + pixel * _PER_OCTAVE * 1.6 / radius

    def light(self, frame: int) -> Floats:
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
        return floats(light)


class Beams(Scene):
    """Beams of light from a point at the edge; each is a part of the spectrum."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        random = stream("beams", request.seed)
        self.size = field_size(request, _WIDTH)
        x, y = grid(self.size)
        tall = float(np.abs(y).max())
        up = float(random.choice([-1.0, 1.0]))
        x, y = x - float(random.uniform(-0.4, 0.4)), y * up + tall * 0.92
        radius = np.hypot(x, y)
        angle = np.arctan2(x, y) / np.pi + 0.5
        self._place = np.clip(angle * 2047, 0, 2047).astype(np.intp)
        reach = 2 * tall
        self._fall = floats(smoothstep(reach * 1.15, 0.0, radius) * smoothstep(0.02, 0.2, radius))
        self._glow = floats(np.exp(-np.square(radius / 0.5)))
        self._turn = phase(0.04 + 0.10 * self._music.energy, self._music.fps) * float(
            random.choice([-1.0, 1.0])
        )
        self._band_of = np.abs(np.arange(_BEAMS) - _BEAMS // 2) * (BANDS - 14) // (_BEAMS // 2)
        self._tints = floats(ramp(self._stops[1:], _BEAMS) ** 2)

    def light(self, frame: int) -> Floats:
        music, beat = self._music, float(self._music.beat[frame])
        at = np.linspace(0.0, 1.0, 2048, dtype=np.float32) * _BEAMS + float(self._turn[frame])
        which = np.floor(at).astype(np.int32) % _BEAMS
        inside = np.abs(at - np.floor(at) - 0.5)
        levels = music.bands[frame][np.minimum(self._band_of, BANDS - 1)]
        width = (0.06 + 0.26 * levels)[which]
        edge = np.clip((width - inside) / 0.05 + 0.5, 0.0, 1.0)
        strength = edge * (0.10 + 0.85 * levels + 0.35 * beat)[which]
        light = looked_up(floats((self._tints[which] * strength[:, None]).T), self._place)
        light *= self._fall
        light += planes(self._stops[0] ** 2)
        light += planes(floats(self._stops[-2] ** 2 * (0.15 + 0.8 * beat))) * self._glow
        return light


class Tiles(Scene):
    """A wall of tiles that ripples from its middle with every beat, and slowly without one."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        self._random = stream("tiles", request.seed)
        self.size = width, height = field_size(request, _WIDTH)
        self._travel = phase(0.15 + 0.1 * request.music.energy, request.music.fps) * 2 * np.pi
        self._side = _WIDTH // _TILES
        columns, rows = -(-width // self._side), -(-height // self._side)
        column, row = np.meshgrid(np.arange(columns), np.arange(rows))
        middle = self._random.uniform(0.25, 0.75, 2) * [columns, rows]
        self._away = np.hypot(column - middle[0], row - middle[1]) / 1.6
        self._band_of = self._random.integers(0, BANDS - 10, (rows, columns))
        pick = self._random.integers(0, 256, (rows, columns))
        self._tint = np.ascontiguousarray((ramp(self._stops[1:]) ** 2)[pick].transpose(2, 0, 1))
        self._lit = self._random.random((rows, columns)) < 0.75
        place = (np.arange(self._side) + 0.5) / self._side
        across, down = np.meshgrid(np.abs(place - 0.5), np.abs(place - 0.5))
        tile = np.clip((0.44 - np.maximum(across, down)) * self._side + 0.5, 0.0, 1.0)
        shaded = tile * (0.55 + 0.45 * (1 - (down + across)))
        self._face = floats(np.tile(shaded, (rows, columns))[:height, :width])

    def light(self, frame: int) -> Floats:
        music, (width, height) = self._music, self.size
        past = frame - self._away * (music.fps / 14)
        wave = np.interp(past, np.arange(music.frames), music.beat)
        level = music.bands[frame][self._band_of]
        calm = 0.06 + 0.035 * np.sin(self._away - self._travel[frame])
        strength = np.where(self._lit, calm + 0.55 * level**1.5 + 0.75 * wave, 0.03 + 0.3 * wave)
        tiles = floats(self._tint * strength)
        large = tiles.repeat(self._side, axis=1).repeat(self._side, axis=2)[:, :height, :width]
        light = large * self._face
        light += planes(floats(self._stops[0] ** 2 * 0.8))
        return floats(light)


SCENES = (Polygons, Beams, Tiles)
