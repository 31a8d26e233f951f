from dataclasses import replace

import pytest

from media_tools.music.local.score import Score
from media_tools.music.singing.answering import calls, hum
from media_tools.music.singing.melody import SetLine, VocalNote
from media_tools.seeds import stream

from .conftest import MEZZO, spoken

HEY = spoken("hˈA")


def line_at(start: float, end: float) -> SetLine:
    return SetLine(0, HEY, ((VocalNote(start, end, 60),),), peak=False)


@pytest.mark.parametrize(("following", "answered"), [(16.0, True), (5.0, False)])
def test_a_call_answers_only_in_a_gap(score: Score, following: float, answered: bool) -> None:
    lines = [line_at(0.0, 4.0), line_at(following, following + 2.0)]
    found = [
        call for seed in range(8) for call in calls(score, lines, [HEY], MEZZO, stream("c", seed))
    ]

    assert bool(found) == answered
    assert all(call.start >= 4.5 and call.end <= following - 0.5 for call in found)


def test_without_words_nobody_calls(score: Score) -> None:
    lines = [line_at(0.0, 4.0), line_at(16.0, 18.0)]

    assert not list(calls(score, lines, [], MEZZO, stream("c")))


def test_a_section_without_words_is_hummed_in_the_harmony(score: Score) -> None:
    quiet = replace(score.form[0], kind="break")
    found = hum(replace(score, form=(quiet, score.form[1])), [], MEZZO)

    assert found is not None
    assert found.end - found.start < 8.0
    for (note,) in found.notes:
        assert note.pitch % 12 in score.chord_at(note.start).scale_pcs
        assert MEZZO.low <= note.pitch <= MEZZO.high


def test_a_sung_section_is_not_hummed(score: Score) -> None:
    quiet = replace(score.form[0], kind="break")

    assert hum(replace(score, form=(quiet, score.form[1])), [line_at(0.0, 2.0)], MEZZO) is None
