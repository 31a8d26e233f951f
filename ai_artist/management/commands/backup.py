"""`manage.py backup`: copy the whole installation while it works."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit import values
from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.operations.backup import back_up, examine
from ai_artist.operations.dumps import DumpFailed
from ai_artist.operations.vaults import BackupRefused


class Command(JsonCommand):
    help = (
        "Copies database, media, spool, inbox and settings into a folder or a bucket. Runs may go "
        "on. Files that an earlier backup there holds are not copied again."
    )
    refusals = (BackupRefused, DumpFailed, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "to",
            help="Where backups are kept: a folder, s3://BUCKET/PREFIX or s3://PROFILE@BUCKET.",
        )
        parser.add_argument(
            "--secrets",
            action="store_true",
            help="Private keys and secret settings too: let nobody else read that place.",
        )
        parser.add_argument("--verify", action="store_true", help="Read it once more as a whole.")

    def perform(self, **options: Any) -> Report:
        backup, manifest = back_up(
            options["to"], now=timezone.localtime(), secrets=options["secrets"]
        )
        faults = examine(backup).faults if options["verify"] else []
        words = (
            f"{backup}: {sum(manifest.rows.values()):,} rows, {manifest.files:,} files, "
            f"{values.size(manifest.bytes)}."
        )
        if not options["secrets"]:
            words += " Without private keys and secret settings; --secrets takes them too."
        if faults:
            words += "\n" + "\n".join(faults)
        told = {"folder": str(backup), "faults": faults, **asdict(manifest)}
        return Report(told, words, ok=not faults)
