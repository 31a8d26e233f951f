import numpy as np
import pytest
import scipy.signal

from media_tools.music.singing.measure import onset_errors_s
from media_tools.music.singing.performance import Performance, Throat, perform
from media_tools.music.singing.phrase import phrase_of
from media_tools.music.singing.voice import Reader, Voice
from media_tools.seeds import stream
from tests.media_tools.music.singing.conftest import evenly
from tests.media_tools.music.singing.pitch import VOICELESS, pitch_errors_cents


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

    assert np.median(errors) <= 0.01
    assert errors.max() <= 0.025


def test_vowels_after_voiceless_sounds_rise_on_their_notes(reader: Reader, voice: Voice) -> None:
    """Heard another way: where the band of the vowels comes within 6 dB of its level."""
    phrase = phrase_of(reader.words("Take the keys to happy houses"))
    sung = perform(voice, phrase, evenly(phrase), Throat())
    sound = sung.sound(sung.curve(), stream("test"))
    band = scipy.signal.butter(4, (260, 3000), "bandpass", fs=24_000, output="sos")
    power = np.convolve(scipy.signal.sosfiltfilt(band, sound) ** 2, np.full(240, 1 / 240), "same")
    errors = []
    for syllable, start_s in zip(phrase.syllables, sung.starts_s, strict=True):
        before = "".join(phrase.symbols[: syllable.vowel]).rstrip("ˈˌ")[-1:]
        if before in VOICELESS:
            note = round(start_s * 24_000)
            level = power[note + 720 : note + 2160].mean()
            below = np.flatnonzero(power[note - 2400 : note + 1440] < level / 4)
            errors.append((below[-1] - 2400) / 24_000)

    assert len(errors) >= 4
    assert np.abs(errors).max() <= 0.04


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
