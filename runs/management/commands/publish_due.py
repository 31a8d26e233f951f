"""Go on with publications in this process: `publish_due`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.kit.values import counted
from runs.models import Publication
from runs.publishing import alarms, health, performing


class Command(JsonCommand):
    help = (
        "Do everything that is due on channels now: send, look, take down. Clusters do it by "
        "themselves; this is for an installation without one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--most", type=int, default=1000, help="Pieces of work to do at most.")

    def perform(self, **options: Any) -> Report:
        performing.free_dropped(now=timezone.now())
        performing.sweep(now=timezone.now())
        health.check_due(clock=timezone.now)
        done = 0
        while done < options["most"] and performing.publish_next(clock=timezone.now):
            done += 1
        now = timezone.now()
        wrong = alarms.alarms(now=now)
        coming = Publication.objects.filter(status=Publication.Status.PLANNED).order_by("due_at")
        following = coming.first()
        lines = [f"{counted(done, 'piece')} of work done."]
        lines += [f"{alarm.title}: {alarm.subject}. {alarm.words}" for alarm in wrong]
        if following:
            lines.append(f"Next: {following}, public on {following.due_at:%Y-%m-%d %H:%M %Z}.")
        return Report(
            data={"done": done, "alarms": [asdict(alarm) for alarm in wrong]},
            text="\n".join(lines),
            ok=not wrong,
        )
