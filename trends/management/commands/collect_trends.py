"""Ask the trend sources and score the topics."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from trends.collecting import READERS, collect
from trends.commands import JsonCommand, Report
from trends.models import Topic

TOP = 10


class Command(JsonCommand):
    help = "Collect from every enabled trend source, then score all topics."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--source",
            choices=[reader.name for reader in READERS],
            help="Only this source.",
        )

    def perform(self, **options: Any) -> Report:
        wanted = [reader for reader in READERS if options["source"] in (None, reader.name)]
        collections = collect(now=timezone.now(), sources=wanted)
        top = list(Topic.objects.rising()[:TOP])
        lines = [
            f"{one.source}: {one.error}"
            if one.error
            else f"{one.source}: {one.recorded.observations_new} new, "
            f"{one.recorded.updated} updated observations."
            for one in collections
        ]
        lines.append("Strongest topics:" if top else "No topic has momentum.")
        lines += [f"  {topic.score:.2f}  {topic.name}" for topic in top]
        return Report(
            data={
                "sources": [asdict(one) for one in collections],
                "top": [{"topic": t.name, "genre": t.genre, "score": t.score} for t in top],
            },
            text="\n".join(lines),
            ok=not any(one.error for one in collections),
        )
