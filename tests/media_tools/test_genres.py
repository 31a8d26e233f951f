"""One table of genres: every engine knows each by the same name, and a free text means one."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from media_tools.genres import FALLBACK, GENRES, NAMES, genre_for, is_sung
from media_tools.images.families import FAMILIES
from media_tools.images.typography import GENRE_FACES
from media_tools.music.local import drum_patterns
from media_tools.music.local.genres import GENRE_BY_NAME
from media_tools.text.bank.genres import GENRES as FACTS
from media_tools.text.bank.genres import genre_of
from media_tools.video.plan import STYLES, choose_style
from trends.genres import CHART_NAMES
from trends.sources.local import OCCASIONS
from trends.sources.x import GENRE_QUERIES


def test_names_are_twenty_and_their_own() -> None:
    assert len(set(NAMES)) == 20
    assert FALLBACK in NAMES


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(GENRE_BY_NAME, id="composer"),
        pytest.param(drum_patterns.PATTERNS, id="drums"),
        pytest.param(FACTS, id="writer"),
        pytest.param(GENRE_FACES, id="typography"),
        pytest.param({name for each in FAMILIES.values() for name in each.genres}, id="covers"),
        pytest.param({genre for _, genre, _ in CHART_NAMES}, id="charts"),
        pytest.param({query.genre for query in GENRE_QUERIES}, id="X"),
    ],
)
def test_every_engine_knows_every_genre_and_no_other(known: Collection[str]) -> None:
    assert set(known) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_video_has_styles_that_fit_every_genre(name: str) -> None:
    assert {choose_style(name, "", seed) for seed in range(60)} < set(STYLES)


def test_drums_know_pick_ups_of_no_other_genre() -> None:
    assert set(drum_patterns.PICKUPS) <= set(NAMES)


def test_the_calendar_names_no_other_genre() -> None:
    assert {occasion.genre for occasion in OCCASIONS} - {""} <= set(NAMES)


def test_no_word_means_two_genres() -> None:
    words = [word for genre in GENRES for word in genre.words]

    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("synthwave", "synthwave"),
        ("Lo-fi hip hop", "lofi"),
        ("drum_and_bass", "drum_and_bass"),
        ("Liquid DnB", "drum_and_bass"),
        ("dark 80s retrowave", "synthwave"),
        ("acoustic singer-songwriter", "folk"),
        ("epic orchestral trailer", "cinematic"),
        ("dream pop", "indie_pop"),
        ("Drum & Bass", "drum_and_bass"),
        ("dark synth pop", "synthwave"),
        ("melodic techno", "techno"),
        ("R&B", "rnb"),
        ("bluegrass", "country"),
        ("solo piano", "classical_piano"),
        ("piano house", "house"),
        ("deep afro house", "house"),
        ("drift phonk", "phonk"),
        ("jazz hop", "chillhop"),
        ("something unheard of", "indie_pop"),
    ],
)
def test_writer_and_composer_read_a_free_text_alike(text: str, name: str) -> None:
    assert genre_for(text) == name
    assert genre_of(text).name == name


def test_hint_helps_where_the_genre_says_nothing() -> None:
    assert genre_for("original", hint="a minimal techno track") == "techno"


def test_artists_of_sung_genres_sing_and_half_of_traps() -> None:
    identities = [f"artist {number}" for number in range(200)]

    def share(genre: str) -> float:
        return sum(is_sung(genre, identity) for identity in identities) / len(identities)

    assert share("dream pop") == 1.0
    assert share("ambient") == 0.0
    assert 0.4 < share("trap") < 0.6
    assert is_sung("trap", "artist 1") == is_sung("trap", "artist 1")
