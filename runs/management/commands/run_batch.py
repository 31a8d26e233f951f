"""Make release candidates: `run_batch --size 3`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from artists.models import Artist
from artists.roster import RosterError
from runs.management import report
from runs.models import Batch, Run
from runs.work import inline
from runs.work.batches import MAX_SEED, create_batch


class Command(JsonCommand):
    help = (
        "Queue a batch of runs and do them in this process until each awaits review or has "
        "failed. Clusters that are alive help."
    )
    refusals = (RosterError,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--size", type=int, default=1, help="How many runs.")
        parser.add_argument("--artist", metavar="SLUG", help="All runs for this artist.")
        parser.add_argument("--seed", type=int, help="Run number i gets the seed SEED + i.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--cluster",
            action="store_true",
            help="Let a qcluster do the work that is started for this batch.",
        )
        how.add_argument(
            "--no-wait", action="store_true", help="Only queue; running clusters do the work."
        )

    def perform(self, **options: Any) -> Report:
        if options["size"] < 1:
            raise bad_usage(f"--size must be 1 or more, not {options['size']}.")
        seed = options["seed"]
        if seed is not None and not 0 <= seed < MAX_SEED:
            raise bad_usage(f"--seed must be between 0 and {MAX_SEED - 1}, not {seed}.")
        artist = None
        if options["artist"]:
            artist = Artist.objects.filter(slug=options["artist"]).first()
            if artist is None:
                raise bad_usage(
                    f"There is no artist “{options['artist']}”; the panel and "
                    "`seed_roster --json` list the slugs."
                )
        batch = create_batch(
            size=options["size"],
            origin=Batch.Origin.COMMAND,
            now=timezone.now(),
            seed=seed,
            artist=artist,
        )
        runs = Run.objects.filter(batch=batch)
        if options["cluster"]:
            with inline.temporary_cluster():
                inline.wait_for_cluster(runs)
        elif not options["no_wait"]:
            inline.work_here(runs, wait=True)
        return Report(
            data=report.batch_as_json(batch),
            text=f"Batch {batch.pk}\n" + report.runs_as_table(runs.select_related("artist")),
            ok=not runs.filter(status__in=[Run.Status.FAILED, Run.Status.WAITING]).exists(),
        )
