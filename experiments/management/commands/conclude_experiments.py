"""Act on what the experiments show: `conclude_experiments --dry-run`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from experiments.concluding import conclude_due


class Command(JsonCommand):
    """Concludes what is due, and prints every verdict."""

    help = (
        "Judge every running experiment; stop arms, conclude and put winners to use if the "
        "plan fixed at the start allows it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")

    def perform(self, **options: Any) -> Report:
        actions = conclude_due(now=timezone.now(), dry_run=options["dry_run"])
        lines = [
            f"{action.experiment}: {action.verdict.sentence}{' [done]' if action.done else ''}"
            for action in actions
        ]
        return Report(
            data={
                "dry_run": options["dry_run"],
                "experiments": [action.as_json() for action in actions],
            },
            text="\n".join(lines) or "No experiment is running.",
        )
