"""The pronouncing dictionary: our own words, then CMUdict, which is searched on disk.

`assets/pronunciation/cmudict.dict` is Carnegie Mellon's text of some 126,000 words as published
(BSD, notice beside it), one word per line: "night N AY1 T". Phones are ARPAbet, vowels with stress
0, 1 or 2. `own.dict` has the same form. It holds words that CMUdict lacks, and words that songs
need in another of its readings ("wind" as in weather).
"""

from __future__ import annotations

import mmap
from functools import cache, lru_cache
from pathlib import Path

from media_tools.assets import ASSETS

Phones = tuple[str, ...]

_FOLDER = ASSETS / "pronunciation"
# Further readings follow their word ("wind(2)"), so a few lines around the place are read.
_AROUND = 400


@lru_cache(maxsize=16384)
def look_up(word: str) -> Phones | None:
    """Return the phones of a lower-case word, or None if it is in neither dictionary."""
    reading = _own().get(word) or _in_cmudict(word)
    return reading or None


@cache
def _own() -> dict[str, Phones]:
    lines = (_FOLDER / "own.dict").read_text(encoding="utf-8").splitlines()
    entries = (line.split() for line in lines if not line.startswith("#"))
    return {word: tuple(phones) for word, *phones in entries}


@cache
def _cmudict() -> mmap.mmap:
    """Return the file, mapped: a word needs 17 look-ups, and all workers share the pages."""
    with Path(_FOLDER / "cmudict.dict").open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _in_cmudict(word: str) -> Phones:
    wanted, text = word.encode(), _cmudict()
    low, high = 0, len(text)
    while high - low > _AROUND:
        middle = text.rfind(b"\n", 0, (low + high) // 2) + 1
        here = text[middle : text.find(b" ", middle)].partition(b"(")[0]
        if here < wanted:
            low = middle
        else:
            high = middle
    nearby = text[max(0, low - _AROUND) : high + _AROUND]
    for line in nearby.split(b"\n"):
        if line.startswith(wanted + b" "):
            return tuple(line.partition(b"#")[0].decode().split()[1:])
    return ()
