"""Read trends from a CSV file: `import_trends charts.csv --source charts`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.kit.values import counted
from trends.importing import TrendImportError, import_csv


class Command(JsonCommand):
    help = (
        "Import a CSV file with the columns topic, volume and optionally observed_at, engagement "
        "and genre, or a chart saved from charts.spotify.com, then score all topics. A file with "
        "a fault is not imported at all."
    )
    refusals = (TrendImportError,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="The CSV file.")
        parser.add_argument("--source", default="csv", help="Name of the source (default: csv).")

    def perform(self, **options: Any) -> Report:
        report = import_csv(options["file"], source=options["source"], now=timezone.now())
        return Report(
            data=asdict(report) | {"source": options["source"]},
            text=(
                f"{counted(report.rows, 'row')}: {report.observations_new} new, "
                f"{report.updated} updated, {report.skipped} known already; "
                f"{counted(report.topics, 'new topic')}."
            ),
        )
