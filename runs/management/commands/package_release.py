"""Make the release bundle of an approved run again: `package_release ID`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.errors import ReleaseRefused
from runs.management.runref import find_run
from runs.releasing.bundle import files_in
from runs.releasing.releases import package_release


class Command(JsonCommand):
    help = "Write the release bundle (folder and zip) of an approved run, replacing an earlier one."
    refusals = (ReleaseRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("run", help="Id of the run.")
        parser.add_argument("--isrc", help="Code of the track, for tags and metadata.")
        parser.add_argument("--upc", help="UPC or EAN of the release, for the metadata.")

    def perform(self, **options: Any) -> Report:
        run = find_run(options["run"])
        release = package_release(
            run_id=run.pk, now=timezone.now(), isrc=options["isrc"], upc=options["upc"]
        )
        folder = Path(settings.MEDIA_ROOT) / release.folder
        return Report(
            data={
                "run": str(run.pk),
                "release": str(release.pk),
                "folder": str(folder),
                "zip": str(release.bundle.path),
                "sha256": release.bundle.sha256,
                "files": [name for name, _ in files_in(folder)],
            },
            text=f"{run}: {folder}\n{release.bundle.path}",
        )
