"""Asks for a new artist."""

from __future__ import annotations

from typing import Any

from media_tools import fonts
from media_tools.seeds import stream
from media_tools.text.artist_names import real_artists
from media_tools.text.base import CONCEPT_SCHEMA, Persona, PersonaBrief
from media_tools.text.checks import explicit_words, undrawable
from media_tools.text.prompts import (
    Complaint,
    Task,
    closed_object,
    instructions,
    word_list,
    words,
)

# More names would only make the prompt expensive; the rest is checked after the answer.
NAMES_SHOWN = 120

# Texts about the artist that name no real one: prompts are made of them.
_NAMELESS = ("backstory", "voice", "style_notes", "visual_style")
KEY = CONCEPT_SCHEMA["properties"]["key"]
_TEMPO = {"type": "integer", "minimum": 40, "maximum": 220}

SCHEMA = closed_object(
    {
        "name": words(80),
        "backstory": words(1500),
        "voice": words(600),
        "themes": word_list(3, 5, maximum=60),
        "audience": words(400),
        "style_notes": words(600),
        "visual_style": words(600),
        "tempo_min_bpm": _TEMPO,
        "tempo_max_bpm": _TEMPO,
        "keys": {"type": "array", "items": KEY, "minItems": 2, "maxItems": 4},
    }
)


def task(brief: PersonaBrief) -> Task[Persona]:
    """Ask for a persona; its name must be new and not a real artist's."""
    taken = sorted(brief.taken_names)
    if len(taken) > NAMES_SHOWN:
        chosen = stream("names shown", brief.seed).choice(len(taken), NAMES_SHOWN, replace=False)
        taken = [taken[index] for index in sorted(chosen)]

    def complaints(data: dict[str, Any]) -> list[Complaint]:
        if why := undrawable(data["name"]):
            return [Complaint(f"$.name: {why}")]
        name = fonts.drawable(data["name"])
        faults = []
        if name.lower() in brief.taken_names:
            faults.append(Complaint(f"$.name: {name!r} is taken; invent another"))
        if real_artists(name) or explicit_words(name):
            faults.append(Complaint(f"$.name: {name!r} cannot be used; invent another"))
        if named := real_artists("\n".join(data[text] for text in _NAMELESS)):
            faults.append(Complaint(f"$: names a real artist ({', '.join(named)}); leave it out"))
        if data["tempo_min_bpm"] > data["tempo_max_bpm"]:
            faults.append(Complaint("$.tempo_max_bpm: is below tempo_min_bpm", fatal=False))
        return faults

    def read(data: dict[str, Any]) -> Persona:
        low, high = sorted((data["tempo_min_bpm"], data["tempo_max_bpm"]))
        return Persona(
            name=fonts.drawable(data["name"]),
            genre=brief.genre,
            backstory=data["backstory"].strip(),
            voice=data["voice"].strip(),
            themes=tuple(dict.fromkeys(data["themes"])),
            audience=data["audience"].strip(),
            style_notes=data["style_notes"].strip(),
            visual_style=data["visual_style"].strip(),
            tempo_min_bpm=low,
            tempo_max_bpm=high,
            keys=tuple(dict.fromkeys(data["keys"])),
        )

    return Task(
        purpose="persona",
        instructions=instructions("persona"),
        data={"genre": brief.genre, "names_taken": taken, "variation": brief.seed % 100_000},
        schema=SCHEMA,
        cap_tokens=4000,
        seed=brief.seed,
        complaints=complaints,
        read=read,
    )
