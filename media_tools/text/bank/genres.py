"""What fits a genre: tempo, keys, sound, look, people, forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media_tools.assets import read_folder
from media_tools.genres import genre_for

# Forms for different numbers of lines: V verse, P prechorus, C chorus, B bridge, O outro, each with
# its number of lines.
SHORT_FORM = "V4 C4 V4 C4"

BRIGHT_MOODS = ("bright", "hopeful", "sunlit", "playful", "joyful", "glowing", "warm")
DARK_MOODS = ("dark", "brooding", "shadowy", "solemn", "stormy", "cold", "tense")
CALM_MOODS = ("calm", "soft", "still", "gentle")
LIVELY_MOODS = ("driving", "lively", "urgent", "energetic")


@dataclass(frozen=True)
class Genre:
    """The facts of one genre."""

    name: str
    label: str
    tempo: tuple[int, int]  # lowest and highest BPM
    keys: tuple[str, ...]
    themes: tuple[str, ...]
    forms: tuple[str, ...]
    syllables: tuple[int, int]  # in a line of a verse, and of a chorus
    instruments: tuple[str, ...]
    styles: tuple[str, ...]
    moods: tuple[str, ...]
    palettes: tuple[tuple[str, str, str, str], ...]  # of four colours each, dark to light
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
    """Count the lines of a form such as "V4 C4 V4 C4"."""
    return sum(int(part[1:]) for part in form.split())


def genre_of(text: str) -> Genre:
    """The facts of the genre nearest to a free text."""
    return GENRES[genre_for(text)]
