"""Writes bass, chords, pads and arpeggios from step patterns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from media_tools.music.local.score import BEATS_PER_BAR, ChordSpan, Note
from media_tools.music.local.theory import Chord, nearest_pitch, voicing

_STEP = 0.25
_SLIDES = {"^": 7, "_": 0}  # the octave or the root, reached by a slide from the note before
_APPROACHES = {"a": 1, "b": 2, "/": 0}  # scale steps away from the next root
_SLIDING = "^_/"
_FORCES = {"x": 0.75, "o": 0.55, "u": 0.5, "l": 0.7, "r": 0.65}
_ROLL_BEATS = 0.25  # a rolled chord's delay from one voice to the next


def steps_of(pattern: str, span: ChordSpan) -> Iterator[tuple[float, float, str]]:
    """Yield start (in beats of the track), length and mark of a pattern's hits under a chord."""
    step = 0
    total = round(span.length / _STEP)
    first = round((span.start % BEATS_PER_BAR) / _STEP)
    while step < total:
        mark = pattern[(first + step) % len(pattern)]
        held = 1
        while step + held < total and pattern[(first + step + held) % len(pattern)] == "-":
            held += 1
        if mark not in ".-":
            yield span.start + step * _STEP, held * _STEP, mark
        elif mark == "-" and step == 0:
            # A pattern that ties over the bar line starts again with the chord.
            yield span.start, held * _STEP, "="
        step += held if mark != "." else 1


def bars_of(chords: tuple[ChordSpan, ...]) -> Iterator[ChordSpan]:
    """Yield the chords, divided at bar lines, so that patterns start with each bar."""
    for start, length, chord in chords:
        beat = start
        while beat < start + length - 1e-9:
            end = min((beat // BEATS_PER_BAR + 1) * BEATS_PER_BAR, start + length)
            yield ChordSpan(beat, end - beat, chord)
            beat = end


@dataclass(frozen=True)
class Hand:
    """How a part is played over the chords of a section.

    patterns: by bar of the track. low, high: range of the chords; for a bass, low is the pitch that
    its roots stay near.
    """

    patterns: Mapping[int, str]
    level: float  # 0..1
    low: int
    high: int = 127
    strum_beats: float = 0.0  # delay from one voice to the next
    ring_beats: float = 0.0  # the shortest time a note of an arpeggio sounds

    def steps(self, span: ChordSpan) -> Iterator[tuple[float, float, str]]:
        """Yield the hits of the bar a span lies in, as steps_of does."""
        return steps_of(self.patterns[int(span.start // BEATS_PER_BAR)], span)


def bass_notes(chords: tuple[ChordSpan, ...], hand: Hand) -> list[Note]:
    """Write a bass line."""
    bars = list(bars_of(chords))
    notes: list[Note] = []
    for index, span in enumerate(bars):
        chord = span.chord
        root = nearest_pitch(chord.root_pc, hand.low)
        following = bars[index + 1].chord if index + 1 < len(bars) else chord
        for start, length, mark in hand.steps(span):
            pitch = root + _bass_interval(chord, following, mark)
            accent = 0.85 if start % 1.0 == 0.0 else 0.72
            glide = notes[-1].pitch - pitch if mark in _SLIDING and notes else 0
            notes.append(Note(start, length * 0.95, pitch, accent * hand.level, glide))
    return notes


def _bass_interval(chord: Chord, following: Chord, mark: str) -> int:
    """Return the semitones above the root that a bass mark stands for."""
    if mark in _APPROACHES:
        # Scale steps below or above the next root, on the side the line comes from.
        target = (following.degree - chord.degree + 3) % 7 - 3
        steps = _APPROACHES[mark]
        return chord.interval(target - steps if target > 0 else target + steps)
    degree = _SLIDES[mark] if mark in _SLIDES else 0 if mark == "=" else int(mark) - 1
    # A diminished or altered fifth in the bass sounds like a mistake, so play the octave.
    if degree == 4 and chord.interval(4) != 7:
        degree = 7
    return chord.interval(degree)


def voicings(
    chords: tuple[ChordSpan, ...], *, low: int, high: int
) -> list[tuple[ChordSpan, tuple[int, ...]]]:
    """Return each chord with the voicing nearest to the previous one."""
    voiced: list[tuple[ChordSpan, tuple[int, ...]]] = []
    previous: tuple[int, ...] | None = None
    for span in chords:
        previous = voicing(span.chord, previous, low, high)
        voiced.append((span, previous))
    return voiced


def pad_notes(chords: tuple[ChordSpan, ...], *, low: int, high: int, level: float) -> list[Note]:
    """Write chords held for their whole length; repeats are tied."""
    notes: list[Note] = []
    for span, pitches in voicings(_tied(chords), low=low, high=high):
        notes += [Note(span.start, span.length, pitch, 0.62 * level) for pitch in pitches]
    return notes


def _tied(chords: tuple[ChordSpan, ...]) -> tuple[ChordSpan, ...]:
    """Join neighbours of the same harmony, up to two bars."""
    joined: list[ChordSpan] = []
    for span in chords:
        last = joined[-1] if joined else None
        if last and last.chord == span.chord and last.length < 2 * BEATS_PER_BAR:
            joined[-1] = last._replace(length=last.length + span.length)
        else:
            joined.append(span)
    return tuple(joined)


def comp_notes(chords: tuple[ChordSpan, ...], hand: Hand) -> list[Note]:
    """Write chords struck in a rhythm."""
    notes: list[Note] = []
    for span, pitches in voicings(chords, low=hand.low, high=hand.high):
        for bar in bars_of((span,)):
            for number, (start, length, mark) in enumerate(hand.steps(bar)):
                force = _FORCES.get(mark, 0.75) * hand.level
                voices = _voices(pitches, mark)
                if number % 2 and hand.strum_beats:
                    voices = voices[::-1]
                delay_beats = _ROLL_BEATS if mark == "r" else hand.strum_beats
                for voice, pitch in enumerate(voices):
                    delay = min(voice * delay_beats, length * 0.75)
                    held = max(0.1, length * 0.97 - delay)
                    notes.append(Note(start + delay, held, pitch, force * (1 - 0.04 * voice)))
    return notes


def _voices(pitches: tuple[int, ...], mark: str) -> tuple[int, ...]:
    """Return the voices of a chord that a comping mark strikes."""
    if mark == "l":
        return pitches[:1]
    return pitches[1:] if mark == "u" else pitches


def arp_notes(chords: tuple[ChordSpan, ...], hand: Hand) -> list[Note]:
    """Write chord tones one after another."""
    notes: list[Note] = []
    for span, pitches in voicings(chords, low=hand.low, high=hand.high):
        ladder = [pitch + 12 * octave for octave in range(3) for pitch in pitches]
        for bar in bars_of((span,)):
            for start, length, mark in hand.steps(bar):
                accent = 0.72 if start % 1.0 == 0.0 else 0.58
                index = 0 if mark == "=" else int(mark)
                held = min(max(length * 0.9, hand.ring_beats), bar.start + bar.length - start)
                notes.append(Note(start, held, ladder[index], accent * hand.level))
    return notes
