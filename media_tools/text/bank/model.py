"""The notation of the bank, and the dataclasses it is read into.

- an act begins with a bare verb: "turn the key";
- an event is "subject: bare verb" with "*" after a plural subject: "the sirens*: rise";
- a hook is "Title | line of the chorus" and may contain the gaps {adj}, {thing} and {plural}.

Kinds of line endings: T a tail that can follow any clause ("in the pale blue light"), N a noun
phrase with its article ("a light on the hill"), V a bare verb phrase a person can do ("let it go"),
A a predicate for persons and things ("out of sight").
"""

from __future__ import annotations

from dataclasses import dataclass

ENDING_KINDS = ("T", "N", "V", "A")


@dataclass(frozen=True)
class Ending:
    """A phrase that ends a line. kind: one of ENDING_KINDS."""

    kind: str
    text: str

    @property
    def last_word(self) -> str:
        return self.text.split()[-1]


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
    endings: tuple[Ending, ...]
    hooks: tuple[Hook, ...]
    stories: tuple[str, ...]
    visuals: tuple[str, ...]


def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text, separated by white space."""
    return tuple(text.split())


def event(text: str) -> Event:
    """Parse an event. Raises ValueError if the colon is missing."""
    subject, verb = (part.strip() for part in text.split(":"))
    return Event(subject=subject.rstrip("*"), verb=verb, plural=subject.endswith("*"))


def hook(text: str) -> Hook:
    """Parse a hook. Raises ValueError if the bar is missing."""
    title, line = (part.strip() for part in text.split("|"))
    return Hook(title=title, line=line)
