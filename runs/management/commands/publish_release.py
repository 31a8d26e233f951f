"""Record that a release is out: `publish_release ID --isrc QZABC2600001`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.errors import ReleaseRefused
from runs.management.runref import find_release
from runs.releasing.releases import publish


class Command(JsonCommand):
    help = "Record that a packaged release is out; from then on its approval is not undone."
    refusals = (ReleaseRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("release", help="Id of the release, or of the run of a single.")
        parser.add_argument(
            "--isrc", default="", help="Code of the track, if the distributor gave one."
        )
        parser.add_argument("--upc", default="", help="UPC or EAN of the release, likewise.")

    def perform(self, **options: Any) -> Report:
        release = publish(
            release_id=find_release(options["release"]).pk,
            actor=None,
            now=timezone.now(),
            isrc=options["isrc"],
            upc=options["upc"],
        )
        isrcs = list(release.tracks.values_list("isrc", flat=True))
        return Report(
            data={
                "runs": [str(pk) for pk in release.tracks.values_list("run_id", flat=True)],
                "release": str(release.pk),
                "status": release.status,
                "isrcs": isrcs,
                "upc": release.upc,
            },
            text=f"{release} is published.",
        )
