"""Writes the vocal melody: sets syllables to rhythm and to the pitches of the song's hook.

The instrumental lead is the sketch: the voice takes its contour in its own range, with one note per
syllable, and stressed syllables on strong beats and chord tones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from media_tools.music.local.score import BEATS_PER_BAR, Note, Score, ScoreSection
from media_tools.music.local.theory import Chord
from media_tools.music.singing.phrase import Phrase

_SHORTEST_S = 0.15  # between two syllables
_USUAL_S = (0.2, 0.42)
_FILL = 0.7  # of its time, a line takes this much before the last syllable
_HOLD_S = (0.45, 1.8)  # of the last syllable
_BREATH_S = 0.3  # between two lines
_LATEST_START = 2.0  # beats
_SUSTAIN_S = 1.1  # longer gaps inside a line are rests
_STRESS_WEIGHT = {0: 0.5, 1: 1.3, 2: 0.5}
_OFF_HOOK_COST = 0.35
_TOGETHER = 0.13  # beats
_MELISMA_BEATS = 2.0  # a last syllable longer than this gets a second note
_LARGEST_LEAP = 7


class VocalNote(NamedTuple):
    """A sung note."""

    start: float  # beats from the start of the track, without swing
    end: float  # likewise
    pitch: int  # MIDI


@dataclass(frozen=True)
class SetLine:
    """A line set to music: for each syllable of the phrase one or more notes without a gap."""

    line: int
    phrase: Phrase
    notes: tuple[tuple[VocalNote, ...], ...]
    peak: bool
    spoken: bool = False  # rapped: the pitch falls as in speech, without vibrato

    @property
    def start(self) -> float:
        return self.notes[0][0].start

    @property
    def end(self) -> float:
        return self.notes[-1][-1].end


@dataclass(frozen=True)
class Range:
    """The lowest and highest MIDI pitch of a voice."""

    low: int
    high: int

    @property
    def centre(self) -> float:
        return (self.low + self.high) / 2


def set_section(
    score: Score,
    section: ScoreSection,
    lines: Sequence[tuple[int, Phrase]],
    voice: Range,
    *,
    shift: int,
) -> list[SetLine]:
    """Set lines on a section, as many as there is time for.

    lines: (index in the song, phrase). shift: semitones from the lead's height to the voice's.
    """
    # The last bar of a track is one held chord.
    end = min(section.end, score.beats - BEATS_PER_BAR)
    beat_s = score.seconds(1.0)
    slots = slots_of(section.start, end, [phrase for _, phrase in lines], beat_s)
    lead = [
        note._replace(pitch=note.pitch + shift)
        for note in score.parts.get("lead", ())
        if section.start - 0.25 <= note.start < section.end
    ]
    lines_set: list[SetLine] = []
    peak = section.kind in ("chorus", "drop")
    previous: int | None = None
    for number, ((line, phrase), (first, last)) in enumerate(zip(lines, slots, strict=False)):
        spans = _rhythm(phrase, first, last, beat_s, [note.start for note in lead])
        closing = number + 1 == len(slots)
        pitches = _pitches(score, phrase, spans, lead, voice, previous, closing=closing)
        previous = pitches[-1]
        notes: list[tuple[VocalNote, ...]] = [
            (VocalNote(*span, pitch),) for span, pitch in zip(spans, pitches, strict=True)
        ]
        notes[-1] = _melisma(score, notes[-1][0], voice)
        lines_set.append(SetLine(line, phrase, tuple(notes), peak))
    return lines_set


def slots_of(
    start: float, end: float, phrases: Sequence[Phrase], beat_s: float
) -> list[tuple[float, float]]:
    """Return the first and last beat of each line.

    Each line gets an equal share of whole bars, or of beats if there is too little time. If not
    even the beats suffice, there are fewer lines.
    """
    if end <= start or not phrases:
        return []
    half = BEATS_PER_BAR / 2
    longest = max(_shortest_beats(phrase, beat_s) for phrase in phrases)
    share = int((end - start) / half) // len(phrases)
    if share * half < longest:
        return _tight_slots(start, end, phrases, beat_s)
    if share > 2:
        share -= share % 2  # whole bars, so that every line has the same strong beats
    return [
        (start + index * share * half, min(end, start + (index + 1) * share * half))
        for index in range(len(phrases))
    ]


def _shortest_beats(phrase: Phrase, beat_s: float) -> float:
    """Return the beats a line needs if it is sung as fast as allowed."""
    return (len(phrase.syllables) * _SHORTEST_S + _HOLD_S[0] + _BREATH_S) / beat_s


def _tight_slots(
    start: float, end: float, phrases: Sequence[Phrase], beat_s: float
) -> list[tuple[float, float]]:
    """Place as many lines as fit one after another, each with whole beats after its own length."""
    needed = [math.ceil(_shortest_beats(phrase, beat_s)) for phrase in phrases]
    while len(needed) > 1 and sum(needed) > end - start:
        needed.pop()
    spare = int(end - start - sum(needed))
    slots = []
    first = start
    for index, beats in enumerate(needed):
        extra = spare * (index + 1) // len(needed) - spare * index // len(needed)
        last = min(end, first + beats + extra)
        slots.append((first, last))
        first = last
    return slots


def _rhythm(
    phrase: Phrase, first: float, last: float, beat_s: float, lead: Sequence[float]
) -> list[tuple[float, float]]:
    """Return start and end of each syllable in beats: the cheapest placement on a grid.

    Stressed syllables prefer strong beats, distances prefer to be even, lines prefer to begin
    early, and syllables prefer the starts of the lead's notes.
    """
    count = len(phrase.syllables)
    room = last - first - (_HOLD_S[0] + _BREATH_S) / beat_s
    step = next(
        (s for s in (0.5, 0.25) if s * beat_s >= _SHORTEST_S - 0.01 and room / s >= count - 1),
        room / max(1, count - 1) if room / max(1, count - 1) < 0.5 else 0.5,
    )
    places = max(count, int(room / step) + 1)
    usual = (last - first) * beat_s * _FILL / count
    usual = min(max(usual, _USUAL_S[0]), _USUAL_S[1])
    beats = np.arange(places) * step
    strength = np.array([_strength(beat + first % BEATS_PER_BAR) for beat in beats])
    hook = np.array([any(abs(note - first - beat) < _TOGETHER for note in lead) for beat in beats])
    welcome = np.where(hook, 0.0, _OFF_HOOK_COST)
    gaps_s = np.arange(1, places + 1) * step * beat_s
    gap_cost = np.log2(gaps_s / usual) ** 2 + 4.0 * (gaps_s < _SHORTEST_S - 0.01)
    cost = 0.2 * beats + 9.0 * (beats > _LATEST_START)
    cost = cost + _stress_cost(phrase, 0, strength) + welcome
    came: list[NDArray[np.intp]] = []
    for index in range(1, count):
        chain = np.full((places, places), np.inf)
        for place in range(index, places):
            earlier = np.arange(place)
            chain[place, :place] = cost[:place] + gap_cost[place - earlier - 1]
        # A pause between words is natural; inside a word it tears the word apart.
        if not phrase.syllables[index - 1].ends_word:
            apart = np.subtract.outer(np.arange(places), np.arange(places))
            chain += 0.8 * (apart * step * beat_s > 1.5 * usual)
        came.append(chain.argmin(axis=1))
        cost = chain.min(axis=1) + _stress_cost(phrase, index, strength) + welcome
    place = int(cost.argmin())
    path = [place]
    for before in reversed(came):
        place = int(before[place])
        path.append(place)
    starts = [first + float(beats[place]) for place in reversed(path)]
    return _held(starts, last, beat_s)


def _held(starts: list[float], last: float, beat_s: float) -> list[tuple[float, float]]:
    """Hold each syllable until the next one unless it is far; the last one has its own length."""
    spans = []
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        if following is None:
            end = min(start + _HOLD_S[1] / beat_s, last - _BREATH_S / beat_s)
            end = max(end, start + 0.3 / beat_s)
        else:
            end = min(following, start + _SUSTAIN_S / beat_s)
        spans.append((start, end))
    return spans


def _strength(beat: float) -> float:
    """Return how strong a place in the bar is, 0..1."""
    place = beat % BEATS_PER_BAR
    if place % 1.0:
        return 0.25 if place % 0.5 == 0 else 0.0
    return {0.0: 1.0, 2.0: 0.85}.get(place, 0.6)


def _stress_cost(phrase: Phrase, index: int, strength: NDArray[np.float64]) -> NDArray[np.float64]:
    syllable = phrase.syllables[index]
    weight = _STRESS_WEIGHT[syllable.stress]
    if index + 1 == len(phrase.syllables):
        return np.asarray(2.0 * (1.0 - strength))  # the last syllable carries the rhyme
    if syllable.stress:
        return np.asarray(weight * (1.0 - strength))
    return np.asarray(weight * strength)


def _pitches(
    score: Score,
    phrase: Phrase,
    spans: Sequence[tuple[float, float]],
    lead: Sequence[Note],
    voice: Range,
    previous: int | None,
    *,
    closing: bool,
) -> list[int]:
    """Return a pitch for each syllable, near the lead's contour."""
    pitches: list[int] = []
    for index, (start, end) in enumerate(spans):
        chord = score.chord_at(start + min(0.5 * (end - start), 0.5))
        share = index / max(1, len(spans) - 1)
        wanted = _contour(lead, start, voice, share)
        final = index + 1 == len(spans)
        strong = final or start % 2.0 == 0.0 or end - start >= 1.5
        strong = strong or (phrase.syllables[index].stress == 1 and start % 1.0 == 0.0)
        pitch = _fitted(
            chord,
            wanted,
            pitches[-2:] or ([previous] if previous is not None else []),
            voice,
            strong=strong,
            settled=final and closing,
        )
        pitches.append(pitch)
    return pitches


def _contour(lead: Sequence[Note], beat: float, voice: Range, share: float) -> float:
    """Return the melody's target: the lead's note, or an arch if there is no lead."""
    arch = 2.0 * math.sin(math.pi * share)
    before = [note for note in lead if note.start <= beat + 0.13]
    if not lead:
        return voice.centre - 1.0 + 2.0 * arch
    if not before:
        return float(lead[0].pitch)
    # In the lead's rests the voice continues from its last note, with a little motion of its own.
    note = before[-1]
    resting = min(1.0, max(0.0, beat - note.start - note.length))
    return note.pitch + resting * (arch - 1.0)


def _fitted(
    chord: Chord,
    wanted: float,
    before: Sequence[int],
    voice: Range,
    *,
    strong: bool,
    settled: bool,
) -> int:
    """Return the pitch in the range that suits contour, harmony and singability best."""
    while wanted > voice.high + 2:
        wanted -= 12
    while wanted < voice.low - 2:
        wanted += 12
    tones = chord.pcs[:3] if settled else chord.pcs[:4]
    scale = chord.scale_pcs

    def cost(pitch: int) -> float:
        total = abs(pitch - wanted)
        pc = pitch % 12
        if pc not in tones:
            total += 6.0 if strong else 0.6
            if (pc - 1) % 12 in chord.pcs:
                total += 0.8  # a semitone above a chord tone is a harsh dissonance
        if before:
            leap = abs(pitch - before[-1])
            total += 0.35 * max(0, leap - 2) + 6.0 * max(0, leap - _LARGEST_LEAP)
            total += 0.5 * (leap == 0) + 1.5 * (leap == 0 and len(set(before)) == 1 < len(before))
        return total

    candidates = [p for p in range(voice.low, voice.high + 1) if p % 12 in scale]
    return min(candidates, key=lambda pitch: (cost(pitch), pitch))


def _melisma(score: Score, note: VocalNote, voice: Range) -> tuple[VocalNote, ...]:
    """Move a long last syllable to the next chord's nearest tone when the chord changes."""
    if note.end - note.start <= _MELISMA_BEATS:
        return (note,)
    for span in score.chords:
        if note.start + 0.9 < span.start < note.end - 0.7 and note.pitch % 12 not in span.chord.pcs:
            near = [p for p in range(voice.low, voice.high + 1) if p % 12 in span.chord.pcs[:3]]
            pitch = min(near, key=lambda p: (abs(p - note.pitch), p))
            return (note._replace(end=span.start), VocalNote(span.start, note.end, pitch))
    return (note,)


def shift_to(score: Score, sections: Sequence[ScoreSection], voice: Range) -> int:
    """Return the semitones from the middle of the lead in these sections to the voice's.

    Any number is possible, because the contour is fitted to the harmony again.
    """
    pitches = [
        note.pitch
        for section in sections
        for note in score.parts.get("lead", ())
        if section.start <= note.start < section.end
    ]
    return round(voice.centre - float(np.median(pitches))) if pitches else 0


def harmony(score: Score, lead: SetLine, voice: Range) -> tuple[tuple[VocalNote, ...], ...]:
    """Return the line a third above, or the nearest chord tone; below if it would be too high."""
    return tuple(
        tuple(note._replace(pitch=_third(score, note, voice)) for note in group)
        for group in lead.notes
    )


def _third(score: Score, note: VocalNote, voice: Range) -> int:
    chord = score.chord_at(note.start + min(0.5 * (note.end - note.start), 0.5))
    consonant = [
        note.pitch + interval
        for interval in (3, 4, 5)
        if (note.pitch + interval) % 12 in chord.scale_pcs
    ]
    tones = [pitch for pitch in consonant if pitch % 12 in chord.pcs]
    pitch = (tones or consonant or [note.pitch])[0]
    return pitch if pitch <= voice.high + 3 else pitch - 12
