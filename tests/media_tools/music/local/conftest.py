"""Small requests, orders and scores for the tests of the local music engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media_tools.music.base import MusicRequest
from media_tools.music.brief import Brief
from media_tools.music.local.dsp import Signal
from media_tools.music.local.genres import GENRE_BY_NAME
from media_tools.music.local.obeying import sound_for
from media_tools.music.local.order import Order
from media_tools.music.local.score import ChordSpan, Score, ScoreSection
from media_tools.music.local.sound import sound_of
from media_tools.music.local.soundfont import SoundFont
from media_tools.music.local.theory import TRIAD, chord_of, parse_key

SOUNDFONT = Path(__file__).parents[4] / "assets" / "soundfont" / "fluidr3-16.sf3"

NO_BRIEF = Brief()

MakeOrder = Callable[..., Order]
MakeRequest = Callable[..., MusicRequest]


@pytest.fixture(scope="session")
def order() -> MakeOrder:
    def make(
        genre: str = "synthwave",
        *,
        key: str = "A minor",
        tempo_bpm: float = 120.0,
        duration_s: float = 60.0,
        lyric_form: tuple[str, ...] = (),
        artist: str = "Neon Fox",
        seed: int = 1,
        brief: Brief = NO_BRIEF,
    ) -> Order:
        found = GENRE_BY_NAME[genre]
        return Order(
            genre=found,
            key=parse_key(key),
            tempo_bpm=tempo_bpm,
            duration_s=duration_s,
            lyric_form=lyric_form,
            sound=sound_for(sound_of(artist, found), found, brief),
            seed=seed,
            brief=brief,
        )

    return make


@pytest.fixture(scope="session")
def request_for() -> MakeRequest:
    def make(genre: str = "synthwave", **changes: object) -> MusicRequest:
        values: dict[str, object] = {
            "title": "Night Drive",
            "genre": genre,
            "prompt": "",
            "mood": "",
            "duration_s": 8.0,
            "tempo_bpm": 174,
            "key": "A minor",
            "lyrics": "",
            "lyric_form": ("chorus",),
            "instrumental": True,
            "artist_sound": "Neon Fox",
            "seed": 1,
        }
        return MusicRequest(**{**values, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture
def section() -> ScoreSection:
    """Eight bars of chorus in A minor."""
    return ScoreSection("chorus", 0, 8, 0, 0.9, parse_key("A minor"))


@pytest.fixture
def score(section: ScoreSection) -> Score:
    """Eight bars over Am F C G, no notes yet, 120 BPM."""
    chords = tuple(
        ChordSpan(4.0 * bar, 4.0, chord_of(section.key, "1637"[bar % 4], TRIAD)) for bar in range(8)
    )
    return Score("synthwave", section.key, 120.0, (section,), chords, {}, (), ())


@pytest.fixture(scope="session")
def font() -> SoundFont:
    return SoundFont(SOUNDFONT)


def correlation(one: Signal, other: Signal) -> float:
    """Correlation of two mono signals of one length, -1..1."""
    return float(np.asarray(np.corrcoef(one, other))[0, 1])
