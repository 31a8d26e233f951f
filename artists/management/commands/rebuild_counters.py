"""Compute the artists' counters from their history."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from ai_artist.kit.values import counted
from artists.lifecycle.history import rebuild_counters
from artists.models import Artist


class Command(JsonCommand):
    help = "Recompute approvals, rejections, failures and streaks from the performance history."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--artist", metavar="SLUG", help="Only this artist.")

    def perform(self, **options: Any) -> Report:
        artists = Artist.objects.all()
        if options["artist"]:
            artists = artists.filter(slug=options["artist"])
            if not artists.exists():
                raise bad_usage(f"There is no artist {options['artist']!r}.")
        ids = list(artists.order_by("pk").values_list("pk", flat=True))
        changed = rebuild_counters(ids)
        return Report(
            data={"artists": len(ids), "changed": changed},
            text=f"{counted(len(ids), 'artist')} checked, {changed} corrected.",
        )
