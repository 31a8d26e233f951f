"""Free space: `purge_media` tells what would go, `purge_media --yes` removes it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from ai_artist.kit.values import counted
from runs.releasing.purging import purge


class Command(JsonCommand):
    help = (
        "Remove files of rejected, failed and cancelled runs, of replaced takes, and files without "
        "a row. Approved and released runs keep theirs. Without --yes nothing is removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--days", type=int, default=90, help="Leave what is younger than this. Default: 90."
        )
        parser.add_argument("--yes", action="store_true", help="Remove them.")

    def perform(self, **options: Any) -> Report:
        if options["days"] < 1:
            raise bad_usage("--days must be 1 or more.")
        act = options["yes"]
        done = purge(older_than=timedelta(days=options["days"]), now=timezone.now(), act=act)
        verb = "Removed" if act else "Would remove"
        text = (
            f"{verb} {counted(done.files, 'file')}, {filesizeformat(done.bytes)}: "
            f"{counted(done.artifacts, 'artifact')} of {counted(done.runs, 'run')}, "
            f"{counted(done.orphans, 'file')} without a row."
        )
        return Report(
            data={"removed": act, **asdict(done)},
            text=text if act else f"{text} Run it with --yes to do so.",
        )
