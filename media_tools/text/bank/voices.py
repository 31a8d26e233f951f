"""What artists write about: people, acts, things and places of the plans behind their songs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media_tools.assets import read_folder
from media_tools.text.bank.model import Theme
from media_tools.text.bank.words import PEOPLE_IN_SONGS
from media_tools.text.grammar import PRONOUNS, Person


@dataclass(frozen=True)
class Somebody:
    """A person a song is about, and the pronoun for them."""

    who: str  # "my sister"
    person: Person


@dataclass(frozen=True)
class Voice:
    """What an artist draws plans from."""

    people: tuple[Somebody, ...]
    did: tuple[str, ...]  # acts of that person
    turns: tuple[str, ...]  # acts of the speaker
    objects: tuple[str, ...]
    places: tuple[str, ...]
    adjectives: tuple[str, ...]  # for titles
    leads: tuple[str, ...]  # when things happen in the artist's songs: "Near closing"


def somebody(text: str) -> Somebody:
    """Parse "my sister: she"."""
    who, pronoun = (part.strip() for part in text.split(":"))
    return Somebody(who, PRONOUNS[pronoun])


def _voice(table: dict[str, Any]) -> Voice:
    return Voice(
        people=tuple(map(somebody, table["people"])),
        did=tuple(table["did"]),
        turns=tuple(table["turns"]),
        objects=tuple(table["objects"]),
        places=tuple(table["places"]),
        adjectives=tuple(table["adjectives"]),
        leads=tuple(table["leads"]),
    )


VOICES: dict[str, Voice] = {
    table["name"].casefold(): _voice(table) for table in read_folder("words", "voices")
}


def voice_of(artist: str, theme: Theme) -> Voice:
    """Return an artist's own voice, or else one made of the theme's words."""
    own = VOICES.get(artist.casefold())
    return own or Voice(
        people=tuple(map(somebody, PEOPLE_IN_SONGS)),
        did=theme.acts,
        turns=theme.acts,
        objects=theme.things,
        places=theme.places,
        adjectives=theme.adjectives,
        leads=(),
    )
