"""Go on with runs whose worker died: `resume_runs`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.management import report
from runs.models import Run
from runs.work import claims, inline


class Command(JsonCommand):
    help = (
        "Queue the runs of dead workers again and do every due run in this process, each from "
        "the step it had reached."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--no-wait", action="store_true", help="Only queue; running clusters do the work."
        )

    def perform(self, **options: Any) -> Report:
        requeued = claims.requeue_dropped(now=timezone.now())
        open_ids = list(Run.objects.open().values_list("pk", flat=True))
        runs = Run.objects.filter(pk__in=open_ids)
        if not options["no_wait"]:
            inline.work_here(runs, wait=False)
        done = runs.select_related("artist").order_by("created_at")
        return Report(
            data={
                "requeued": [str(run_id) for run_id in requeued],
                "runs": [report.run_as_json(run) for run in done],
            },
            text=report.runs_as_table(done) if open_ids else "No run is open.",
            ok=not runs.filter(status=Run.Status.FAILED).exists(),
        )
