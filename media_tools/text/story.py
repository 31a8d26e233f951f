"""The plan behind a song: who, what they did, where, what was left, what the speaker does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from media_tools.text.bank.voices import Somebody, Voice
from media_tools.text.bank.words import STORIES
from media_tools.text.dice import Dice
from media_tools.text.filling import with_articles
from media_tools.text.grammar import YOU, Person, past
from media_tools.text.lessons import uses_word
from media_tools.text.phonemes import clean_words

_SPEAKS_TO = frozenset(("you", "your", "you're", "you'll", "yours", "you've"))


@dataclass(frozen=True)
class Plan:
    """What a song tells. did and turn begin with a bare verb; obj has no article."""

    who: Somebody
    did: str
    where: str
    obj: str
    turn: str

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.who.who, self.did, self.where, self.obj, self.turn)


def in_past(act: str, person: Person) -> str:
    """Return "left her glove behind" for "leave {D} glove behind"."""
    verb, _, rest = act.replace("{D}", person.possessive).partition(" ")
    return f"{past(verb)} {rest}".rstrip()


def draw_plan(voice: Voice, avoided: frozenset[str], dice: Dice) -> Plan:
    """Draw a plan without avoided words as far as the voice has others."""

    def pick(items: Sequence[str]) -> str:
        return dice.pick([item for item in items if not uses_word(item, avoided)] or items)

    who = dice.pick(voice.people)
    did = pick(voice.did)
    turn = pick([act for act in voice.turns if act != did])
    return Plan(who, did, pick(voice.places), pick(voice.objects), turn)


def tell(plan: Plan, dice: Dice) -> str:
    """Return the plan as a story of two sentences."""
    told = dice.pick(STORIES).format(
        who=plan.who.who,
        did=in_past(plan.did, plan.who.person),
        where=plan.where,
        obj=plan.obj,
        turn=in_past(plan.turn, YOU),
    )
    told = re.sub(r"(?:^|(?<=\. ))[a-z]", lambda match: match[0].upper(), told)
    return with_articles(told)


def plan_of(story: str, voice: Voice, avoided: frozenset[str], dice: Dice) -> Plan:
    """Find the plan that a story tells; what it does not tell is drawn."""
    told = story.casefold()
    drawn = draw_plan(voice, avoided, dice)
    who = next((one for one in voice.people if one.who.casefold() in told), drawn.who)

    def found(items: Sequence[str], otherwise: str) -> str:
        """Return the longest of the texts that the story holds."""
        longest_first = sorted(items, key=len, reverse=True)
        return next((item for item in longest_first if item.casefold() in told), otherwise)

    def done(acts: Sequence[str], doer: str, person: Person, otherwise: str) -> str:
        """Return the act that the story says somebody did."""
        said = (act for act in acts if f"{doer} {in_past(act, person)}".casefold() in told)
        return next(said, otherwise)

    return Plan(
        who=who,
        did=done(voice.did, who.who, who.person, drawn.did),
        where=found(voice.places, drawn.where),
        obj=found(voice.objects, drawn.obj),
        turn=done(voice.turns, "I", YOU, drawn.turn),
    )


def person_of(hook: str, plan: Plan, dice: Dice) -> Person:
    """Return whom the song speaks to or about: as its hook does, or else either."""
    words = frozenset(clean_words(hook))
    if words & _SPEAKS_TO:
        return YOU
    third = {plan.who.person.subject, plan.who.person.object, plan.who.person.possessive}
    if words & third:
        return plan.who.person
    return YOU if dice.chance(0.5) else plan.who.person
