"""Fills the gaps of templates, hooks and stories with a theme's words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media_tools.text import grammar
from media_tools.text.bank.model import Event, Theme, tokens
from media_tools.text.dice import Dice
from media_tools.text.lessons import uses_word
from media_tools.text.phonemes import WEAK_WORDS, clean_words

_GAP = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=([\w'-]+))")

_ACT_FORMS = {"act": "bare", "acting": "continuous", "acted": "past", "acts": "third_person"}
_EVENT_FORMS = {
    "event": "present",
    "event_past": "past",
    "event_ing": "continuous",
    "event_bare": "bare",
}

_SMALL_IN_TITLES = frozenset(tokens("a an and at but by for from in of on or the to with"))


@dataclass(frozen=True)
class Words:
    """A theme's words without those that a lesson excludes."""

    places: tuple[str, ...]
    acts: tuple[str, ...]
    events: tuple[Event, ...]
    things: tuple[str, ...]
    plurals: tuple[str, ...]
    adjectives: tuple[str, ...]

    @classmethod
    def of(cls, theme: Theme, avoided: frozenset[str]) -> Words:
        """Return a theme's words; a kind that would lose all its words keeps them."""

        def kept(items: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(item for item in items if not uses_word(item, avoided)) or items

        events = tuple(
            event
            for event in theme.events
            if not uses_word(f"{event.subject} {event.verb}", avoided)
            and not uses_word(grammar.event_clause(event, "past"), avoided)
        )
        return cls(
            places=kept(theme.places),
            acts=kept(theme.acts),
            events=events or theme.events,
            things=kept(theme.things),
            plurals=kept(theme.plurals),
            adjectives=kept(theme.adjectives),
        )

    def fill(self, gap: str, dice: Dice) -> str | None:
        """Return words for a gap of the notation in bank/templates.py, or None for another gap."""
        kind = gap.rstrip("2")
        if kind in _ACT_FORMS:
            return grammar.with_verb(dice.pick(self.acts), _ACT_FORMS[kind])
        if kind in _EVENT_FORMS:
            return grammar.event_clause(dice.pick(self.events), _EVENT_FORMS[kind])
        kinds: Mapping[str, Sequence[str]] = {
            "place": self.places,
            "thing": self.things,
            "plural": self.plurals,
            "adj": self.adjectives,
        }
        return dice.pick(kinds[kind]) if kind in kinds else None


def gaps(text: str) -> list[str]:
    """Return the names of the gaps in order."""
    return _GAP.findall(text)


def with_articles(text: str) -> str:
    """Correct articles by sound: "a amber key" -> "an amber key"."""

    def fixed(match: re.Match[str]) -> str:
        chosen = grammar.article(match.group(2))
        return f"{chosen.capitalize() if match.group(1) == 'A' else chosen} "

    return _ARTICLE.sub(fixed, text)


def fill(text: str, words: Words, dice: Dice, given: Mapping[str, str] | None = None) -> str:
    """Return the text with every gap filled; a gap named twice gets the same words.

    given: words for some gaps. A gap with a capital ("{Adj}") is filled in title case.
    Raises KeyError for an unknown gap.
    """
    chosen: dict[str, str] = dict(given or {})

    def word_for(match: re.Match[str]) -> str:
        gap = match.group(1)
        name = gap[0].lower() + gap[1:]
        if gap in chosen:
            return chosen[gap]
        if name not in chosen:
            filled = words.fill(name, dice)
            if filled is None:
                raise KeyError(gap)
            chosen[name] = filled
        return title_case(chosen[name]) if gap != name else chosen[name]

    return with_articles(_GAP.sub(word_for, text))


def title_case(text: str) -> str:
    """Return "the paper cup" as "The Paper Cup", "coast of glass" as "Coast of Glass"."""
    parts = text.split()
    return " ".join(
        part
        if index and index < len(parts) - 1 and part.lower() in _SMALL_IN_TITLES
        else part[:1].upper() + part[1:]
        for index, part in enumerate(parts)
    )


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def content_words(text: str) -> tuple[str, ...]:
    """Return the words that carry meaning, in order."""
    return tuple(word for word in clean_words(text) if word not in WEAK_WORDS)


def repeats_itself(text: str) -> bool:
    """Whether two content words are the same or built on one: "light" and "lighter"."""
    words = sorted(content_words(text))
    return any(
        later == word or (len(word) > 3 and later.startswith(word))
        for word, later in itertools.pairwise(words)
    )
