import numpy as np
import pytest

from media_tools.music.singing.phrase import SungNote
from media_tools.music.singing.timing import Landmarks, landmarks, nominal_centres, time_map
from media_tools.music.singing.voice import FRAME_S
from tests.media_tools.music.singing.conftest import spoken

# Three vowels spoken at frames 10, 30 and 50, the consonants of each from 6 frames before it.
MARKS = Landmarks(
    start=4.0, onsets=(10.0, 30.0, 50.0), centres=(14.0, 34.0, 54.0), gaps=(24.0, 44.0, 70.0)
)


def sung(*spans: tuple[float, float]) -> list[list[SungNote]]:
    return [[SungNote(start, end, 60)] for start, end in spans]


def test_vowels_begin_on_their_notes() -> None:
    placed = time_map(MARKS, sung((0.5, 1.0), (1.0, 1.4), (1.4, 3.0)))

    assert placed.source(np.array([0.5, 1.0, 1.4])).tolist() == pytest.approx([10.0, 30.0, 50.0])


def test_spoken_pace_is_kept_when_the_notes_are_as_fast() -> None:
    step = 20 * FRAME_S
    placed = time_map(MARKS, sung((0.5, 0.5 + step), (0.5 + step, 0.5 + 2 * step), (1.0, 1.25)))

    times = 0.5 + np.arange(30) * FRAME_S
    assert placed.source(times) == pytest.approx(10.0 + np.arange(30))


def test_long_notes_stand_on_the_middle_of_the_vowel() -> None:
    placed = time_map(MARKS, sung((0.5, 2.5), (2.5, 3.0), (3.0, 4.0)))

    assert abs(float(placed.source(np.array([1.4]))[0]) - 14.0) <= 1.5
    assert placed.is_held(np.array([1.4])).all()


def test_an_onset_moved_into_its_vowel_takes_the_middle_along() -> None:
    moved = MARKS.with_onsets(np.array([16.0, 30.0, 50.0]))

    assert moved.onsets[0] == 16.0
    assert moved.onsets[0] < moved.centres[0] < moved.gaps[0] <= moved.onsets[1]


def test_onsets_do_not_overtake_their_neighbours() -> None:
    moved = MARKS.with_onsets(np.array([0.0, 3.0, 99.0]))

    corners = [
        moved.start,
        *(x for trio in zip(moved.onsets, moved.centres, moved.gaps, strict=True) for x in trio),
    ]
    assert corners == sorted(corners)


def test_time_never_runs_back() -> None:
    placed = time_map(MARKS, sung((0.5, 0.6), (0.6, 0.65), (1.4, 1.5)))

    assert np.all(np.diff(placed.source(np.arange(0.3, 1.6, 0.005))) >= -1e-9)


def test_rests_are_silent() -> None:
    placed = time_map(MARKS, sung((0.5, 0.8), (2.0, 2.4), (2.4, 3.0)))

    assert placed.gain(np.array([0.6, 1.4, 2.2, 3.2])).tolist() == [1.0, 0.0, 1.0, 0.0]


def test_consonants_come_before_the_first_beat() -> None:
    placed = time_map(MARKS, sung((0.5, 0.8), (0.8, 1.2), (1.2, 2.0)))

    assert placed.gain(np.array([0.45]))[0] == 1.0


def test_nominal_places_follow_the_durations() -> None:
    phrase = spoken("nˈi", "ɑ")
    # pad, n, mark, i, space, vowel
    units = np.array([4, 2, 2, 2, 2, 4])

    first, second = nominal_centres(phrase, units)

    # The first vowel sounds from its stress mark on: units 6 to 10; the second in 12 to 16.
    assert second - first == pytest.approx(2 * (14.0 - 8.0))


def test_a_vowel_is_heard_where_the_hiss_before_it_ends() -> None:
    phrase = spoken("sɑ")
    units = np.array([8, 4, 6, 4])
    power = np.full((601, 60), 1e-6, dtype=np.float32)
    power[250:, 14:24] = 1.0  # s
    power[10:120, 24:36] = 10.0  # the vowel, later than the durations say

    found = landmarks(phrase, units, power)

    assert found.onsets[0] == pytest.approx(24.0, abs=1.0)
    assert 24 <= found.centres[0] < 36
