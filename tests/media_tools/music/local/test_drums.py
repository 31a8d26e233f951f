from media_tools.music.local.drum_patterns import PATTERNS, PICKUPS
from media_tools.music.local.drumming import bar_of
from media_tools.music.local.drums import pattern_indexes, pattern_notes, pickup_notes
from media_tools.music.local.form import KINDS
from media_tools.seeds import stream


def test_pattern_becomes_hits_by_part() -> None:
    hits = pattern_notes({"K": "X.......x.......", "H": "r..............."}, first_beat=8.0)
    kicks = [note.start for part, note in hits if part == "kick"]
    hats = [note.start for part, note in hits if part == "hats"]
    assert kicks == [8.0, 10.0]
    assert hats == [8.0, 8.125]


def test_two_bar_pattern_alternates() -> None:
    pattern = {"K": "X" + "." * 15 + "." * 15 + "X"}
    starts = [pattern_notes(bar_of(pattern, bar), first_beat=0.0)[0][1].start for bar in (0, 1, 2)]
    assert starts == [0.0, 3.75, 0.0]


def test_room_is_left_for_a_fill() -> None:
    hits = pattern_notes({"H": "xxxxxxxxxxxxxxxx"}, first_beat=0.0, until=2.0)
    assert max(note.start for _, note in hits) < 2.0


def test_a_pickup_leads_on_from_the_last_beat() -> None:
    for genre in PICKUPS:
        hits = pickup_notes(genre, bar_start=12.0, rng=stream("pickup", genre))
        assert hits
        assert all(15.0 <= note.start < 16.0 for _, note in hits)


def test_every_section_kind_has_patterns_in_every_genre_with_drums() -> None:
    for genre, patterns in PATTERNS.items():
        if not patterns:
            continue
        for kind in KINDS:
            indexes = pattern_indexes(genre, kind)
            assert indexes
            assert max(indexes) < len(patterns)
