"""Puts one text on a finished video.

The default engine draws the words once, and one ffmpeg process blends them: that costs no more than
re-encoding the video. The moviepy engine makes the same picture through Python frames, at more than
twice the cost, for installations that must not rely on ffmpeg's filters.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from media_tools.audio.io import check_has_sound, complete_sound, ffmpeg_input
from media_tools.errors import MediaInvalid, ToolFailed, WorkCancelled
from media_tools.ffmpeg import SAFE_INPUT, Watch, piped_ffmpeg, run_ffmpeg
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

# Sound that an MP4 may contain as it is; anything else is encoded to AAC.
_MP4_AUDIO = frozenset({"aac", "mp3", "ac3", "alac"})
_environment_lock = threading.Lock()


@dataclass(frozen=True)
class TextOverlay:
    """The words on a video, how they look, and when they are shown."""

    text: str
    # "top", "title", "center", "bottom" (inside the safe area) or (x, y) in pixels.
    position: Position = "bottom"
    font: str = "inter"
    font_size_px: int = 72
    color: str = "#ffffff"
    stroke_color: str = "#000000"
    stroke_px: int = 4
    box: bool = True
    start_s: float = 0.0
    # None: to the end of the video.
    end_s: float | None = None
    fade_s: float = 0.3

    @property
    def style(self) -> TextStyle:
        return TextStyle(
            font=self.font,
            size_px=self.font_size_px,
            color=self.color,
            stroke_color=self.stroke_color,
            stroke_px=self.stroke_px,
            backing="box" if self.box else "none",
        )


@dataclass(frozen=True)
class OverlayOptions:
    """How the video is written: x264's preset and CRF, the engine, and the sound."""

    preset: str = "veryfast"
    crf: int = 20
    engine: Literal["ffmpeg", "moviepy"] = "ffmpeg"
    # Replaces the video's own sound, cut to the picture's length.
    audio: Path | None = None


def add_text_overlay(
    input: Path,
    output: Path,
    overlay: TextOverlay,
    *,
    options: OverlayOptions | None = None,
    watch: Watch | None = None,
) -> VideoInfo:
    """Show a text on a video and write an MP4; the video's own sound is kept.

    An odd side loses one pixel, because H.264 on phones needs even ones.
    Raises MediaInvalid, ToolFailed, WorkCancelled, TextNotDrawable, TextDoesNotFit; ValueError on a
    bad option. `output` is written whole or not at all.
    """
    options, watch = options or OverlayOptions(), watch or Watch(timeout_s=1800.0)
    info = probe(input)
    length_s = stream_lengths(input).video_s
    start_s = overlay.start_s
    end_s = length_s if overlay.end_s is None else min(overlay.end_s, length_s)
    if not 0 <= start_s < end_s:
        raise ValueError(
            f"text from {start_s:g} to {end_s:g} s does not fall into {input.name} "
            f"({length_s:g} s long)"
        )
    if options.engine == "moviepy" and info.is_wide_color:
        raise MediaInvalid(input, "its colours go beyond BT.709; only the ffmpeg engine maps them.")
    frame = (info.width - info.width % 2, info.height - info.height % 2)
    area = safe_area(*frame)
    picture = rasterise(
        overlay.text, overlay.style, max_width_px=area.width, max_height_px=area.height
    )
    engines = {"ffmpeg": _with_ffmpeg, "moviepy": _with_moviepy}
    with _replacement(options.audio) as sound, atomic_output(output) as partial:
        job = _Job(
            input=input,
            info=info,
            length_s=length_s,
            frame=frame,
            picture=picture,
            corner=place(picture.size, frame, overlay.position),
            span=(start_s, end_s, min(overlay.fade_s, (end_s - start_s) / 2)),
            encoder=h264(options.preset, options.crf, info.fps),
            audio=sound,
            watch=watch,
        )
        engines[options.engine](job, partial)
        result = verify(partial, what=f"text on {input.name}", expected_s=length_s)
    watch.finished()
    return result


@contextlib.contextmanager
def _replacement(audio: Path | None) -> Iterator[Path | None]:
    """Yield the sound that replaces the video's own, after checking it. Raises MediaInvalid."""
    if audio is None:
        yield None
        return
    with complete_sound(audio) as sound:
        check_has_sound(sound)
        yield sound


@dataclass(frozen=True)
class _Job:
    """The input of an engine."""

    input: Path
    info: VideoInfo
    length_s: float
    frame: tuple[int, int]
    picture: Image.Image
    corner: tuple[int, int]
    span: tuple[float, float, float]  # start, end and fade, in seconds
    encoder: list[str]
    audio: Path | None
    watch: Watch


def _with_ffmpeg(job: _Job, output: Path) -> None:
    """Decode, blend and encode in one process. The drawn words are its stdin."""
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
        timeout_s=job.watch.timeout_s,
        what=f"text on {job.input.name}",
        on_progress=job.watch.of_length(job.length_s),
        cancelled=job.watch.cancelled,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(picture.getvalue())


def _sound(job: _Job, index: int) -> list[str]:
    """Return input and codec of the sound; the input has number `index` if it is another file."""
    if job.audio is not None:
        return [*ffmpeg_input(job.audio), "-map", f"{index}:a:0", *AAC, "-t", f"{job.length_s:.3f}"]
    if not job.info.has_audio:
        return []
    keep = job.info.audio_codec in _MP4_AUDIO
    return ["-map", "0:a:0", *(("-c:a", "copy") if keep else AAC)]


def _with_moviepy(job: _Job, output: Path) -> None:
    """Do the same through moviepy's compositor; ffmpeg adds the sound afterwards.

    moviepy does not notice if ffmpeg fails at its end; the caller checks the file.
    """
    with tempfile.TemporaryDirectory(prefix=".moviepy-", dir=output.parent) as folder:
        silent = Path(folder) / "silent.mp4"
        _compose_frames(job, silent)
        tags = "h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"
        # The picture is the first input here; the sound comes from the original or the replacement.
        keep = job.audio is None and job.info.audio_codec in _MP4_AUDIO
        run_ffmpeg(
            [
                *("-v", "error", *SAFE_INPUT, "-i", f"file:{silent}"),
                *(safe_input(job.input) if job.audio is None else ffmpeg_input(job.audio)),
                *("-map", "0:v:0", "-map", "1:a:0?", "-c:v", "copy", "-bsf:v", tags),
                *(("-c:a", "copy") if keep else AAC),
                *("-t", f"{job.length_s:.3f}", *MP4, f"file:{output}"),
            ],
            timeout_s=job.watch.timeout_s,
            what=f"sound of {job.input.name}",
        )


def _compose_frames(job: _Job, output: Path) -> None:
    with _unchanged_environment():
        # Imported here only: it takes half a second and 47 MB, and reads a .env file.
        from moviepy import CompositeVideoClip, ImageClip, VideoFileClip, vfx
        from proglog import ProgressBarLogger

    watch = job.watch
    deadline = time.monotonic() + watch.timeout_s
    report = watch.of_length(job.length_s)

    class Bars(ProgressBarLogger):
        def bars_callback(
            self, bar: str, attr: str, value: float, old_value: float | None = None
        ) -> None:
            if watch.cancelled is not None and watch.cancelled():
                raise WorkCancelled(f"text on {job.input.name}: stopped on request.")
            if time.monotonic() > deadline:
                raise ToolFailed(
                    f"text on {job.input.name}: moviepy took more than {watch.timeout_s:.0f} s."
                )
            if report and bar == "frame_index" and attr == "index":
                report(value / job.info.fps)

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
        # use_bgclip: without it, moviepy composes a transparent canvas and a second mask for each
        # frame.
        composed = CompositeVideoClip([video, words], use_bgclip=True)
        # With use_bgclip it would be only as long as the words.
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
                logger=Bars(),
            )
        except OSError as error:
            raise ToolFailed(f"text on {job.input.name}: moviepy failed: {error}") from error


@contextlib.contextmanager
def _unchanged_environment() -> Iterator[None]:
    """Undo what an import adds to os.environ: moviepy loads any .env file in its parent folders."""
    with _environment_lock:
        before = dict(os.environ)
        try:
            yield
        finally:
            for name in set(os.environ) - set(before):
                del os.environ[name]
            os.environ.update(before)
