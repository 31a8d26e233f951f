"""The dataclasses the bank is read into, and the notation of hooks: "Title | sentence"."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hook:
    """A title and the chorus line it comes from; both may contain gaps."""

    title: str
    line: str


@dataclass(frozen=True)
class Theme:
    """What a song can be about. name: as in a persona ("night drives")."""

    name: str
    matches: tuple[str, ...]
    mood_words: tuple[str, ...]
    places: tuple[str, ...]
    acts: tuple[str, ...]
    things: tuple[str, ...]
    plurals: tuple[str, ...]
    adjectives: tuple[str, ...]
    visuals: tuple[str, ...]


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text, separated by white space."""
    return tuple(text.split())


def hook(text: str) -> Hook:
    """Parse a hook. Raises ValueError if the bar is missing."""
    title, line = (part.strip() for part in text.split("|"))
    return Hook(title=title, line=line)
