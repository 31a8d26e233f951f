"""What music and speech of ElevenLabs share: its address, and the words of its error answers."""

from __future__ import annotations

from typing import Any

from media_tools import foreign

NAME = "elevenlabs"
BASE_URL = "https://api.elevenlabs.io"


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
