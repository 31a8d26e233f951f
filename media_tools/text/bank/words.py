"""Names, backstories, titles, and words to avoid, read from `assets/words/`."""

from __future__ import annotations

from dataclasses import dataclass

from media_tools.assets import read_toml
from media_tools.text.bank.model import hook

Words = tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """Parts of invented stage names."""

    given: Words
    family_starts: Words
    family_ends: Words
    collective_words: Words
    collective_nouns: Words
    syllable_starts: Words
    syllable_vowels: Words
    syllable_middles: Words
    syllable_ends: Words


@dataclass(frozen=True)
class People:
    """Sentences for an artist's backstory."""

    first_rooms: Words
    first_listeners: Words
    rules: Words
    aims: Words


@dataclass(frozen=True)
class Avoid:
    """Worn phrases and explicit words."""

    cliches: Words
    explicit: Words


@dataclass(frozen=True)
class Artists:
    """Names of real artists. like_words: those that are ordinary words too."""

    names: Words
    like_words: Words


def _lists(name: str) -> dict[str, Words]:
    return {key: tuple(value) for key, value in read_toml("words", name).items()}


NAMES = Names(**_lists("names"))
PEOPLE = People(**_lists("people"))
AVOID = Avoid(**_lists("avoid"))
ARTISTS = Artists(**_lists("artists"))
_TITLES = _lists("titles")
HOOKS = tuple(map(hook, _TITLES["hooks"]))
TREND_HOOKS = tuple(map(hook, _TITLES["trend_hooks"]))
TREND_COUPLETS = _TITLES["trend_couplets"]
PEOPLE_IN_SONGS, STORIES = _TITLES["people"], _TITLES["stories"]
