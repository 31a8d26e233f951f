"""Couplets and choruses written by people, which songs are put together from.

One file of `assets/words/songbooks/` for each artist of the starter roster and for each theme. A
couplet is "line / line"; "[a|b]" in a line offers a choice; gaps name the plan or the person:

{obj} the thing, {did} what the person did, {turn} what the speaker did then (both in the past),
{where} the place, {who} "my sister", {trend} what people talk about; {S} {O} {D} you/she, you/her,
your/her, {were} with {S}.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from media_tools.assets import read_folder
from media_tools.text.bank.model import Hook, Theme, hook
from media_tools.text.bank.words import TREND_COUPLETS
from media_tools.text.phonemes import clean_words

# What a couplet does in a song: verses say where and when, what somebody did, what the speaker did
# and what came of it; then before the chorus, the bridge, the end; and between a hook and itself.
JOBS = ("scene", "deed", "turn", "after", "lift", "bridge", "close", "frame")

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
SPEAKS_TO = frozenset(("you", "your", "you're", "you'll", "yours", "you've", "you'd"))


@dataclass(frozen=True)
class Stanza:
    """Lines that belong together. parts: of each line its parts, of each part its choices."""

    text: str
    parts: tuple[tuple[tuple[str, ...], ...], ...]

    def drawn(self, rng: random.Random) -> tuple[str, ...]:
        """Return the lines with one choice of each, gaps left open."""
        return tuple(
            "".join(choices[int(rng.random() * len(choices))] for choices in line)
            for line in self.parts
        )

    @cached_property
    def speaks_to_somebody(self) -> bool:
        return bool(SPEAKS_TO.intersection(clean_words(self.text)))

    @cached_property
    def names_somebody(self) -> bool:
        return "{who}" in self.text


@dataclass(frozen=True)
class Chorus:
    """A hook, and the ways its chorus can go on after it."""

    hook: Hook
    rest: tuple[Stanza, ...]


@dataclass(frozen=True)
class Songbook:
    """What one artist, or everybody who sings of a theme, sings."""

    couplets: Mapping[str, tuple[Stanza, ...]]
    choruses: tuple[Chorus, ...]


def stanza(text: str) -> Stanza:
    """Parse lines separated by " / "."""
    return Stanza(text, tuple(map(_parts, text.split(" / "))))


def _parts(line: str) -> tuple[tuple[str, ...], ...]:
    # Every second part stood in brackets.
    pieces = enumerate(_CHOICE.split(line))
    return tuple(tuple(piece.split("|")) if place % 2 else (piece,) for place, piece in pieces)


def _stanzas(texts: Iterable[str]) -> tuple[Stanza, ...]:
    return tuple(map(stanza, texts))


def _songbook(table: dict[str, Any]) -> Songbook:
    return Songbook(
        couplets={job: _stanzas(table[job]) for job in JOBS},
        choruses=tuple(
            Chorus(hook(one["hook"]), _stanzas(one["chorus"])) for one in table["hooks"]
        ),
    )


TRENDS = _stanzas(TREND_COUPLETS)


@cache
def songbooks() -> dict[str, Songbook]:
    """Return all songbooks by the name of their artist or theme, in small letters.

    Read when the first song is planned: most processes write none.
    """
    tables = read_folder("words", "songbooks")
    return {table["of"].casefold(): _songbook(table) for table in tables}


def songbooks_of(artist: str, theme: Theme) -> tuple[Songbook, ...]:
    """Return an artist's own songbook, if there is one, and then that of the theme."""
    own = songbooks().get(artist.casefold())
    of_theme = songbooks()[theme.name.casefold()]
    return (own, of_theme) if own else (of_theme,)
