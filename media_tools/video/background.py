"""The moving picture behind the words, for all shapes at once: generated, or cut from footage.

A cover's picture is no frame from the pipe: ffmpeg enlarges it once and pans over it, which costs
less than drawing, at the full size of the frame. The style's lights are laid over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from media_tools.music.base import Section
from media_tools.video.beats import cut_frames
from media_tools.video.encoding import to_bt709, to_square_pixels
from media_tools.video.features import AudioFeatures
from media_tools.video.plan import VideoSpec, VisualPlan
from media_tools.video.probe import FOOTAGE_LIMITS, VideoInfo, probe, safe_input
from media_tools.video.scenes.base import colors, luma
from media_tools.video.timeline import Timeline
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


@dataclass(frozen=True)
class Part:
    """The frames to show, from number `first`; count None: all to the end of the song."""

    first: int = 0
    count: int | None = None


WHOLE = Part()


@dataclass(frozen=True)
class Picture:
    """What is shown behind the words. timeline: of a generated picture; art: a cover's, bare."""

    plan: VisualPlan
    music: AudioFeatures
    sections: Sequence[Section] = ()
    timeline: Timeline | None = None
    art: Path | None = None


def background(picture: Picture, specs: Sequence[VideoSpec], part: Part = WHOLE) -> Background:
    """Return the picture of some frames.

    Footage always begins with its first clip.
    Raises MediaInvalid; ValueError on a bad plan.
    """
    plan, music = picture.plan, picture.music
    if plan.kind == "footage":
        cuts = cut_frames(music, picture.sections) if part.count is None else []
        end = music.frames if part.count is None else part.count
        return _footage(plan, [0, *cuts, end], specs)
    visualizer = Visualizer(plan, music, specs, picture.timeline)
    shots = picture.timeline.shots if picture.timeline else ()
    spans = [
        _Pan(shot.first - part.first, shot.last - part.first, number)
        for number, shot in enumerate(shots)
        if shot.art
    ]
    frames = visualizer.frames(part.first, part.count)
    if picture.art is None or not spans:
        return Background(visualizer.input_arguments(), 1, visualizer.graph(labels(specs)), frames)
    lights = [f"lights{number}" for number in range(len(specs))]
    return Background(
        [
            *visualizer.input_arguments(),
            *("-framerate", str(specs[0].fps), "-i", f"file:{picture.art}"),
        ],
        2,
        ";".join([visualizer.graph(lights), *_pans(spans, specs, lights)]),
        frames,
    )


def labels(specs: Sequence[VideoSpec]) -> list[str]:
    """Return the names of the graph's results, in the order of the shapes."""
    return [f"background{number}" for number in range(len(specs))]


@dataclass(frozen=True)
class _Pan:
    """A move over the cover's picture, from frame `first`; even and odd ones go opposite ways."""

    first: int
    last: int
    number: int


# The cover's picture is this much larger than the longer side of a tall or wide frame.
_ART_SHARE = 1.12
_SQUARE_ART_SHARE = 1.4
# Pixels a frame; even, as chroma has half the resolution, and whole, so that nothing trembles.
_PAN_PX = 2


def _pans(spans: Sequence[_Pan], specs: Sequence[VideoSpec], lights: Sequence[str]) -> list[str]:
    """Return filters that show the picture, input 1, under the lights while a span lasts."""
    due = "+".join(f"between(n,{span.first},{span.last - 1})" for span in spans)
    arts = [f"art{number}" for number in range(len(specs))]
    chains = [f"[1:v]split={len(specs)}" + "".join(f"[{art}]" for art in arts)]
    for spec, light, art, result in zip(specs, lights, arts, labels(specs), strict=True):
        longer, shorter = max(spec.width, spec.height), min(spec.width, spec.height)
        side = 2 * round(longer * (_ART_SHARE if longer > shorter else _SQUARE_ART_SHARE) / 2)
        room_x, room_y = side - spec.width, side - spec.height
        x = _path(spans, room_x) if room_x >= room_y else str(room_x // 2)
        y = _path(spans, room_y) if room_y > room_x else str(room_y // 2)
        chains.append(
            f"[{art}]scale={side}:{side}:flags=bicubic:out_color_matrix=bt709:out_range=tv,"
            f"format=yuv420p,loop=loop=-1:size=1,setpts=N/({spec.fps}*TB),"
            f"crop={spec.width}:{spec.height}:x='{x}':y='{y}'[panned_{art}];"
            # Light adds up: luma as on a screen, chroma around its middle.
            f"[{light}][panned_{art}]blend=c0_mode=screen:c1_mode=grainmerge:c2_mode=grainmerge:"
            f"shortest=1:enable='{due}'[{result}]"
        )
    return chains


def _path(spans: Sequence[_Pan], room: int) -> str:
    """Return ffmpeg's expression of the corner's place in every frame n."""
    path = str(room // 2)
    for span in reversed(spans):
        way = min(_PAN_PX * (span.last - span.first), room) // 2 * 2
        start = (room - way) // 4 * 2
        moved = f"min({_PAN_PX}*max(n-{span.first},0),{way})"
        at = f"{start}+{moved}" if span.number % 2 else f"{start + way}-{moved}"
        path = f"if(lt(n,{span.last}),{at},{path})"
    return path


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
        tint = graded(plan.palette) if plan.graded else ""
        chains += _clip_chains(clip, number, [(cut, lengths[cut]) for cut in own], specs, tint)
    for shape, result in enumerate(labels(specs)):
        joined = "".join(f"[cut{cut}_{shape}]" for cut in range(len(lengths)))
        chains.append(f"{joined}concat=n={len(lengths)}:v=1:a=0[{result}]")
    return Background(inputs, min(len(clips), len(lengths)), ";".join(chains), frames=())


def _clip_chains(
    clip: Path,
    number: int,
    cuts: Sequence[tuple[int, int]],
    specs: Sequence[VideoSpec],
    tint: str,
) -> list[str]:
    """Return filters that cut one clip (number, frames) in every shape: [cut<number>_<shape>].

    tint: a further filter on its colours, or "".
    """
    info = probe(clip, limits=FOOTAGE_LIMITS)
    fps = specs[0].fps
    shapes = "".join(f"[clip{number}_{shape}]" for shape in range(len(specs)))
    chains = [f"[{number}:V:0]{to_square_pixels(info)},fps={fps},split={len(specs)}{shapes}"]
    for shape, spec in enumerate(specs):
        parts = [f"part{cut}_{shape}" for cut, _ in cuts]
        chains.append(
            # Colours last: the cost of bringing HDR to BT.709 depends on the number of pixels.
            f"[clip{number}_{shape}]{_filling(info, spec)},{to_bt709(info)},setsar=1,"
            f"format=yuv420p,{tint}"
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


# How far a clip's colours move to those of the palette, and how much of their own is kept.
_TINT, _OWN_COLOR = 0.30, 0.72


def graded(palette: tuple[str, ...]) -> str:
    """Return a filter that brings footage towards the palette: shadows a little deeper, less
    colour of its own, and a tint of the palette's most vivid colour.

    Tables for each plane, which cost a look-up per pixel.
    """
    rgb = colors(palette)
    vivid = rgb[int(np.argmax(np.ptp(rgb, axis=1)))]
    light = float(luma(vivid))
    # BT.709 chroma of the colour, of which a part is added.
    blue = float(vivid[2] - light) / 1.8556 * 224 * _TINT * 0.5
    red = float(vivid[0] - light) / 1.5748 * 224 * _TINT * 0.5
    curve = "16+219*pow(clip((val-16)/219,0,1),1.12)"
    chroma = [f"128+(val-128)*{_OWN_COLOR}+({tint:.2f})" for tint in (blue, red)]
    return f"lutyuv=y='{curve}':u='{chroma[0]}':v='{chroma[1]}',"
