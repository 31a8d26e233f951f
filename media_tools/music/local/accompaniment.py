"""Writes bass, chords, pads and arpeggios from step patterns."""

from __future__ import annotations

from collections.abc import Iterator

from media_tools.music.local.score import BEATS_PER_BAR, ChordSpan, Note
from media_tools.music.local.theory import Chord, nearest_pitch, voicing

_STEP = 0.25
_SLIDES = {"^": 7, "_": 0}  # the octave or the root, reached by a slide from the note before


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


def bass_notes(
    chords: tuple[ChordSpan, ...], pattern: str, *, centre: int, level: float
) -> list[Note]:
    """Write a bass line. centre: MIDI pitch the roots stay near."""
    bars = list(bars_of(chords))
    notes: list[Note] = []
    for index, span in enumerate(bars):
        chord = span.chord
        root = nearest_pitch(chord.root_pc, centre)
        following = bars[index + 1].chord if index + 1 < len(bars) else chord
        for start, length, mark in steps_of(pattern, span):
            pitch = root + _bass_interval(chord, following, mark)
            accent = 0.85 if start % 1.0 == 0.0 else 0.72
            glide = notes[-1].pitch - pitch if mark in _SLIDES and notes else 0
            notes.append(Note(start, length * 0.95, pitch, accent * level, glide))
    return notes


def _bass_interval(chord: Chord, following: Chord, mark: str) -> int:
    """Return the semitones above the root that a bass mark stands for."""
    if mark == "a":
        target = (following.degree - chord.degree + 3) % 7 - 3
        # One scale step below or above the next root, on the side the line comes from.
        return chord.interval(target - 1 if target > 0 else target + 1)
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


def comp_notes(
    chords: tuple[ChordSpan, ...],
    pattern: str,
    *,
    low: int,
    high: int,
    level: float,
    strum_beats: float,
) -> list[Note]:
    """Write chords struck in a rhythm. strum_beats: delay from one voice to the next."""
    notes: list[Note] = []
    voiced = voicings(chords, low=low, high=high)
    for span, pitches in voiced:
        for bar in bars_of((span,)):
            for number, (start, length, mark) in enumerate(steps_of(pattern, bar)):
                force = (0.55 if mark == "o" else 0.75) * level
                order = pitches if number % 2 == 0 or not strum_beats else pitches[::-1]
                for voice, pitch in enumerate(order):
                    delay = voice * strum_beats
                    held = max(0.1, length * 0.97 - delay)
                    notes.append(Note(start + delay, held, pitch, force * (1 - 0.04 * voice)))
    return notes


def arp_notes(
    chords: tuple[ChordSpan, ...],
    pattern: str,
    *,
    low: int,
    high: int,
    level: float,
    ring_beats: float,
) -> list[Note]:
    """Write chord tones one after another. ring_beats: the shortest time each one sounds."""
    notes: list[Note] = []
    for span, pitches in voicings(chords, low=low, high=high):
        ladder = [pitch + 12 * octave for octave in range(3) for pitch in pitches]
        for bar in bars_of((span,)):
            for start, length, mark in steps_of(pattern, bar):
                accent = 0.72 if start % 1.0 == 0.0 else 0.58
                index = 0 if mark == "=" else int(mark)
                held = min(max(length * 0.9, ring_beats), bar.start + bar.length - start)
                notes.append(Note(start, held, ladder[index], accent * level))
    return notes
