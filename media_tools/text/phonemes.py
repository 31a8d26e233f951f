"""How English words sound: phones, syllables, stress, rhyme.

Words are looked up in dictionary.py. Inflections and compounds of its words are derived; all others
are read by spelling.py. Phones are ARPAbet, vowels with stress 0, 1 or 2.
"""

from __future__ import annotations

import re
from functools import lru_cache

from media_tools.text.bank.model import tokens
from media_tools.text.dictionary import Phones, look_up
from media_tools.text.spelling import VOWELS, spelled_phones

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?'?|\d+")
_DIGIT = re.compile(r"\d")
_VOICELESS = frozenset(tokens("P T K F TH"))
_HISSING = frozenset(tokens("S Z SH ZH CH JH"))

# Little words, which have no beat inside a line.
WEAK_WORDS = frozenset(
    tokens("""
    a an and are as at be been but by can for from had has have he her his i i'll i'm if in into
    is it it's its just me my no nor of off on or our she so than that that's the their them
    then there there's these they this to till until us was we we'll we're were what when while
    who will with would you you'll you're your
""")
)

_DIGITS = tokens("zero one two three four five six seven eight nine")

# Sounds similar enough for a near rhyme.
_CLOSE = (
    frozenset(tokens("M N NG")),
    frozenset(tokens("P T K")),
    frozenset(tokens("B D G")),
    frozenset(tokens("F TH S SH")),
    frozenset(tokens("V DH Z ZH")),
    frozenset(tokens("T D")),
    frozenset(tokens("S Z")),
    frozenset(tokens("F V")),
)


def _is_vowel(phone: str) -> bool:
    return phone.rstrip("012") in VOWELS


def _with_s(base: Phones) -> Phones:
    if base[-1] in _HISSING:
        return (*base, "IH0", "Z")
    return (*base, "S" if base[-1] in _VOICELESS else "Z")


def _with_ed(base: Phones) -> Phones:
    if base[-1] in ("T", "D"):
        return (*base, "IH0", "D")
    return (*base, "T" if base[-1] in _VOICELESS | _HISSING - {"Z", "ZH", "JH"} else "D")


_ENDINGS: dict[str, Phones] = {
    "ing": ("IH0", "NG"),
    "ings": ("IH0", "NG", "Z"),
    "in": ("IH0", "N"),
    "er": ("ER0",),
    "ers": ("ER0", "Z"),
    "est": ("AH0", "S", "T"),
    "y": ("IY0",),
    "ly": ("L", "IY0"),
    "less": ("L", "AH0", "S"),
    "ness": ("N", "AH0", "S"),
    "ful": ("F", "AH0", "L"),
    "ward": ("W", "ER0", "D"),
    "en": ("AH0", "N"),
    "ment": ("M", "AH0", "N", "T"),
}


def _stems(word: str, ending: str) -> list[str]:
    """Return the words that `word` may be made of by adding `ending`."""
    stem = word.removesuffix(ending)
    stems = [stem]
    if ending[0] in "aeiouy":
        stems.append(stem + "e")
        if len(stem) > 2 and stem[-1] == stem[-2]:
            stems.append(stem[:-1])
    if stem.endswith("i"):
        stems.append(stem[:-1] + "y")
    if ending == "y" and stem.endswith("l"):
        stems.append(stem + "le")
    return stems


def _inflected(word: str) -> Phones | None:
    if word.endswith("'s"):
        base = _known(word[:-2])
        return _with_s(base) if base else None
    if word.endswith("s'"):
        return _known(word[:-1])
    if word.endswith("in'"):
        base = _known(word[:-1] + "g")
        return (*base[:-1], "N") if base else None
    if word.endswith("s") and not word.endswith("ss"):
        stems = [word[:-1]]
        if word.endswith("es"):
            stems.append(word[:-2])
        if word.endswith("ies"):
            stems.insert(0, word[:-3] + "y")
        for stem in stems:
            if base := _known(stem):
                return _with_s(base)
    if word.endswith("ed"):
        for stem in _stems(word, "ed"):
            if base := _known(stem):
                return _with_ed(base)
    for ending, sounds in _ENDINGS.items():
        if word.endswith(ending):
            for stem in _stems(word, ending):
                if len(stem) > 1 and (base := _known(stem)):
                    return (*base, *sounds)
    return None


def _compound(word: str) -> Phones | None:
    """Read "streetlight" as street and light: main stress on the first, second on the other."""
    for cut in range(len(word) - 3, 2, -1):
        first, second = look_up(word[:cut]), _known(word[cut:]) if cut >= 3 else None
        if first and second:
            return (*first, *(phone.replace("1", "2") for phone in second))
    return None


@lru_cache(maxsize=16384)
def _known(word: str) -> Phones | None:
    if len(word) < 1:
        return None
    return look_up(word) or (_inflected(word) if len(word) > 3 else None)


def clean_words(text: str) -> list[str]:
    """Return the lower-case words of a line, without hyphens and punctuation, digits as spoken."""
    return list(_cleaned(text.lower()))


@lru_cache(maxsize=4096)
def _cleaned(lowered: str) -> tuple[str, ...]:
    lowered = lowered.replace("’", "'")
    found: list[str] = _WORD.findall(lowered)
    if lowered.isascii() and not _DIGIT.search(lowered):
        return tuple(found)
    words: list[str] = []
    for token in found:
        if token.isdigit():
            words.extend(_DIGITS[int(digit)] for digit in token)
        else:
            words.append(token)
    return tuple(words)


def has_sound(word: str) -> bool:
    """Whether a word's sound is in the dictionary, or follows from words that are."""
    return bool(_known(word) or _compound(word))


def _guessed(word: str) -> Phones:
    """Read a word by spelling, without its inflection, so that its base is read as a word."""
    plain = word.replace("'", "")
    if plain.endswith("ed"):
        base = _silent_e(plain[:-2])
        return _with_ed(base) if base else spelled_phones(plain)
    if re.search(r"(?:[sxz]e|ch|sh|[cg])es$", plain):
        base = spelled_phones(plain[:-1] if plain[-3] in "cgsz" else plain[:-2])
        return _with_s(base) if base else ()
    if plain.endswith("ing"):
        base = _silent_e(plain[:-3])
        return (*base, "IH0", "NG") if base else spelled_phones(plain)
    return spelled_phones(plain)


def _silent_e(stem: str) -> Phones:
    """Return the sounds of the base of "ed" or "ing"; empty if it is not a word ("thing")."""
    if len(stem) < 2 or not re.search("[aeiouy]", stem):
        return ()
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "lsfz":
        return spelled_phones(stem[:-1])
    if re.search(r"(?:^|[^aeiou])[aeiou][bcdfgklmnprstvz]$|[bcdfgkptz]l$", stem):
        return spelled_phones(stem + "e")
    return spelled_phones(stem)


@lru_cache(maxsize=16384)
def _word_phones(word: str) -> Phones:
    return _known(word) or _compound(word) or _guessed(word)


@lru_cache(maxsize=16384)
def _word_stress(word: str) -> str:
    return "".join(phone[-1] for phone in _word_phones(word) if _is_vowel(phone))


@lru_cache(maxsize=16384)
def _word_syllables(word: str) -> int:
    return len(_word_stress(word))


def phones(text: str) -> Phones:
    """Return the phones of a word or line, in order; empty if there is nothing to say."""
    return tuple(phone for word in clean_words(text) for phone in _word_phones(word))


def syllables(text: str) -> int:
    """Count the syllables of a word or line."""
    return sum(map(_word_syllables, _cleaned(text.lower())))


def stress(text: str) -> str:
    """Return a digit per syllable: 1 main, 2 second, 0 none; little words in a line count as 0."""
    words = clean_words(text)
    if len(words) == 1:
        return _word_stress(words[0])
    return "".join(
        "0" * len(_word_stress(word)) if word in WEAK_WORDS else _word_stress(word)
        for word in words
    )


def last_word(line: str) -> str:
    """Return the last word of a line, cleaned; empty for an empty line."""
    words = clean_words(line)
    return words[-1] if words else ""


def _split_at_rhyme(sounds: Phones) -> tuple[Phones, Phones]:
    """Split phones at the last stressed vowel, which begins the second part."""
    stressed = [i for i, phone in enumerate(sounds) if phone[-1] in "12"]
    vowels = [i for i, phone in enumerate(sounds) if _is_vowel(phone)]
    if not vowels:
        return sounds, ()
    start = stressed[-1] if stressed else vowels[-1]
    return sounds[:start], sounds[start:]


@lru_cache(maxsize=16384)
def _rhyme_of(word: str) -> Phones:
    """Return the sounds from the last stressed vowel on, without stress digits."""
    return tuple(phone.rstrip("012") for phone in _split_at_rhyme(_word_phones(word))[1])


def _onset(word: str) -> Phones:
    before = _split_at_rhyme(_word_phones(word))[0]
    last_vowel = max((i for i, phone in enumerate(before) if _is_vowel(phone)), default=-1)
    return before[last_vowel + 1 :]


def rhymes(first: str, second: str) -> bool:
    """Whether two lines or words rhyme perfectly.

    The sounds from the last stressed vowel on are the same, and those before it differ ("light" and
    "delight" are the same sound, not a rhyme).
    """
    first_word, second_word = last_word(first), last_word(second)
    if not first_word or not second_word or first_word == second_word:
        return False
    part = _rhyme_of(first_word)
    return (
        bool(part) and part == _rhyme_of(second_word) and _onset(first_word) != _onset(second_word)
    )


def near_rhymes(first: str, second: str) -> bool:
    """Whether two lines or words rhyme at least nearly: same vowels, similar consonants."""
    first_word, second_word = last_word(first), last_word(second)
    if not first_word or not second_word or first_word == second_word:
        return False
    a, b = _rhyme_of(first_word), _rhyme_of(second_word)
    if not a or len(a) != len(b):
        return bool(a and b) and a[0] == b[0] and abs(len(a) - len(b)) == 1 and a[1:2] == b[1:2]
    return a[0] == b[0] and all(
        x == y or any(x in group and y in group for group in _CLOSE)
        for x, y in zip(a[1:], b[1:], strict=True)
    )
