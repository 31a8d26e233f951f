import pytest

from media_tools.music.local.genres import SYNTHWAVE
from media_tools.music.local.melody import (
    Hook,
    answer_notes,
    cell_onsets,
    hook_notes,
    make_hook,
    motif_names,
)
from media_tools.music.local.score import Note, Score, ScoreSection
from media_tools.seeds import stream


@pytest.fixture
def hook() -> Hook:
    return make_hook(SYNTHWAVE.hook_cells, stream("hook", 4), span=4)


def test_cells_are_read() -> None:
    assert cell_onsets("x--.x-..........") == [(0.0, 0.75), (1.0, 0.5)]


def test_hook_returns_and_varies() -> None:
    assert motif_names(8) == ["A", "A'", "B", "A"]
    assert motif_names(3) == ["A", "A'"]


def test_variation_keeps_rhythm_and_opening(hook: Hook) -> None:
    first, varied = hook.motifs["A"], hook.motifs["A'"]
    assert [note.start for note in first] == [note.start for note in varied]
    assert first[0] == varied[0]
    assert first != varied


def test_hook_stays_in_scale_and_section(hook: Hook, score: Score, section: ScoreSection) -> None:
    notes = hook_notes(score, section, hook, centre=74)
    assert all(note.pitch % 12 in score.chord_at(note.start).scale_pcs for note in notes)
    assert all(note.start + note.length <= section.end + 1e-9 for note in notes)


def test_strong_beats_are_chord_tones(hook: Hook, score: Score, section: ScoreSection) -> None:
    notes = hook_notes(score, section, hook, centre=74)
    strong = [note for note in notes if note.start % 2 == 0]
    assert strong
    assert all(note.pitch % 12 in score.chord_at(note.start + 0.3).pcs for note in strong)


def test_same_motif_gives_the_same_rhythm_when_it_returns(
    hook: Hook, score: Score, section: ScoreSection
) -> None:
    notes = hook_notes(score, section, hook, centre=74)

    def rhythm(unit: int) -> list[float]:
        return [n.start - 8.0 * unit for n in notes if 8.0 * unit <= n.start < 8.0 * unit + 8.0]

    assert rhythm(0) == rhythm(3) == rhythm(1)


def test_melody_can_be_sung(hook: Hook, score: Score, section: ScoreSection) -> None:
    notes = hook_notes(score, section, hook, centre=74)
    assert all(58 <= note.pitch <= 90 for note in notes)


def test_answer_fills_the_rests_of_the_lead(score: Score, section: ScoreSection) -> None:
    lead = [Note(0.0, 2.0, 76, 0.8), Note(8.0, 7.9, 72, 0.8), Note(16.0, 15.9, 72, 0.8)]
    replies = answer_notes(score, section, lead, centre=79)
    assert replies
    assert all(2.0 <= note.start < 8.0 for note in replies)


def test_a_lead_without_rests_gets_guide_tones(score: Score, section: ScoreSection) -> None:
    lead = [Note(4.0 * bar, 4.0, 76, 0.8) for bar in range(8)]
    replies = answer_notes(score, section, lead, centre=79)
    assert [note.start for note in replies] == [4.0 * bar for bar in range(8)]
