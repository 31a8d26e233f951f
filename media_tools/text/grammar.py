"""Verb forms, articles and pronouns for the offline writer."""

from __future__ import annotations

from dataclasses import dataclass

from media_tools.text.bank.model import tokens
from media_tools.text.phonemes import phones
from media_tools.text.spelling import VOWELS

# Past tense of the bank's irregular verbs, and of regular ones that spelling rules get wrong.
_PAST = dict(
    pair.split("=")
    for pair in tokens("""
    be=was bend=bent bet=bet break=broke build=built burn=burned catch=caught come=came cut=cut
    dig=dug draw=drew drive=drove fall=fell feed=fed feel=felt find=found fly=flew forget=forgot
    freeze=froze get=got give=gave go=went grow=grew hide=hid hold=held keep=kept know=knew
    leave=left light=lit lose=lost make=made mow=mowed pay=paid put=put read=read ride=rode
    ring=rang rise=rose run=ran say=said see=saw sell=sold send=sent shake=shook sing=sang
    sit=sat sleep=slept spin=spun spread=spread stand=stood steal=stole sweep=swept
    swell=swelled swim=swam swing=swung take=took tell=told wake=woke wear=wore wind=wound
    write=wrote earn=earned turn=turned begin=began drop=dropped plant=planted
    beat=beat blow=blew bring=brought choose=chose creep=crept forgive=forgave hang=hung hear=heard
    hurt=hurt lay=laid lend=lent let=let mean=meant mistake=mistook outrun=outran reset=reset
    shine=shone shrink=shrank speak=spoke spell=spelled spend=spent stick=stuck swear=swore
    teach=taught tear=tore throw=threw win=won buy=bought shovel=shovelled
""")
)

_PAST_FORMS = frozenset(_PAST.values())

# One-syllable verbs of the bank that double their last consonant: "skip", "skipping".
_DOUBLING = frozenset(
    tokens("""
    beg bet blur cut dig dim drop flag forget get hum log map nod plan plug put run shut sit skip
    slam slip spin stir stop swim tap tip trip wrap begin knit rub shop tug win bar drag let outrun
    reset scrub swap
""")
)

_VOWEL_LETTERS = "aeiou"


@dataclass(frozen=True)
class Person:
    """Whom a song speaks to or about. plural: "are", "have" and bare verbs follow."""

    subject: str
    object: str
    possessive: str
    plural: bool


YOU = Person("you", "you", "your", plural=True)
PRONOUNS = {
    "she": Person("she", "her", "her", plural=False),
    "he": Person("he", "him", "his", plural=False),
    "they": Person("they", "them", "their", plural=True),
}


def past(verb: str) -> str:
    """Return "turned" for "turn", "wrote" for "write"."""
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWEL_LETTERS:
        return verb[:-1] + "ied"
    return (verb + verb[-1] if verb in _DOUBLING else verb) + "ed"


def is_past(word: str) -> bool:
    """Whether a word is a past tense the bank uses, or looks like a regular one."""
    return word in _PAST_FORMS or word.endswith("ed")


def article(following: str) -> str:
    """Return "a" or "an" by the first sound of the next word."""
    first = phones(following)[:1]
    return "an" if first and first[0].rstrip("012") in VOWELS else "a"
