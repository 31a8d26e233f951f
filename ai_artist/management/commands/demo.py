"""Do everything from an empty database to candidates waiting for review: `demo`."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from artists.lifecycle.policies import default_policy
from artists.starter_roster import seed_roster
from experiments.setup import seed_example
from runs.management import report
from runs.models import Batch, Run
from runs.providers.trend_calls import collect_trends
from runs.work import inline
from runs.work.batches import create_batch

WHAT_NEXT = """
What next
  make serve                          the panel: hear, see and decide
  .venv/bin/python manage.py review_run ID approve
  .venv/bin/python manage.py review_run ID reject --reason weak_hook
  make demo RUNS=1                    another candidate"""


class Command(JsonCommand):
    help = (
        "Seed roster, policy, roles and an example experiment if they are missing, then make a "
        "batch through a real queue cluster."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--runs", type=int, default=3, help="Runs in the batch.")

    def perform(self, **options: Any) -> Report:
        if options["runs"] < 1:
            raise bad_usage(f"--runs must be 1 or more, not {options['runs']}.")
        now = timezone.now()
        default_policy()
        seed_roster(now=now)
        seed_example(now=now)
        call_command("create_roles", stdout=StringIO())
        collect_trends(now=now)
        batch = create_batch(
            size=options["runs"], origin=Batch.Origin.COMMAND, now=now, note="make demo"
        )
        runs = Run.objects.filter(batch=batch)
        with inline.temporary_cluster():
            inline.wait_for_cluster(runs)
        table = report.runs_as_table(runs.select_related("artist").order_by("seed"))
        return Report(
            data=report.batch_as_json(batch),
            text=f"Batch {batch.pk}\n{table}\n{WHAT_NEXT}",
            ok=not runs.filter(status=Run.Status.FAILED).exists(),
        )
