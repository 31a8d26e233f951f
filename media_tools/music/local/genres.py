"""The ten genres, and how a free text is matched to one."""

from __future__ import annotations

import re

from media_tools.music.local.genre import Genre
from media_tools.music.local.genres_acoustic import AMBIENT, CINEMATIC, FOLK, INDIE_POP, LOFI
from media_tools.music.local.genres_electronic import (
    DRUM_AND_BASS,
    HOUSE,
    SYNTHWAVE,
    TECHNO,
    TRAP,
)

GENRES: tuple[Genre, ...] = (
    SYNTHWAVE,
    LOFI,
    AMBIENT,
    HOUSE,
    TECHNO,
    DRUM_AND_BASS,
    TRAP,
    INDIE_POP,
    FOLK,
    CINEMATIC,
)
GENRE_BY_NAME: dict[str, Genre] = {genre.name: genre for genre in GENRES}


def genre_for(text: str, hint: str = "") -> str:
    """Return the name of the genre nearest to a free text.

    An exact name or title wins. Otherwise the longest keyword found as whole words in the text,
    then in the hint (a prompt); otherwise "indie_pop", the most general arrangement.
    """
    words = f" {_plain(text)} "
    for genre in GENRES:
        if words.strip() in (_plain(genre.name), _plain(genre.title)):
            return genre.name
    matches = [
        (len(keyword), genre.name)
        for genre in GENRES
        for keyword in genre.keywords
        if f" {keyword} " in words
    ]
    # The longest keyword is the most specific; among equals the first genre in the list wins.
    if matches:
        return max(matches, key=lambda hit: hit[0])[1]
    return genre_for(hint) if hint else INDIE_POP.name


def _plain(text: str) -> str:
    """Return lower-case words of letters, digits and "&", with single spaces."""
    return re.sub(r"[^a-z0-9&]+", " ", text.lower()).strip()
