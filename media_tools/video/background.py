"""The moving picture behind the words, for all shapes at once: generated, or cut from footage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from media_tools.music.base import Section
from media_tools.video.beats import cut_frames
from media_tools.video.encoding import to_bt709, to_square_pixels
from media_tools.video.features import AudioFeatures
from media_tools.video.plan import VideoSpec, VisualPlan
from media_tools.video.probe import FOOTAGE_LIMITS, VideoInfo, probe, safe_input
from media_tools.video.visualizer import Visualizer

MOST_CLIPS = 3
"""Every clip is an input with its own decoder and queues, some 45 MB at 1080x1920."""


@dataclass(frozen=True)
class Background:
    """The part of an ffmpeg command that makes the picture."""

    inputs: list[str]
    input_count: int
    graph: str  # ends in [background0], [background1] ..., one for each shape
    frames: Iterable[bytes]  # raw frames for stdin; may be empty


def background(
    plan: VisualPlan,
    music: AudioFeatures,
    specs: Sequence[VideoSpec],
    *,
    sections: Sequence[Section] = (),
    first: int = 0,
    count: int | None = None,
) -> Background:
    """Return the picture of `count` frames (None: of the whole song) from number `first`.

    Footage always begins with its first clip.
    Raises MediaInvalid; ValueError on a bad plan.
    """
    if plan.kind == "footage":
        cuts = cut_frames(music, sections) if count is None else []
        return _footage(plan, [0, *cuts, music.frames if count is None else count], specs)
    visualizer = Visualizer(plan, music, specs)
    return Background(
        inputs=visualizer.input_arguments(),
        input_count=1,
        graph=visualizer.graph(labels(specs)),
        frames=visualizer.frames(first, count),
    )


def labels(specs: Sequence[VideoSpec]) -> list[str]:
    """Return the names of the graph's results, in the order of the shapes."""
    return [f"background{number}" for number in range(len(specs))]


def _footage(plan: VisualPlan, bounds: Sequence[int], specs: Sequence[VideoSpec]) -> Background:
    """Show the clips in turn, a new one at each inner bound; each continues where it stopped.

    A clip is one input however often it is shown, looped as long as needed, and decoded once for
    all shapes. A single clip is not cut at all.
    """
    clips = [Path(clip) for clip in plan.footage]
    if not 1 <= len(clips) <= MOST_CLIPS:
        raise ValueError(f"{len(clips)} clips of footage: a video is cut from 1 to {MOST_CLIPS}")
    if len(clips) == 1:
        bounds = (bounds[0], bounds[-1])
    lengths = [end - start for start, end in pairwise(bounds)]
    inputs: list[str] = []
    chains: list[str] = []
    for number, clip in enumerate(clips[: len(lengths)]):
        inputs += ["-threads", "1", "-stream_loop", "-1"]
        inputs += safe_input(clip, limits=FOOTAGE_LIMITS)
        own = range(number, len(lengths), len(clips))
        chains += _clip_chains(clip, number, [(cut, lengths[cut]) for cut in own], specs)
    for shape, result in enumerate(labels(specs)):
        joined = "".join(f"[cut{cut}_{shape}]" for cut in range(len(lengths)))
        chains.append(f"{joined}concat=n={len(lengths)}:v=1:a=0[{result}]")
    return Background(inputs, min(len(clips), len(lengths)), ";".join(chains), frames=())


def _clip_chains(
    clip: Path, number: int, cuts: Sequence[tuple[int, int]], specs: Sequence[VideoSpec]
) -> list[str]:
    """Return filters that cut one clip (number, frames) in every shape: [cut<number>_<shape>]."""
    info = probe(clip, limits=FOOTAGE_LIMITS)
    fps = specs[0].fps
    shapes = "".join(f"[clip{number}_{shape}]" for shape in range(len(specs)))
    chains = [f"[{number}:V:0]{to_square_pixels(info)},fps={fps},split={len(specs)}{shapes}"]
    for shape, spec in enumerate(specs):
        parts = [f"part{cut}_{shape}" for cut, _ in cuts]
        chains.append(
            # Colours last: the cost of bringing HDR to BT.709 depends on the number of pixels.
            f"[clip{number}_{shape}]{_filling(info, spec)},{to_bt709(info)},setsar=1,"
            "format=yuv420p,"
            f"split={len(parts)}" + "".join(f"[{part}]" for part in parts)
        )
        start = 0
        for part, (cut, frames) in zip(parts, cuts, strict=True):
            chains.append(
                f"[{part}]trim=start_frame={start}:end_frame={start + frames},"
                f"setpts=N/({fps}*TB)[cut{cut}_{shape}]"
            )
            start += frames
    return chains


def _filling(info: VideoInfo, spec: VideoSpec) -> str:
    """Crop the middle of a clip to the shape of the frame, then scale it.

    A clip of the frame's size is left alone: ffmpeg would convert each picture to itself, which
    costs more than drawing all the words.
    """
    if (info.width, info.height) == (spec.width, spec.height):
        return "null"
    width = min(info.width, round(info.height * spec.width / spec.height))
    height = min(info.height, round(info.width * spec.height / spec.width))
    return f"crop={width}:{height},scale={spec.width}:{spec.height}"
