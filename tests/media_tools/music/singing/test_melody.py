import itertools
from dataclasses import replace

import pytest

from media_tools.music.local.score import Score
from media_tools.music.singing.melody import SetLine, harmony, set_section, shift_to
from media_tools.music.singing.phrase import Phrase
from tests.media_tools.music.singing.conftest import MEZZO, spoken

LINE = spoken("nˈiˌɑn", "ɹˈɪvəɹz", "ɹˈʌnɪŋ", "θɹu", "ðə", "nˈIt")


def setting(score: Score, phrases: list[Phrase] | None = None) -> list[SetLine]:
    lines = list(enumerate(phrases or [LINE] * 4))
    shift = shift_to(score, score.form[:1], MEZZO)
    return set_section(score, score.form[0], lines, MEZZO, shift=shift)


def test_every_syllable_has_its_notes(score: Score) -> None:
    found = setting(score)

    assert [line.line for line in found] == [0, 1, 2, 3]
    assert all(len(line.notes) == len(line.phrase.syllables) for line in found)


def test_notes_follow_each_other(score: Score) -> None:
    notes = [note for line in setting(score) for group in line.notes for note in group]

    assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(notes))
    assert all(note.end > note.start for note in notes)


def test_notes_stand_on_the_grid(score: Score) -> None:
    starts = [group[0].start for line in setting(score) for group in line.notes]

    assert all(start % 0.25 == 0 for start in starts)


def test_lines_stay_in_their_section_and_leave_breath(score: Score) -> None:
    for number, line in enumerate(setting(score)):
        assert line.notes[0][0].start >= 8.0 * number
        assert line.notes[-1][-1].end <= 8.0 * (number + 1) - 0.5


def test_pitches_are_in_range_and_in_the_scale(score: Score) -> None:
    for line in setting(score):
        for note in (note for group in line.notes for note in group):
            assert MEZZO.low <= note.pitch <= MEZZO.high
            assert note.pitch % 12 in score.chord_at(note.start + 0.25).scale_pcs


def test_lines_end_on_a_chord_tone(score: Score) -> None:
    for line in setting(score):
        last = line.notes[-1][-1]
        assert last.pitch % 12 in score.chord_at(last.start + 0.5).pcs


def test_rhymes_land_on_a_beat(score: Score) -> None:
    assert all(line.notes[-1][0].start % 1.0 == 0.0 for line in setting(score))


def test_lines_move_together_where_a_section_is_short(score: Score) -> None:
    found = setting(score, [LINE] * 6)

    assert len(found) == 6
    for line, following in itertools.pairwise(found):
        assert line.notes[-1][-1].end < following.notes[0][0].start


def test_lines_there_is_no_time_for_are_left_out(score: Score) -> None:
    found = setting(score, [LINE] * 20)

    assert 0 < len(found) < 20
    assert [line.line for line in found] == list(range(len(found)))


def test_the_held_last_bar_is_not_sung_over(score: Score) -> None:
    found = set_section(score, score.form[1], [(0, spoken("hˈOm"))], MEZZO, shift=0)

    assert all(note.end <= 36.0 for line in found for group in line.notes for note in group)


def test_without_a_lead_there_is_still_a_melody(score: Score) -> None:
    found = setting(replace(score, parts={}))

    assert len({group[0].pitch for line in found for group in line.notes}) >= 4


@pytest.mark.parametrize("number", [0, 3])
def test_harmony_is_consonant_with_the_lead(score: Score, number: int) -> None:
    line = setting(score)[number]
    for lead, other in zip(line.notes, harmony(score, line, MEZZO), strict=True):
        assert (other[0].pitch - lead[0].pitch) % 12 in (3, 4, 5)
        assert other[0].start == lead[0].start
