"""Record that a release is out: `publish_release ID --isrc QZABC2600001`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.errors import ReleaseRefused
from runs.management.runref import find_run
from runs.releasing.releases import publish


class Command(JsonCommand):
    help = "Record that a packaged release is out; from then on its approval is not undone."
    refusals = (ReleaseRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("run", help="Id of the run.")
        parser.add_argument(
            "--isrc", default="", help="Code of the track, if the distributor gave one."
        )
        parser.add_argument("--upc", default="", help="UPC or EAN of the release, likewise.")

    def perform(self, **options: Any) -> Report:
        run = find_run(options["run"])
        release = publish(
            run_id=run.pk,
            actor=None,
            now=timezone.now(),
            isrc=options["isrc"],
            upc=options["upc"],
        )
        return Report(
            data={
                "run": str(run.pk),
                "release": str(release.pk),
                "status": release.status,
                "isrc": release.isrc,
                "upc": release.upc,
            },
            text=f"{run} is published.",
        )
