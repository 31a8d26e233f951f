"""Canvases: eight seconds that streaming services loop beside a song, without sound or words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from media_tools.errors import ToolFailed
from media_tools.ffmpeg import Watch, piped_ffmpeg
from media_tools.files import atomic_output
from media_tools.video.beats import hook
from media_tools.video.encoding import MP4, TAG_BT709, h264
from media_tools.video.plan import LyricVideo, VideoSpec, VisualPlan
from media_tools.video.probe import VideoInfo, probe
from media_tools.video.render import check_spec, checked_music
from media_tools.video.timeline import Shot, Timeline
from media_tools.video.visualizer import Visualizer

CANVAS_S = 8.0
"""Spotify asks for 3 to 8 s, upright, 720 px wide or more."""

_MEET_S = 1.0  # in which the end becomes the beginning again
_TONE = 0.8


def render_canvas(
    video: LyricVideo, output: Path, *, spec: VideoSpec | None = None, watch: Watch | None = None
) -> VideoInfo:
    """Draw the loudest part of a song as an upright loop; the last picture leads to the first.

    It is drawn whether or not the video has footage. The same arguments give the same bytes.
    Raises as render_lyric_video does.
    """
    spec, watch = spec or VideoSpec(720, 1280), watch or Watch(timeout_s=300.0)
    check_spec(spec)
    music = checked_music(video.audio, spec.fps)
    what = f"canvas of {video.title or video.artist}"
    meet = round(_MEET_S * spec.fps)
    # A song too short for the loop and its meeting has a shorter one.
    count = min(round(CANVAS_S * spec.fps), music.frames - meet)
    window = hook(music, (count + meet) / spec.fps, video.sections)
    first = min(round(window.start_s * spec.fps), music.frames - count - meet) if window else 0
    plan: VisualPlan = replace(video.plan, kind="generated", footage=())
    whole = Timeline((Shot(0, music.frames, 0, tone=_TONE),))
    visualizer = Visualizer(plan, music, [spec], whole)
    graph = f"{visualizer.graph(['drawn'])};[drawn]{TAG_BT709},format=yuv420p[out]"
    with atomic_output(output) as partial:
        arguments = [
            *("-v", "error", "-xerror", *visualizer.input_arguments()),
            *("-filter_complex", graph, "-map", "[out]"),
            *(*h264(spec.preset, spec.crf, spec.fps), "-an", *MP4, f"file:{partial}"),
        ]
        with piped_ffmpeg(
            arguments,
            timeout_s=watch.timeout_s,
            what=what,
            on_progress=watch.of_length(count / spec.fps),
            cancelled=watch.cancelled,
        ) as process:
            assert process.stdin is not None
            for frame in looped(visualizer.frames(first, count + meet), count, meet):
                process.stdin.write(frame)
        info = probe(partial)
        if abs(info.duration_s - count / spec.fps) > 0.1:
            raise ToolFailed(f"{what}: it came out {info.duration_s:.2f} s long.")
    watch.finished()
    return info


def looped(frames: Iterator[bytes], count: int, meet: int) -> Iterator[bytes]:
    """Yield `count` of count + meet frames; the first ones turn from the last into themselves.

    They are kept until the last are there, so the loop begins after the meeting and ends with it.
    """
    opening = list(islice(frames, meet))
    yield from islice(frames, count - meet)
    for step, (old, new) in enumerate(zip(frames, opening, strict=True)):
        yield _mixed(old, new, (step + 1) / (meet + 1))


def _mixed(old: bytes, new: bytes, share: float) -> bytes:
    part = round(256 * share)
    pictures: Sequence[np.ndarray] = [np.frombuffer(each, np.uint8) for each in (old, new)]
    mixed = pictures[0].astype(np.uint16) * (256 - part) + pictures[1].astype(np.uint16) * part
    return bytes((mixed >> 8).astype(np.uint8))
