"""What simple lessons ask for: "Keep the tempo below 100 BPM", "avoid the word neon", "darker".

The offline writer obeys what is understood here and says so; anything else is left to a language
model or a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from media_tools.text.phonemes import WEAK_WORDS, clean_words


@dataclass(frozen=True)
class Wish:
    """One thing a lesson asks for.

    kind: tempo_max, tempo_min (BPM), slower, faster, duration_max, duration_min (seconds),
    shorter, longer, brighter, darker, calmer, livelier, major, minor, warmer, sparser, punchier
    or avoid. number: BPM or seconds. words: the words to avoid, lower case.
    """

    kind: str
    number: int = 0
    words: tuple[str, ...] = ()


_NUMBER = r"(\d{1,3})"
_AT_MOST = (
    r"(?<!not )(?<!no )(?:below|under|at most|less than|no more than|not above|no faster than|"
    r"slower than|up to|shorter than|no longer than|max(?:imum)?(?: of)?|<=?)"
)
_AT_LEAST = (
    r"(?<!not )(?<!no )(?:above|over|at least|more than|no less than|not below|no slower than|"
    r"faster than|longer than|no shorter than|min(?:imum)?(?: of)?|>=?)"
)
# These leave the number itself out; the others take it in.
_STRICT = re.compile(
    r"below|under|less|faster than|slower than|shorter|above|over|more|longer|[<>]"
)
_TIMES = r"\s*(seconds?|secs?|s|minutes?|mins?)\b"

# A lesson that names a parameter without direction or turns one around is not understood.
_PLAIN = {
    "slower": r"\bslower\b|\bslow(?: it)? down\b|\btoo fast\b|\b(?:lower|reduce) the tempo\b",
    "faster": r"\bfaster\b|\bspeed(?: it)? up\b|\btoo slow\b|\b(?:raise|increase) the tempo\b",
    "shorter": r"\bshorter\b|\btoo long\b",
    "longer": r"\blonger\b(?! than)|\btoo short\b",
    "brighter": r"\bbrighter\b|\bhappier\b|\btoo (?:dark|gloomy|sad)\b",
    "darker": r"\bdarker\b|\bmoodier\b|\btoo (?:bright|happy)\b",
    "calmer": r"\bcalmer\b|\bsofter\b|\bgentler\b|\bquieter\b|\btoo (?:hectic|busy|loud)\b",
    "livelier": r"\blivelier\b|\bmore (?:energy|energetic|drive)\b|\btoo (?:calm|dull|sleepy)\b",
    "major": r"\bmajor key\b",
    "minor": r"\bminor key\b",
    "warmer": r"\bwarmer\b|\btoo (?:cold|harsh|thin)\b",
    "sparser": r"\bsparser\b|\bfewer instruments\b|\btoo (?:full|crowded|cluttered)\b",
    "punchier": r"\bpunchier\b|\bmore (?:punch|dynamics?|dynamic)\b|\btoo flat\b",
}

_AVOID = re.compile(
    r"\b(?:avoid|don't use|do not use|never use|stop using|leave out|drop|without|no more)\b"
    r"(?:[^.;]*?)\bwords?\b:?\s+([^.;]+)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“'‘]([^\"”“’]+?)[\"”'’](?=[\s,.;]|$)")
_NEGATED = re.compile(r"\b(?:not|never|n't|don't|avoid|stop|less)\s+(?:\w+\s+){0,2}$")


def _avoided(text: str) -> tuple[str, ...]:
    """Words a lesson rules out; little words such as "the" cannot be."""
    match = _AVOID.search(text)
    if match is None:
        return ()
    listed = match.group(1)
    quoted = _QUOTED.findall(listed)
    parts = quoted or re.split(r",|\bor\b|\band\b|/", re.split(r"\bin\b|\bfor\b", listed)[0])
    words = [word for part in parts for word in clean_words(part) if word not in WEAK_WORDS]
    return tuple(dict.fromkeys(words))


def _seconds(number: int, unit: str) -> int:
    return number * (60 if unit.startswith("m") else 1)


def _limits(text: str) -> list[Wish]:
    found: list[Wish] = []
    for side, pattern, inward in (("max", _AT_MOST, -1), ("min", _AT_LEAST, 1)):
        match = re.search(rf"({pattern})\s+{_NUMBER}({_TIMES})?", text)
        if match is None:
            continue
        limit, number, unit = match.group(1), int(match.group(2)), match.group(4)
        step = 0 if limit.startswith(("no", "not")) or not _STRICT.match(limit) else inward
        if unit:
            found.append(Wish(f"duration_{side}", _seconds(number, unit) + step))
        elif "tempo" in text or "bpm" in text:
            found.append(Wish(f"tempo_{side}", number + step))
    return found


def wishes_of(lesson: str) -> tuple[Wish, ...]:
    """Everything a lesson asks for; empty when it is not understood."""
    if words := _avoided(lesson):
        return (Wish("avoid", words=words),)
    text = lesson.lower().replace("’", "'")
    found = _limits(text)
    for kind, pattern in _PLAIN.items():
        match = re.search(pattern, text)
        if match is None or _NEGATED.search(text[: match.start()]):
            continue
        # "slower than 100 BPM" is the limit already found, not one more wish.
        if found and text[match.end() :].lstrip().startswith("than"):
            continue
        found.append(Wish(kind))
    return tuple(found)


def avoided_words(lessons: Iterable[str]) -> frozenset[str]:
    """Every word that some lesson asks to avoid."""
    return frozenset(
        word for lesson in lessons for wish in wishes_of(lesson) for word in wish.words
    )


def uses_word(text: str, avoided: frozenset[str]) -> bool:
    """Whether a text holds an avoided word or one of its plain inflections."""
    if not avoided:
        return False
    return any(
        word in avoided or any(base in avoided for base in _bases(word))
        for word in clean_words(text)
    )


def _bases(word: str) -> list[str]:
    found = []
    for ending in ("'s", "s", "es", "d", "ed", "ing", "er", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word.removesuffix(ending)
            found.append(stem)
            if ending in ("ed", "ing", "er"):
                found.append(stem + "e")
                if len(stem) > 2 and stem[-1] == stem[-2]:
                    found.append(stem[:-1])
            if ending in ("es", "ed") and stem.endswith("i"):
                found.append(stem[:-1] + "y")
    return found
