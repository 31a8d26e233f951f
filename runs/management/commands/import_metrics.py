"""Read audience figures from a file: `import_metrics nova-audience-timeline.csv --dry-run`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from ai_artist.kit.values import counted
from runs.audience.errors import MetricsImportError
from runs.audience.formats import ALL
from runs.audience.importing import MetricsReport, import_metrics

LINES_SHOWN = 8


class Command(JsonCommand):
    help = (
        "Import audience figures: AAP metrics v1, or a file of Spotify for Artists, DistroKid, "
        "YouTube Studio or TikTok Studio, told apart by the header. A file with a fault is not "
        "imported at all; rows of unknown artists or songs are reported and left out. The same "
        "file again changes nothing."
    )
    refusals = (MetricsImportError,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="The CSV file, or YouTube Studio's ZIP.")
        parser.add_argument(
            "--format",
            default="",
            choices=[known.name for known in ALL],
            help="What it is, instead of telling it from the header.",
        )
        parser.add_argument(
            "--artist", default="", help="Slug or name, for files that name no artist."
        )
        parser.add_argument(
            "--date",
            default="",
            help="Last day the file is about (2026-11-18), for files that do not say.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Report, write nothing.")

    def perform(self, **options: Any) -> Report:
        now = timezone.now()
        report = import_metrics(
            options["file"],
            now=now,
            format_name=options["format"],
            artist=options["artist"],
            day=_day(options["date"], timezone.localdate(now)),
            dry_run=options["dry_run"],
        )
        return Report(
            data=asdict(report) | {"warnings": report.warnings}, text="\n".join(_lines(report))
        )


def _day(text: str, today: date) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise bad_usage(f"--date {text!r} is not a date such as 2026-11-18.") from error
    if day > today:
        raise bad_usage(f"--date {day} is in the future.")
    return day


def _lines(report: MetricsReport) -> list[str]:
    would = "Would import" if report.dry_run else "Imported"
    lines = [
        f"{would} {report.file} as {report.format}: {counted(report.rows, 'row')}, "
        f"{counted(report.figures, 'figure')}: "
        f"{report.new} new, {report.updated} updated, {report.unchanged} known already."
    ]
    for item in report.unmatched:
        named = item.title or item.external_id or item.isrc or item.artist or "no name"
        lines.append(f"Not imported, {named}: {item.reason} ({_numbers(item.lines)}).")
    lines += [f"Ignored, line {line.line}: {line.reason}." for line in report.ignored]
    if report.ignored_columns:
        lines.append(f"Columns left out: {', '.join(report.ignored_columns)}.")
    if report.suspicious:
        lines.append(
            f"{report.suspicious} figures jump as bots make them jump; nothing learns from them."
        )
    lines += report.notes
    if report.warnings:
        lines.append(f"Warnings: {report.warnings}.")
    return lines


def _numbers(lines: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, lines[:LINES_SHOWN]))
    more = f" and {len(lines) - LINES_SHOWN} more" if len(lines) > LINES_SHOWN else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"
