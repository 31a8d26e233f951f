"""Writes what is sung beside the words: calls between lines, and a hum where nothing is sung."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from media_tools.music.local.score import BEATS_PER_BAR, Score, ScoreSection
from media_tools.music.singing.melody import Range, SetLine, VocalNote
from media_tools.music.singing.phrase import Phrase, phrase_of
from media_tools.music.singing.voice import SpokenWord

_CALL_S = 0.34
_APART_S = 0.4  # between a call and the words around it
_OFTEN = 0.7
_HEIGHT = 9  # semitones of a call above the lowest note
_FALL = 3
_HUM = SpokenWord("mm", "mˈu")
_HUMMED = ("intro", "break", "bridge", "outro")
_HUM_BEATS = (0.0, 1.5, 2.0, 4.0, 5.5, 6.0, 7.75)  # the last one ends the hum


def calls(
    score: Score,
    lines: Sequence[SetLine],
    phrases: Sequence[Phrase],
    voice: Range,
    rng: np.random.Generator,
) -> Iterator[SetLine]:
    """Yield one of the phrases, as an ad-lib, in gaps between lines where there is room for it."""
    if not phrases:
        return
    ordered = sorted(lines, key=lambda line: line.start)
    for before, after in pairwise(ordered):
        earliest = before.end + _APART_S / score.seconds(1.0)
        start = math.ceil(2.0 * earliest) / 2.0
        length = _CALL_S / score.seconds(1.0)
        if start + length + _APART_S / score.seconds(1.0) > after.start:
            continue
        if rng.random() < _OFTEN:
            phrase = phrases[int(rng.integers(len(phrases)))]
            yield _call(phrase, start, length, voice.low + _HEIGHT)


def _call(phrase: Phrase, start: float, length: float, pitch: int) -> SetLine:
    """The syllables one after another; the last one falls."""
    step = length / len(phrase.syllables)
    starts = [start + step * number for number in range(len(phrase.syllables))]
    notes = [(VocalNote(beat, beat + step, pitch),) for beat in starts]
    last, half = starts[-1], 0.5 * step
    falling = (
        VocalNote(last, last + half, pitch),
        VocalNote(last + half, last + step, pitch - _FALL),
    )
    return SetLine(-1, phrase, (*notes[:-1], falling), peak=False, spoken=True)


def hum(score: Score, lines: Sequence[SetLine], voice: Range) -> SetLine | None:
    """Return a hum of two bars over the first longer section without words; None without one."""
    for section in score.form:
        # The last bar of a track is one held chord.
        is_long = min(section.end, score.beats - BEATS_PER_BAR) - section.start >= 2 * BEATS_PER_BAR
        is_sung = any(section.start <= line.start < section.end for line in lines)
        if section.kind in _HUMMED and is_long and not is_sung:
            return _hummed(score, section, voice)
    return None


def _hummed(score: Score, section: ScoreSection, voice: Range) -> SetLine:
    notes: list[tuple[VocalNote, ...]] = []
    pitch = round(voice.centre)
    for number, (first, last) in enumerate(pairwise(_HUM_BEATS)):
        start = section.start + first
        chord = score.chord_at(start)
        wanted = pitch + (2 if number % 3 == 1 else -1)
        tones = chord.pcs[:3] if number % 3 != 1 else chord.scale_pcs
        near = [p for p in range(voice.low, voice.high + 1) if p % 12 in tones]
        pitch = min(near, key=lambda p: (abs(p - wanted), p))
        notes.append((VocalNote(start, section.start + last, pitch),))
    phrase = phrase_of([_HUM] * len(notes))
    return SetLine(-1, phrase, tuple(notes), peak=False)
