"""Reads what a persona, a concept or a lesson forbids or asks of the music, such as "no drums"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from media_tools.findings import Finding, Severity


class Element(StrEnum):
    """Something in the music that a brief can name."""

    DRUMS = "drums"
    DRUM_MACHINE = "drum machine"
    KICK = "kick"
    SNARE = "snare"
    HATS = "hi-hats"
    CYMBALS = "cymbals"
    CLAPS = "claps"
    HAND_PERCUSSION = "hand percussion"
    BASS = "bass"
    PIANO = "piano"
    ELECTRIC_PIANO = "electric piano"
    BELLS = "bells"
    ORGAN = "organ"
    GUITAR = "guitar"
    STRINGS = "strings"
    CHOIR = "choir"
    BRASS = "brass"
    SAX = "saxophone"
    FLUTE = "flute"
    SYNTHESIZER = "synthesizer"
    PAD = "pad"
    ARPEGGIO = "arpeggio"
    MELODY = "melody"
    VOCALS = "vocals"
    FILLS = "fills"
    RISERS = "risers"
    CRACKLE = "vinyl crackle"
    KEY_CHANGE = "key change"


# Instruments with a sound of their own: an artist can be given one, or play nothing else.
INSTRUMENTS = frozenset(
    {
        Element.PIANO,
        Element.ELECTRIC_PIANO,
        Element.BELLS,
        Element.ORGAN,
        Element.GUITAR,
        Element.STRINGS,
        Element.CHOIR,
        Element.BRASS,
        Element.SAX,
        Element.FLUTE,
    }
)

# A longer name comes before a shorter one in it: a bass drum is no bass.
_NAMES: tuple[tuple[Element, str], ...] = (
    (Element.FILLS, r"(?:drum )?fills?"),
    (Element.DRUM_MACHINE, r"drum machines?|programmed drums"),
    (Element.KICK, r"bass drums?|kick drums?|kicks?"),
    (Element.SNARE, r"snare drums?|snares?"),
    (Element.HATS, r"hi hats?|hats?"),
    (Element.CYMBALS, r"cymbals?|crashes"),
    (Element.CLAPS, r"hand ?claps?|claps?"),
    (
        Element.HAND_PERCUSSION,
        r"hand percussion|hand drums?|shakers?|tambourines?|congas?|bongos?",
    ),
    (Element.DRUMS, r"drums?|drum kits?|drumming|percussion|beats"),
    (Element.BASS, r"bass ?lines?|bass guitars?|bass|808s?"),
    (Element.ELECTRIC_PIANO, r"electric pianos?|rhodes|wurlitzers?"),
    (Element.PIANO, r"pianos?"),
    (Element.BELLS, r"bells?|glockenspiels?|vibraphones?|vibes|marimbas?|music box(?:es)?"),
    (Element.ORGAN, r"organs?"),
    (Element.GUITAR, r"guitars?"),
    (Element.STRINGS, r"strings?|violins?|cellos?|violas?|fiddles?"),
    (Element.CHOIR, r"choirs?"),
    (Element.BRASS, r"brass|horns?|trumpets?|trombones?"),
    (Element.SAX, r"sax(?:ophone)?s?"),
    (Element.FLUTE, r"flutes?|whistles?"),
    (Element.SYNTHESIZER, r"synths?|synthesi[sz]ers?|electronics"),
    (Element.PAD, r"pads?"),
    (Element.ARPEGGIO, r"arps?|arpeggios?"),
    (Element.MELODY, r"melod(?:y|ies)"),
    (Element.VOCALS, r"vocals?|voices?|singers?|singing(?= at all| or | and |[.,;:!]|$)"),
    (Element.RISERS, r"risers?|sweeps"),
    (Element.CRACKLE, r"vinyl(?: crackle| noise)?|crackle|tape hiss|hiss"),
    (Element.KEY_CHANGE, r"key (?:changes?|lifts?)|modulations?"),
)
_NAME = rf"\b(?:{'|'.join(pattern for _, pattern in _NAMES)})\b(?! solos?\b)"
_ONE_NAME = [(element, re.compile(rf"\b(?:{pattern})\b")) for element, pattern in _NAMES]
_THE = r"(?:any |all |the |an? |some |more |other )*"
# A list goes on over a comma only if it says "or": "no drums, bass or pads".
_LIST = (
    rf"(?>{_THE}{_NAME}(?:(?:(?:, ?(?:no )?{_THE}{_NAME})*,? (?:or|nor) (?:no )?{_THE}{_NAME})"
    rf"|(?: ?(?:and|/|&) ?(?:no )?{_THE}{_NAME})*))"
)
# "No drums until the chorus" and "no drums that rush" forbid no drums at all.
_SOMEWHERE = (
    r"(?!,? (?:until|till|before|after|during|at first|at the|on the|in the|in an?|for the first|"
    r"in (?:verse|chorus|intro|break|bridge|outro)\w*|like|such as|that|which|than|of|about|"
    r"with)\b)"
)
_NO = (
    r"(?:(?<!not )(?<!never )\bwithout|\bno(?: more)?|\bnot|\bavoid|\bskip|\bremove|"
    r"\bminus|\bfree of|\bleave out|\b(?:don't|do not|never|stop) (?:use|using|play|playing)|"
    r"\bneither|\bban)"
)
_FORBIDDEN = re.compile(rf"{_NO} ({_LIST}){_SOMEWHERE}")
_ADDED = re.compile(rf"\b(?:add|use|bring in|bring back|more) ({_LIST})")
_ONLY = re.compile(
    # "A solo cello" among other instruments plays not alone, so the sentence must begin with it.
    rf"(?:(?:\b(?:only|nothing but)|(?:^|[.;:!] ?)(?:solo|unaccompanied)) ({_LIST})(?=[.,;:!]|$)"
    rf"|\b({_LIST}) (?:only|alone)\b{_SOMEWHERE})"
)
_ACOUSTIC = re.compile(
    r"\b(?:acoustic (?:instruments )?only|(?:only|all|purely|strictly|fully|entirely) acoustic|"
    r"unplugged)\b"
)
_INSTRUMENTAL = re.compile(
    r"\b(?:instrumentals? only|(?:purely|only|strictly|fully|keep it|stay) instrumental)\b"
)
_DRUMLESS = re.compile(r"\b(?:drumless|beatless|without a beat|no beat)\b")
_FEET = re.compile(r"\b(?:foot taps?|foot stomps?|stomps?) for (?:a |the )?drums?\b")
_NOT_FEET = {
    *(Element.SNARE, Element.HATS, Element.CYMBALS, Element.CLAPS, Element.HAND_PERCUSSION)
}
_HALF_TIME = re.compile(r"(?<!no )(?<!not )(?<!never )(?<!without )\bhalf ?time\b")
_ONE_IDEA = re.compile(r"\b(?:one|a single) (?:idea|theme|motif|motive)\b")
# Names of genres that contain the name of an instrument.
_GENRES = re.compile(
    r"\bdrums? ?(?:and|&|n|'n'?) ?bass\b|\bbass music\b|\b(?:brass|string) bands?\b"
)


@dataclass(frozen=True)
class Brief:
    """What the music must do without, and what it was asked for."""

    without: tuple[Element, ...] = ()
    only: tuple[Element, ...] = ()  # if any, no other instrument plays
    asked: tuple[Element, ...] = ()  # instruments by name, the weightiest first
    acoustic: bool = False  # no synthesizer and no drum machine
    half_time: bool = False
    one_idea: bool = False  # one hook for the whole song

    @property
    def instrumental(self) -> bool:
        return Element.VOCALS in self.without

    def forbids(self, element: Element) -> bool:
        return element in self.without


@dataclass(frozen=True)
class Breach:
    """Something in the music that its brief forbids. events: how many notes or effects."""

    what: str
    events: int


def read_brief(*texts: str) -> Brief:
    """Read texts in order of their weight: a later one may add what an earlier one forbids."""
    read = [_read(_plain(text)) for text in texts]
    without: set[Element] = set()
    for brief, added in read:
        without = (without - added) | set(brief.without)
    asked = dict.fromkeys(element for brief, _ in reversed(read) for element in brief.asked)
    only = next((brief.only for brief, _ in reversed(read) if brief.only), ())
    if only and Element.DRUMS not in only:
        without.add(Element.DRUMS)
    return Brief(
        without=tuple(sorted(without)),
        only=tuple(element for element in only if element in INSTRUMENTS),
        asked=tuple(e for e in asked if e not in without and (not only or e in only)),
        acoustic=any(brief.acoustic for brief, _ in read),
        half_time=any(brief.half_time for brief, _ in read),
        one_idea=any(brief.one_idea for brief, _ in read),
    )


def _plain(text: str) -> str:
    plain = re.sub(r"[\s\-–—_]+", " ", text.lower().replace("’", "'"))
    return _GENRES.sub("", plain)


def _read(text: str) -> tuple[Brief, set[Element]]:
    """Return the brief of one text, and what the text wants added."""
    without = {element for hit in _FORBIDDEN.finditer(text) for element in _named(hit.group(1))}
    if _DRUMLESS.search(text):
        without.add(Element.DRUMS)
    if _INSTRUMENTAL.search(text):
        without.add(Element.VOCALS)
    if _FEET.search(text):
        without |= _NOT_FEET
    rest = _FORBIDDEN.sub("", text)
    only = [name for hit in _ONLY.finditer(rest) for name in _named(hit.group(1) or hit.group(2))]
    brief = Brief(
        without=tuple(without),
        # "Vocals only in the chorus" or "only drums" is no choice of instruments.
        only=tuple(only) if INSTRUMENTS & set(only) else (),
        asked=tuple(element for element in _named(rest) if element in INSTRUMENTS),
        acoustic=bool(_ACOUSTIC.search(text)),
        half_time=bool(_HALF_TIME.search(text)),
        one_idea=bool(_ONE_IDEA.search(text)),
    )
    added = {element for hit in _ADDED.finditer(rest) for element in _named(hit.group(1))}
    return brief, added


def _named(text: str) -> list[Element]:
    """Return the elements a text names, in order; a name inside a longer one does not count."""
    hits: list[tuple[int, Element]] = []
    for element, pattern in _ONE_NAME:
        hits += [(hit.start(), element) for hit in pattern.finditer(text)]
        text = pattern.sub(lambda hit: " " * len(hit.group()), text)
    return list(dict.fromkeys(element for _, element in sorted(hits)))


def brief_findings(
    brief: Brief, breaches: Sequence[Breach], silent: Sequence[str], *, vocals: str
) -> list[Finding]:
    """Compare the music with its brief.

    breaches: forbidden things that play. silent: asked instruments that do not play. vocals: what
    is known of the singing, as in runs' MusicOutput.
    """
    findings = [
        Finding(
            "brief_broken",
            Severity.WARN,
            f"The brief forbids {breach.what}; {breach.events} of its events play.",
            retryable=False,
        )
        for breach in breaches
    ]
    if brief.instrumental and vocals == "synthetic":
        message = "The brief forbids vocals; the track is sung."
        findings.append(Finding("brief_broken", Severity.WARN, message, retryable=False))
    if silent:
        message = f"Asked for by name, but not heard: {', '.join(silent)}."
        findings.append(Finding("brief_unheard", Severity.WARN, message, retryable=False))
    return findings
