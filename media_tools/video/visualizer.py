"""Makes raw frames from a plan and a song, and the part of ffmpeg's graph that enlarges them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from media_tools.video.features import AudioFeatures
from media_tools.video.plan import VideoSpec, VisualPlan
from media_tools.video.scenes import aurora, drift, horizon, ribbons, tunnel
from media_tools.video.scenes.base import (
    Bytes,
    Floats,
    Scene,
    SceneRequest,
    colors,
    floats,
    light_to_bytes,
    luma,
    planes,
)
from media_tools.video.timeline import Compositions, Entry, Shot, Timeline

# Green, blue, red: ffmpeg's order of planes.
_PLANES = [1, 2, 0]


@dataclass(frozen=True)
class Style:
    """The scenes of a style.

    quiet: the one behind cards. lights: the one before a cover's picture; None if all have ground.
    """

    scenes: tuple[Callable[[SceneRequest], Scene], ...]
    quiet: int
    lights: int | None


_STYLES = {
    "aurora": Style(aurora.SCENES, quiet=2, lights=1),
    "horizon": Style(horizon.SCENES, quiet=1, lights=None),
    "drift": Style(drift.SCENES, quiet=2, lights=0),
    "tunnel": Style(tunnel.SCENES, quiet=1, lights=1),
    "ribbons": Style(ribbons.SCENES, quiet=1, lights=0),
}

_FLASH = 0.75  # of white, in the first frame
_LIGHTS_OVER_ART = 0.35  # exposure
_SLATS = 9
# A calm shot has this exposure, a loud one as much more.
_CALM_EXPOSURE, _MORE_EXPOSURE = 0.50, 0.65
_TINTING = 0.35


def compositions_of(style: str) -> Compositions:
    """Return what a film of this style may show. Raises ValueError on an unknown style."""
    known = _known(style)
    return Compositions(len(known.scenes), known.quiet)


def _known(style: str) -> Style:
    if style not in _STYLES:
        raise ValueError(f"unknown visual style {style!r}; use one of {', '.join(_STYLES)}")
    return _STYLES[style]


@dataclass
class _Panel:
    """One shape's scenes, made when first shown, and the row of the sheet where it begins."""

    style: Style
    request: SceneRequest
    row: int
    scenes: dict[int, Scene] = field(default_factory=dict)

    def scene(self, number: int) -> Scene:
        if number not in self.scenes:
            self.scenes[number] = self.style.scenes[number](self.request)
        return self.scenes[number]

    @property
    def size(self) -> tuple[int, int]:
        return self.scene(next(iter(self.scenes), 0)).size


class Visualizer:
    """The frames of a generated video: one picture for each shape, below each other in one sheet.

    One pipe then carries everything, and ffmpeg divides it with `crop`, which copies nothing.
    """

    def __init__(
        self,
        plan: VisualPlan,
        music: AudioFeatures,
        specs: Sequence[VideoSpec],
        timeline: Timeline | None = None,
    ) -> None:
        """Prepare the scenes. specs: one per shape, all with the same frames per second.

        timeline: without one, the style's first scene is shown throughout.
        Raises ValueError on an unknown style or an invalid colour.
        """
        style = _known(plan.style)
        if len(plan.palette) < 2:
            raise ValueError("a palette needs at least two colours")
        self.music = music
        self._specs = specs
        self._timeline = timeline or Timeline((Shot(0, music.frames, 0),))
        self._stops = colors(plan.palette)
        self._panels: list[_Panel] = []
        row = 0
        for spec in specs:
            request = SceneRequest(music, plan.palette, plan.seed, spec.width, spec.height)
            panel = _Panel(style, request, row)
            panel.scene(self._timeline.shots[0].scene)
            self._panels.append(panel)
            row += panel.size[1]
        self._sheet_size = (max(panel.size[0] for panel in self._panels), row)

    def input_arguments(self) -> list[str]:
        """Return ffmpeg options for the raw frames on its stdin."""
        width, height = self._sheet_size
        return [
            *("-f", "rawvideo", "-pix_fmt", "gbrp", "-s", f"{width}x{height}"),
            *("-r", str(self._specs[0].fps), "-i", "pipe:0"),
        ]

    def graph(self, results: Sequence[str]) -> str:
        """Return filters from input 0, the raw frames, to a yuv420p BT.709 picture per shape."""
        labels = [f"sheet{number}" for number in range(len(self._panels))]
        chains = [f"[0:v]split={len(labels)}" + "".join(f"[{label}]" for label in labels)]
        for panel, spec, label, result in zip(
            self._panels, self._specs, labels, results, strict=True
        ):
            width, height = panel.size
            chains.append(
                f"[{label}]crop={width}:{height}:0:{panel.row},"
                f"scale={spec.width}:{spec.height}:flags=bicubic:"
                f"out_color_matrix=bt709:out_range=tv,format=yuv420p[{result}]"
            )
        return ";".join(chains)

    def frames(self, first: int = 0, count: int | None = None) -> Iterator[bytes]:
        """Yield raw frames for stdin, from number `first`; by default all of the song's."""
        last = self.music.frames if count is None else first + count
        width, height = self._sheet_size
        sheet = np.zeros((3, height, width), dtype=np.uint8)
        for frame in range(first, last):
            for panel in self._panels:
                wide, tall = panel.size
                shown = self._picture(panel, frame)
                sheet[:, panel.row : panel.row + tall, :wide] = shown[_PLANES]
            yield sheet.tobytes()

    def _picture(self, panel: _Panel, frame: int) -> Bytes:
        """Return a shape's picture, with what is left of the shot before while one comes in."""
        at = self._timeline.shot_at(frame)
        shot = self._timeline.shots[at]
        shown = self._drawn(panel, shot, frame)
        step = frame - shot.first + 1
        if at and step <= shot.entry_frames:
            share = step / (shot.entry_frames + 1)
            if shot.entry == Entry.FLASH:
                return _lit(shown, _FLASH * (1 - share) ** 2)
            before = self._drawn(panel, self._timeline.shots[at - 1], frame)
            return _ENTRIES[shot.entry](before, shown, share)
        return shown

    def _drawn(self, panel: _Panel, shot: Shot, frame: int) -> Bytes:
        if shot.art:
            lights = panel.style.lights
            if lights is None or not shot.lit:
                width, height = panel.size
                return np.zeros((3, height, width), dtype=np.uint8)
            light = panel.scene(lights).light(frame)
            light *= np.float32(_LIGHTS_OVER_ART)
        else:
            light = panel.scene(shot.scene).light(frame)
            light *= grade(self._stops, shot.tone)
        shown = light_to_bytes(light)
        if shot.zoom:
            shown = _enlarged(shown, shot.scale_at(frame))
        return shown[:, :, ::-1] if shot.mirrored else shown


def grade(stops: Floats, tone: float) -> Floats:
    """Return a factor of light for each colour: dim and cool at tone 0, bright and warm at 1.

    Cool is the second darkest colour of the palette, warm the most vivid of the others.
    """
    lights = stops[1:]
    vivid = lights[int(np.argmax(np.ptp(lights, axis=1)))]
    aim = (stops[1] * (1 - tone) + vivid * tone) ** 2
    tint = aim / max(float(luma(aim)), 1e-3)
    # Without green there is hardly any luma: held, so that no colour is multiplied.
    tint = np.clip(tint, 0.3, 1.7)
    exposure = _CALM_EXPOSURE + _MORE_EXPOSURE * tone
    return planes(floats(exposure * (1 - _TINTING + _TINTING * tint)))


def _enlarged(shown: Bytes, scale: float) -> Bytes:
    """Enlarge a picture around its middle, with fractions of a pixel, so that nothing trembles."""
    _, height, width = shown.shape
    x, y = width * (1 - 1 / scale) / 2, height * (1 - 1 / scale) / 2
    box = (x, y, width - x, height - y)
    whole = Image.merge("RGB", [Image.fromarray(np.ascontiguousarray(part)) for part in shown])
    larger = whole.resize((width, height), Image.Resampling.BILINEAR, box=box)
    return np.stack([np.asarray(part) for part in larger.split()])


def _lit(shown: Bytes, share: float) -> Bytes:
    """Mix a picture with white."""
    kept = round(256 * (1 - share))
    return (255 - ((255 - shown.astype(np.uint16)) * kept >> 8)).astype(np.uint8)


def _dissolved(before: Bytes, shown: Bytes, share: float) -> Bytes:
    part = round(256 * share)
    mixed = before.astype(np.uint16) * (256 - part) + shown.astype(np.uint16) * part
    return (mixed >> 8).astype(np.uint8)


def _pushed(before: Bytes, shown: Bytes, share: float) -> Bytes:
    """Push the old picture out to the left; it slows down."""
    width = before.shape[2]
    moved = round(width * (1 - (1 - share) ** 3))
    return np.concatenate([before[:, :, moved:], shown[:, :, :moved]], axis=2)


def _slatted(before: Bytes, shown: Bytes, share: float) -> Bytes:
    """Open slats, each a little later than the one before it."""
    mixed = before.copy()
    edges = np.linspace(0, before.shape[1], _SLATS + 1).astype(int)
    for number in range(_SLATS):
        top, end = int(edges[number]), int(edges[number + 1])
        opened = min(1.0, max(0.0, share * 1.8 - 0.8 * number / _SLATS))
        bottom = top + round((end - top) * opened)
        mixed[:, top:bottom] = shown[:, top:bottom]
    return mixed


_ENTRIES = {Entry.DISSOLVE: _dissolved, Entry.PUSH: _pushed, Entry.SLATS: _slatted}
