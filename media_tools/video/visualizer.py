"""Makes raw frames from a plan and a song, and the part of ffmpeg's graph that enlarges them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from media_tools.video.features import AudioFeatures
from media_tools.video.plan import VideoSpec, VisualPlan
from media_tools.video.scenes.aurora import Aurora
from media_tools.video.scenes.base import Layout, Scene, SceneRequest
from media_tools.video.scenes.drift import Drift
from media_tools.video.scenes.horizon import Horizon
from media_tools.video.scenes.ribbons import Ribbons
from media_tools.video.scenes.tunnel import Tunnel

# Green, blue, red, alpha: ffmpeg's order of planes.
_PLANES = [1, 2, 0, 3]
_SCENES: dict[str, Callable[[SceneRequest], Scene]] = {
    "aurora": Aurora,
    "horizon": Horizon,
    "drift": Drift,
    "tunnel": Tunnel,
    "ribbons": Ribbons,
}


@dataclass(frozen=True)
class _Panel:
    """One shape's scene, and the row of the sheet where its pictures begin."""

    scene: Scene
    spec: VideoSpec
    row: int

    @property
    def layout(self) -> Layout:
        return self.scene.layout

    @property
    def sprite_row(self) -> int:
        return self.row + self.layout.field[1]

    @property
    def rows(self) -> int:
        return self.layout.field[1] + (self.layout.sprite[1] if self.layout.sprite else 0)


class Visualizer:
    """The frames of a generated video: for each shape a field, and below it a sprite, in one sheet.

    One pipe then carries everything, and ffmpeg divides it with `crop`, which copies nothing.
    """

    def __init__(self, plan: VisualPlan, music: AudioFeatures, specs: Sequence[VideoSpec]) -> None:
        """Prepare the scenes. specs: one per shape, all with the same frames per second.

        Raises ValueError on an unknown style or an invalid colour.
        """
        if plan.style not in _SCENES:
            known = ", ".join(_SCENES)
            raise ValueError(f"unknown visual style {plan.style!r}; use one of {known}")
        if len(plan.palette) < 2:
            raise ValueError("a palette needs at least two colours")
        self.music = music
        self._fps = specs[0].fps
        self._panels: list[_Panel] = []
        row = 0
        for spec in specs:
            request = SceneRequest(music, plan.palette, plan.seed, spec.width, spec.height)
            self._panels.append(_Panel(_SCENES[plan.style](request), spec, row))
            row += self._panels[-1].rows
        layouts = [panel.layout for panel in self._panels]
        widths = [
            width for layout in layouts for width, _ in (layout.field, layout.sprite or (0, 0))
        ]
        self._sheet_size = (max(widths), row)
        self._pixel_format = "gbrap" if layouts[0].sprite else "gbrp"

    def input_arguments(self) -> list[str]:
        """Return ffmpeg options for the raw frames on its stdin."""
        width, height = self._sheet_size
        return [
            *("-f", "rawvideo", "-pix_fmt", self._pixel_format, "-s", f"{width}x{height}"),
            *("-r", str(self._fps), "-i", "pipe:0"),
        ]

    def graph(self, results: Sequence[str]) -> str:
        """Return filters from input 0, the raw frames, to a yuv420p BT.709 picture per shape."""
        pieces = sum(2 if panel.layout.sprite else 1 for panel in self._panels)
        labels = [f"sheet{number}" for number in range(pieces)]
        chains = [f"[0:v]split={pieces}" + "".join(f"[{label}]" for label in labels)]
        for panel, result in zip(self._panels, results, strict=True):
            if panel.layout.sprite is None:
                chains.append(_enlarged(panel, labels.pop(0), result))
                continue
            field = f"field_{result}"
            chains.append(_enlarged(panel, labels.pop(0), field))
            chains.append(_with_sprite(panel, labels.pop(0), field, result))
        return ";".join(chains)

    def frames(self, first: int = 0, count: int | None = None) -> Iterator[bytes]:
        """Yield raw frames for stdin, from number `first`; by default all of the song's."""
        last = self.music.frames if count is None else first + count
        width, height = self._sheet_size
        sheet = np.full((len(self._pixel_format) - 1, height, width), 255, dtype=np.uint8)
        for frame in range(first, last):
            for panel in self._panels:
                if (frame - first) % panel.layout.field_every == 0:
                    field = panel.scene.field(frame)
                    sheet[:3, panel.row : panel.sprite_row, : field.shape[2]] = field[_PLANES[:3]]
                sprite = panel.scene.sprite(frame)
                if sprite is not None:
                    rows = slice(panel.sprite_row, panel.row + panel.rows)
                    sheet[:, rows, : sprite.shape[2]] = sprite[_PLANES]
            yield sheet.tobytes()


def _enlarged(panel: _Panel, source: str, result: str) -> str:
    layout, spec = panel.layout, panel.spec
    width, height = layout.field
    slow = f"fps={spec.fps}/{layout.field_every}," if layout.field_every > 1 else ""
    steady = f",fps={spec.fps}" if layout.field_every > 1 else ""
    return (
        f"[{source}]crop={width}:{height}:0:{panel.row},{slow}"
        f"scale={spec.width}:{spec.height}:flags=bicubic:"
        f"out_color_matrix=bt709:out_range=tv,format=yuv420p{steady}[{result}]"
    )


def _with_sprite(panel: _Panel, source: str, below: str, result: str) -> str:
    assert panel.layout.sprite is not None
    width, height = panel.layout.sprite
    x, y, box_width, box_height = panel.layout.sprite_box
    return (
        f"[{source}]crop={width}:{height}:0:{panel.sprite_row},"
        f"scale={box_width}:{box_height}:flags=bicubic:out_color_matrix=bt709:out_range=tv,"
        f"format=yuva420p[sprite_{result}];"
        f"[{below}][sprite_{result}]overlay={x}:{y}:eof_action=endall[{result}]"
    )
