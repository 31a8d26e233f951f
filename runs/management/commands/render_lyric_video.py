"""Make a lyric video from a sound file, captions and footage or a generated picture."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from media_tools.errors import MediaError
from media_tools.video.plan import STYLES, Caption, VideoSpec, VisualPlan
from media_tools.video.render import cut_audio, render_lyric_video
from runs.management.progress import progress_line
from trends.commands import JsonCommand, Report, bad_usage


class Command(JsonCommand):
    help = (
        "Make a lyric video. CAPTIONS is a JSON list of "
        '{"start": 1.0, "end": 3.5, "text": "words"}, times in seconds.'
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
            "--footage", type=Path, action="append", default=[], help="may come several times"
        )
        parser.add_argument("--style", choices=STYLES, default=STYLES[0], help="without footage")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--seconds", type=float, help="only the start of the song")
        parser.add_argument("--size", type=size, default=(1080, 1920), help="WIDTHxHEIGHT")
        parser.add_argument("--fps", type=int, default=VideoSpec.fps)
        parser.add_argument("--preset", default=VideoSpec.preset, help="of x264")
        parser.add_argument("--crf", type=int, default=VideoSpec.crf)

    def perform(self, **options: Any) -> Report:
        captions = read_captions(options["captions"])
        plan = VisualPlan(
            kind="footage" if options["footage"] else "generated",
            style=options["style"],
            seed=options["seed"],
            footage=tuple(options["footage"]),
        )
        width, height = options["size"]
        spec = VideoSpec(width, height, options["fps"], options["preset"], options["crf"])
        output: Path = options["output"]
        with tempfile.TemporaryDirectory(prefix="lyric-video-") as folder:
            try:
                audio: Path = options["audio"]
                if options["seconds"] is not None:
                    audio = cut_audio(audio, Path(folder) / "cut.wav", options["seconds"])
                info = render_lyric_video(
                    audio=audio,
                    plan=plan,
                    title=options["title"],
                    artist=options["artist"],
                    captions=captions,
                    output=output,
                    spec=spec,
                    progress=None if options["json"] else progress_line(sys.stderr, "video"),
                )
            except ValueError as error:
                raise bad_usage(str(error)) from error
        return Report(
            data={"output": str(output), **info.as_json()},
            text=f"{output}: {info.width}x{info.height}, {info.duration_s:.2f} s",
        )


def size(value: str) -> tuple[int, int]:
    """(width, height) of "1080x1920"."""
    try:
        width, height = (int(part) for part in value.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not WIDTHxHEIGHT") from None
    return width, height


def read_captions(path: Path | None) -> list[Caption]:
    if path is None:
        return []
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [
            Caption(float(entry["start"]), float(entry["end"]), str(entry["text"]))
            for entry in entries
        ]
    except OSError as error:
        raise bad_usage(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        wanted = '{"start": seconds, "end": seconds, "text": words}'
        raise bad_usage(f"{path}: not a JSON list of {wanted}: {error}") from error
