"""The starter roster: one hand-written artist per genre, kept in assets/roster/."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from artists.models import Artist
from artists.roster import create_artist, taken_names
from media_tools.assets import read_toml
from media_tools.text.base import Persona


def _persona(table: dict[str, Any]) -> Persona:
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Persona(**{**table, **lists})


STARTER_ROSTER = tuple(map(_persona, read_toml("roster", "starter")["artist"]))


def seed_roster(now: datetime) -> tuple[int, int]:
    """Add the missing starter artists as candidates. Returns (created, kept).

    An artist that exists, even retired or edited, stays as it is.
    """
    taken = taken_names()
    missing = [persona for persona in STARTER_ROSTER if persona.name.lower() not in taken]
    for persona in missing:
        create_artist(
            persona=persona, now=now, status=Artist.Status.CANDIDATE, reason="Starter roster"
        )
    return len(missing), len(STARTER_ROSTER) - len(missing)
