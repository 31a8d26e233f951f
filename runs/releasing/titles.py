"""What shops refuse in titles, in sentences that say what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from django.db.models.functions import Lower

from artists.models import Artist

# Words of uploads, not of titles; shops add what they need themselves.
UPLOAD_WORDS = re.compile(
    r"\b(official|lyrics? video|music video|visuali[sz]er|audio only|full (song|version|album)|"
    r"hd|hq|4k|1080p|free download|out now|prod\.? by|original mix|explicit|clean version|"
    r"single version|album version|cd quality)\b",
    re.I,
)
FEATURED = re.compile(r"\b(feat\.?|ft\.|featuring)\s", re.I)
ADDRESS = re.compile(r"https?:|www\.|\.com\b|[@#]\w", re.I)
# A name of one word is an ordinary word as well; of more words than this there is none.
NAME_WORDS = range(2, 7)
# Shorter ones are abbreviations, such as NYC.
SHORTEST_SHOUT = 4


def title_faults(title: str, *, artist: str) -> list[str]:
    """What is wrong with a title or the title of a version; empty if nothing."""
    return list(_faults(title, artist))


def _faults(title: str, artist: str) -> Iterator[str]:
    if word := UPLOAD_WORDS.search(title):
        yield f"leave out “{word[0]}”; shops add such words themselves or refuse them"
    if FEATURED.search(title):
        yield "name featured artists in their own field, not in the title"
    if ADDRESS.search(title):
        yield "leave out addresses and handles"
    if any(is_picture(char) for char in title):
        yield "leave out emoji and symbols"
    if is_shouted(title) and not is_shouted(artist):
        yield "write it in mixed case; shops refuse capitals that are not the artist's style"
    if title != " ".join(title.split()):
        yield "write single spaces between the words"
    if other := other_artist_in(title, artist=artist):
        yield f"leave out “{other}”, the name of another artist"


def is_picture(char: str) -> bool:
    """Emoji, arrows, ornaments: whatever shops show as a box."""
    return unicodedata.category(char) in ("So", "Sk", "Co", "Cs") or char in "\u200d\ufe0f"


def is_shouted(text: str) -> bool:
    """Written in capitals alone, and no abbreviation."""
    letters = [char for char in text if char.isalpha()]
    cased = [char for char in letters if char.upper() != char.lower()]
    return len(cased) >= SHORTEST_SHOUT and all(char.isupper() for char in cased)


def other_artist_in(title: str, *, artist: str) -> str:
    """The name of another artist of the roster that stands in a title; empty if none does."""
    words = re.findall(r"[\w'’&.-]+", title.lower())
    spans = {
        " ".join(words[start : start + count])
        for count in NAME_WORDS
        for start in range(len(words) - count + 1)
    } - {artist.lower()}
    if not spans:
        return ""
    named = Artist.objects.annotate(lower=Lower("name")).filter(lower__in=spans)
    return named.values_list("name", flat=True).order_by("name").first() or ""
