"""What the composer is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from media_tools.music.brief import Brief
from media_tools.music.local.genre import Genre
from media_tools.music.local.sound import ArtistSound
from media_tools.music.local.theory import Key
from media_tools.taste import Taste


@dataclass(frozen=True)
class Order:
    """What to compose."""

    genre: Genre
    key: Key
    tempo_bpm: float
    duration_s: float
    lyric_form: tuple[str, ...]  # kinds of sections that must be there; may be empty
    sound: ArtistSound
    seed: int
    # seconds that the words of each kind need
    sung_s: Mapping[str, float] = field(default_factory=dict)
    brief: Brief = field(default_factory=Brief)
    taste: Taste = field(default_factory=Taste)
