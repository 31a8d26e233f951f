"""Write the public pages and feeds: `export_site FOLDER --base-url https://music.example.org`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from ai_artist.kit.values import counted
from runs.errors import SiteRefused
from runs.site.export import export_site, site_at


class Command(JsonCommand):
    help = (
        "Write the public pages and feeds of what is published into a folder. What did not change "
        "since the last time stays as it is; what was recalled becomes a tombstone."
    )
    refusals = (SiteRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "folder",
            type=Path,
            nargs="?",
            default=settings.SITE_DIR,
            help="Empty, new, or of an earlier export. Default: AI_ARTIST_SITE_DIR.",
        )
        parser.add_argument(
            "--base-url",
            default=settings.SITE_URL,
            help="Where the folder will be found. Default: AI_ARTIST_SITE_URL.",
        )

    def perform(self, **options: Any) -> Report:
        folder: Path | None = options["folder"]
        if folder is None:
            raise bad_usage("Name a folder, or set AI_ARTIST_SITE_DIR.")
        if not options["base_url"]:
            raise bad_usage("Give --base-url, or set AI_ARTIST_SITE_URL.")
        done = export_site(folder, site_at(options["base_url"], settings.SITE_TITLE))
        lines = [
            f"{counted(done.releases, 'release')}, {done.tombstones} withdrawn: "
            f"{counted(done.written, 'file')} written, {done.kept} as before, "
            f"{done.removed} removed.",
            *(f"{name}: {why}" for name, why in done.failed.items()),
        ]
        return Report(
            data={"folder": str(folder), **asdict(done)},
            text="\n".join(lines),
            ok=not done.failed,
        )
