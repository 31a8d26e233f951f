"""The notation of the bank, and the dataclasses it is read into.

- an act begins with a bare verb: "turn the key";
- an event is "subject: bare verb" with "*" after a plural subject: "the sirens*: rise";
- a hook is "Title | sentence";
- a noun with "*" is plural: "headlights*".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """An event such as "the radio" and "hum"."""

    subject: str
    verb: str
    plural: bool


@dataclass(frozen=True)
class Hook:
    """A title and the chorus line it comes from; both may contain gaps."""

    title: str
    line: str


@dataclass(frozen=True)
class Noun:
    """A noun without its article."""

    text: str
    plural: bool


# Nouns by their kind (lexicon.py).
Nouns = Mapping[str, tuple[Noun, ...]]


@dataclass(frozen=True)
class Theme:
    """What a song can be about. name: as in a persona ("night drives")."""

    name: str
    matches: tuple[str, ...]
    mood_words: tuple[str, ...]
    places: tuple[str, ...]
    acts: tuple[str, ...]
    events: tuple[Event, ...]
    things: tuple[str, ...]
    plurals: tuple[str, ...]
    adjectives: tuple[str, ...]
    visuals: tuple[str, ...]
    nouns: Nouns


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text, separated by white space."""
    return tuple(text.split())


def listed(text: str) -> tuple[str, ...]:
    """Return the phrases of a text, separated by commas."""
    return tuple(part.strip() for part in text.split(","))


def event(text: str) -> Event:
    """Parse an event. Raises ValueError if the colon is missing."""
    subject, verb = (part.strip() for part in text.split(":"))
    return Event(subject=subject.rstrip("*"), verb=verb, plural=subject.endswith("*"))


def hook(text: str) -> Hook:
    """Parse a hook. Raises ValueError if the bar is missing."""
    title, line = (part.strip() for part in text.split("|"))
    return Hook(title=title, line=line)


def noun(text: str) -> Noun:
    """Parse a noun."""
    return Noun(text=text.rstrip("*"), plural=text.endswith("*"))


def nouns(table: Mapping[str, str]) -> Nouns:
    """Parse nouns by kind."""
    return {kind: tuple(map(noun, listed(text))) for kind, text in table.items()}
