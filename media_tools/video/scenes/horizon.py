"""A world at dusk: a sun over a floor grid, a skyline that passes, a great sun behind hills."""

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

_WIDTH = 400
_HORIZON = 0.62  # share of the height
_BARS = 31
_SUN_RADIUS = 0.56
_STARS = 90
_GREAT_RADIUS = 0.86
_STRIPES = 11
# Layers of the skyline, far to near: height of its houses (share of the frame), light, speed.
_LAYERS = ((0.46, 0.55, 0.25), (0.30, 0.25, 0.6), (0.17, 0.0, 1.3))


class Sunset(Scene):
    """A low sun over mountains, a floor grid that runs towards the viewer, bars between."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        self._stops = colors(request.palette)
        random = stream("horizon", request.seed)
        self.size = field_size(request, _WIDTH)
        width, height = self.size
        self._edge = round(height * _HORIZON)
        self._x, y = grid(self.size)
        self._y = y - float(y[self._edge, 0])  # 0 at the horizon, negative above
        self._sun_x = float(random.uniform(-0.12, 0.12))
        sky, glow = self._paint_sky(random)[: self._edge], self._sun_glow()
        ridge = self._paint_ridges(random)[..., None]
        self._sky, self._glow = _as_planes(sky * ridge), _as_planes(glow * ridge)
        self._prepare_floor(width, height)
        self._travel = phase(0.9 + 1.6 * self._music.energy, self._music.fps)
        self._prepare_bars(width)

    def light(self, frame: int) -> Floats:
        music = self._music
        beat, bass = float(music.beat[frame]), float(music.bass[frame])
        light = np.empty((3, *self._x.shape), dtype=np.float32)
        sky = light[:, : self._edge]
        np.multiply(self._glow, 0.16 + 0.34 * max(beat, 0.7 * bass), out=sky)
        sky += self._sky
        self._draw_bars(sky, frame)
        self._draw_floor(light[:, self._edge :], frame)
        return light

    def _draw_floor(self, floor: Floats, frame: int) -> None:
        beat = float(self._music.beat[frame])
        shift = float(self._travel[frame])
        place = (self._floor_depth + shift) % 1.0
        width = np.clip(self._floor_step * 1.0, 0.022, 0.5)
        across = (1.0 - smoothstep(0.0, 1.0, np.abs(place - 0.5) / width)) * self._floor_clear
        lines = np.maximum(self._floor_lines, across[:, None])
        shine = (0.42 + 0.58 * beat) * self._floor_near[:, None] * lines
        np.multiply(planes(self._line_color), shine, out=floor)
        floor += self._floor_base

    def _draw_bars(self, sky: Floats, frame: int) -> None:
        """Draw the bars in the lowest rows of the sky only, because they stand on the horizon."""
        levels = self._music.bands[frame][self._bar_bands]
        tall = self._bar_height * np.maximum(levels, 0.03)
        rows = np.arange(self._bar_height, 0, -1, dtype=np.float32)[:, None]
        over = tall[self._bar_of][None, :] - rows
        body = np.clip(over + 1.0, 0.0, 1.0) * self._bar_shape
        # A lit edge on a dark tower, so that bars look like a skyline before the bright sun.
        crest = body * np.clip(5.0 - over, 0.0, 1.0)
        region = sky[:, -self._bar_height :]
        region *= 1.0 - body
        region += planes(self._stops[0] ** 2 * 0.8) * body
        region += planes(self._crest_color) * crest

    def _paint_sky(self, random: np.random.Generator) -> Floats:
        width, height = self.size
        top = float(self._y.min())
        tones = ramp(self._stops[:3] if len(self._stops) > 3 else self._stops[:2]) ** 2
        shade = np.clip(1.0 - self._y[:, 0] / top, 0.0, 1.0) ** 2.2
        light = np.repeat(tones[(shade * 255).astype(int)][:, None, :], width, axis=1) * 0.85
        for _ in range(_STARS):
            column = int(random.integers(1, width - 1))
            row = int(random.integers(1, max(2, round(self._edge * 0.62))))
            light[row, column] += random.uniform(0.10, 0.75)
        distance = self._sun_distance()
        edge = np.clip((_SUN_RADIUS - distance) * height / 4 + 0.5, 0.0, 1.0)
        # From above: light to warm; the gaps widen towards the horizon.
        fall = np.clip((self._y + 1.36 * _SUN_RADIUS) / (1.5 * _SUN_RADIUS), 0.0, 1.0)
        stripe = (fall * 9.0) % 1.0
        gap = smoothstep(0.0, 0.10, stripe - np.clip(fall * 0.62 - 0.10, 0.0, 0.6))
        gap = np.where(fall < 0.30, 1.0, gap)
        lights = ramp(self._stops[-1:-4:-1] if len(self._stops) > 3 else self._stops[::-1]) ** 2
        sun = lights[(fall * 230).astype(int)]
        cover = (edge * gap * (self._y < 0))[..., None]
        return floats(light * (1.0 - cover) + sun * cover)

    def _sun_distance(self) -> Floats:
        return floats(np.hypot(self._x - self._sun_x, self._y + 0.80 * _SUN_RADIUS))

    def _sun_glow(self) -> Floats:
        distance = self._sun_distance()[: self._edge]
        soft = np.exp(-np.square(np.maximum(distance - _SUN_RADIUS * 0.9, 0.0) / 0.42))
        return floats(soft[..., None] * self._stops[-2] ** 2)

    def _paint_ridges(self, random: np.random.Generator) -> Floats:
        """Return how much of the sky shows, 0..1: two ranges of hills, low in the middle."""
        width, _ = self.size
        x = np.linspace(-1.0, 1.0, width)
        shown = np.ones((self._edge, width), dtype=np.float32)
        rows = np.arange(self._edge, dtype=np.float32)[:, None]
        for reach, dim in ((0.19, 0.42), (0.11, 0.16)):
            outline = np.zeros(width)
            for octave in range(2, 8):
                knots = random.uniform(-1.0, 1.0, 2**octave + 1)
                outline += np.interp(x, np.linspace(-1, 1, len(knots)), knots) * 0.62**octave
            hill = (outline + 0.35).clip(0.02) * (0.30 + 0.70 * np.abs(x) ** 1.4)
            crest = self._edge * (1.0 - reach * hill / hill.max())
            inside = np.clip(rows - crest[None, :] + 0.5, 0.0, 1.0)
            shown *= 1.0 - inside * (1.0 - dim)
        return shown

    def _prepare_floor(self, width: int, height: int) -> None:
        rows = (np.arange(height - self._edge) + 0.5).astype(np.float32)
        below = rows / (height - self._edge)
        self._floor_depth = (1.9 / (below + 0.045)).astype(np.float32)
        self._floor_step = np.abs(np.gradient(self._floor_depth)).astype(np.float32)
        # Far rows contain several lines each; there they blend into an even glow.
        self._floor_clear = np.clip(1.4 - self._floor_step, 0.0, 1.0) + 0.25 * np.clip(
            self._floor_step - 0.4, 0.0, 1.0
        )
        side = (self._x[self._edge :] / (below[:, None] + 0.045)) * 1.15
        step = np.abs(1.15 * (self._x[0, 1] - self._x[0, 0]) / (below[:, None] + 0.045))
        away = np.abs((side + 0.5) % 1.0 - 0.5)
        self._floor_lines = (1.0 - smoothstep(0.0, 1.0, away / np.clip(step * 1.1, 0.012, 0.5))) * (
            np.clip(1.3 - step * 2.0, 0.15, 1.0)
        )
        self._floor_near = (0.35 + 0.65 * np.minimum(below * 3.0, 1.0)).astype(np.float32)
        self._line_color = (self._stops[-2] ** 2).astype(np.float32)
        haze = np.exp(-below / 0.10)[:, None, None]
        base = self._stops[0] ** 2 * 0.7 + haze * self._stops[-2] ** 2 * 0.35
        self._floor_base = _as_planes(np.repeat(base, width, axis=1))

    def _prepare_bars(self, width: int) -> None:
        self._bar_height = round(self._edge * 0.20)
        place = np.arange(width, dtype=np.float32) * (_BARS / width)
        self._bar_of = np.minimum(place.astype(np.int32), _BARS - 1)
        inside = place - np.floor(place)
        self._bar_shape = ((inside > 0.16) & (inside < 0.84)).astype(np.float32)[None, :]
        from_middle = np.abs(np.arange(_BARS) - _BARS // 2) / (_BARS // 2)
        self._bar_bands = (from_middle * (BANDS - 10)).astype(np.int32)
        self._crest_color = (self._stops[-1] ** 2 * 0.9).astype(np.float32)


def _as_planes(picture: Floats) -> Floats:
    """Return (height, width, 3), as painted, as (3, height, width), as drawn."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32)


class Skyline(Scene):
    """A city that passes by in three depths; its windows are lit by the spectrum."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        stops = colors(request.palette)
        random = stream("skyline", request.seed)
        self.size = field_size(request, _WIDTH)
        width = self.size[0]
        _, y = grid(self.size)
        tones = ramp(stops[: max(2, len(stops) - 1)], 256) ** 2
        fall = np.clip((y[:, 0] - y[0, 0]) / (y[-1, 0] - y[0, 0]), 0.0, 1.0)
        self._sky = floats(tones[(fall**1.6 * 255).astype(int)].T * 0.9)[:, :, None]
        low = smoothstep(0.3, 0.9, floats(fall))[:, None]
        self._haze = floats(planes(stops[-2] ** 2 * 0.5) * low)
        dark, haze, self._warm = stops[0] ** 2, stops[1] ** 2, stops[-1] ** 2
        self._layers = [
            _Houses(random, self.size, tall, floats(dark * (1 - lit) + haze * lit * 0.6))
            for tall, lit, _ in _LAYERS
        ]
        pace = 0.10 + 0.22 * self._music.energy
        self._travel = phase(pace * width * float(random.choice([0.7, 1.0])), self._music.fps)

    def light(self, frame: int) -> Floats:
        music, (width, _) = self._music, self.size
        beat, level = float(music.beat[frame]), music.bands[frame]
        light = self._sky * np.float32(0.8 + 0.3 * float(music.energy[frame])) + self._haze * (
            0.5 + 0.9 * beat
        )
        light = np.repeat(light, width, axis=2)
        for houses, (_, lit, speed) in zip(self._layers, _LAYERS, strict=True):
            shift = float(self._travel[frame]) * speed % width
            glow = self._warm * (0.10 + 0.55 * float(level[: BANDS // 2].mean()) + 0.5 * beat)
            houses.draw(light, shift, floats(glow * (0.35 + lit)))
        return floats(light)


class _Houses:
    """One depth of a skyline, drawn twice in a row, so that it can pass."""

    def __init__(
        self, random: np.random.Generator, size: tuple[int, int], tall: float, ink: Floats
    ) -> None:
        strip, height = size
        tops = np.zeros(strip, dtype=int)
        windows = np.zeros((height, strip), dtype=np.float32)
        at = 0
        while at < strip:
            wide = int(random.integers(12, 30) * (0.6 + tall * 1.6))
            top = height - int(height * tall * random.uniform(0.45, 1.0))
            tops[at : at + wide] = top
            # Windows of two by three pixels; each is lit or dark for good.
            for row in range(top + 6, height, 7):
                for column in range(at + 3, min(at + wide, strip) - 4, 6):
                    if random.random() < 0.42:
                        windows[row : row + 3, column : column + 2] = random.uniform(0.3, 1.0)
            at += wide
        self._top = int(tops.min())
        rows = np.arange(self._top, height)[:, None]
        solid = (rows >= tops[None, :]).astype(np.float32)
        # Twice in a row: a strip that begins anywhere is whole.
        self._solid = np.concatenate([solid, solid], axis=1)
        lit = windows[self._top :] * solid
        self._windows = np.concatenate([lit, lit], axis=1)
        self._ink = ink

    def draw(self, light: Floats, shift: float, glow: Floats) -> None:
        """Put the houses on a picture, moved left by `shift` pixels."""
        width = light.shape[2]
        first = int(shift)
        part = np.float32(shift - first)

        def between(picture: Floats) -> Floats:
            near, far = picture[:, first : first + width], picture[:, first + 1 : first + 1 + width]
            return floats(near + (far - near) * part)

        solid, windows = between(self._solid), between(self._windows)
        below = light[:, self._top :]
        below *= 1.0 - solid
        below += planes(self._ink) * solid
        below += planes(glow) * windows


class GreatSun(Scene):
    """A sun that fills the frame, its stripes falling, behind hills that pass."""

    def __init__(self, request: SceneRequest) -> None:
        self._music = request.music
        stops = colors(request.palette)
        random = stream("great sun", request.seed)
        self.size = width, height = field_size(request, _WIDTH)
        x, y = grid(self.size)
        tall = float(np.abs(y).max())
        middle = -0.12 * tall
        away = np.hypot(x - float(random.uniform(-0.2, 0.2)), y - middle)
        self._disc = np.clip((_GREAT_RADIUS - away) * width / 2 + 0.5, 0.0, 1.0)
        self._glow = floats(
            planes(stops[-2] ** 2) * np.exp(-np.square(np.maximum(away - _GREAT_RADIUS, 0) / 0.3))
        )
        self._glow *= 1.0 - self._disc
        fall = np.clip((y - middle) / _GREAT_RADIUS * 0.5 + 0.5, 0.0, 1.0)
        lights = ramp(stops[-1:-4:-1] if len(stops) > 3 else stops[::-1]) ** 2
        self._sun = _as_planes(lights[(fall * 230).astype(int)] * self._disc[..., None])
        self._fall = fall[:, 0]
        self._ground = floats(planes(stops[0] ** 2) + planes(stops[1] ** 2 * 0.4) * fall)
        self._travel = phase(0.05 + 0.16 * self._music.energy, self._music.fps)
        self._hills = [_hills(random, width, height, share) for share in (0.30, 0.19)]
        dark, haze = stops[0] ** 2, stops[1] ** 2
        self._inks = [floats(dark * 0.7 + haze * 0.3), floats(dark * 0.5)]

    def light(self, frame: int) -> Floats:
        music, (width, height) = self._music, self.size
        beat, bass = float(music.beat[frame]), float(music.bass[frame])
        travel = float(self._travel[frame])
        place = (self._fall * _STRIPES - travel * 3.0) % 1.0
        wide = np.clip(self._fall * 0.75 - 0.12, 0.0, 0.55)
        stripe = smoothstep(0.0, 0.06, floats(place - wide))
        light = self._sun * (stripe[:, None] * np.float32(0.62 + 0.38 * max(beat, 0.6 * bass)))
        light += self._ground
        light += self._glow * np.float32(0.25 + 0.7 * beat)
        rows = np.arange(height, dtype=np.float32)[:, None]
        for depth, (outline, ink) in enumerate(zip(self._hills, self._inks, strict=True)):
            first = travel * width * (0.5 + depth) % width
            at = np.arange(width) + first
            crest = np.interp(at, np.arange(2 * width + 1), outline)
            top = int(crest.min())
            solid = np.clip(rows[top:] - crest[None, :] + 0.5, 0.0, 1.0)
            below = light[:, top:]
            below *= 1.0 - solid
            below += planes(ink) * solid
        return floats(light)


def _hills(random: np.random.Generator, width: int, height: int, share: float) -> Floats:
    """Return a line of hills, in rows from the top, that repeats after `width`."""
    turn = np.linspace(0, 2 * np.pi, width, endpoint=False)
    line = sum(
        np.sin(turn * number + random.uniform(0, 2 * np.pi)) / number**0.8 for number in range(1, 9)
    )
    line = (line - np.min(line)) / np.ptp(line)
    once = height * (1 - share * (0.35 + 0.65 * line))
    return floats(np.concatenate([once, once, once[:1]]))


SCENES = (Sunset, Skyline, GreatSun)
