"""`manage.py restore`: bring a backup back into an empty installation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.db import connections

from ai_artist.kit import values
from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.operations.backup import chosen, examine, restore
from ai_artist.operations.dumps import DumpFailed
from ai_artist.operations.vaults import BackupRefused
from media_tools import VERSION

MOST_TOLD = 20


class Command(JsonCommand):
    help = (
        "Puts a backup into an empty database and empty folders, and compares every row count and "
        "checksum. Stop panel and workers first; `migrate` afterwards."
    )
    refusals = (BackupRefused, DumpFailed, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "source",
            metavar="from",
            help="A backup, or where backups are (newest): folder or s3://.",
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="Only read the backup: is it whole? Changes nothing.",
        )

    def perform(self, **options: Any) -> Report:
        backup = chosen(options["source"])
        if options["verify"]:
            tally = examine(backup)
            words = f"{backup}: {tally.files:,} files, {values.size(tally.bytes)} read."
            return report({"backup": str(backup)}, words, tally.faults)
        connections.close_all()
        manifest, tally = restore(backup)
        words = (
            f"Restored {backup} of {manifest.made_at}: {sum(manifest.rows.values()):,} rows, "
            f"{tally.files:,} files, {values.size(tally.bytes)}. Now: manage.py migrate"
        )
        if manifest.version != VERSION:
            words += f" (it was made by {manifest.version}, this is {VERSION})"
        if not manifest.secrets:
            words += ". Set the secrets again that settings.env names."
        return report({"backup": str(backup), **asdict(manifest)}, words, tally.faults)


def report(told: dict[str, Any], words: str, faults: list[str]) -> Report:
    if faults:
        more = f"\n... and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
        words += f"\n{len(faults)} faults:\n" + "\n".join(faults[:MOST_TOLD]) + more
    return Report({**told, "faults": faults}, words, ok=not faults)
