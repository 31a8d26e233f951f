"""What fits a genre: tempo, keys, sound, look, people, forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media_tools.assets import read_folder
from media_tools.genres import genre_for

# Forms by how many lines there is time for: V verse, P prechorus, C chorus, B bridge, O outro, and
# how many lines each has.
SHORT_FORM = "V4 C4 V4 C4"

BRIGHT_MOODS = ("bright", "hopeful", "sunlit", "playful", "joyful", "glowing", "warm")
DARK_MOODS = ("dark", "brooding", "shadowy", "solemn", "stormy", "cold", "tense")
CALM_MOODS = ("calm", "soft", "still", "gentle")
LIVELY_MOODS = ("driving", "lively", "urgent", "energetic")


@dataclass(frozen=True)
class Genre:
    """Facts of one genre. tempo: lowest and highest BPM; syllables: a line of a verse and of a
    chorus; palettes: four colours each, dark to light."""

    name: str
    label: str
    tempo: tuple[int, int]
    keys: tuple[str, ...]
    themes: tuple[str, ...]
    forms: tuple[str, ...]
    syllables: tuple[int, int]
    instruments: tuple[str, ...]
    styles: tuple[str, ...]
    moods: tuple[str, ...]
    palettes: tuple[tuple[str, str, str, str], ...]
    looks: tuple[str, ...]
    voices: tuple[str, ...]
    audiences: tuple[str, ...]
    beginnings: tuple[str, ...]


def _genre(table: dict[str, Any]) -> Genre:
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Genre(
        **{**table, **lists, "palettes": tuple(tuple(p.split()) for p in table["palettes"])}
    )


GENRES: dict[str, Genre] = {
    genre.name: genre for genre in map(_genre, read_folder("words", "genres"))
}


def line_count_of(form: str) -> int:
    """Lines of a form such as "V4 C4 V4 C4"."""
    return sum(int(part[1:]) for part in form.split())


def genre_of(text: str) -> Genre:
    """The facts of the genre nearest to a free text."""
    return GENRES[genre_for(text)]
