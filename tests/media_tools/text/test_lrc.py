from __future__ import annotations

from itertools import pairwise

import pytest

from media_tools.music.base import Section, TimedWord
from media_tools.text.base import Lyrics
from media_tools.text.lrc import (
    MIN_LINE_S,
    TimedLine,
    time_lyrics,
    time_sung_lyrics,
    to_lrc,
    to_srt,
)
from tests.media_tools.text.conftest import song

FOUR = ("one", "two", "three", "four")


def track(*parts: tuple[str, float]) -> list[Section]:
    """Sections one after another from (kind, length in seconds)."""
    sections, at = [], 0.0
    for kind, length in parts:
        sections.append(Section(kind, at, at + length))
        at += length
    return sections


def assert_in_order(lines: tuple[TimedLine, ...], lyrics: Lyrics) -> None:
    assert [line.text for line in lines] == [t for s in lyrics.sections for t in s.lines]
    for line in lines:
        assert line.end_s > line.start_s
    for one, two in pairwise(lines):
        assert one.end_s <= two.start_s + 1e-9


def test_sections_of_the_same_kind_meet() -> None:
    lyrics = song(("verse", FOUR), ("chorus", FOUR), ("verse", FOUR), ("chorus", FOUR))
    sections = track(
        ("intro", 8), ("verse", 16), ("chorus", 16), ("break", 8), ("verse", 16), ("chorus", 16),
        ("outro", 8),
    )  # fmt: skip

    lines = time_lyrics(lyrics, sections)

    assert_in_order(lines, lyrics)
    assert [line.start_s for line in lines[::4]] == pytest.approx([8.25, 24.25, 48.25, 64.25])
    assert lines[-1].end_s <= 80
    assert lines[0].section == "verse"


def test_lines_are_spread_evenly_with_a_lead_in() -> None:
    lines = time_lyrics(song(("verse", FOUR)), track(("verse", 16)))

    steps = [two.start_s - one.start_s for one, two in pairwise(lines)]
    assert lines[0].start_s == pytest.approx(0.25)
    assert steps == pytest.approx([15.75 / 4] * 3, abs=0.002)


def test_a_bridge_without_its_section_goes_to_the_free_one_between() -> None:
    lyrics = song(("chorus", FOUR), ("bridge", FOUR), ("chorus", FOUR))
    sections = track(("chorus", 12), ("drop", 12), ("chorus", 12))

    lines = time_lyrics(lyrics, sections)

    assert_in_order(lines, lyrics)
    assert 12 <= lines[4].start_s < lines[7].end_s <= 24


def test_sections_share_when_the_track_has_fewer() -> None:
    lyrics = song(("verse", FOUR), ("prechorus", ("five", "six")), ("chorus", FOUR))

    lines = time_lyrics(lyrics, track(("verse", 18), ("chorus", 12)))

    assert_in_order(lines, lyrics)
    assert lines[5].end_s <= 18
    assert lines[6].start_s >= 18


def test_a_track_of_other_kinds_takes_the_lyrics_in_order() -> None:
    lyrics = song(("verse", FOUR), ("chorus", FOUR))

    lines = time_lyrics(lyrics, track(("intro", 4), ("break", 20), ("drop", 20), ("outro", 4)))

    assert_in_order(lines, lyrics)
    assert lines[0].start_s >= 4
    assert lines[4].start_s >= 24
    assert lines[-1].end_s <= 44


def test_a_track_of_nothing_but_an_intro_still_takes_them() -> None:
    lyrics = song(("verse", FOUR))

    assert_in_order(time_lyrics(lyrics, track(("intro", 10))), lyrics)


def test_a_section_too_short_to_read_borrows_time_nobody_sings_in() -> None:
    lyrics = song(("verse", FOUR), ("chorus", FOUR))
    sections = track(("verse", 12), ("chorus", 2), ("outro", 10))

    lines = time_lyrics(lyrics, sections)

    assert_in_order(lines, lyrics)
    steps = [two.start_s - one.start_s for one, two in pairwise(lines[4:])]
    assert min(steps) >= MIN_LINE_S - 0.01


def test_a_track_with_no_time_to_spare_squeezes_without_overlap() -> None:
    lyrics = song(("verse", FOUR), ("chorus", FOUR), ("verse", FOUR))

    lines = time_lyrics(lyrics, track(("verse", 2), ("chorus", 2), ("verse", 2)))

    assert_in_order(lines, lyrics)
    assert lines[-1].end_s <= 6.0 + 1e-9


@pytest.mark.parametrize(
    ("lyrics", "sections"),
    [
        (song(), track(("verse", 10))),
        (song(("verse", FOUR)), []),
        (song(("verse", FOUR)), [Section("verse", 3.0, 3.0)]),
        (song(("verse", ())), track(("verse", 10))),
    ],
)
def test_nothing_to_time_gives_nothing(lyrics: Lyrics, sections: list[Section]) -> None:
    assert time_lyrics(lyrics, sections) == ()


def test_lrc_has_tags_times_and_clears_in_pauses() -> None:
    lines = (TimedLine(8.25, 12.0, "first line", "verse"), TimedLine(61.5, 64.0, "last", "chorus"))

    text = to_lrc(lines, title="A [live]\ntitle", artist="Mira Halden", length_s=75.4)

    assert text.splitlines() == [
        "[ti:A [live) title]",
        "[ar:Mira Halden]",
        "[length:01:15]",
        "[00:08.25]first line",
        "[00:12.00]",
        "[01:01.50]last",
        "[01:04.00]",
    ]


def test_srt_is_numbered_with_milliseconds() -> None:
    assert to_srt((TimedLine(3661.5, 3662.25, "late", "verse"),)) == (
        "1\n01:01:01,500 --> 01:01:02,250\nlate\n"
    )


def test_sung_lines_last_from_their_first_word_to_their_last() -> None:
    lyrics = song(("verse", ("one two", "three")), ("chorus", ("four",)))
    words = (
        TimedWord(2.0, 2.5, "one", 0),
        TimedWord(2.5, 4.0, "two", 0),
        TimedWord(9.0, 11.0, "four", 2),
    )

    assert time_sung_lyrics(lyrics, words) == (
        TimedLine(2.0, 4.0, "one two", "verse"),
        TimedLine(9.0, 11.0, "four", "chorus"),
    )


def test_a_short_sung_line_stays_until_the_next() -> None:
    lyrics = song(("verse", ("one", "two")))
    words = (TimedWord(2.0, 2.3, "one", 0), TimedWord(3.0, 3.4, "two", 1))

    first, last = time_sung_lyrics(lyrics, words)

    assert first.end_s == 3.0
    assert last.end_s == pytest.approx(3.0 + MIN_LINE_S)
