"""Measure speed, and how rightly the rules decide: `benchmark music --json`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ai_artist.benchmarks import (
    catalogue,
    changelist,
    decisions,
    desk,
    learning,
    media,
    queueing,
    singing,
    video,
    visuals,
    whole_run,
)
from ai_artist.benchmarks.measuring import Result
from trends.commands import JsonCommand, Report

BENCHMARKS: dict[str, Callable[[], Result]] = {
    "catalogue": catalogue.catalogue,
    "changelist": changelist.changelist,
    "claim": queueing.claim,
    "cover": media.cover,
    "decisions": decisions.decisions,
    "desk": desk.desk,
    "learning": learning.learning,
    "lyrics": media.lyrics,
    "lyric_video": video.lyric_video,
    "music": lambda: media.music(str(settings.SOUNDFONT)),
    "overlay": video.overlay,
    "shapes": video.shapes,
    "video": video.video,
    "visuals": visuals.visuals,
    "pipeline": queueing.pipeline,
    "run": whole_run.whole_run,
    "singing": lambda: singing.singing(str(settings.SOUNDFONT)),
}


class Command(JsonCommand):
    help = "Measure one part of the product; inputs are made by the benchmark itself."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", choices=sorted(BENCHMARKS))

    def perform(self, **options: Any) -> Report:
        result = BENCHMARKS[options["name"]]()
        lines = [f"{name:<40} {value:12.3f}" for name, value in result.figures.items()]
        lines += [f"{name:<40} {value:12.3f} x" for name, value in result.ratios.items()]
        return Report(data=asdict(result), text="\n".join(lines))
