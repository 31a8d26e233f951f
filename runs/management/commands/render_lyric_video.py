"""Make a lyric video from a sound file, captions and footage or a generated picture."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from media_tools.errors import MediaError
from media_tools.ffmpeg import Watch
from media_tools.foreign import Refused
from media_tools.video.beats import Window
from media_tools.video.canvas import render_canvas
from media_tools.video.captions_file import read_captions
from media_tools.video.plan import SHAPES, STYLES, Caption, LyricVideo, VideoSpec, VisualPlan
from media_tools.video.probe import probe
from media_tools.video.render import render_lyric_video
from media_tools.video.sound import cut_audio
from media_tools.video.teaser import render_teaser, teaser_window
from runs.management.progress import progress_line


class Command(JsonCommand):
    help = (
        "Make a lyric video. CAPTIONS is a JSON list of "
        '{"start": 1.0, "end": 3.5, "text": "words"}, times in seconds; "word_starts": [1.0, 2.1] '
        "beside them highlights each word as it is sung."
    )
    requires_system_checks = ()  # needs no database
    refusals = (MediaError,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--audio", type=Path, required=True)
        parser.add_argument("--output", type=Path, required=True)
        parser.add_argument("--title", required=True)
        parser.add_argument("--artist", required=True)
        parser.add_argument("--captions", type=Path, help="JSON file; none: no captions")
        parser.add_argument(
            "--footage", type=Path, action="append", default=[], help="up to three times"
        )
        parser.add_argument("--style", choices=STYLES, default=STYLES[0], help="without footage")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--genre", default="", help="decides what the words look like")
        parser.add_argument("--tempo", type=float, help="BPM; lines without times come on beats")
        parser.add_argument("--hook", default="", help="a line of the song that opens the film")
        parser.add_argument("--call", default="", help="what the end card asks of the viewer")
        parser.add_argument("--cover", type=Path, help="picture for the end card")
        parser.add_argument(
            "--canvas", action="store_true", help="also make OUTPUT-canvas.mp4, a silent loop"
        )
        parser.add_argument("--seconds", type=float, help="only the start of the song")
        parser.add_argument("--size", type=size, default=(1080, 1920), help="WIDTHxHEIGHT")
        parser.add_argument(
            "--shape",
            choices=SHAPES,
            action="append",
            default=[],
            help="instead of the shape of SIZE, with its shorter side; several shapes come from "
            "one run: the first is OUTPUT, the others lie beside it as OUTPUT-16x9.mp4",
        )
        parser.add_argument(
            "--teaser",
            type=int,
            action="append",
            default=[],
            help="seconds; also make OUTPUT-15s.mp4 of the hook; may come several times",
        )
        parser.add_argument("--fps", type=int, default=VideoSpec.fps)
        parser.add_argument("--preset", default=VideoSpec.preset, help="of x264")
        parser.add_argument("--crf", type=int, default=VideoSpec.crf)

    def perform(self, **options: Any) -> Report:
        captions = captions_from(options["captions"])
        output: Path = options["output"]
        with tempfile.TemporaryDirectory(prefix="lyric-video-") as folder:
            try:
                audio: Path = options["audio"]
                if options["seconds"] is not None:
                    audio = cut_audio(audio, Path(folder) / "cut.wav", options["seconds"])
                others = render(audio, captions, options)
            except ValueError as error:
                raise bad_usage(str(error)) from error
        found = {path: probe(path) for path in (output, *others)}
        return Report(
            data={
                "output": str(output),
                "others": [str(path) for path in others],
                **found[output].as_json(),
            },
            text="\n".join(
                f"{path}: {info.width}x{info.height}, {info.duration_s:.2f} s"
                for path, info in found.items()
            ),
        )


def render(audio: Path, captions: list[Caption], options: dict[str, Any]) -> list[Path]:
    """Make the video in every shape, teasers and canvas; returns the files beside the main one."""
    output: Path = options["output"]
    width, height = options["size"]
    spec = VideoSpec(width, height, options["fps"], options["preset"], options["crf"])
    if options["shape"]:
        spec = spec.shaped(options["shape"][0])
    shapes = {shape: beside(output, shape.replace(":", "x")) for shape in options["shape"][1:]}
    video = LyricVideo(
        audio=audio,
        plan=VisualPlan(
            kind="footage" if options["footage"] else "generated",
            style=options["style"],
            seed=options["seed"],
            footage=tuple(options["footage"]),
        ),
        title=options["title"],
        artist=options["artist"],
        genre=options["genre"],
        captions=tuple(captions),
        tempo_bpm=options["tempo"],
        hook=options["hook"],
        call=options["call"],
        cover=options["cover"],
    )
    watch = Watch(None if options["json"] else progress_line(sys.stderr, "video"))
    teasers = {
        beside(output, f"{seconds}s"): window_of(audio, seconds, spec)
        for seconds in options["teaser"]
    }
    render_lyric_video(video, output, spec=spec, shapes=shapes, watch=watch)
    for path, window in teasers.items():
        render_teaser(video, window, path, spec=spec, watch=watch)
    canvases = [beside(output, "canvas")] if options["canvas"] else []
    for path in canvases:
        render_canvas(video, path, watch=watch)
    return [*shapes.values(), *teasers, *canvases]


def window_of(audio: Path, seconds: int, spec: VideoSpec) -> Window:
    """The hook. Raises ValueError if the sound is too short for a teaser of this length."""
    window = teaser_window(audio, seconds, fps=spec.fps)
    if window is None:
        raise ValueError(f"the sound is too short for a teaser of {seconds} s")
    return window


def beside(output: Path, name: str) -> Path:
    return output.with_name(f"{output.stem}-{name}{output.suffix}")


def size(value: str) -> tuple[int, int]:
    """(width, height) of "1080x1920"."""
    try:
        width, height = (int(part) for part in value.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not WIDTHxHEIGHT") from None
    return width, height


def captions_from(path: Path | None) -> list[Caption]:
    if path is None:
        return []
    try:
        return read_captions(path)
    except OSError as error:
        raise bad_usage(f"{path}: cannot be read: {error.strerror}") from error
    except Refused as error:
        raise bad_usage(f"{path}: {error}") from error
