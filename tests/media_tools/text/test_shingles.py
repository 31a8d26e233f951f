"""Words that two songs have in common."""

from __future__ import annotations

import pytest

from media_tools.findings import Severity
from media_tools.text.base import Lyrics, LyricsSection
from media_tools.text.shingles import (
    pack,
    repeat_findings,
    shared_share,
    shingles,
    sketch,
    title_key,
    unpack,
)

VERSE = (
    "The kettle sings before the morning train",
    "My coat still smells of yesterday and rain",
)
CHORUS = ("Hold the door, the river's coming in", "Count to ten and let the flood begin")


def song(*sections: tuple[str, ...]) -> Lyrics:
    return Lyrics(tuple(LyricsSection("verse", lines) for lines in sections))


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Neon  Rivers!", "neon rivers"),
        ("L’Été d’Avant", "lete davant"),
        ("夜の川", "夜 の 川"),
        ("!!!", ""),
    ],
)
def test_titles_are_compared_without_case_accents_and_marks(title: str, key: str) -> None:
    assert title_key(title) == key


def test_order_repeats_and_writing_do_not_matter() -> None:
    written = song(VERSE, CHORUS)
    shouted = song(tuple(f"{line.upper()}!" for line in CHORUS), VERSE, CHORUS)

    assert shingles(written) == shingles(shouted)
    assert len(shingles(written)) == 11 + 11


def test_chants_are_no_evidence() -> None:
    assert shingles(song(("La la la la la la la", "hey la la la la hey hey"))) == frozenset()


def test_a_script_without_spaces_is_compared_by_character() -> None:
    assert len(shingles(song(("夜の川を渡る風の音",)))) == 5


def test_packed_hashes_come_back() -> None:
    hashes = shingles(song(VERSE))

    assert unpack(pack(hashes)) == hashes
    assert sketch(hashes) == tuple(sorted(hashes))
    assert sketch(range(100)) == tuple(range(32))


def test_the_share_is_of_the_shorter_song() -> None:
    assert shared_share(frozenset(range(40)), frozenset(range(20, 100))) == 0.5
    # Three phrases in common are little, however short the texts are.
    assert shared_share(frozenset(range(3)), frozenset(range(3))) == 0.15


@pytest.mark.parametrize(
    ("shared", "found"),
    [
        (29, []),
        (30, [("lyrics_alike", Severity.WARN)]),
        (49, [("lyrics_alike", Severity.WARN)]),
        (50, [("lyrics_duplicate", Severity.FAIL)]),
    ],
)
def test_half_of_the_words_fails_and_three_tenths_warn(
    shared: int, found: list[tuple[str, Severity]]
) -> None:
    known = frozenset(range(100))
    new = frozenset(range(100 - shared, 200 - shared))

    findings = repeat_findings(new, [("“Known” by A", known)])

    assert [(one.code, one.severity) for one in findings] == found
