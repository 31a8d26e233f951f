"""One text on a finished video.

The default engine draws the words once and lets one ffmpeg process blend them: it costs no more
than re-encoding the video. The moviepy engine gives the same picture through Python frames, at
more than twice the cost, for installations that must not rely on ffmpeg's filters.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from media_tools.audio.io import check_has_sound, complete_sound, ffmpeg_input
from media_tools.errors import MediaInvalid, ToolFailed, WorkCancelled
from media_tools.ffmpeg import SAFE_INPUT, piped_ffmpeg, run_ffmpeg
from media_tools.files import atomic_output
from media_tools.video.encoding import (
    AAC,
    MP4,
    TAG_BT709,
    h264,
    to_bt709,
    to_square_pixels,
    verify,
)
from media_tools.video.probe import VideoInfo, probe, safe_input, stream_lengths
from media_tools.video.text import Position, TextStyle, place, rasterise, safe_area

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]

# Sound that an MP4 may carry as it is; anything else is encoded to AAC.
_MP4_AUDIO = frozenset({"aac", "mp3", "ac3", "alac"})
_environment_lock = threading.Lock()


def add_text_overlay(
    input: Path,
    output: Path,
    text: str,
    *,
    position: Position = "bottom",
    font_size: int = 72,
    font: str = "inter",
    color: str = "#ffffff",
    stroke_color: str = "#000000",
    stroke_width: int = 4,
    box: bool = True,
    start_s: float = 0.0,
    end_s: float | None = None,
    fade_s: float = 0.3,
    preset: str = "veryfast",
    crf: int = 20,
    audio: Path | None = None,
    engine: Literal["ffmpeg", "moviepy"] = "ffmpeg",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    timeout_s: float = 1800.0,
) -> VideoInfo:
    """Show `text` on a video from start_s to end_s (None: to its end) and write an MP4.

    position: "top", "title", "center", "bottom" (inside the safe area) or (x, y) in pixels.
    font_size, stroke_width in pixels. The video's own sound is kept, or replaced by `audio`, cut
    to the picture's length. progress gets 0..1. An odd side loses one pixel, since H.264 on
    phones needs even ones.
    Raises MediaInvalid, ToolFailed, WorkCancelled, TextNotDrawable, TextDoesNotFit; ValueError on
    a bad option. `output` is written whole or not at all.
    """
    info = probe(input)
    length_s = stream_lengths(input).video_s
    end_s = length_s if end_s is None else min(end_s, length_s)
    if not 0 <= start_s < end_s:
        raise ValueError(
            f"text from {start_s:g} to {end_s:g} s does not fall into {input.name} "
            f"({length_s:g} s long)"
        )
    if engine == "moviepy" and info.is_wide_color:
        raise MediaInvalid(input, "its colours go beyond BT.709; only the ffmpeg engine maps them.")
    frame = (info.width - info.width % 2, info.height - info.height % 2)
    style = TextStyle(
        font=font,
        size_px=font_size,
        color=color,
        stroke_color=stroke_color,
        stroke_px=stroke_width,
        backing="box" if box else "none",
    )
    area = safe_area(*frame)
    picture = rasterise(text, style, max_width_px=area.width, max_height_px=area.height)
    engines = {"ffmpeg": _with_ffmpeg, "moviepy": _with_moviepy}
    with _replacement(audio) as sound, atomic_output(output) as partial:
        job = _Job(
            input=input,
            info=info,
            length_s=length_s,
            frame=frame,
            picture=picture,
            corner=place(picture.size, frame, position),
            span=(start_s, end_s, min(fade_s, (end_s - start_s) / 2)),
            encoder=h264(preset, crf, info.fps),
            audio=sound,
            progress=progress,
            cancelled=cancelled,
            timeout_s=timeout_s,
        )
        engines[engine](job, partial)
        result = verify(partial, what=f"text on {input.name}", expected_s=length_s)
    if progress is not None:
        progress(1.0)
    return result


@contextlib.contextmanager
def _replacement(audio: Path | None) -> Iterator[Path | None]:
    """The sound to take instead of the video's own, proven to be some. Raises MediaInvalid."""
    if audio is None:
        yield None
        return
    with complete_sound(audio) as sound:
        check_has_sound(sound)
        yield sound


@dataclass(frozen=True)
class _Job:
    """What an engine needs. span: start, end and fade, in seconds."""

    input: Path
    info: VideoInfo
    length_s: float
    frame: tuple[int, int]
    picture: Image.Image
    corner: tuple[int, int]
    span: tuple[float, float, float]
    encoder: list[str]
    audio: Path | None
    progress: Progress | None
    cancelled: Cancelled | None
    timeout_s: float

    def report(self, written_s: float) -> None:
        if self.progress is not None:
            self.progress(min(written_s / self.length_s, 1.0))


def _with_ffmpeg(job: _Job, output: Path) -> None:
    """One process: decode, blend, encode. The drawn words come in by pipe."""
    start_s, end_s, fade_s = job.span
    words = (
        f"[1:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p,loop=loop=-1:size=1,"
        f"setpts=N/({job.info.fps:g}*TB)"
    )
    if fade_s > 0:
        words += (
            f",fade=t=in:st={start_s:.3f}:d={fade_s:.3f}:alpha=1"
            f",fade=t=out:st={end_s - fade_s:.3f}:d={fade_s:.3f}:alpha=1"
        )
    width, height = job.frame
    x, y = job.corner
    graph = (
        f"{words}[words];"
        f"[0:V:0]{to_square_pixels(job.info)},{to_bt709(job.info)},crop={width}:{height}:0:0,setsar=1,format=yuv420p[video];"
        # shortest: the looped words never end, and overlay would wait for them.
        f"[video][words]overlay={x}:{y}:shortest=1:"
        f"enable='between(t,{start_s:.3f},{end_s:.3f})',{TAG_BT709}[out]"
    )
    arguments = [
        *("-v", "error", "-xerror"),
        *safe_input(job.input),
        *("-f", "png_pipe", "-i", "pipe:0"),
        *_sound(job, 2),
        *("-filter_complex", graph, "-map", "[out]", *job.encoder),
        *MP4,
        f"file:{output}",
    ]
    picture = io.BytesIO()
    job.picture.save(picture, "PNG", compress_level=1)
    with piped_ffmpeg(
        arguments,
        timeout_s=job.timeout_s,
        what=f"text on {job.input.name}",
        on_progress=job.report,
        cancelled=job.cancelled,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(picture.getvalue())


def _sound(job: _Job, index: int) -> list[str]:
    """Input (the one numbered `index`, if it comes from another file) and codec of the sound."""
    if job.audio is not None:
        return [*ffmpeg_input(job.audio), "-map", f"{index}:a:0", *AAC, "-t", f"{job.length_s:.3f}"]
    if not job.info.has_audio:
        return []
    keep = job.info.audio_codec in _MP4_AUDIO
    return ["-map", "0:a:0", *(("-c:a", "copy") if keep else AAC)]


def _with_moviepy(job: _Job, output: Path) -> None:
    """The same through moviepy's compositor, sound muxed by ffmpeg afterwards.

    moviepy does not notice an ffmpeg that fails at its end; the caller's check of the file does.
    """
    with tempfile.TemporaryDirectory(prefix=".moviepy-", dir=output.parent) as folder:
        silent = Path(folder) / "silent.mp4"
        _compose_frames(job, silent)
        tags = "h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"
        # The picture comes first here; the sound is the original's or the replacement.
        keep = job.audio is None and job.info.audio_codec in _MP4_AUDIO
        run_ffmpeg(
            [
                *("-v", "error", *SAFE_INPUT, "-i", f"file:{silent}"),
                *(safe_input(job.input) if job.audio is None else ffmpeg_input(job.audio)),
                *("-map", "0:v:0", "-map", "1:a:0?", "-c:v", "copy", "-bsf:v", tags),
                *(("-c:a", "copy") if keep else AAC),
                *("-t", f"{job.length_s:.3f}", *MP4, f"file:{output}"),
            ],
            timeout_s=job.timeout_s,
            what=f"sound of {job.input.name}",
        )


def _compose_frames(job: _Job, output: Path) -> None:
    with _unchanged_environment():
        # Imported here alone: it costs half a second and 47 MB, and reads a .env file.
        from moviepy import CompositeVideoClip, ImageClip, VideoFileClip, vfx
        from proglog import ProgressBarLogger

    deadline = time.monotonic() + job.timeout_s

    class Watch(ProgressBarLogger):
        def bars_callback(
            self, bar: str, attr: str, value: float, old_value: float | None = None
        ) -> None:
            if job.cancelled is not None and job.cancelled():
                raise WorkCancelled(f"text on {job.input.name}: stopped on request.")
            if time.monotonic() > deadline:
                raise ToolFailed(
                    f"text on {job.input.name}: moviepy took more than {job.timeout_s:.0f} s."
                )
            if bar == "frame_index" and attr == "index":
                job.report(value / job.info.fps)

    start_s, end_s, fade_s = job.span
    with contextlib.ExitStack() as opened:
        width, height = job.frame
        stretched = None if job.info.pixel_aspect == 1 else (width, height)
        video: Any = VideoFileClip(str(job.input), audio=False, target_resolution=stretched)
        opened.callback(video.close)
        if video.size != [width, height]:
            video = video.cropped(x1=0, y1=0, width=width, height=height)
        words = (
            ImageClip(np.asarray(job.picture))
            .with_position(job.corner)
            .with_start(start_s)
            .with_duration(end_s - start_s)
            .with_effects([vfx.CrossFadeIn(fade_s), vfx.CrossFadeOut(fade_s)])
        )
        # use_bgclip: without it moviepy composes a transparent canvas and a second mask a frame.
        composed = CompositeVideoClip([video, words], use_bgclip=True)
        # It takes its length from the words alone then.
        composed = composed.with_duration(video.duration)
        opened.callback(composed.close)
        encoder = list(job.encoder)
        del encoder[encoder.index("-c:v") : encoder.index("-c:v") + 2]
        try:
            composed.write_videofile(
                str(output),
                fps=job.info.fps,
                codec="libx264",
                audio=False,
                preset=encoder[encoder.index("-preset") + 1],
                threads=2,
                # moviepy would convert RGB with the matrix of standard definition.
                ffmpeg_params=[*encoder, "-vf", "scale=out_color_matrix=bt709:out_range=tv"],
                logger=Watch(),
            )
        except OSError as error:
            raise ToolFailed(f"text on {job.input.name}: moviepy failed: {error}") from error


@contextlib.contextmanager
def _unchanged_environment() -> Iterator[None]:
    """Undo what an import adds to os.environ: moviepy loads any .env file it finds above itself."""
    with _environment_lock:
        before = dict(os.environ)
        try:
            yield
        finally:
            for name in set(os.environ) - set(before):
                del os.environ[name]
            os.environ.update(before)
