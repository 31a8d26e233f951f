"""Measure the speed of one part of the product: `benchmark music --json`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ai_artist.benchmarks import desk, music, panel, queueing, video
from ai_artist.benchmarks.measuring import Result
from ai_artist.kit.commands import JsonCommand, Report

BENCHMARKS: dict[str, Callable[[], Result]] = {
    "claim": queueing.claim,
    "desk": desk.desk,
    "music": lambda: music.music(str(settings.SOUNDFONT)),
    "pipeline": queueing.pipeline,
    "video": video.video,
}
PANEL = "panel"  # the one with an option


class Command(JsonCommand):
    help = "Measure one part of the product; inputs are made by the benchmark itself."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", choices=sorted([*BENCHMARKS, PANEL]))
        parser.add_argument(
            "--runs",
            type=int,
            default=panel.RUNS,
            help="Of `panel`: runs in its database. A million takes 11 GB on PostgreSQL.",
        )

    def perform(self, **options: Any) -> Report:
        name = options["name"]
        result = panel.panel(options["runs"]) if name == PANEL else BENCHMARKS[name]()
        lines = [*result.lines]
        lines += [f"{name:<40} {value:12.3f}" for name, value in result.figures.items()]
        lines += [f"{name:<40} {value:12.3f} x" for name, value in result.ratios.items()]
        return Report(data=asdict(result), text="\n".join(lines))
