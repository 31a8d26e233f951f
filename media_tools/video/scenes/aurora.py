"""Soft light in a dark sky: a ring of the spectrum, curtains, and a world's bright edge."""

from __future__ import annotations

import numpy as np

from media_tools.seeds import stream
from media_tools.video.features import BANDS
from media_tools.video.scenes.base import (
    Floats,
    Scene,
    SceneRequest,
    colors,
    dusk,
    field_size,
    floats,
    glows,
    grid,
    looked_up,
    phase,
    planes,
    ramp,
    smoothstep,
)

_WIDTH = 288
_BLOBS = 5
_BARS = 2 * BANDS - 16  # mirrored; without the highest bands, which are mostly empty
_RING = (0.40, 0.26)  # radius where bars start, and how far they reach; 1 is half the shorter side
_RING_RISE = 0.16  # above the middle, clear of the captions
_SHADES = 256
_CURTAINS = 3
_STARS = 130


class _Sky(Scene):
    """A dark sky in which soft lights drift."""

    def __init__(self, request: SceneRequest, name: str) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        self._random = stream("aurora", name, request.seed)
        self.size = field_size(request, _WIDTH)
        self._x, self._y = grid(self.size)
        self._tall = float(np.abs(self._y).max())
        self._axes = (self._x[0], self._y[:, 0])
        self._ground = dusk(self._y, self._stops[0])
        self._travel = phase(0.05 + 0.11 * self._music.energy, self._music.fps) * 2 * np.pi
        self._paths = floats(self._random.uniform(0.0, 2 * np.pi, (_BLOBS, 2)))
        self._speeds = floats(self._random.uniform(0.6, 1.5, (_BLOBS, 2)))
        self._sizes = floats(self._random.uniform(0.45, 0.95, _BLOBS))
        # The lightest colour would look washed out as a large blob.
        tones = self._stops[1:-1] if len(self._stops) > 2 else self._stops[1:]
        self._blob_colors = tones[np.arange(_BLOBS) % len(tones)]

    def _blobs(self, frame: int, strength: float) -> Floats:
        way = self._paths + self._speeds * float(self._travel[frame])
        centres = np.stack([0.75 * np.sin(way[:, 0]), 0.8 * self._tall * np.cos(way[:, 1])], axis=1)
        glow = (0.55 + 0.35 * float(self._music.energy[frame])) ** 2 * strength
        glow *= 0.5 + 0.2 * float(self._music.beat[frame])
        return self._ground + glows(
            self._axes, floats(centres), self._sizes, floats(self._blob_colors**2 * glow)
        )


class Ring(_Sky):
    """A ring of spectrum bars before drifting light."""

    def __init__(self, request: SceneRequest) -> None:
        super().__init__(request, "ring")
        inner, reach = _RING
        x, y = self._x.ravel(), self._y.ravel() + np.float32(_RING_RISE)
        radius = np.hypot(x, y)
        # Nothing of the ring is ever seen nearer to the middle or farther out.
        self._drawn = np.flatnonzero((radius > 0.16) & (radius < inner + reach + 0.03))
        x, y, self._radius = x[self._drawn], y[self._drawn], radius[self._drawn]
        turn = float(self._random.uniform(-0.35, 0.35))
        angle = (np.arctan2(x, -y) + turn) / (2 * np.pi) % 1.0 * _BARS
        self._bar_of = angle.astype(np.int32) % _BARS
        aside = (angle - np.floor(angle) - 0.5) * (2 * np.pi / _BARS) * self._radius
        self._aside_squared: Floats = np.square(aside)
        self._half_width = 0.32 * 2 * np.pi * inner / _BARS
        half = _BARS // 2
        self._bar_band = np.concatenate([np.arange(half), np.arange(_BARS - half)[::-1]])
        edge = self._radius - inner
        self._rim = np.clip(1.0 - np.abs(edge + 0.035) * _WIDTH / 3.0, 0.0, 1.0)
        self._halo = np.exp(-np.square((edge + 0.04) / 0.08)) * smoothstep(0.78, 0.55, self._radius)
        lights = ramp(self._stops[-3:] if len(self._stops) > 3 else self._stops[1:], _SHADES)
        shade = (np.abs(angle / _BARS * 2.0 - 1.0) * (_SHADES - 1)).astype(np.int32)
        self._tint = np.ascontiguousarray((lights**2).T).take(shade, axis=1)

    def light(self, frame: int) -> Floats:
        inner, reach = _RING
        beat = float(self._music.beat[frame])
        light = self._blobs(frame, 1.0)
        bars = self._music.bands[frame][self._bar_band]
        length = (0.012 + reach * bars)[self._bar_of]
        over = np.maximum(self._radius - inner - length, inner - self._radius)
        distance = np.sqrt(np.square(np.maximum(over, 0.0)) + self._aside_squared)
        bar = np.clip((self._half_width - distance) * (_WIDTH / 2) + 0.5, 0.0, 1.0)
        shown = np.maximum(bar, self._halo * (0.15 + 0.5 * beat) + self._rim * (0.4 + 0.6 * beat))
        flat = light.reshape(3, -1)
        flat[:, self._drawn] += self._tint * (np.minimum(shown, 1.0) * (0.7 + 0.5 * beat))
        return light


class Curtains(_Sky):
    """Tall curtains of light that wave; each is lit by its part of the spectrum."""

    def __init__(self, request: SceneRequest) -> None:
        super().__init__(request, "curtains")
        x = self._axes[0]
        count = self._random.uniform
        self._waves = floats(count(0.6, 1.6, (_CURTAINS, 3)) * [1.0, 2.1, 4.7])
        self._starts = floats(count(0.0, 2 * np.pi, (_CURTAINS, 3)))
        self._feet = floats(np.linspace(-0.15, 0.55, _CURTAINS)) * self._tall
        folds = np.sin(x[None, :] * count(16, 30, (_CURTAINS, 1)) + self._starts[:, :1])
        self._folds = floats(0.72 + 0.28 * folds)
        lights = self._stops[1:]
        self._tints = floats(lights[np.arange(_CURTAINS) % len(lights)] ** 2)
        # Sharp at the foot, then fading upwards; looked up by the distance above the foot.
        above = np.linspace(-0.2, 2.4, 1024)
        profile = np.where(above < 0, np.exp(-np.square(above / 0.05)), np.exp(-above / 0.62))
        self._profile = floats(profile)

    def light(self, frame: int) -> Floats:
        music, travel = self._music, float(self._travel[frame]) * 0.8
        beat = float(music.beat[frame])
        light = self._blobs(frame, 0.45)
        x, y = self._axes
        for number in range(_CURTAINS):
            wave = np.sin(
                x[None, :] * self._waves[number, :, None]
                + self._starts[number, :, None]
                + travel * np.float32(0.5 + 0.4 * number)
            )
            foot = self._feet[number] + (wave * floats([[0.22], [0.10], [0.03]])).sum(axis=0)
            low = number * BANDS // _CURTAINS
            level = float(music.bands[frame, low : low + BANDS // _CURTAINS].mean())
            place = (foot[None, :] - y[:, None] + np.float32(0.2)) * np.float32(1023 / 2.6)
            shape = self._profile.take(np.clip(place, 0, 1023).astype(np.int32))
            bright = self._folds[number] * (0.6 + 0.4 * wave[0]) * (0.35 + 0.8 * level + 0.5 * beat)
            shape *= floats(bright)
            for part in range(3):
                light[part] += shape * self._tints[number, part]
        return light


class WorldsEdge(_Sky):
    """The bright edge of a dark world, below stars; the beat is the sun behind it.

    Edge and air rise and fall in turn, so that nothing stands still where the music is silent.
    """

    def __init__(self, request: SceneRequest) -> None:
        super().__init__(request, "edge")
        self._lean = float(self._random.uniform(-0.55, 0.55))
        centre_y, radius = self._tall * 0.12 + 1.7, 1.7
        away = np.hypot(self._x - self._lean, self._y - centre_y) - radius
        self._place = np.clip((away + 0.3) * (1023 / 3.3), 0, 1023).astype(np.intp)
        self._distance = floats(np.linspace(-0.3, 3.0, 1024))
        self._top = floats([[self._lean + float(self._random.uniform(-0.3, 0.3)), centre_y - 1.7]])
        stars = np.zeros_like(self._x)
        width, height = self.size
        rows = self._random.integers(0, height, _STARS)
        stars[rows, self._random.integers(1, width - 1, _STARS)] = self._random.uniform(
            0.1, 0.9, _STARS
        )
        self._stars = stars * (away > 0.15)

    def light(self, frame: int) -> Floats:
        music = self._music
        beat, energy, bass = (float(of[frame]) for of in (music.beat, music.energy, music.bass))
        turn = 2.0 * float(self._travel[frame])
        distance = self._distance + np.float32(0.09 * np.sin(turn))
        outside = np.exp(-np.maximum(distance, 0) / (0.06 + 0.05 * bass))
        wide = np.exp(-np.maximum(distance, 0) / (0.55 + 0.2 * np.cos(turn)))
        inside = np.where(distance < 0, np.exp(distance / 0.035), 1.0)
        rim, air = self._stops[-2] ** 2, self._stops[1] ** 2
        table = planes(rim)[..., 0] * outside * (0.55 + 0.6 * beat) + planes(air)[..., 0] * wide * (
            0.45 + 0.3 * energy
        )
        light = looked_up(floats(table * inside), self._place)
        light += self._ground * 0.4
        light += self._stars * np.float32(0.35 + 0.65 * float(music.bands[frame, 40:].mean()))
        light += glows(
            self._axes,
            self._top,
            floats([0.10 + 0.16 * beat]),
            floats(self._stops[-1:] ** 2 * (0.5 + 0.9 * beat)),
        )
        return light


SCENES = (Ring, Curtains, WorldsEdge)
