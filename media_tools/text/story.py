"""The plan behind a song: who, what they did, where, what was left, what the speaker does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from media_tools.text.bank.songbooks import SPEAKS_TO
from media_tools.text.bank.voices import Somebody, Voice
from media_tools.text.bank.words import STORIES
from media_tools.text.dice import Dice
from media_tools.text.filling import with_articles
from media_tools.text.grammar import PRONOUNS, YOU, Person, past
from media_tools.text.lessons import uses_word
from media_tools.text.phonemes import clean_words


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

    did = done(voice.did, who.who, who.person, drawn.did)
    turn = done(voice.turns, "I", YOU, drawn.turn)
    # What an act names is not what the story is about.
    for act in (in_past(did, who.person), in_past(turn, YOU)):
        told = told.replace(act.casefold(), " ")
    return Plan(
        who=who,
        did=did,
        where=found(voice.places, drawn.where),
        obj=found(voice.objects, drawn.obj),
        turn=turn,
    )


def person_of(hook: str, refrain: str, plan: Plan, dice: Dice) -> Person:
    """Return whom the song speaks to or about: as hook and refrain do, or else either."""
    words = frozenset(clean_words(hook))
    if SPEAKS_TO & (words | frozenset(clean_words(refrain))):
        return YOU
    # "They" may be anybody.
    for person in (plan.who.person, PRONOUNS["she"], PRONOUNS["he"]):
        if words & {person.subject, person.object, person.possessive}:
            return person
    return YOU if dice.chance(0.5) else plan.who.person
