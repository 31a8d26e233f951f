import pytest

from media_tools.music.local.compose import usable_progressions
from media_tools.music.local.drum_patterns import PATTERNS
from media_tools.music.local.form import KINDS
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRES
from media_tools.music.local.genres_played import CLASSICAL_PIANO
from media_tools.music.local.patches import KITS, PATCHES
from media_tools.music.local.theory import TRIAD, chord_of, parse_key

ids = pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)


@ids
def test_genre_has_enough_material(genre: Genre) -> None:
    assert len(genre.minor) >= 4
    assert len(genre.major) >= 4
    assert len(PATTERNS[genre.name]) >= 4 or genre is CLASSICAL_PIANO
    assert len(set(genre.forms)) >= 2
    assert len(genre.bass) >= 4


@ids
def test_patterns_are_whole_bars(genre: Genre) -> None:
    bars = [*genre.bass, *genre.comps, *genre.arps, *genre.verse_cells, *genre.hook_cells]
    lines = [steps for pattern in PATTERNS[genre.name] for steps in pattern.values()]
    assert {len(bar) for bar in bars} == {16}
    assert all(line and len(line) % 16 == 0 for line in lines)


@ids
def test_progressions_and_keys_can_be_read(genre: Genre) -> None:
    for name in genre.default_keys:
        key = parse_key(name)
        for progression in genre.minor if key.minor_like else genre.major:
            for token in progression.replace("/", " ").split():
                assert chord_of(key, token, TRIAD).name


@ids
def test_every_scale_leaves_three_progressions(genre: Genre) -> None:
    for scale in ("major", "lydian", "mixolydian", "minor", "dorian", "phrygian"):
        assert len(set(usable_progressions(genre, parse_key(f"C {scale}")))) >= 3


@ids
def test_sounds_and_sections_exist(genre: Genre) -> None:
    for role, names in genre.patches.items():
        assert set(names) <= set(KITS if role == "kit" else PATCHES)
    assert {kind for form in genre.forms for kind in form.split()} <= set(KINDS)
