"""Show a text on a video: `manage.py add_text_overlay IN.mp4 OUT.mp4 --text "Out now"`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from media_tools.errors import MediaError
from media_tools.ffmpeg import Watch
from media_tools.video.overlay import OverlayOptions, TextOverlay, add_text_overlay
from media_tools.video.text import NAMED_POSITIONS
from runs.management.progress import progress_line


def position(value: str) -> str | tuple[int, int]:
    """A named position, or "X,Y" in pixels from the top left."""
    if value in NAMED_POSITIONS:
        return value
    try:
        x, y = (int(part) for part in value.split(","))
    except ValueError:
        known = ", ".join(NAMED_POSITIONS)
        raise argparse.ArgumentTypeError(f"{value!r} is none of {known}, nor X,Y") from None
    return x, y


class Command(JsonCommand):
    help = "Show a text on a video and write it as MP4, ready for phones and platforms."
    requires_system_checks = ()  # needs no database
    refusals = (MediaError,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("input", type=Path)
        parser.add_argument("output", type=Path)
        parser.add_argument("--text", required=True)
        parser.add_argument(
            "--position", type=position, default="bottom", help="top, title, center, bottom or X,Y"
        )
        parser.add_argument("--font-size", type=int, default=72, help="pixels")
        parser.add_argument("--font", default="inter", help="family")
        parser.add_argument("--color", default="#ffffff")
        parser.add_argument("--stroke-color", default="#000000")
        parser.add_argument("--stroke-width", type=int, default=4, help="pixels")
        parser.add_argument("--no-box", action="store_true", help="no box behind the words")
        parser.add_argument("--start", type=float, default=0.0, help="seconds")
        parser.add_argument("--end", type=float, help="seconds; the video's end by default")
        parser.add_argument("--fade", type=float, default=0.3, help="seconds")
        parser.add_argument("--preset", default="veryfast", help="of x264")
        parser.add_argument("--crf", type=int, default=20)
        parser.add_argument("--audio", type=Path, help="replaces the video's sound")
        parser.add_argument("--engine", choices=("ffmpeg", "moviepy"), default="ffmpeg")

    def perform(self, **options: Any) -> Report:
        output: Path = options["output"]
        try:
            info = add_text_overlay(
                options["input"],
                output,
                TextOverlay(
                    options["text"],
                    position=options["position"],
                    font=options["font"],
                    font_size_px=options["font_size"],
                    color=options["color"],
                    stroke_color=options["stroke_color"],
                    stroke_px=options["stroke_width"],
                    box=not options["no_box"],
                    start_s=options["start"],
                    end_s=options["end"],
                    fade_s=options["fade"],
                ),
                options=OverlayOptions(
                    preset=options["preset"],
                    crf=options["crf"],
                    engine=options["engine"],
                    audio=options["audio"],
                ),
                watch=Watch(None if options["json"] else progress_line(sys.stderr, "text")),
            )
        except ValueError as error:
            raise bad_usage(str(error)) from error
        return Report(
            data={"output": str(output), **info.as_json()},
            text=f"{output}: {info.width}x{info.height}, {info.duration_s:.2f} s",
        )
