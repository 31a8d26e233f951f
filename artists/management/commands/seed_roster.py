"""Fill the roster with the starter artists."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.kit.values import counted
from artists.models import Artist
from artists.starter_roster import STARTER_ROSTER, seed_roster


class Command(JsonCommand):
    help = "Add the missing starter artists; existing ones stay as they are."

    def perform(self, **options: Any) -> Report:
        created, kept = seed_roster(timezone.now())
        names = {persona.name.lower() for persona in STARTER_ROSTER}
        artists = [a for a in Artist.objects.order_by("name") if a.name.lower() in names]
        lines = [f"{counted(created, 'artist')} created, {kept} kept."]
        lines += [f"  {a.slug:<22} {a.genre:<14} {a.status}" for a in artists]
        return Report(
            data={
                "created": created,
                "kept": kept,
                "artists": [
                    {
                        "id": artist.pk,
                        "slug": artist.slug,
                        "name": artist.name,
                        "genre": artist.genre,
                        "status": artist.status,
                    }
                    for artist in artists
                ],
            },
            text="\n".join(lines),
        )
