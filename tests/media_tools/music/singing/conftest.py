"""The voice, and small scores and phrases for the tests of singing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from media_tools.music.local.score import ChordSpan, Note, Score, ScoreSection
from media_tools.music.local.theory import TRIAD, chord_of, parse_key
from media_tools.music.singing.melody import Range
from media_tools.music.singing.phrase import Phrase, SungNote, phrase_of
from media_tools.music.singing.voice import Reader, SpokenWord, Voice, load_reader, load_voice

MEZZO = Range(57, 72)
MakePhrase = Callable[[str], Phrase]


@pytest.fixture(scope="session")
def reader() -> Reader:
    return load_reader()


@pytest.fixture(scope="session")
def voice() -> Voice:
    return load_voice()


@pytest.fixture(scope="module")
def score() -> Score:
    """A chorus of eight bars and an ending, Am F C G at 120 BPM, with a lead on every beat."""
    key = parse_key("A minor")
    form = (
        ScoreSection("chorus", 0, 8, 0, 0.9, key),
        ScoreSection("outro", 8, 2, 0, 0.5, key),
    )
    chords = tuple(
        ChordSpan(4.0 * bar, 4.0, chord_of(key, "1637"[bar % 4], TRIAD)) for bar in range(10)
    )
    lead = tuple(Note(float(beat), 0.9, 69 + beat % 4, 0.7) for beat in range(32))
    return Score("synthwave", key, 120.0, form, chords, {"lead": lead}, (), ())


def spoken(*phonemes: str) -> Phrase:
    """A phrase of words given by their phonemes alone."""
    return phrase_of([SpokenWord(sounds, sounds) for sounds in phonemes])


def evenly(phrase: Phrase, *, start_s: float = 0.4, step_s: float = 0.4) -> list[list[SungNote]]:
    """One note a syllable, a step up each, the last one held for a second."""
    count = len(phrase.syllables)
    starts = [start_s + step_s * number for number in range(count)]
    ends = [*starts[1:], starts[-1] + 1.0]
    return [
        [SungNote(start, end, 60 + number % 5)]
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
