import pytest

from media_tools.music.local.drum_patterns import PATTERNS
from media_tools.music.local.drumming import (
    FILLS,
    chopped,
    fill_notes,
    fill_of,
    half_time,
    rolled,
    room_before,
    varied,
)
from media_tools.music.local.genres import GENRES
from media_tools.seeds import stream

BREAK = {"K": "X.........X.....X.........x.....", "S": "....X..,.,..X.......X..,.,..X..,"}


@pytest.mark.parametrize("kind", FILLS)
def test_fills_end_a_bar_in_the_room_left_for_them_and_differ(kind: str) -> None:
    fills = [fill_of(kind, number) for number in range(len(FILLS[kind]))]
    for fill in fills:
        assert fill is not None
        hits = fill_notes(fill, bar_start=12.0)
        assert hits
        assert all(12.0 + room_before(fill) <= note.start < 16.0 for _, note in hits)
    assert len({str(fill) for fill in fills}) >= 4


def test_every_fill_of_a_genre_is_known() -> None:
    assert {kind for genre in GENRES for kind in genre.fills} <= {*FILLS, "none"}


def test_a_chopped_break_keeps_its_downbeat_and_backbeats() -> None:
    bars = [chopped(BREAK, stream("chop", number)) for number in range(8)]
    assert all(bar["K"][0] == "X" and "X" in bar["S"][4:8] and "X" in bar["S"][12:] for bar in bars)
    assert len({str(bar) for bar in bars}) > 2


def test_half_time_has_its_one_backbeat_on_three() -> None:
    bar = half_time({"K": "X...X...X...X...", "S": "....X.......X...", "H": "x.x.x.x.x.x.x.x."})
    assert bar["S"] == "........X......."
    assert bar["H"] == "x.x.x.x.x.x.x.x."


def test_hats_roll_and_bars_vary_within_their_bar() -> None:
    bar = PATTERNS["trap"][1]
    rolls = {rolled(bar, stream("roll", number))["H"] for number in range(6)}
    assert len(rolls) > 2
    changed = [varied(bar, 1.0, stream("vary", number)) for number in range(6)]
    assert {len(steps) for made in changed for steps in made.values()} == {16}
    assert all(made["K"][0] == "X" for made in changed)
