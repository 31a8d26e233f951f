"""From a plan and a song to raw frames, and to the part of ffmpeg's graph that enlarges them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from media_tools.video.features import AudioFeatures
from media_tools.video.plan import VideoSpec, VisualPlan
from media_tools.video.scenes.aurora import Aurora
from media_tools.video.scenes.base import Scene, SceneRequest
from media_tools.video.scenes.drift import Drift
from media_tools.video.scenes.horizon import Horizon
from media_tools.video.scenes.ribbons import Ribbons
from media_tools.video.scenes.tunnel import Tunnel

_SCENES: dict[str, Callable[[SceneRequest], Scene]] = {
    "aurora": Aurora,
    "horizon": Horizon,
    "drift": Drift,
    "tunnel": Tunnel,
    "ribbons": Ribbons,
}


class Visualizer:
    """A generated video's frames: a field on top of a sprite in one narrow raw picture.

    One pipe then carries both, and ffmpeg takes them apart with `crop`, which copies nothing.
    """

    def __init__(self, plan: VisualPlan, music: AudioFeatures, spec: VideoSpec) -> None:
        """Raises ValueError on an unknown style or a colour that is none."""
        if plan.style not in _SCENES:
            known = ", ".join(_SCENES)
            raise ValueError(f"unknown visual style {plan.style!r}; use one of {known}")
        if len(plan.palette) < 2:
            raise ValueError("a palette needs at least two colours")
        self.spec = spec
        self.music = music
        self.scene = _SCENES[plan.style](
            SceneRequest(music, plan.palette, plan.seed, spec.width, spec.height)
        )

    def input_arguments(self) -> list[str]:
        """ffmpeg options of the raw frames on its stdin."""
        width, height = self._sheet_size()
        return [
            *("-f", "rawvideo", "-pix_fmt", self._pixel_format(), "-s", f"{width}x{height}"),
            *("-r", str(self.spec.fps), "-i", "pipe:0"),
        ]

    def graph(self, result: str) -> str:
        """Filters from input 0, the raw frames, to pictures [result], yuv420p BT.709."""
        layout = self.scene.layout
        field_width, field_height = layout.field
        slow = f"fps={self.spec.fps}/{layout.field_every}," if layout.field_every > 1 else ""
        steady = f",fps={self.spec.fps}" if layout.field_every > 1 else ""
        enlarge = (
            f"{slow}scale={self.spec.width}:{self.spec.height}:flags=bicubic:"
            f"out_color_matrix=bt709:out_range=tv,format=yuv420p{steady}"
        )
        if layout.sprite is None:
            return f"[0:v]{enlarge}[{result}]"
        width, height = layout.sprite
        x, y, box_width, box_height = layout.sprite_box
        return (
            f"[0:v]split[sheet1][sheet2];"
            f"[sheet1]crop={field_width}:{field_height}:0:0,{enlarge}[field];"
            f"[sheet2]crop={width}:{height}:0:{field_height},"
            f"scale={box_width}:{box_height}:flags=bicubic:out_color_matrix=bt709:out_range=tv,"
            f"format=yuva420p[sprite];"
            f"[field][sprite]overlay={x}:{y}:eof_action=endall[{result}]"
        )

    def frames(self, first: int = 0, count: int | None = None) -> Iterator[bytes]:
        """Raw frames for stdin, from number `first`; all the song's by default."""
        layout = self.scene.layout
        last = self.music.frames if count is None else first + count
        width, height = self._sheet_size()
        channels = 4 if layout.sprite else 3
        sheet = np.zeros((height, width, channels), dtype=np.uint8)
        field_width, field_height = layout.field
        if layout.sprite:
            sheet[:field_height, :field_width, 3] = 255
        for frame in range(first, last):
            if (frame - first) % layout.field_every == 0:
                sheet[:field_height, :field_width, :3] = self.scene.field(frame)
            sprite = self.scene.sprite(frame)
            if sprite is not None:
                sheet[field_height:, : sprite.shape[1]] = sprite
            yield sheet.tobytes()

    def _pixel_format(self) -> str:
        return "rgba" if self.scene.layout.sprite else "rgb24"

    def _sheet_size(self) -> tuple[int, int]:
        layout = self.scene.layout
        width, height = layout.field
        if layout.sprite is None:
            return width, height
        return max(width, layout.sprite[0]), height + layout.sprite[1]
