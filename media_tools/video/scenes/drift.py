"""Light out of focus: discs that rise, rain on a window, lanterns that pass close by."""

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
    glows,
    grid,
    phase,
    planes,
    smoothstep,
)

_WIDTH = 270
_DISCS = 46
_LANTERNS = 9
_SPARKS = 60
_DROPS = 70
_STREET_LIGHTS = 7
_SPARK_REACH = 4  # pixels around a spark's centre that it may touch


class Rising(Scene):
    """Discs of light that drift upwards; the beat makes them flare."""

    discs = _DISCS
    largest = 0.20

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        random = stream("drift", self.discs, request.seed)
        self.size = field_size(request, _WIDTH)
        x, y = grid(self.size)
        self._tall, self._wide = float(np.abs(y).max()), float(np.abs(x).max())
        self._travel = phase(0.035 + 0.075 * self._music.energy, self._music.fps)
        count = self.discs + _SPARKS
        # Nearer discs are larger, paler and faster; sparks are in focus: small and bright.
        self._depth = np.concatenate(
            [np.sort(random.uniform(0.15, 1.0, self.discs)), random.uniform(0.2, 0.8, _SPARKS)]
        )
        self._radius = np.concatenate(
            [
                0.05 + self.largest * self._depth[: self.discs] ** 1.6,
                random.uniform(0.006, 0.014, _SPARKS),
            ]
        )
        self._home = random.uniform(0.0, 1.0, (count, 2))
        self._sway = random.uniform(0.0, 2 * np.pi, count)
        self._band = random.integers(0, BANDS - 8, count)
        lights = self._stops[1:]
        self._color = lights[random.integers(0, len(lights), count)] ** 2
        self._strength = np.concatenate(
            [0.30 - 0.17 * self._depth[: self.discs], np.full(_SPARKS, 0.8)]
        )
        self._background = self._prepare_background(x, y)

    def light(self, frame: int) -> Floats:
        music = self._music
        beat, bands = float(music.beat[frame]), music.bands[frame]
        travel, seconds = float(self._travel[frame]), frame / music.fps
        light = self._background * (0.85 + 0.30 * float(music.energy[frame]))
        x, y = self._places(travel, seconds)
        flare = 0.45 + 0.85 * bands[self._band] + 0.30 * beat
        radius = self._radius * (1.0 + 0.10 * beat)
        width, height = self.size
        scale = min(width, height) / 2
        centres = floats(np.stack([x * scale + width / 2, y * scale + height / 2], axis=1))
        sizes = floats(np.maximum(radius * scale, 1.1))
        tints = floats(self._color * (self._strength * flare)[:, None])
        for index in range(self.discs):
            self._add_disc(light, centres[index], float(sizes[index]), tints[index])
        first = self.discs
        self._add_sparks(light, centres[first:], sizes[first:], tints[first:])
        return floats(light)

    def _places(self, travel: float, seconds: float) -> tuple[Floats, Floats]:
        """Return x and y of each disc and spark."""
        margin = 0.3
        span_x, span_y = 2 * (self._wide + margin), 2 * (self._tall + margin)
        rise = (self._home[:, 1] - travel * (0.35 + 1.3 * self._depth)) % 1.0
        x = self._home[:, 0] * span_x - span_x / 2 + 0.05 * np.sin(seconds * 0.5 + self._sway)
        return floats(x), floats(rise * span_y - span_y / 2)

    def _add_disc(self, light: Floats, centre: Floats, size: float, tint: Floats) -> None:
        width, height = self.size
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
        width, height = self.size
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

    def _prepare_background(self, x: Floats, y: Floats) -> Floats:
        """Return dark with a warm glow from below, as squared values (light)."""
        from_below = smoothstep(-0.3 * self._tall, 1.25 * self._tall, y)
        glow = np.exp(-(x**2 + (y - 0.9 * self._tall) ** 2) / 0.9)
        dark, middle = self._stops[0] ** 2, self._stops[1] ** 2
        high = self._stops[-2] ** 2
        light = planes(dark) + planes((middle - dark) * 0.9) * from_below
        return floats(light + planes(high * 0.16) * glow)


class Lanterns(Rising):
    """A few large lights that pass sideways, close to the eye."""

    discs = _LANTERNS
    largest = 0.52

    def _places(self, travel: float, seconds: float) -> tuple[Floats, Floats]:
        span_x, span_y = 2 * (self._wide + 0.75), 2 * self._tall
        passing = (self._home[:, 0] + travel * (0.2 + 0.9 * self._depth)) % 1.0
        y = self._home[:, 1] * span_y - span_y / 2 + 0.06 * np.sin(seconds * 0.4 + self._sway)
        return floats(passing * span_x - span_x / 2), floats(y)


class Rain(Scene):
    """Drops that run down a window, before street lights out of focus."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        stops = colors(request.palette)
        random = stream("rain", request.seed)
        self.size = width, height = field_size(request, _WIDTH)
        x, y = grid(self.size)
        self._axes = (x[0], y[:, 0])
        tall = float(np.abs(y).max())
        wide = float(np.abs(x).max())
        self._ground = floats(
            planes(stops[0] ** 2) + planes(stops[1] ** 2 * 0.5) * smoothstep(-tall, tall, y)
        )
        count = _STREET_LIGHTS
        self._lights = floats(
            np.stack([random.uniform(-wide, wide, count), random.uniform(-0.2, 0.7, count)], axis=1)
        )
        self._sizes = floats(random.uniform(0.16, 0.42, count))
        self._tints = floats(stops[1:][np.arange(count) % (len(stops) - 1)] ** 2)
        self._band = random.integers(0, BANDS - 12, count)
        self._columns = random.integers(2, width - 3, _DROPS)
        self._homes = random.uniform(0.0, 1.0, _DROPS)
        self._speeds = random.uniform(0.5, 1.8, _DROPS)
        self._tails = random.integers(height // 14, height // 4, _DROPS)
        self._fall = phase(0.10 + 0.20 * self._music.energy, self._music.fps)
        self._shine = stops[-1] ** 2

    def light(self, frame: int) -> Floats:
        music, height = self._music, self.size[1]
        beat = float(music.beat[frame])
        level = 0.35 + 0.75 * music.bands[frame][self._band] + 0.45 * beat
        light = self._ground + glows(
            self._axes, self._lights, self._sizes, floats(self._tints * level[:, None])
        )
        # A drop bends the light behind it: its trail shows the picture brighter, its head shines.
        for number in range(_DROPS):
            span = height + int(self._tails[number])
            way = self._homes[number] + float(self._fall[frame]) * self._speeds[number]
            head = int((way % 1.0) * span)
            top, end = max(0, head - int(self._tails[number])), min(height, head)
            column = int(self._columns[number])
            if end > top:
                fade = np.linspace(0.05, 0.75, end - top, dtype=np.float32)[:, None]
                light[:, top:end, column : column + 2] *= 1.0 + 1.6 * fade
                light[:, top:end, column : column + 2] += planes(self._shine) * fade * 0.10
            light[:, max(0, end - 3) : end, column - 1 : column + 3] += planes(
                floats(self._shine * (0.25 + 0.3 * beat))
            )
        return floats(light)


def _disc(squared: Floats, size: Floats | np.float32) -> Floats:
    """Return a disc with a slightly brighter rim, as a lens draws it; edges are antialiased.

    squared: distance from its centre, squared; size: its radius; both in pixels.
    """
    distance = np.sqrt(squared)
    disc = np.clip((size - distance) / np.maximum(1.2, size * 0.10) + 0.5, 0.0, 1.0)
    return floats(disc * (0.62 + 0.38 * np.square(np.minimum(distance / size, 1.0))))


SCENES = (Rising, Rain, Lanterns)
