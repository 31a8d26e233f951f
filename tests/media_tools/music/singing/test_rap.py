from dataclasses import replace
from itertools import pairwise

import pytest

from media_tools.music.local.score import Score
from media_tools.music.singing.melody import SetLine
from media_tools.music.singing.phrase import phrase_of
from media_tools.music.singing.rap import set_rap
from media_tools.music.singing.voice import SpokenWord

from .conftest import MEZZO, spoken

# Ten syllables, every second one stressed.
LINE = spoken("ˈAdə", "ˈIdə", "ˈOdə", "ˈidə", "ˈudə")


@pytest.fixture
def verse(score: Score) -> Score:
    """The chorus of eight bars at 120 BPM as a verse."""
    section = replace(score.form[0], kind="verse")
    return replace(score, form=(section, score.form[1]))


def rapped(score: Score, count: int = 4) -> list[SetLine]:
    lines = [(number, LINE) for number in range(count)]
    return set_rap(score, score.form[0], lines, MEZZO)


def test_lines_end_on_the_backbeat_of_their_second_bar(verse: Score) -> None:
    lines = rapped(verse)

    assert [line.notes[-1][0].start for line in lines] == [6.0, 14.0, 22.0, 30.0]
    assert all(line.spoken and not line.peak for line in lines)


def test_syllables_are_eighths_triplets_or_sixteenths_that_can_be_said(verse: Score) -> None:
    for line in rapped(verse):
        starts = [group[0].start for group in line.notes]
        gaps = {round(after - before, 3) for before, after in pairwise(starts)}
        assert gaps <= {1.0, 0.5, 0.333, 0.25}
        assert min(gaps) * verse.seconds(1.0) >= 0.12


def test_every_other_line_prefers_triplets(verse: Score) -> None:
    triplets = [
        sum(
            abs(group[0].start * 3 % 1) < 0.01 and group[0].start % 0.5 != 0 for group in line.notes
        )
        for line in rapped(verse)
    ]

    assert triplets[1] > triplets[0]
    assert triplets[3] > triplets[2]


def test_long_syllables_fall_as_in_speech(verse: Score) -> None:
    for line in rapped(verse):
        first, last = line.notes[-1]
        assert last.pitch < first.pitch


def test_a_second_line_follows_the_first_at_once(verse: Score) -> None:
    long = replace(
        verse, form=(replace(verse.form[0], bars=16), replace(verse.form[1], first_bar=16))
    )
    starts = [line.notes[-1][0].start for line in rapped(long)]

    assert starts[1] - starts[0] == 8.0
    assert starts[2] - starts[1] > 8.0


def test_a_line_too_long_for_its_time_is_left_to_singing(verse: Score) -> None:
    endless = phrase_of([SpokenWord("la", "lɑ")] * 60)

    assert set_rap(verse, verse.form[0], [(0, endless)], MEZZO) == []
