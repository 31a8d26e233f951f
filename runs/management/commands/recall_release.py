"""Take a release back: `recall_release ID --reason "Sample not cleared"`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.errors import ReleaseRefused
from runs.management.runref import find_release
from runs.models import Release
from runs.releasing.releases import recall_release


class Command(JsonCommand):
    help = "Take a packaged or published release back; the zip stays as evidence."
    refusals = (ReleaseRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("release", help="Id of the release, or of the run of a single.")
        parser.add_argument("--reason", required=True, help="Why; shops and the log ask for it.")

    def perform(self, **options: Any) -> Report:
        release = find_release(options["release"])
        was_out = release.status == Release.Status.PUBLISHED
        release = recall_release(
            release_id=release.pk, reason=options["reason"], actor=None, now=timezone.now()
        )
        next_step = " Take it down at the distributor as well." if was_out else ""
        return Report(
            data={
                "runs": [str(pk) for pk in release.tracks.values_list("run_id", flat=True)],
                "release": str(release.pk),
                "status": release.status,
                "was_published": was_out,
                "reason": release.recall_reason,
            },
            text=f"{release} is recalled.{next_step}",
        )
