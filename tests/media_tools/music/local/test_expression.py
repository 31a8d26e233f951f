import numpy as np
import pytest

from media_tools.music.local.expression import (
    LEAST_SPREAD,
    Feel,
    accented,
    played,
    swung,
    widened,
)
from media_tools.music.local.score import Note, ScoreSection
from media_tools.seeds import stream

BEATS = [Note(float(beat), 1.0, 36, 0.8) for beat in range(32)]


def test_swing_delays_the_second_step_of_each_pair_only() -> None:
    assert swung(1.0, 0.6, 0.25) == 1.0
    assert swung(1.25, 0.6, 0.25) == pytest.approx(1.3)
    assert swung(1.5, 0.6, 0.25) == 1.5
    assert swung(1.25, 0.5, 0.25) == 1.25


def test_hands_are_loose_within_bounds_and_drift() -> None:
    feel = Feel(behind_beats=0.02, spread_beats=0.01, spread_velocity=0.05)
    hands = played(BEATS, feel, stream("x"))
    shifts = np.array([a.start - b.start for a, b in zip(hands, BEATS, strict=True)])
    assert np.all(np.abs(shifts[1:] - 0.02) <= 0.03 + 1e-9)
    assert np.corrcoef(shifts[1:-1], shifts[2:])[0, 1] > 0.2
    assert all(0.05 <= note.velocity <= 1.0 for note in hands)


def test_downbeats_and_high_notes_are_stronger(section: ScoreSection) -> None:
    accents = "9111111111111111"
    notes = [Note(4.0, 0.5, 60, 0.7), Note(5.0, 0.5, 60, 0.7), Note(5.0, 0.5, 72, 0.7)]
    down, weak, high = accented(notes, section, accents)
    assert down.velocity > high.velocity > weak.velocity


def test_even_playing_gets_deeper_accents_and_a_few_notes_stay() -> None:
    even = [note._replace(velocity=0.6 + 0.04 * (index % 2)) for index, note in enumerate(BEATS)]
    deeper = [note.velocity for note in widened(even)]
    assert np.std(deeper) == pytest.approx(LEAST_SPREAD)
    assert np.mean(deeper) == pytest.approx(0.62)
    assert widened(even[:4]) == even[:4]
