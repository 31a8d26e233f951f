import numpy as np
import pytest

from media_tools.music.singing.curve import GLIDE_S, hz_of, pitch_curve
from media_tools.music.singing.phrase import SungNote

NOTES = (SungNote(0.0, 1.0, 60), SungNote(1.0, 2.0, 64))


def at(*times_s: float, vibrato_cents: float = 0.0) -> list[float]:
    return pitch_curve(NOTES, np.array(times_s), vibrato_cents=vibrato_cents).tolist()


def test_notes_are_held_at_their_pitch() -> None:
    assert at(0.5, 1.5) == pytest.approx([60.0, 64.0])


def test_glide_is_over_soon_after_the_note_begins() -> None:
    assert at(1.0 - GLIDE_S, 1.0 + GLIDE_S) == pytest.approx([60.0, 64.0])


def test_glide_lies_mostly_before_the_note() -> None:
    assert at(1.0)[0] > 62.5


def test_vibrato_comes_late_and_keeps_its_depth() -> None:
    times = np.arange(0.0, 0.9, 0.002)
    curve = pitch_curve(NOTES, times, vibrato_cents=30.0)

    assert np.abs(curve[times < 0.25] - 60.0).max() < 1e-9
    assert 0.25 < np.abs(curve - 60.0).max() <= 0.3


def test_a_above_middle_c_is_440_hz() -> None:
    assert hz_of(np.array([69.0, 81.0])).tolist() == pytest.approx([440.0, 880.0])
