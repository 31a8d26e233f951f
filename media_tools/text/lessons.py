"""Understands simple lessons: "Keep the tempo below 100 BPM", "avoid the word neon", "darker".

The offline writer obeys what is understood here and says so; anything else is left to a language
model or a person. Also finds which lessons say the same, nearly the same, or the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from media_tools.text.bank.model import tokens
from media_tools.text.phonemes import WEAK_WORDS, clean_words

Span = tuple[int, int]


@dataclass(frozen=True)
class Wish:
    """One thing a lesson asks for.

    kind: tempo_max, tempo_min (BPM), slower, faster, duration_max, duration_min (seconds), shorter,
    longer, brighter, darker, calmer, livelier, major, minor, warmer, sparser, punchier, fresh (no
    worn phrases), varied (fewer repeated lines) or avoid.
    """

    kind: str
    number: int = 0  # BPM or seconds
    words: tuple[str, ...] = ()  # to avoid, lower case


_NUMBER = r"(\d{1,3})"
_AT_MOST = (
    r"(?<!not )(?<!no )(?:below|under|at most|less than|no more than|not above|no faster than|"
    r"slower than|up to|shorter than|no longer than|max(?:imum)?(?: of)?|<=?)"
)
_AT_LEAST = (
    r"(?<!not )(?<!no )(?:above|over|at least|more than|no less than|not below|no slower than|"
    r"faster than|longer than|no shorter than|min(?:imum)?(?: of)?|>=?)"
)
# These exclude the number itself; the others include it.
_STRICT = re.compile(
    r"below|under|less|faster than|slower than|shorter|above|over|more|longer|[<>]"
)
_TIMES = r"\s*(seconds?|secs?|s|minutes?|mins?)\b"

# A lesson that names a parameter without a direction, or negates a direction, is not understood.
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
    "fresh": r"\b(?:avoid|no|fewer|without|drop|too many) (?:\w+ )?(?:stock phrases|worn phrases|"
    r"clich[eé]s?)(?!\w)",
    "varied": r"\b(?:less|too) repetitive\b|\bless repetition\b|\bfewer repeat(?:s|ed lines)\b|"
    r"\brepeats itself\b|\brepeat (?:it)?self less\b|\bmore varied\b",
}

# Pairs of wishes that no song can fulfil together.
_OPPOSITES = (
    {"slower", "faster"},
    {"shorter", "longer"},
    {"brighter", "darker"},
    {"calmer", "livelier"},
    {"major", "minor"},
    {"major", "darker"},
    {"minor", "brighter"},
)

_MAJOR_MODES = ("major", "lydian", "mixolydian")

# Words without meaning beside a wish ("make the whole song a bit slower, please").
_AROUND_WISH = frozenset(
    tokens("""
    again arrangement be bit bpm choose far give have in keep key less little lyric lyrics make
    mix more much music must need needs next one please really seconds secs set should slightly
    song songs sound still tempo text that time too track use very want way whole words write
    """)
)
# The same for any other lesson, where more, less and no carry meaning.
_AROUND_WORDS = frozenset(
    tokens("again bit it's just little please really should slightly song still the track very way")
)
_MEANING = frozenset(tokens("no nor off"))

_AVOID = re.compile(
    r"\b(?:avoid|don't use|do not use|never use|stop using|leave out|drop|without|no more)\b"
    r"(?:[^.;]*?)\bwords?\b:?\s+([^.;]+)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“'‘]([^\"”“’]+?)[\"”'’](?=[\s,.;]|$)")
_NEGATED = re.compile(r"\b(?:not|never|n't|don't|avoid|stop|less)\s+(?:\w+\s+){0,2}$")


def _avoided(text: str) -> tuple[tuple[str, ...], Span]:
    """Return the words a lesson excludes, and their place; little words such as "the" cannot be."""
    match = _AVOID.search(text)
    if match is None:
        return (), (0, 0)
    listed = match.group(1)
    quoted = _QUOTED.findall(listed)
    parts = quoted or re.split(r",|\bor\b|\band\b|/", re.split(r"\bin\b|\bfor\b", listed)[0])
    words = [word for part in parts for word in clean_words(part) if word not in WEAK_WORDS]
    return tuple(dict.fromkeys(words)), match.span()


def _seconds(number: int, unit: str) -> int:
    return number * (60 if unit.startswith("m") else 1)


def _limits(text: str) -> list[tuple[Wish, Span]]:
    limits: list[tuple[Wish, Span]] = []
    for side, pattern, inward in (("max", _AT_MOST, -1), ("min", _AT_LEAST, 1)):
        match = re.search(rf"({pattern})\s+{_NUMBER}({_TIMES})?", text)
        if match is None:
            continue
        limit, number, unit = match.group(1), int(match.group(2)), match.group(4)
        step = 0 if limit.startswith(("no", "not")) or not _STRICT.match(limit) else inward
        if unit:
            limits.append((Wish(f"duration_{side}", _seconds(number, unit) + step), match.span()))
        elif "tempo" in text or "bpm" in text:
            limits.append((Wish(f"tempo_{side}", number + step), match.span()))
    return limits


def _understood(lesson: str) -> list[tuple[Wish, Span]]:
    """Return each wish with its place in the text in lower case."""
    text = lesson.lower().replace("’", "'")
    words, place = _avoided(text)
    if words:
        return [(Wish("avoid", words=words), place)]
    understood = _limits(text)
    limited = bool(understood)
    for kind, pattern in _PLAIN.items():
        match = re.search(pattern, text)
        if match is None or _NEGATED.search(text[: match.start()]):
            continue
        # "slower than 100 BPM" is the limit already found, not another wish.
        if limited and text[match.end() :].lstrip().startswith("than"):
            continue
        understood.append((Wish(kind), match.span()))
    return understood


@lru_cache(maxsize=4096)  # each lesson is compared with many others
def wishes_of(lesson: str) -> tuple[Wish, ...]:
    """Return everything a lesson asks for; empty if it is not understood."""
    return tuple(wish for wish, _ in _understood(lesson))


def same_key(lesson: str) -> str:
    """Return a key that is equal for two lessons that say the same.

    A lesson of nothing but understood wishes has these as its key ("Slower, please" is "Make it
    slower"). Any other has its words in their order, without words that carry no meaning and
    without plural endings.
    """
    understood = _understood(lesson)
    if understood and not _beside(lesson, [place for _, place in understood]):
        wishes = {f"{w.kind} {w.number or ''}{','.join(sorted(w.words))}" for w, _ in understood}
        return f"wish: {'; '.join(sorted(wish.strip() for wish in wishes))}"
    return f"words: {' '.join(_telling_words(lesson)) or ' '.join(lesson.casefold().split())}"


def alikeness(lesson: str, other: str) -> float:
    """Return 0 to 1: shared content words over all content words (Jaccard); 1 for the same key."""
    if same_key(lesson) == same_key(other):
        return 1.0
    mine, theirs = set(_telling_words(lesson)), set(_telling_words(other))
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def contradict(lesson: str, other: str) -> bool:
    """Whether no song can obey both, as far as they are understood."""
    return any(
        _opposed(wish, against) for wish in wishes_of(lesson) for against in wishes_of(other)
    )


def opposed_kinds(kind: str, other: str) -> bool:
    """Whether two wishes without numbers exclude each other."""
    return {kind, other} in _OPPOSITES


def is_major(key: str) -> bool:
    """Whether a key such as "A minor" or "F lydian" has a major third."""
    return key.split()[-1] in _MAJOR_MODES


def _opposed(first: Wish, second: Wish) -> bool:
    for low, high in ((first, second), (second, first)):
        for measure in ("tempo", "duration"):
            if (low.kind, high.kind) == (f"{measure}_min", f"{measure}_max"):
                return low.number > high.number
    return opposed_kinds(first.kind, second.kind)


def _beside(lesson: str, places: Iterable[Span]) -> list[str]:
    """Return the words of a lesson outside the places, without those that mean nothing there."""
    text = lesson.lower().replace("’", "'")
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return [word for word in clean_words(text) if word not in WEAK_WORDS | _AROUND_WISH]


def _telling_words(lesson: str) -> list[str]:
    """Return the words that carry the meaning, in their order, in the singular."""
    empty = (WEAK_WORDS - _MEANING) | _AROUND_WORDS
    words = [word for word in clean_words(lesson) if word not in empty]
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in words
    ]


def avoided_words(lessons: Iterable[str]) -> frozenset[str]:
    """Return every word that a lesson asks to avoid."""
    return frozenset(
        word for lesson in lessons for wish in wishes_of(lesson) for word in wish.words
    )


def uses_word(text: str, avoided: frozenset[str]) -> bool:
    """Whether a text contains an avoided word or one of its plain inflections."""
    if not avoided:
        return False
    return any(
        word in avoided or any(base in avoided for base in _bases(word))
        for word in clean_words(text)
    )


@lru_cache(maxsize=16384)
def _bases(word: str) -> tuple[str, ...]:
    bases: list[str] = []
    for ending in ("'s", "s", "es", "d", "ed", "ing", "er", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word.removesuffix(ending)
            bases.append(stem)
            if ending in ("ed", "ing", "er"):
                bases.append(stem + "e")
                if len(stem) > 2 and stem[-1] == stem[-2]:
                    bases.append(stem[:-1])
            if ending in ("es", "ed") and stem.endswith("i"):
                bases.append(stem[:-1] + "y")
    return tuple(bases)
