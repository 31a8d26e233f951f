"""Fine lines that move with their part of the spectrum: across, upright as strings, as petals."""

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
    phase,
    planes,
    ramp,
    smoothstep,
)

_WIDTH = 384
_BUNDLES = 4
_REACH = 2  # rows above and below a line that it touches
_PETALS = 18
_POINTS = 1100  # of a petal's outline


class Bundles(Scene):
    """Bundles of lines that flow across the picture."""

    name = "ribbons"
    lines = 13  # in each bundle
    turned = False  # drawn lying, shown upright

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        stops = colors(request.palette)
        random = stream(self.name, request.seed)
        self.size = field_size(request, _WIDTH)
        self._drawn = self.size[::-1] if self.turned else self.size
        width = self._drawn[0]
        self._columns = ((np.arange(width) + 0.5) / width).astype(np.float32)
        self._travel = phase(0.05 + 0.12 * self._music.energy, self._music.fps) * 2 * np.pi
        self._waves = random.uniform(0.55, 1.35, (_BUNDLES, 3)).astype(np.float32)
        self._starts = random.uniform(0, 2 * np.pi, (_BUNDLES, 3)).astype(np.float32)
        self._pace = (random.choice([-1.0, 1.0], (_BUNDLES, 3)) * [1.0, 1.7, 2.6]).astype(
            np.float32
        )
        self._tint = (ramp(stops[1:], _BUNDLES * self.lines) ** 2).astype(np.float32)
        self._background = self._prepare_background(stops)

    def light(self, frame: int) -> Floats:
        width, height = self._drawn
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
        return np.ascontiguousarray(light.transpose(0, 2, 1)) if self.turned else light

    def _lines(self, frame: int) -> Floats:
        """Return each line's height at each column, 0 (top) to 1: (bundles * lines, columns)."""
        music = self._music
        travel = float(self._travel[frame])
        x = self._columns * 2 * np.pi
        spread = np.linspace(-1.0, 1.0, self.lines, dtype=np.float32)[:, None]
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
            middle = self._middle(bundle)
            parts.append(
                middle
                + swing * (first + 0.5 * second + 0.22 * third)
                + spread * (0.020 + 0.035 * level) * (0.35 + twist[None, :] ** 2)
            )
        return floats(np.concatenate(parts))

    def _middle(self, bundle: int) -> float:
        """Return where a bundle runs, 0 (top) to 1."""
        return 0.34 + 0.09 * bundle

    def _strength(self, frame: int) -> Floats:
        """Return the brightness of each line: (bundles * lines, 1)."""
        bands = self._music.bands[frame]
        level = bands.reshape(_BUNDLES, -1).mean(axis=1)
        across = 0.30 + 0.70 * np.cos(np.linspace(-1.35, 1.35, self.lines)) ** 2
        return floats(np.repeat(0.60 + level, self.lines) * np.tile(across, _BUNDLES))[:, None]

    def _prepare_background(self, stops: Floats) -> Floats:
        x, y = grid(self._drawn)
        tall = float(np.abs(y).max())
        glow = np.exp(-(np.square(x) * 0.5 + np.square(y + 0.1 * tall) * 0.9))
        shade = 0.55 + 0.45 * smoothstep(tall, -tall, y)
        dark, middle = stops[0] ** 2, stops[1] ** 2
        light = planes(dark) * shade + planes(middle * 0.55) * glow
        return floats(light)


class Strings(Bundles):
    """The bundles upright, wide apart, like the strings of an instrument."""

    name = "strings"
    lines = 8
    turned = True

    def _middle(self, bundle: int) -> float:
        return 0.16 + 0.225 * bundle


class Petals(Scene):
    """Closed lines round a middle that open like a flower with the music."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        stops = colors(request.palette)
        random = stream("petals", request.seed)
        self.size = field_size(request, _WIDTH)
        x, y = grid(self.size)
        self._angle = floats(np.linspace(0, 2 * np.pi, _POINTS, endpoint=False))
        self._leaves = int(random.integers(3, 8))
        self._rise = float(random.uniform(0.06, 0.22))
        self._turn = phase(0.12 + 0.25 * self._music.energy, self._music.fps) * float(
            random.choice([-1.0, 1.0])
        )
        self._tint = floats(ramp(stops[1:], _PETALS) ** 2)
        glow = np.exp(-(np.square(x) + np.square(y + self._rise)) / 0.5)
        self._ground = floats(planes(stops[0] ** 2 * 0.8) + planes(stops[1] ** 2 * 0.6) * glow)

    def light(self, frame: int) -> Floats:
        music, (width, height) = self._music, self.size
        beat, energy = float(music.beat[frame]), float(music.energy[frame])
        turn = float(self._turn[frame])
        petal = np.arange(_PETALS, dtype=np.float32)[:, None]
        level = music.bands[frame][np.arange(_PETALS) * (BANDS - 20) // _PETALS][:, None]
        open_ = 0.16 + 0.33 * energy + 0.08 * beat
        wave = np.sin(self._leaves * (self._angle[None] + turn) + petal * 0.16)
        fine = np.sin((self._leaves * 2 + 1) * self._angle[None] - turn * 2.3 + petal * 0.31)
        radius = 0.12 + petal * 0.031 + (open_ * wave + 0.10 * level * fine) * (0.3 + petal / 40)
        scale = min(width, height) / 2
        at_x = (width / 2 + radius * np.cos(self._angle + turn * 0.4) * scale).ravel()
        at_y = (
            height / 2 + (radius * np.sin(self._angle + turn * 0.4) - self._rise) * scale
        ).ravel()
        strength = np.repeat((0.35 + 0.75 * level[:, 0]) * (0.55 + 0.6 * beat), _POINTS)
        left, top = np.floor(at_x), np.floor(at_y)
        weights: list[Floats] = []
        places = []
        for step_x, step_y in ((0, 0), (1, 0), (0, 1), (1, 1)):
            column, row = left + step_x, top + step_y
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            near = (1 - np.abs(at_x - column)) * (1 - np.abs(at_y - row)) * inside
            weights.append(floats(near * strength))
            places.append((row * width + column) * inside)
        place = np.concatenate(places).astype(np.int32)
        weight = np.concatenate(weights)
        tints = np.tile(np.repeat(self._tint, _POINTS, axis=0), (4, 1))
        light = self._ground.copy()
        flat = light.reshape(3, -1)
        for part in range(3):
            flat[part] += np.bincount(
                place, weights=weight * tints[:, part], minlength=flat.shape[1]
            )
        return light


SCENES = (Bundles, Strings, Petals)
