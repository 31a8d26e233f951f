import numpy as np
import pytest

from media_tools.music.singing.measure import onset_errors_s, pitch_errors_cents
from media_tools.music.singing.performance import Performance, Throat, perform
from media_tools.music.singing.phrase import phrase_of
from media_tools.music.singing.voice import Reader, Voice
from media_tools.seeds import stream
from tests.media_tools.music.singing.conftest import evenly


@pytest.fixture(scope="module")
def line(reader: Reader, voice: Voice) -> Performance:
    phrase = phrase_of(reader.words("Silver morning, carry me home"))
    return perform(voice, phrase, evenly(phrase), Throat())


@pytest.fixture(scope="module")
def signal(line: Performance) -> np.ndarray:
    return line.sound(line.curve(), stream("test"))


def test_a_line_is_sung_in_tune(line: Performance, signal: np.ndarray) -> None:
    errors = np.abs(pitch_errors_cents(signal, line.times_s, line.curve()))

    assert len(errors) > 300
    assert np.median(errors) <= 5.0
    assert np.mean(errors <= 50.0) >= 0.95


def test_syllables_begin_on_their_notes(line: Performance, signal: np.ndarray) -> None:
    errors = np.abs(onset_errors_s(signal, line.starts_s))

    assert np.median(errors) <= 0.012
    assert np.mean(errors <= 0.025) >= 0.85


def test_the_last_note_is_held_and_then_silent(line: Performance, signal: np.ndarray) -> None:
    last = line.notes[-1]

    def level(from_s: float, to_s: float) -> float:
        return float(np.sqrt(np.mean(signal[int(from_s * 24_000) : int(to_s * 24_000)] ** 2)))

    held = level(last.start_s + 0.6, last.start_s + 0.8)
    assert held > 0.3 * level(last.start_s + 0.1, last.start_s + 0.3)
    assert level(last.end_s + 0.05, last.end_s + 0.09) < 0.02 * held


def test_a_deep_throat_sings_low_notes_in_tune(reader: Reader, voice: Voice) -> None:
    phrase = phrase_of(reader.words("Hold on"))
    notes = [[note._replace(pitch=note.pitch - 14) for note in group] for group in evenly(phrase)]
    low = perform(voice, phrase, notes, Throat(formant=0.84, octave=1))

    errors = np.abs(
        pitch_errors_cents(low.sound(low.curve(), stream("t")), low.times_s, low.curve())
    )
    assert np.median(errors) <= 5.0
