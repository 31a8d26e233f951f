"""Ask the trend sources and score the topics."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.providers.trend_calls import TrendSourceUnknown, collect_trends
from trends.models import Topic

TOP = 10


class Command(JsonCommand):
    help = (
        "Collect from every enabled trend source whose window is not done yet, then score all "
        "topics. Paid calls go through the ledger and the budgets."
    )
    refusals = (TrendSourceUnknown,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", help="Only this source of AI_ARTIST_TREND_SOURCES.")
        parser.add_argument(
            "--again",
            action="store_true",
            help="Also if the window is done. Paid questions are still asked only once per window.",
        )

    def perform(self, **options: Any) -> Report:
        collected = collect_trends(
            now=timezone.now(), only=options["source"], again=options["again"]
        )
        top = list(Topic.objects.rising()[:TOP])
        lines = [f"{visit.source}: {visit.summary}" for visit in collected]
        lines.append("Strongest topics:" if top else "No topic has momentum.")
        lines += [f"  {topic.score:.2f}  {topic.name}" for topic in top]
        return Report(
            data={
                "sources": [asdict(visit) for visit in collected],
                "top": [{"topic": t.name, "genre": t.genre, "score": t.score} for t in top],
            },
            text="\n".join(lines),
            ok=not any(visit.error for visit in collected),
        )
