"""Writes hooks that return and vary, and the second voice that answers them."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from media_tools.music.local.score import BEATS_PER_BAR, Note, Score, ScoreSection
from media_tools.music.local.theory import Chord, nearest_pitch

UNIT_BARS = 2  # a motif lasts two bars
PERIOD = ("A", "A'", "B", "A")
_STABLE = (0, 2, 4)
_REACH = 8  # semitones from the centre before height costs
_REPLY_REST = 1.0  # beats


class MotifNote(NamedTuple):
    """A note of a motif."""

    start: float  # beats within the motif
    length: float  # beats
    height: int  # scale degrees above the anchor


Motif = tuple[MotifNote, ...]


@dataclass(frozen=True)
class Hook:
    """The motifs of one kind of section, by name: A, its variation A', the contrast B."""

    motifs: dict[str, Motif]


def cell_onsets(cell: str) -> list[tuple[float, float]]:
    """Return starts and lengths in beats of a sixteen-step rhythm such as "x--x--x---x-x---"."""
    onsets: list[tuple[float, float]] = []
    for index, mark in enumerate(cell):
        if mark == "x":
            onsets.append((index * 0.25, 0.25))
        elif mark == "-" and onsets:
            start, length = onsets[-1]
            onsets[-1] = (start, length + 0.25)
    return onsets


def make_hook(cells: tuple[str, ...], rng: np.random.Generator, *, span: int) -> Hook:
    """Make a hook from two rhythm cells of a genre. span: scale degrees its contour covers."""
    first, second, third = (cells[int(i)] for i in rng.permutation(len(cells))[:3])
    shape = str(rng.choice(["arch", "fall", "rise", "wave", "valley"]))
    opening = _motif(first, second, shape, span, rng)
    contrast_shape = {"arch": "valley", "rise": "fall"}.get(shape, "arch")
    contrast = _motif(third, second, contrast_shape, span, rng)
    lifted = tuple(note._replace(height=note.height + 2) for note in contrast)
    return Hook({"A": opening, "A'": _varied(opening, rng), "B": lifted})


def _motif(first: str, second: str, shape: str, span: int, rng: np.random.Generator) -> Motif:
    """Write two bars: the cell as it is, then an answer that ends on a long note."""
    onsets = cell_onsets(first)
    answer = [(start + BEATS_PER_BAR, length) for start, length in cell_onsets(second)]
    # The answer stops early, to leave room for the second voice.
    answer = answer[: max(2, len(answer) // 2 + 1)]
    start, length = answer[-1]
    answer[-1] = (start, min(1.5, max(1.0, length), 2 * BEATS_PER_BAR - start))
    onsets += answer
    heights: list[int] = []
    for start, _ in onsets:
        place = start / (2 * BEATS_PER_BAR)
        wanted = _contour(shape, place) * span + float(rng.normal(0.0, 0.6))
        height = round(wanted)
        if heights:
            # Neighbours stay within a fourth, so that a voice can sing them.
            height = max(heights[-1] - 3, min(heights[-1] + 3, height))
            if len(heights) > 1 and heights[-1] == heights[-2] == height:
                height += int(rng.choice([-1, 1]))
        heights.append(height)
    return tuple(
        MotifNote(start, length, height)
        for (start, length), height in zip(onsets, heights, strict=True)
    )


def _contour(shape: str, place: float) -> float:
    """Return the height -0.5..1 of a melodic shape at a place 0..1 of the motif."""
    if shape == "arch":
        return math.sin(math.pi * place)
    if shape == "valley":
        return 0.6 - math.sin(math.pi * place)
    if shape == "rise":
        return place
    if shape == "fall":
        return 0.8 - place
    return 0.5 * math.sin(2 * math.pi * place)


def _varied(motif: Motif, rng: np.random.Generator) -> Motif:
    """Keep the rhythm and the opening, change the ending."""
    shift = int(rng.choice([-2, -1, 1, 2]))
    keep = max(1, len(motif) - max(2, len(motif) // 3))
    return motif[:keep] + tuple(note._replace(height=note.height + shift) for note in motif[keep:])


def motif_names(bars: int) -> list[str]:
    """Return the names of a section's motifs: A A' B A, repeated to fill the bars."""
    return [PERIOD[index % len(PERIOD)] for index in range(math.ceil(bars / UNIT_BARS))]


def hook_notes(
    score: Score,
    section: ScoreSection,
    hook: Hook,
    *,
    centre: int,
    every: int = 1,
) -> list[Note]:
    """Write the hook over a section's chords.

    Strong and long notes move to the nearest chord tone; the others keep the contour within the
    scale. The last note settles on the chord's root, third or fifth.
    centre: MIDI pitch of the anchor. every: play only each n-th motif (a reminiscence).
    """
    notes: list[Note] = []
    previous: int | None = None
    names = motif_names(section.bars)
    for unit, name in enumerate(names):
        if unit % every:
            continue
        first_beat = section.start + unit * UNIT_BARS * BEATS_PER_BAR
        anchor = _anchor(score.chord_at(first_beat), centre)
        for motif_note in hook.motifs[name]:
            start = first_beat + motif_note.start
            if start >= section.end - 0.25:
                break
            length = min(motif_note.length, section.end - start)
            # A note tied over a chord change belongs to the chord it sounds in longest.
            sounding = start + min(length * 0.5, 1.0)
            chord = score.chord_at(sounding)
            strong = start % 2.0 == 0.0 or length >= 1.5
            wanted = anchor + motif_note.height
            degree = _fitted(chord, wanted, previous, centre=centre, strong=strong, length=length)
            notes.append(Note(start, length * 0.96, chord.pitch(degree), 0.72 + 0.1 * strong))
            previous = degree
    if notes:
        notes[-1] = _settled(score, section, notes[-1])
    return [_in_scale(score, note) for note in notes]


def _anchor(chord: Chord, centre: int) -> int:
    """Return the chord tone nearest to the centre, as a scale degree."""
    low = chord.degree - 21
    degrees = [low + octave * 7 + member for octave in range(7) for member in _STABLE]
    return min(degrees, key=lambda degree: (abs(chord.pitch(degree) - centre), degree))


def _fitted(
    chord: Chord,
    wanted: int,
    previous: int | None,
    *,
    centre: int,
    strong: bool,
    length: float,
) -> int:
    """Return the degree to play for the contour's `wanted`, within reach of the centre."""
    tones = {member % 7 for member in chord.members if member != 8}

    def is_tone(degree: int) -> bool:
        return (degree - chord.degree) % 7 in tones

    def rank(degree: int) -> tuple[float, int]:
        cost = abs(degree - wanted) + 1.0 * max(0, abs(chord.pitch(degree) - centre) - _REACH)
        if previous is None:
            return (cost, degree)
        # A step is best; a repeat or a third costs a little, more than a fifth a lot.
        leap = abs(degree - previous)
        cost += 0.4 * max(0, leap - 1) + 2.0 * max(0, leap - 4) + 0.45 * (leap == 0)
        return (cost, degree)

    near = range(wanted - 4, wanted + 5)
    if strong:
        return min((degree for degree in near if is_tone(degree)), key=rank)
    degree = min(near, key=rank)
    # A long note a semitone above a chord tone is a harsh dissonance.
    below_is_tone = (chord.pitch(degree) - 1) % 12 in chord.pcs
    return degree - 1 if length >= 0.5 and not is_tone(degree) and below_is_tone else degree


def _settled(score: Score, section: ScoreSection, note: Note) -> Note:
    """Move a note to a stable tone of the chord it ends in, and hold it."""
    chord = score.chord_at(note.start + 0.5)
    low = chord.degree - 21
    pitches = [chord.pitch(low + 7 * octave + member) for octave in range(7) for member in _STABLE]
    pitch = min(pitches, key=lambda p: (abs(p - note.pitch), p))
    return note._replace(pitch=pitch, length=min(max(note.length, 1.5), section.end - note.start))


def _in_scale(score: Score, note: Note) -> Note:
    """Shorten a note if its tie would leave the scale of the next chord."""
    end = note.start + note.length
    for span in score.chords:
        if note.start < span.start < end and note.pitch % 12 not in span.chord.scale_pcs:
            return note._replace(length=span.start - note.start)
    return note


def ornamented(
    score: Score, notes: list[Note], chance: float, rng: np.random.Generator
) -> list[Note]:
    """Return a melody with passing notes in some of its thirds and fourths."""
    played: list[Note] = []
    for note, following in itertools.zip_longest(notes, notes[1:]):
        passing = _passing(score, note, following) if following else None
        if passing is None or rng.random() >= chance:
            played.append(note)
        else:
            played += [note._replace(length=passing.start - note.start), passing]
    return played


def _passing(score: Score, note: Note, following: Note) -> Note | None:
    """Return a scale tone between two notes, in the second half of the first one."""
    if abs(following.pitch - note.pitch) not in (3, 4, 5) or note.length < 0.45:
        return None
    start = note.start + max(0.25, round(note.length * 2.0) / 4.0)
    if start + 0.2 > following.start or following.start - start > 1.0:
        return None
    scale = score.chord_at(start).scale_pcs
    low, high = sorted((note.pitch, following.pitch))
    between = [pitch for pitch in range(low + 1, high) if pitch % 12 in scale]
    if not between:
        return None
    pitch = between[len(between) // 2]
    return Note(start, following.start - start, pitch, note.velocity * 0.85)


def answer_notes(
    score: Score, section: ScoreSection, lead: list[Note], *, centre: int
) -> list[Note]:
    """Write short replies in the rests of the lead: its last notes' shape, in another register.

    A rest of at least a beat gets a reply of two or three notes. If the lead has no rest, it is
    accompanied by one guide tone per chord instead.
    """
    replies: list[Note] = []
    inside = [note for note in lead if section.start <= note.start < section.end]
    ends = [*(note.start for note in inside[1:]), section.end]
    for index, (note, following) in enumerate(zip(inside, ends, strict=True)):
        rest_start = math.ceil((note.start + note.length) * 2) / 2
        rest = following - rest_start
        if rest < _REPLY_REST:
            continue
        tail = [n.pitch for n in inside[max(0, index - 2) : index + 1]]
        rising = tail[-1] >= tail[0]
        count = 3 if rest >= 2.0 else 2
        for step in range(count):
            start = rest_start + 0.5 * step
            chord = score.chord_at(start)
            anchor = _anchor(chord, centre)
            degree = anchor + (2 * step if not rising else -2 * step)
            degree = _fitted(chord, degree, None, centre=centre, strong=True, length=0.5)
            length = 0.45 if step < count - 1 else min(1.0, following - start)
            replies.append(Note(start, length, chord.pitch(degree), 0.44 + 0.17 * step))
    if not replies:
        replies = _guide_tones(score, section, centre)
    return [_in_scale(score, note) for note in replies]


def _guide_tones(score: Score, section: ScoreSection, centre: int) -> list[Note]:
    """Return the third of every chord, held, in the register of the centre."""
    notes: list[Note] = []
    for span in score.chords:
        if section.start <= span.start < section.end:
            third = span.chord.pcs[1]
            pitch = nearest_pitch(third, notes[-1].pitch if notes else centre)
            force = 0.66 if len(notes) % 2 else 0.48
            notes.append(Note(span.start, span.length * 0.95, pitch, force))
    return notes
