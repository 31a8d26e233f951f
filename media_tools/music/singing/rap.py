"""Sets lines to a rapper's cadence: eighths, triplets and sixteenths up to a rhyme on the beat."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from media_tools.music.local.score import BEATS_PER_BAR, Score, ScoreSection
from media_tools.music.singing.melody import Range, SetLine, VocalNote, slots_of
from media_tools.music.singing.phrase import Phrase

_SHORTEST_S = 0.12  # between two syllables; faster ones are not understood
_MOST = 4  # syllables on a beat
_USUAL = 2.3
_LONGEST = 2.0 * BEATS_PER_BAR  # a line's slot
_RHYME_BEFORE_END = 2.0  # beats: on the backbeat of the slot's last bar
_RHYME_S = 0.34
_FALLS_FROM_S = 0.2  # a longer syllable falls in pitch, as in speech
_FALL = 2  # semitones
_MONOTONE = 5  # semitones of the speaking pitch above the lowest note
_LIFT = {1: 2, 2: 1, 0: 0}  # semitones by stress


def set_rap(
    score: Score, section: ScoreSection, lines: Sequence[tuple[int, Phrase]], voice: Range
) -> list[SetLine]:
    """Set every line to the cadence. Returns none if one has too many syllables for its time."""
    beat_s = score.seconds(1.0)
    end = min(section.end, score.beats - BEATS_PER_BAR)
    slots = _couplets(slots_of(section.start, end, [phrase for _, phrase in lines], beat_s))
    lines_set: list[SetLine] = []
    for number, ((line, phrase), (first, last)) in enumerate(zip(lines, slots, strict=False)):
        rhyme = max(first + 1.0, last - _RHYME_BEFORE_END)
        counts = _flow(phrase, int(rhyme - first), beat_s, triplets=number % 2 == 1)
        if counts is None:
            return []
        starts = [
            rhyme - len(counts) + beat + step / count
            for beat, count in enumerate(counts)
            for step in range(count)
        ]
        starts.append(rhyme)
        ends = [*starts[1:], rhyme + _RHYME_S / beat_s]
        pitches = _spoken_pitches(score, phrase, starts, voice, rises=number % 2 == 0)
        notes = tuple(
            _falling(VocalNote(start, end, pitch), beat_s)
            for start, end, pitch in zip(starts, ends, pitches, strict=True)
        )
        lines_set.append(SetLine(line, phrase, notes, peak=False, spoken=True))
    return lines_set


def _couplets(slots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return slots of two bars at most; the second line of a pair follows at once."""
    moved: list[tuple[float, float]] = []
    for number, (first, last) in enumerate(slots):
        length = min(last - first, _LONGEST)
        start = moved[-1][1] if number % 2 and length == _LONGEST else first
        moved.append((start, start + length))
    return moved


def _flow(phrase: Phrase, beats: int, beat_s: float, *, triplets: bool) -> list[int] | None:
    """Return how many syllables each beat before the rhyme has; None if they do not fit.

    Stressed syllables prefer the beats. triplets: the line prefers three on a beat.
    """
    wanted = len(phrase.syllables) - 1
    most = min(_MOST, int(beat_s / _SHORTEST_S + 0.05))
    usual = 3.0 if triplets and most >= 3 else _USUAL

    @functools.cache
    def best(used: int, left: int) -> tuple[float, tuple[int, ...]] | None:
        if left == 0:
            return (0.0, ()) if used == wanted else None
        options = []
        for count in range(1, most + 1):
            rest = best(used + count, left - 1) if used + count <= wanted else None
            if rest is not None:
                cost = 0.5 * abs(count - usual) + _stress_cost(phrase, used, count) + rest[0]
                options.append((cost, (count, *rest[1])))
        return min(options) if options else None

    flows = [flow for length in range(beats + 1) if (flow := best(0, length)) is not None]
    return list(min(flows)[1]) if flows else None


def _stress_cost(phrase: Phrase, first: int, count: int) -> float:
    stresses = [syllable.stress for syllable in phrase.syllables[first : first + count]]
    return 0.6 * (stresses[0] != 1) + 0.25 * sum(stress == 1 for stress in stresses[1:])


def _spoken_pitches(
    score: Score, phrase: Phrase, starts: Sequence[float], voice: Range, *, rises: bool
) -> list[int]:
    """Return speech's contour on tones of the scale: stresses stand out, the line sinks.

    rises: the rhyme is left open, as before an answer.
    """
    middle = voice.low + _MONOTONE
    count = len(starts)
    pitches = []
    for index, start in enumerate(starts):
        wanted = middle + _LIFT[phrase.syllables[index].stress] + 1.5 - 3.0 * index / count
        if index == count - 1:
            wanted = middle + (2 if rises else -3)
        scale = score.chord_at(start).scale_pcs
        near = [pitch for pitch in range(voice.low, voice.high + 1) if pitch % 12 in scale]
        pitches.append(min(near, key=lambda pitch: (abs(pitch - wanted), pitch)))
    return pitches


def _falling(note: VocalNote, beat_s: float) -> tuple[VocalNote, ...]:
    if (note.end - note.start) * beat_s < _FALLS_FROM_S:
        return (note,)
    middle = 0.5 * (note.start + note.end)
    return note._replace(end=middle), VocalNote(middle, note.end, note.pitch - _FALL)
