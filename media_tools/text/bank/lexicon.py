"""Kinds of nouns, and which words go with every noun of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media_tools.assets import read_toml
from media_tools.text.bank.model import Noun, listed, noun


@dataclass(frozen=True)
class Kind:
    """A kind of nouns; `assets/words/lexicon.toml` explains the fields."""

    name: str
    prepositions: tuple[str, ...]
    adjectives: tuple[str, ...]
    verbs: tuple[str, ...]
    events: tuple[str, ...]
    nouns: tuple[Noun, ...]
    hide: tuple[str, ...] = ()
    determiners: str = "any"
    small: bool = False
    scene: bool = False


def _kind(name: str, table: dict[str, Any]) -> Kind:
    words = {key: listed(value) for key, value in table.items() if isinstance(value, str)}
    words.pop("determiners", None)
    return Kind(**{**table, **words, "name": name, "nouns": tuple(map(noun, words["nouns"]))})


KINDS: dict[str, Kind] = {
    name: _kind(name, table) for name, table in read_toml("words", "lexicon").items()
}
