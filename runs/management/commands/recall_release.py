"""Take a release back: `recall_release ID --reason "Sample not cleared"`.

With `--report FOLDER`, and no reason, it writes how a recall stands.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.errors import ReleaseRefused
from runs.management.runref import find_release
from runs.models import Release
from runs.publishing.recall import recall_release, recall_standing
from runs.publishing.reporting import recall_report


class Command(JsonCommand):
    help = "Take a packaged or published release back; the zip stays as evidence."
    refusals = (ReleaseRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("release", help="Id of the release, or of the run of a single.")
        parser.add_argument("--reason", default="", help="Why; shops and the log ask for it.")
        parser.add_argument(
            "--report", type=Path, help="Write recall.json and recall.txt into this folder."
        )

    def perform(self, **options: Any) -> Report:
        release = find_release(options["release"])
        if options["report"] and release.status == Release.Status.RECALLED:
            return self.written(release, options["report"])
        was_out = release.status == Release.Status.PUBLISHED
        release = recall_release(
            release_id=release.pk, reason=options["reason"], actor=None, now=timezone.now()
        )
        standing = recall_standing(release)
        channels = sorted({publication.channel.name for publication in standing.open})
        if channels:
            next_step = f" It is being taken down at {', '.join(channels)}; each is looked at."
        else:
            next_step = " Take it down at the distributor as well." if was_out else ""
        if options["report"]:
            self.written(release, options["report"])
        return Report(
            data={
                "runs": [str(pk) for pk in release.tracks.values_list("run_id", flat=True)],
                "release": str(release.pk),
                "status": release.status,
                "was_published": was_out,
                "reason": release.recall_reason,
                "taking_down": channels,
            },
            text=f"{release} is recalled.{next_step}",
        )

    def written(self, release: Release, folder: Path) -> Report:
        """Write the report of a recall."""
        report = recall_report(release, now=timezone.now())
        paths = report.write(folder)
        return Report(data=asdict(report), text=report.as_text() + f"Written: {paths[0].parent}")
