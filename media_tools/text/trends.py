"""Turns a trend topic into words a song can use."""

from __future__ import annotations

import re

from media_tools.text.artist_names import real_artists
from media_tools.text.checks import explicit_words
from media_tools.text.phonemes import syllables

_MAX_SYLLABLES = 5
_MAX_WORD_CHARS = 24  # nobody sings a longer word
_LINK = re.compile(r"https?://\S+|www\.\S+|@\w+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")


def spoken_trend(topic: str | None) -> str | None:
    """Return the topic as a short noun phrase; None if a song should not follow it.

    "#CityPop" becomes "city pop". Refused: nothing left in Latin letters, a first word that cannot
    be sung, explicit words, names of known artists. Long topics keep their first words, up to five
    syllables.
    """
    if not topic:
        return None
    plain = _LINK.sub(" ", topic)
    tagged = "#" in plain
    plain = _CAMEL.sub(" ", re.sub(r"[#_/|]+", " ", plain))
    words = re.findall(r"[A-Za-z]+(?:['’-][A-Za-z]+)*", plain)
    if not words or len(words[0]) > _MAX_WORD_CHARS:
        return None
    if real_artists(topic) or explicit_words(topic):
        return None
    kept: list[str] = []
    for word in words:
        if kept and syllables(" ".join([*kept, word])) > _MAX_SYLLABLES:
            break
        kept.append(word)
    while len(kept) > 1 and kept[-1].lower() in {"the", "a", "an", "of", "and", "in", "for", "to"}:
        kept.pop()
    phrase = " ".join(kept)
    return phrase.lower() if tagged else phrase
