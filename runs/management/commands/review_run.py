"""Approve or reject from the command line: `review_run ID approve`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.kit.values import counted
from runs.errors import ReleaseRefused, ReviewRefused
from runs.management.runref import find_run
from runs.models import Review, Run
from runs.releasing.releases import package_release, single_of
from runs.reviewing.reviews import decide


class Command(JsonCommand):
    help = "Decide on a run that awaits review; an approval makes its release bundle."
    refusals = (ReviewRefused, ReleaseRefused)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("run", help="Id of the run.")
        parser.add_argument("decision", choices=Review.Decision.values)
        parser.add_argument(
            "--reason",
            action="append",
            choices=Review.Reason.values,
            help="Why it is rejected; may be given again. Default: other.",
        )
        parser.add_argument("--comment", default="")

    def perform(self, **options: Any) -> Report:
        run = find_run(options["run"])
        rejects = options["decision"] == Review.Decision.REJECT
        decide(
            run_id=run.pk,
            decision=options["decision"],
            reasons=options["reason"] or ([Review.Reason.OTHER] if rejects else []),
            comment=options["comment"],
            reviewer=None,
            now=timezone.now(),
        )
        if not rejects:
            package_release(release_id=single_of(run.pk).pk, now=timezone.now())
        run = Run.objects.select_related("artist").get(pk=run.pk)
        artist = run.artist
        return Report(
            data={
                "run": str(run.pk),
                "status": run.status,
                "artist": {
                    "slug": artist.slug,
                    "status": artist.status,
                    "consecutive_rejections": artist.consecutive_rejections,
                },
            },
            text=(
                f"{run}: {run.get_status_display().lower()}. {artist.name} is {artist.status}, "
                f"{counted(artist.consecutive_rejections, 'rejection')} in a row."
            ),
        )
