import pytest

from media_tools.music.local.accompaniment import (
    Hand,
    arp_notes,
    bass_notes,
    comp_notes,
    pad_notes,
    steps_of,
)
from media_tools.music.local.score import ChordSpan, Score
from media_tools.music.local.theory import TRIAD, chord_of, parse_key


def hand(pattern: str, *, low: int = 52, strum_beats: float = 0.0, ring_beats: float = 0.0) -> Hand:
    """A hand that plays one pattern in eight bars."""
    return Hand(dict.fromkeys(range(8), pattern), 1.0, low, 79, strum_beats, ring_beats)


@pytest.fixture
def two_chords() -> tuple[ChordSpan, ...]:
    """Am and F, half a bar each."""
    key = parse_key("A minor")
    return tuple(
        ChordSpan(2.0 * index, 2.0, chord_of(key, token, TRIAD)) for index, token in enumerate("16")
    )


def test_pattern_is_cut_at_the_chord(two_chords: tuple[ChordSpan, ...]) -> None:
    first, second = (list(steps_of("x-------..x-----", span)) for span in two_chords)
    assert first == [(0.0, 2.0, "x")]
    assert second == [(2.5, 1.5, "x")]


def test_tie_over_a_chord_change_starts_anew(two_chords: tuple[ChordSpan, ...]) -> None:
    assert list(steps_of("1---------------", two_chords[1])) == [(2.0, 2.0, "=")]


def test_bass_plays_root_fifth_and_octave(score: Score) -> None:
    notes = bass_notes(score.chords[:1], hand("1---5---8---....", low=38))
    assert [note.pitch for note in notes] == [33, 40, 45]


def test_bass_approach_is_a_scale_step_from_the_next_root(score: Score) -> None:
    notes = bass_notes(score.chords[:2], hand("1-----------a---", low=38))
    approach = notes[1].pitch
    assert approach % 12 in score.chords[0].chord.scale_pcs
    assert min((approach - 5) % 12, (5 - approach) % 12) <= 2


def test_a_slide_begins_at_the_note_before(score: Score) -> None:
    notes = bass_notes(score.chords[:1], hand("1-----^---_-....", low=38))

    assert [(note.pitch, note.glide) for note in notes] == [(33, 0), (45, -12), (33, 12)]


def test_repeated_chords_are_tied_in_the_pad(score: Score) -> None:
    same = tuple(span._replace(chord=score.chords[0].chord) for span in score.chords[:2])
    notes = pad_notes(same, low=50, high=74, level=1.0)
    assert {(note.start, note.length) for note in notes} == {(0.0, 8.0)}


def test_strum_delays_each_string(score: Score) -> None:
    notes = comp_notes(score.chords[:1], hand("x---------------", strum_beats=0.05))
    assert [note.start for note in notes] == pytest.approx([0.0, 0.05, 0.1])


def test_comping_marks_choose_the_voices(score: Score) -> None:
    def struck(mark: str) -> list[int]:
        return [note.pitch for note in comp_notes(score.chords[:1], hand(mark + "-" * 15))]

    whole = struck("x")
    assert struck("l") == whole[:1]
    assert struck("u") == whole[1:]


def test_arpeggio_walks_the_chord(score: Score) -> None:
    notes = arp_notes(score.chords[:1], hand("0.1.2.3.........", low=60, ring_beats=0.3))
    pitches = [note.pitch for note in notes]
    assert {pitch % 12 for pitch in pitches} == set(score.chords[0].chord.pcs)
    assert pitches[3] == pitches[0] + 12
