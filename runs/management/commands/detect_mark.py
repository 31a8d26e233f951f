"""Look for our watermark in any audio or video file: `detect_mark FILE --json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report
from media_tools.errors import MediaError
from media_tools.watermark.detect import find_watermarks
from runs.releasing.watermark import runs_of, watermark_key


class Command(JsonCommand):
    help = "Look for this installation's watermark in a file. Exit code 1 if there is none."
    refusals = (MediaError,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def perform(self, **options: Any) -> Report:
        found: list[dict[str, Any]] = []
        lines: list[str] = []
        for watermark in find_watermarks(options["file"], watermark_key()):
            runs = list(runs_of(watermark.payload).select_related("artist"))
            payload, score = f"{watermark.payload:08x}", round(watermark.score, 1)
            found.append(
                {
                    "payload": payload,
                    "score": score,
                    "start_s": watermark.start_s,
                    "end_s": watermark.end_s,
                    "runs": [
                        {"id": str(run.pk), "artist": run.artist.name, "title": run.title}
                        for run in runs
                    ],
                }
            )
            named = "; ".join(f"{run.title} by {run.artist.name}, run {run.pk}" for run in runs)
            place = f"{watermark.start_s:.0f} to {watermark.end_s:.0f} s"
            lines.append(f"{payload}  {named or 'no run here'}  (score {score}, {place})")
        return Report(
            data={"file": str(options["file"]), "watermarks": found},
            text="\n".join(lines) or "No watermark of this installation.",
            ok=bool(found),
        )
