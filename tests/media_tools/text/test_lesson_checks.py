"""Whether a song follows a lesson, by figures."""

from __future__ import annotations

from typing import Any

import pytest

from media_tools.text.base import Lyrics, LyricsSection
from media_tools.text.checks import repeated_share
from media_tools.text.lesson_checks import FEWEST_USUAL, Song, judge

USUAL = {
    "tempo_bpm": 104.0,
    "duration_s": 90.0,
    "centroid_hz": 2000.0,
    "high_share": 0.10,
    "crest_db": 12.0,
    "repeated_share": 0.4,
}
LYRICS = Lyrics(
    (
        LyricsSection("verse", ("Street lamps lean over water", "Nobody counts the miles")),
        LyricsSection("chorus", ("We run on neon rivers", "We run on neon rivers")),
    )
)


def song(**figures: float | None) -> Song:
    return Song(title="Neon Rivers", key="A minor", lyrics=LYRICS, figures={**USUAL, **figures})


def obeyed(lesson: str, earlier: int = 5, **figures: Any) -> bool | None:
    return judge(lesson, song(**figures), [USUAL] * earlier).obeyed


@pytest.mark.parametrize(
    ("lesson", "figures", "expected"),
    [
        ("Keep the tempo below 100 BPM", {"tempo_bpm": 99.6}, True),
        ("Keep the tempo below 100 BPM", {"tempo_bpm": 104.0}, False),
        ("tempo at least 110 bpm", {"tempo_bpm": 112.0}, True),
        ("no longer than 80 seconds", {"duration_s": 92.0}, False),
        ("Make it slower", {"tempo_bpm": 98.0}, True),
        ("Make it slower", {"tempo_bpm": 103.5}, False),
        ("Make it faster", {"tempo_bpm": 98.0}, False),
        ("Make it shorter", {"duration_s": 70.0}, True),
        ("Write a brighter song", {"centroid_hz": 2300.0}, True),
        ("Write a darker song", {"centroid_hz": 2300.0}, False),
        ("Make the sound warmer", {"high_share": 0.05}, True),
        ("Make the mix punchier", {"crest_db": 11.0}, False),
        ("less repetitive", {"repeated_share": 0.25}, True),
        ("use a minor key", {}, True),
        ("use a major key", {}, False),
        ("Avoid the word neon", {}, False),
        ("Avoid the word rain", {}, True),
        ("Avoid stock phrases in the lyrics", {}, True),
        ("Make it calmer", {}, None),
        ("More cowbell", {}, None),
        ("Make it slower", {"tempo_bpm": None}, None),
        ("slower and brighter", {"tempo_bpm": 90.0, "centroid_hz": 1500.0}, False),
        ("slower and calmer", {"tempo_bpm": 90.0}, True),
    ],
)
def test_lesson_is_measured(lesson: str, figures: dict[str, Any], expected: bool | None) -> None:
    assert obeyed(lesson, **figures) is expected


def test_a_direction_needs_earlier_songs_to_compare_with() -> None:
    assert obeyed("Make it slower", earlier=FEWEST_USUAL - 1, tempo_bpm=60.0) is None
    assert obeyed("Make it slower", earlier=FEWEST_USUAL, tempo_bpm=60.0) is True


def test_the_figures_behind_it_are_told() -> None:
    found = judge("Make it slower", song(tempo_bpm=112.0), [USUAL] * 4)

    assert found.measured == "112 BPM; the median of 4 earlier songs is 104 BPM."
    assert judge("Avoid the word neon", song(), []).measured == "Used: neon."


def test_repeated_share_counts_refrains() -> None:
    assert repeated_share(LYRICS) == 0.25
    assert repeated_share(Lyrics(())) == 0.0
