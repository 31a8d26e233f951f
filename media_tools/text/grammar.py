"""Verb forms, articles and pronouns for the offline writer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from media_tools.text.bank.model import tokens
from media_tools.text.phonemes import phones
from media_tools.text.spelling import VOWELS

# Past tense of irregular verbs: of the bank's acts, and of what its lines tell.
_PAST = dict(
    pair.split("=")
    for pair in tokens("""
    be=was beat=beat begin=began bend=bent bet=bet blow=blew break=broke bring=brought
    build=built buy=bought catch=caught choose=chose come=came creep=crept cut=cut dig=dug
    draw=drew drive=drove fall=fell feed=fed feel=felt find=found fly=flew forget=forgot
    forgive=forgave freeze=froze get=got give=gave go=went grow=grew hang=hung hear=heard
    hide=hid hold=held hurt=hurt keep=kept know=knew lay=laid leave=left lend=lent let=let
    light=lit lose=lost make=made mean=meant mistake=mistook outrun=outran pay=paid put=put
    read=read reset=reset ride=rode ring=rang rise=rose run=ran say=said see=saw sell=sold
    send=sent shake=shook shine=shone shovel=shovelled shrink=shrank sing=sang sit=sat
    sleep=slept speak=spoke spend=spent spin=spun spread=spread stand=stood steal=stole
    stick=stuck swear=swore sweep=swept swim=swam swing=swung take=took teach=taught tear=tore
    tell=told throw=threw wake=woke wear=wore win=won wind=wound write=wrote shut=shut
""")
)

# One syllable that ends in one vowel and one consonant doubles it: "skip", "skipped".
_DOUBLES = re.compile(r"[^aeiou]+[aeiou][^aeiouwxy]|[aeiou][^aeiouwxy]")

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
    return (verb + verb[-1] if _DOUBLES.fullmatch(verb) else verb) + "ed"


def article(following: str) -> str:
    """Return "a" or "an" by the first sound of the next word."""
    first = phones(following)[:1]
    return "an" if first and first[0].rstrip("012") in VOWELS else "a"
