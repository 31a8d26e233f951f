"""The words of song titles that say what songs are about."""

from __future__ import annotations

import re

SHORTEST = 3

# "Song (feat. A) [Live] - 2011 Remaster" is "Song".
_EXTRAS = re.compile(r"[(\[{].*?(?:[)\]}]|$)|\s[-–—|]\s.*$|\b(?:feat|ft|with)\.?\s.*$", re.I)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

# Words that name no subject: function words of the languages most charts are in, and what the
# trade writes into titles.
STOP_WORDS = frozenset(
    """
    a about after again ain't all alone along already also always am an and another any are aren't
    around as at away back be because been before being below between both but by call came can
    can't come could couldn't did didn't do does doesn't doing don't done down each else enough even
    ever every everything few for from get gets getting give go goes going gone gonna good got gotta
    had has have haven't having he her here hers him his how i'd i'll i'm i've if in into is isn't
    it it's its just keep know last let let's like little long made make many may maybe me more most
    much must my myself need never new next no nobody none nor not nothing now of off oh on once one
    only onto or other our out over own put really right said same say see she should since so some
    somebody something still such take than that that's the their them then there these they they're
    thing things think this those through till to told too try two under until up upon us very wanna
    want wants was wasn't way we we're we've well went were what what's when where which while who
    who's why will won't would wouldn't yeah yes yet you you'd you'll you're you've your yours
    acoustic album anthem audio bonus clip cover demo edit extended feat feature instrumental
    interlude intro karaoke live lyric lyrics mix music mv number official original outro part
    performance prod radio reimagined remaster remastered remix single slowed song songs soundtrack
    sped taylor's theme track trailer version video visualizer visualiser vol volume
    aber als auch auf aus bei bin bis bist das dass dein dem den der des dich die dir doch du ein
    eine einen er es für hab hast ich ihr immer ist ja kein mehr mein mich mir mit nach nicht nie
    noch nur ohne sein sich sie sind so und uns von vor war was wenn wer wie wir wird zu zum
    au aux avec car ce ces cette comme dans des donc elle elles est et eux il ils je juste la le les
    leur lui ma mais mes moi mon ne nos notre nous on ou où par pas pour qu que qui sa sans se ses
    si son sont sur ta te tes toi ton tous tout tu un une va vos votre vous
    al algo así como con cuando de del donde el ella ellos en era eres es esa ese eso esta estar
    este esto estoy fue hay hasta las lo los más me mi mis muy nada ni no nos otra otro para pero
    por porque que quien quiero sé ser si sí sin sobre solo soy su sus también tan te tengo ti tu
    tus un una vez voy ya yo
    ao aos as com da das do dos ela ele em essa esse eu foi isso mas meu minha na não nas nem nos
    num ou pra que quem se sem só sou são tá tem teu tua uma vai você
    alla anche che ci come cosa cui da dal dei della di dove gli ha ho il io lei loro lui mai mio
    nel nella noi non ora per perché più poi qui quando se sei sempre sono sta sul tra tutto una vuoi
    """.split()
)


def title_words(title: str) -> list[str]:
    """The words of a title that carry meaning: lower case, in order, each once."""
    words = (word.lower().replace("’", "'") for word in _WORD.findall(_EXTRAS.sub(" ", title)))
    return list(dict.fromkeys(w for w in words if len(w) >= SHORTEST and w not in STOP_WORDS))


def name_words(name: str) -> set[str]:
    """All words of an artist's name, lower case."""
    return {word.lower().replace("’", "'") for word in _WORD.findall(name)}
