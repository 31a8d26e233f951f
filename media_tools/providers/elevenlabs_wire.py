"""What music and speech of ElevenLabs share: its address, account and words of error answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from media_tools import foreign
from media_tools.providers.replies import Label, Reply, Whole

NAME = "elevenlabs"
BASE_URL = "https://api.elevenlabs.io"


class Subscription(Reply):
    """The account's plan and what is left of it; a restricted key sees less."""

    tier: Label = ""
    character_count: Whole | None = None
    character_limit: Whole | None = None
    voice_slots_used: Whole | None = None
    voice_limit: Whole | None = None

    @property
    def left(self) -> Decimal | None:
        """Characters, which are credits too; None where it is not told."""
        if self.character_count is None or self.character_limit is None:
            return None
        return Decimal(self.character_limit - self.character_count)


def error_word(detail: Any) -> str:
    """The word that tells errors of one HTTP status apart, or ""."""
    told = foreign.fields(detail)
    return foreign.label(told.get("status") or told.get("code"), longest=80)


def field_errors(errors: list[Any]) -> str:
    """The sentences of a list of {loc, msg, type}."""
    found = []
    for error in map(foreign.fields, errors[:5]):
        where = ".".join(map(foreign.label, foreign.items(error.get("loc"), 5)))
        found.append(f"{where}: {foreign.label(error.get('msg'))}")
    return foreign.label("; ".join(found) or "no details", longest=300)
