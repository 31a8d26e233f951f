"""Create one artist: `create_artist --genre folk --seed 7`."""

from __future__ import annotations

import dataclasses
import random
import secrets
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from artists.roster import RosterError, create_artist, taken_names
from media_tools.errors import ProviderError
from media_tools.genres import NAMES
from media_tools.text.base import PersonaBrief
from media_tools.text.offline import OfflineWriter

SEED_LIMIT = 2**31


class Command(JsonCommand):
    help = "Let the offline writer invent an artist and add it to the roster as a candidate."
    refusals = (RosterError, ProviderError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--genre", choices=NAMES, help="Without it, drawn by the seed.")
        parser.add_argument("--seed", type=int, help="The same seed gives the same artist.")
        parser.add_argument("--name", help="Stage name instead of the invented one.")

    def perform(self, **options: Any) -> Report:
        seed = secrets.randbelow(SEED_LIMIT) if options["seed"] is None else options["seed"]
        name = options["name"]
        if name is not None and not name.strip():
            raise bad_usage("--name must not be empty.")
        genre = options["genre"] or random.Random(seed).choice(NAMES)
        persona = OfflineWriter().persona(
            PersonaBrief(genre=genre, taken_names=taken_names(), seed=seed)
        )
        if name:
            persona = dataclasses.replace(persona, name=name.strip())
        artist = create_artist(
            persona=persona, now=timezone.now(), reason=f"create_artist with seed {seed}"
        )
        return Report(
            data={
                "id": artist.pk,
                "slug": artist.slug,
                "name": artist.name,
                "genre": artist.genre,
                "status": artist.status,
                "seed": seed,
            },
            text=f"{artist} ({artist.genre}) is a new candidate; slug {artist.slug}, seed {seed}.",
        )
