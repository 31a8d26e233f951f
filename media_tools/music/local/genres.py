"""What the composer knows of each genre (media_tools/genres.py), by its name."""

from __future__ import annotations

from media_tools.music.local.genre import Genre
from media_tools.music.local.genres_acoustic import AMBIENT, CINEMATIC, FOLK, INDIE_POP, LOFI
from media_tools.music.local.genres_electronic import (
    DRUM_AND_BASS,
    HOUSE,
    SYNTHWAVE,
    TECHNO,
    TRAP,
)
from media_tools.music.local.genres_modern import (
    AFROBEATS,
    AMAPIANO,
    HYPERPOP,
    PHONK,
    REGGAETON,
    RNB,
)
from media_tools.music.local.genres_played import CHILLHOP, CLASSICAL_PIANO, COUNTRY, METAL

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
    HYPERPOP,
    REGGAETON,
    AFROBEATS,
    AMAPIANO,
    RNB,
    COUNTRY,
    METAL,
    CLASSICAL_PIANO,
    PHONK,
    CHILLHOP,
)
GENRE_BY_NAME: dict[str, Genre] = {genre.name: genre for genre in GENRES}
