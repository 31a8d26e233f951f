"""Composes phrases for the gaps of templates from the words of one song's world."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from media_tools.text import grammar
from media_tools.text.bank.lexicon import KINDS, Kind
from media_tools.text.bank.model import Event, Noun, Theme
from media_tools.text.bank.templates import Gap, Template
from media_tools.text.bank.voices import Voice
from media_tools.text.grammar import Person
from media_tools.text.lessons import uses_word
from media_tools.text.phonemes import last_word, rhyme_part
from media_tools.text.story import Plan

Item = TypeVar("Item")

_ANY = Gap("", "", "")

# Kinds of nouns besides those that every song has, and nouns of each that come again: one family of
# images. Only a line's last noun may be any of the world's.
_KINDS_OF_A_SONG = 10
_CORE_NOUNS = 3
_EVERYWHERE = ("body", "time", "idea", "person", "weather", "sky")
_ADJECTIVE = 0.18  # how often a noun has one
_ADJECTIVE_AT_END = 0.5
_ADJECTIVE_OF_LONG_NOUN = 0.12
_ADJECTIVE_OF_TIME = 0.95  # "the night" alone says little
_ACT = 0.12  # how often an act of the theme stands in for a composed one
_DEFINITE = frozenset(("last", "first", "next", "final", "whole", "best", "left", "own"))
_POSSESSIVE = frozenset(("own", "left", "best"))
# Determiners as often as they are drawn; D is the person's "your" or "her".
_SMALL = ("the", "the", "the", "the", "a", "a", "my", "my", "my", "D", "D")
_SCENE = ("the", "the", "the", "the", "the", "a", "a")
_IDEA = ("the", "a", "my", "D")
_PLURAL_SMALL = ("the", "the", "my", "D")
_OWN = ("my", "my", "D")
# Verbs nobody can be in the middle of.
_STATES = frozenset(
    ("trust", "remember", "forget", "forgive", "see", "hear", "miss", "find", "lose", "keep")
)
_VERB_FORMS = {
    "": "bare", "past": "past", "ing": "continuous", "3": "third_person", "s": "third_person",
}  # fmt: skip
_EVENT_FORMS = {"": "present", "past": "past", "ing": "continuous", "base": "bare"}


@dataclass(frozen=True)
class _World:
    """A kind's nouns and words in one song. core: those that come again."""

    kind: Kind
    nouns: tuple[Noun, ...]
    core: tuple[Noun, ...]
    by_sound: Mapping[tuple[str, ...], tuple[Noun, ...]]  # of the rhyme
    verbs: tuple[str, ...]
    lasting: tuple[str, ...]  # verbs that somebody can be in the middle of
    events: tuple[str, ...]
    adjectives: tuple[str, ...]


def nouns_of(kind: Kind, theme: Theme, voice: Voice) -> tuple[Noun, ...]:
    """Return the nouns of a kind in an artist's world: a voice's own before the theme's."""
    own = voice.nouns if voice.nouns else theme.nouns
    shared = kind.nouns if kind.name in _EVERYWHERE else ()
    return tuple(dict.fromkeys((*own.get(kind.name, ()), *shared)))


def closing_words(theme: Theme, voice: Voice) -> dict[tuple[str, ...], frozenset[str]]:
    """Return the last words of the nouns of an artist's world, by their rhyme."""
    words: dict[tuple[str, ...], frozenset[str]] = defaultdict(frozenset)
    for kind in KINDS.values():
        for noun in nouns_of(kind, theme, voice):
            words[rhyme_part(noun.text)] |= {last_word(noun.text)}
    return dict(words)


class Phrases:
    """The words of one song.

    rng: draws them. aim: if set, a sound that the last noun of a line shall end with.
    """

    def __init__(
        self,
        *,
        theme: Theme,
        voice: Voice,
        plan: Plan,
        person: Person,
        avoided: frozenset[str],
        rng: random.Random,
    ) -> None:
        self.rng = rng
        self.aim: tuple[str, ...] = ()
        self.person = person
        self.plan = plan
        self._avoided = avoided
        acts = (*voice.did, *voice.turns) if voice.nouns else theme.acts
        self.acts = self._kept([act for act in acts if act not in (plan.did, plan.turn)])
        self.events = self._kept_events(theme.events)
        self._own_events = not voice.nouns
        self._worlds = {name: self._world(kind, theme, voice) for name, kind in KINDS.items()}
        drawn = [
            name
            for name, kind in KINDS.items()
            if name not in _EVERYWHERE and nouns_of(kind, theme, voice)
        ]
        self.kinds = frozenset((*drawn, *_EVERYWHERE))
        rng.shuffle(drawn)
        chosen = [self._worlds[name] for name in drawn[:_KINDS_OF_A_SONG]]
        always = [self._worlds[name] for name in _EVERYWHERE]
        family = [*chosen, *always]
        small = [world for world in self._worlds.values() if world.kind.small]
        self._small = [world for world in small if world in family] or small
        self._hidden = [world for world in family if world.kind.hide]
        self._scenes = [world for world in family if world.kind.scene]
        self._things = [*chosen, self._worlds["person"]]
        self._counted = [world for world in self._things if world.kind.determiners == "any"]
        self._doing = [*chosen, *chosen, *always]
        self._done = [*chosen, self._worlds["weather"]]
        self._last = False

    def _kept(self, items: Sequence[str]) -> tuple[str, ...]:
        avoided = self._avoided
        return tuple(item for item in items if not uses_word(item, avoided)) or tuple(items)

    def _kept_events(self, events: Sequence[Event]) -> tuple[Event, ...]:
        kept = [
            event
            for event in events
            if not uses_word(grammar.event_clause(event, "past"), self._avoided)
            and not uses_word(grammar.event_clause(event, "bare"), self._avoided)
        ]
        return tuple(kept or events)

    def _world(self, kind: Kind, theme: Theme, voice: Voice) -> _World:
        nouns = nouns_of(kind, theme, voice) or kind.nouns
        free = tuple(n for n in nouns if not uses_word(n.text, self._avoided)) or nouns
        verbs = self._kept(kind.verbs)
        by_sound: dict[tuple[str, ...], tuple[Noun, ...]] = defaultdict(tuple)
        for noun in free:
            by_sound[rhyme_part(noun.text)] += (noun,)
        return _World(
            kind=kind,
            nouns=free,
            core=tuple(self.rng.sample(free, min(_CORE_NOUNS, len(free)))),
            by_sound=dict(by_sound),
            verbs=verbs,
            lasting=tuple(verb for verb in verbs if verb not in _STATES) or verbs,
            events=self._kept(kind.events),
            adjectives=self._kept(kind.adjectives),
        )

    def _pick(self, items: Sequence[Item]) -> Item:
        return items[int(self.rng.random() * len(items))]

    # Nouns

    def _noun(self, world: _World, *, singular: bool = False) -> Noun:
        """Draw a noun: any of the world's at the end of a line, or else one that comes again."""
        nouns = world.nouns if self._last else world.core
        if self._last and self.aim:
            nouns = world.by_sound.get(self.aim, nouns)
        if singular:
            nouns = tuple(n for n in nouns if not n.plural) or world.kind.nouns
        return self._pick(nouns)

    def _modified(self, world: _World, noun: Noun) -> tuple[str, str]:
        """Return the adjective, or "", and the noun with it."""
        often = _ADJECTIVE_AT_END if self._last else _ADJECTIVE
        if world.kind.name == "time":
            often = _ADJECTIVE_OF_TIME
        if " " in noun.text:
            often = _ADJECTIVE_OF_LONG_NOUN
        if self.rng.random() >= often:
            return "", noun.text
        adjective = self._pick(world.adjectives)
        if adjective in noun.text.split():
            return "", noun.text
        return adjective, f"{adjective} {noun.text}"

    def _determiner(self, world: _World, noun: Noun, adjective: str) -> str:
        kind = world.kind
        if kind.determiners == "the":
            return "the"
        if kind.determiners == "own" or adjective in _POSSESSIVE:
            choices: Sequence[str] = _OWN
        elif noun.plural:
            choices = _PLURAL_SMALL if kind.small else ("the",)
        elif kind.name == "idea":
            choices = _IDEA
        else:
            choices = _SMALL if kind.small else _SCENE
        chosen = self._pick(choices)
        if chosen == "a" and adjective in _DEFINITE:
            return "the"
        return self.person.possessive if chosen == "D" else chosen

    def _noun_phrase(self, world: _World) -> tuple[str, bool]:
        """Return a noun with its article, and whether it is plural."""
        noun = self._noun(world)
        adjective, text = self._modified(world, noun)
        return f"{self._determiner(world, noun, adjective)} {text}", noun.plural

    def _singular(self, world: _World) -> str:
        noun = self._noun(world, singular=True)
        adjective, text = self._modified(world, noun)
        return noun.text if adjective in _DEFINITE else text

    def _of_kind(self, gap: Gap, worlds: Sequence[_World]) -> _World:
        if gap.kind:
            return self._worlds[gap.kind]
        if self._last and self.aim:
            worlds = [world for world in worlds if self.aim in world.by_sound] or worlds
        return self._pick(worlds)

    def can_end(self, sound: tuple[str, ...]) -> bool:
        """Whether a noun of this world ends with a sound."""
        return any(sound in world.by_sound for world in self._worlds.values())

    # Clauses

    def _act(self, form: str) -> str:
        """Return what a person does. form: as grammar.with_verb's."""
        if self.rng.random() < _ACT and not (self._last and self.aim):
            return self._with_form(self._pick(self.acts), form)
        world = self._of_kind(_ANY, self._doing)
        verbs = world.lasting if form == "continuous" else world.verbs
        verb = grammar.with_verb(self._pick(verbs), form)
        return f"{verb} {self._noun_phrase(world)[0]}"

    def _event(self, form: str) -> str:
        if self._own_events and self.rng.random() < _ACT:
            return grammar.event_clause(self._pick(self.events), form)
        world = self._pick(self._done)
        self._last = False  # the verb ends the line
        subject, plural = self._noun_phrase(world)
        return grammar.event_clause(Event(subject, self._pick(world.events), plural), form)

    def _with_form(self, act: str, form: str) -> str:
        return grammar.with_verb(act.replace("{D}", self.person.possessive), form)

    # Gaps

    def fill(self, template: Template, given: dict[str, str]) -> str:
        """Return a line for the template. given: words for further gaps."""
        said = []
        last = template.parts[-1]
        for part in template.parts:
            self._last = part is last
            said.append(
                part if isinstance(part, str) else given.get(part.name) or self._filled(part)
            )
        return "".join(said)

    def _filled(self, gap: Gap) -> str:
        """Return words for a gap. Raises KeyError for an unknown one."""
        name, person = gap.name, self.person
        if name == "vp":
            bare = gap.form == "s" and person.plural
            return self._act("bare" if bare else _VERB_FORMS[gap.form])
        if name == "ev":
            return self._event(_EVENT_FORMS[gap.form])
        if name == "pp":
            world = self._of_kind(gap, self._scenes)
            prepositions = world.kind.prepositions
            return f"{self._pick(prepositions)} {self._noun_phrase(world)[0]}"
        if name == "hide":
            world = self._of_kind(gap, self._hidden)
            return f"{self._pick(world.kind.hide)} {self._noun_phrase(world)[0]}"
        if name == "np":
            return self._noun_phrase(self._of_kind(gap, self._things))[0]
        if name == "thing":
            return self._noun_phrase(self._of_kind(gap, self._small))[0]
        if name in ("a", "n"):
            text = self._singular(self._of_kind(gap, self._counted))
            return f"a {text}" if name == "a" else text
        if name in ("did", "turn"):
            act = self.plan.did if name == "did" else self.plan.turn
            return self._with_form(act, _VERB_FORMS[gap.form])
        return {
            "S": person.subject,
            "O": person.object,
            "D": person.possessive,
            "are": "are" if person.plural else "is",
            "were": "were" if person.plural else "was",
            "have": "have" if person.plural else "has",
            "do": "do" if person.plural else "does",
            "obj": self.plan.obj,
            "where": self.plan.where,
            "who": self.plan.who.who,
        }[name]
