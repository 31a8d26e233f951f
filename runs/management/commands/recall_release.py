"""Take a release back: `recall_release ID --reason "Sample not cleared"`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.errors import ReleaseRefused
from runs.management.runref import find_run
from runs.models import Release
from runs.releasing.releases import recall_release


class Command(JsonCommand):
    help = "Take a packaged or published release back; the zip stays as evidence."
    refusals = (ReleaseRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("run", help="Id of the run.")
        parser.add_argument("--reason", required=True, help="Why; shops and the log ask for it.")

    def perform(self, **options: Any) -> Report:
        run = find_run(options["run"])
        was_out = Release.objects.filter(run=run, status=Release.Status.PUBLISHED).exists()
        release = recall_release(
            run_id=run.pk, reason=options["reason"], actor=None, now=timezone.now()
        )
        next_step = " Take it down at the distributor as well." if was_out else ""
        return Report(
            data={
                "run": str(run.pk),
                "release": str(release.pk),
                "status": release.status,
                "was_published": was_out,
                "reason": release.recall_reason,
            },
            text=f"{run} is recalled.{next_step}",
        )
