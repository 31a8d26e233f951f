"""Lyric videos: moving picture, title card, captions and sound in one ffmpeg process.

The picture is encoded once. Generated frames come in by pipe; footage is looped and cropped to
fill the frame by ffmpeg itself.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.ffmpeg import SAFE_INPUT, piped_ffmpeg, run_ffmpeg
from media_tools.files import atomic_output
from media_tools.video.captions import (
    Clock,
    Track,
    caption_centre,
    lyric_cues,
    title_centre,
    title_cue,
    write_track,
)
from media_tools.video.encoding import AAC, MP4, TAG_BT709, h264, to_bt709, verify
from media_tools.video.features import AudioFeatures, features
from media_tools.video.plan import Caption, VideoSpec, VisualPlan
from media_tools.video.probe import FOOTAGE_LIMITS, VideoInfo, probe, safe_input
from media_tools.video.visualizer import Visualizer

_SHORTEST_S, _LONGEST_S = 1.0, 600.0
_CUT_EVERY_S = 8.0
_MOST_CUTS = 3


def render_lyric_video(
    *,
    audio: Path,
    plan: VisualPlan,
    title: str,
    artist: str,
    captions: Sequence[Caption],
    output: Path,
    spec: VideoSpec | None = None,
    font: str = "inter",
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout_s: float = 3600.0,
) -> VideoInfo:
    """Make the video of a song and write an MP4 as long as the sound, to 0.1 s.

    audio: 1..600 s. captions of kind "title" are shown as lyrics are; the title card of the first
    seconds comes from `title` and `artist`. progress gets 0..1. The same arguments give the same
    bytes.
    Raises MediaInvalid (sound or footage), ToolFailed, WorkCancelled, TextNotDrawable,
    TextDoesNotFit; ValueError on a bad plan. `output` is written whole or not at all.
    """
    spec = spec or VideoSpec()
    _check_spec(spec)
    music = _checked_music(audio, spec.fps)
    what = f"video of {title or artist}"
    background = _background(plan, music, spec)
    with (
        tempfile.TemporaryDirectory(prefix="captions-") as folder,
        atomic_output(output) as partial,
    ):
        tracks = _tracks(title, artist, captions, Path(folder), music, spec, font)
        arguments = [
            *("-v", "error", "-xerror"),
            *background.inputs,
            *(argument for track in tracks for argument in track.input_arguments()),
            *(*SAFE_INPUT, "-i", f"file:{audio}"),
            *("-filter_complex", _graph(background, tracks), "-map", "[out]"),
            *("-map", f"{background.input_count + len(tracks)}:a:0"),
            *h264(spec.preset, spec.crf, spec.fps, lean=background.input_count > 1),
            *AAC,
            *("-t", f"{music.duration_s:.4f}", *MP4, f"file:{partial}"),
        ]
        with piped_ffmpeg(
            arguments,
            timeout_s=timeout_s,
            what=what,
            on_progress=_as_share(progress, music.duration_s),
            cancelled=cancelled,
        ) as process:
            assert process.stdin is not None
            for frame in background.frames:
                process.stdin.write(frame)
        info = verify(partial, what=what, expected_s=music.duration_s)
    if progress is not None:
        progress(1.0)
    return info


def render_poster(
    plan: VisualPlan,
    audio: Path,
    output: Path,
    spec: VideoSpec | None = None,
    *,
    title: str = "",
    artist: str = "",
    font: str = "inter",
) -> Path:
    """One JPEG of what the video of this plan looks like at its liveliest, without rendering it.

    With a title or an artist the title card stands on it. Raises as render_lyric_video does.
    """
    spec = spec or VideoSpec()
    _check_spec(spec)
    music = _checked_music(audio, spec.fps)
    frame = int((music.energy + music.beat).argmax())
    background = _background(plan, music, spec, first=frame, count=1)
    arguments = ["-v", "error", *background.inputs]
    still = _still(
        [*arguments, "-filter_complex", background.graph, "-map", "[background]"],
        what=f"poster of {title or audio.name}",
        stdin=next(iter(background.frames), b""),
    )
    if title or artist:
        clock = Clock((spec.width, spec.height), spec.fps, music.frames)
        card = title_cue(title, artist, clock=clock, font=font)
        left = (spec.width - card.picture.width) // 2
        top = title_centre(clock) - card.picture.height // 2
        still.paste(card.picture, (left, top), card.picture)
    return _save_jpeg(still, output)


def poster_frame(video: Path, output_jpg: Path, at_s: float) -> Path:
    """Save the video's picture at at_s as JPEG. Raises MediaInvalid, ToolFailed."""
    info = probe(video)
    at_s = min(max(at_s, 0.0), max(info.duration_s - 2 / info.fps, 0.0))
    still = _still(
        ["-v", "error", "-ss", f"{at_s:.3f}", *safe_input(video), "-map", "0:v:0"],
        what=f"picture of {video.name}",
    )
    return _save_jpeg(still, output_jpg)


def cut_audio(audio: Path, output: Path, seconds: float) -> Path:
    """Save the first `seconds` of a sound file as WAV. Raises MediaInvalid, ValueError."""
    if seconds <= 0:
        raise ValueError(f"{seconds:g} seconds of sound: give a length above 0")
    if not audio.is_file():
        raise MediaInvalid(audio, "there is no such audio file.")
    try:
        with atomic_output(output) as partial:
            run_ffmpeg(
                [
                    *("-v", "error", *SAFE_INPUT, "-i", f"file:{audio}", "-map", "0:a:0"),
                    *("-t", f"{seconds:.4f}", "-c:a", "pcm_s24le", "-f", "wav", f"file:{partial}"),
                ],
                timeout_s=120.0,
                what=f"start of {audio.name}",
            )
    except ToolFailed as error:
        raise MediaInvalid(audio, f"holds no sound that can be decoded: {error}") from error
    return output


@dataclass(frozen=True)
class _Background:
    """ffmpeg inputs, a graph that ends in [background], and raw frames for stdin (may be none)."""

    inputs: list[str]
    input_count: int
    graph: str
    frames: Iterable[bytes]


def _background(
    plan: VisualPlan,
    music: AudioFeatures,
    spec: VideoSpec,
    *,
    first: int = 0,
    count: int | None = None,
) -> _Background:
    if plan.kind == "footage":
        return _footage(plan, music.frames if count is None else count, spec)
    visualizer = Visualizer(plan, music, spec)
    return _Background(
        inputs=visualizer.input_arguments(),
        input_count=1,
        graph=visualizer.graph("background"),
        frames=visualizer.frames(first, count),
    )


def _footage(plan: VisualPlan, frames: int, spec: VideoSpec) -> _Background:
    """Cuts of the clips in turn, three at most, each looped as long as it must be.

    One clip is not cut at all. Every cut is an input with its own decoder and queues, some 45 MB
    at 1080x1920, hence the limit.
    """
    if not plan.footage:
        raise ValueError("a plan of kind 'footage' names no footage")
    clips = [Path(clip) for clip in plan.footage]
    infos = {clip: probe(clip, limits=FOOTAGE_LIMITS) for clip in clips}
    cuts = 1
    if len(clips) > 1:
        wanted = math.ceil(frames / spec.fps / _CUT_EVERY_S)
        cuts = min(max(len(clips), wanted), _MOST_CUTS)
    bounds = [round(frames * cut / cuts) for cut in range(cuts + 1)]
    inputs: list[str] = []
    chains: list[str] = []
    for cut in range(cuts):
        clip, visit = clips[cut % len(clips)], cut // len(clips)
        cut_frames = bounds[cut + 1] - bounds[cut]
        # A clip that comes again goes on where it was left, if there is more of it.
        start_s = visit * cut_frames / spec.fps
        start_s = start_s if start_s < infos[clip].duration_s - 1.0 else 0.0
        inputs += ["-threads", "1", "-stream_loop", "-1", "-ss", f"{start_s:.3f}"]
        inputs += safe_input(clip, limits=FOOTAGE_LIMITS)
        chains.append(
            f"[{cut}:v:0]{to_bt709(infos[clip])},"
            f"scale={spec.width}:{spec.height}:force_original_aspect_ratio=increase,"
            f"crop={spec.width}:{spec.height},setsar=1,fps={spec.fps},format=yuv420p,"
            f"trim=end_frame={cut_frames},setpts=N/({spec.fps}*TB)[cut{cut}]"
        )
    joined = "".join(f"[cut{cut}]" for cut in range(cuts))
    graph = ";".join([*chains, f"{joined}concat=n={cuts}:v=1:a=0[background]"])
    return _Background(inputs=inputs, input_count=cuts, graph=graph, frames=())


def _tracks(
    title: str,
    artist: str,
    captions: Sequence[Caption],
    folder: Path,
    music: AudioFeatures,
    spec: VideoSpec,
    font: str,
) -> list[Track]:
    clock = Clock((spec.width, spec.height), spec.fps, music.frames)
    card = title_cue(title, artist, clock=clock, font=font)
    lyrics = lyric_cues(captions, clock=clock, font=font)
    written = (
        write_track([card], folder, name="title", clock=clock, centre=title_centre(clock)),
        write_track(lyrics, folder, name="lyric", clock=clock, centre=caption_centre(clock)),
    )
    return [track for track in written if track is not None]


def _graph(background: _Background, tracks: Sequence[Track]) -> str:
    parts = [background.graph]
    below = "background"
    for number, track in enumerate(tracks):
        result = f"captioned{number}"
        parts.append(track.overlay(background.input_count + number, below, result))
        below = result
    parts.append(f"[{below}]{TAG_BT709},format=yuv420p[out]")
    return ";".join(parts)


def _checked_music(audio: Path, fps: int) -> AudioFeatures:
    music = features(audio, fps)
    if not _SHORTEST_S <= music.duration_s <= _LONGEST_S:
        raise MediaInvalid(
            audio,
            f"{music.duration_s:.1f} s of sound; a video needs "
            f"{_SHORTEST_S:g} to {_LONGEST_S:g} s.",
        )
    return music


def _check_spec(spec: VideoSpec) -> None:
    if spec.width % 2 or spec.height % 2 or min(spec.width, spec.height) < 64:
        raise ValueError(f"{spec.width}x{spec.height}: sides must be even and 64 px or more")
    if not 5 <= spec.fps <= 60:
        raise ValueError(f"{spec.fps} frames per second: use 5 to 60")


def _as_share(
    progress: Callable[[float], None] | None, whole_s: float
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    report = progress  # narrowed for the closure
    return lambda written_s: report(min(written_s / whole_s, 1.0))


def _still(arguments: Sequence[str], *, what: str, stdin: bytes = b"") -> Image.Image:
    """The first picture ffmpeg makes of these arguments."""
    with tempfile.TemporaryDirectory(prefix="still-") as folder:
        target = Path(folder) / "still.png"
        options = [*arguments, "-frames:v", "1", "-update", "1", f"file:{target}"]
        with piped_ffmpeg(options, timeout_s=60.0, what=what) as process:
            assert process.stdin is not None
            process.stdin.write(stdin)
        if not target.is_file():
            raise ToolFailed(f"{what}: ffmpeg gave no picture.")
        with Image.open(target) as picture:
            still: Image.Image = picture.convert("RGB")
        return still


def _save_jpeg(picture: Image.Image, output: Path) -> Path:
    with atomic_output(output) as partial:
        picture.save(partial, "JPEG", quality=90, optimize=True)
    return output
