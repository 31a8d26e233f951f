"""Finds the words in song titles that say what songs are about."""

from __future__ import annotations

import re

SHORTEST = 3

# "Song (feat. A) [Live] - 2011 Remaster" is "Song".
_EXTRAS = re.compile(r"[(\[{].*?(?:[)\]}]|$)|\s[-–—|]\s.*$|\b(?:feat|ft)\.?\s.*$", re.I)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

# Words that name no subject: function words of the languages most charts are in, and words the
# music trade adds to titles.
_STOP_TEXT = """
    with about after again ain't all alone along already also always and another any are aren't
    around away back because been before being below between both but call came can can't come could
    couldn't did didn't does doesn't doing don't done down each else enough even ever every
    everything few for from get gets getting give goes going gone gonna good got gotta had has
    have haven't having her here hers him his how i'd i'll i'm i've into isn't it's its just keep
    know last let let's like little long made make many may maybe more most much must myself need
    never new next nobody none nor not nothing now off once one only onto other our out over own
    put really right said same say see she should since some somebody something still such take
    than that that's the their them then there these they they're thing things think this those
    through till told too try two under until upon very wanna want wants was wasn't way we're
    we've well went were what what's when where which while who who's why will won't would
    wouldn't yeah yes yet you you'd you'll you're you've your yours acoustic album anthem audio
    bonus clip cover demo edit extended feat feature instrumental interlude intro karaoke live
    lyric lyrics mix music number official original outro part performance prod radio reimagined
    remaster remastered remix single slowed song songs soundtrack sped theme track
    trailer version video visualizer visualiser vol volume aber als auch auf aus bei bin bis bist
    das dass dein dem den der des dich die dir doch ein eine einen für hab hast ich ihr immer ist
    kein mehr mein mich mir mit nach nicht nie noch nur ohne sein sich sie sind und uns von vor
    war wenn wer wie wir wird zum aux avec car ces cette comme dans donc elle elles est eux ils
    juste les leur lui mais mes moi mon nos notre nous par pas pour que qui sans ses son sont sur
    tes toi ton tous tout une vos votre vous algo así como con cuando del donde ella ellos era
    eres esa ese eso esta estar este esto estoy fue hay hasta las los más mis muy nada otra otro
    para pero por porque quien quiero ser sin sobre solo soy sus también tan tengo tus una vez voy
    aos com dos ela ele essa esse foi isso mas meu minha não nas nem num pra quem sem sou são tem
    teu tua uma vai você alla anche che cosa cui dal dei della dove gli lei loro mai mio nel nella
    noi non ora per perché più poi quando sei sempre sono sta sul tra tutto vuoi
"""
STOP_WORDS = frozenset(_STOP_TEXT.split())


def title_words(title: str) -> list[str]:
    """Return the words of a title that carry meaning: lower case, in order, each once."""
    words = (word.lower().replace("’", "'") for word in _WORD.findall(_EXTRAS.sub(" ", title)))
    return list(dict.fromkeys(w for w in words if len(w) >= SHORTEST and w not in STOP_WORDS))


def name_words(name: str) -> set[str]:
    """Return all words of an artist's name, lower case."""
    return {word.lower().replace("’", "'") for word in _WORD.findall(name)}
