"""Measures features of a score, and ranks candidates by them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise

from media_tools.music.local.drums import DRUM_PARTS
from media_tools.music.local.score import Note, Score
from media_tools.music.local.theory import Key


@dataclass(frozen=True)
class Features:
    """What is measured on a candidate score."""

    step_share: float  # melody intervals of at most two semitones
    largest_leap: int  # semitones
    range: int  # semitones
    strong_tone_share: float  # melody notes on beats 1 and 3 that are chord tones
    repeat_share: float  # neighbouring melody notes of the same pitch
    clash_share: float  # long melody notes a semitone above a chord tone
    chorus_lift: float  # semitones from the verses' mean melody to that of the peaks
    chorus_density: float  # notes per beat in the peaks over those elsewhere, all parts
    chord_motion: float  # mean semitones a voice of the comping moves
    melody_share: float  # beats on which the melody sounds
    # Share of the tuned notes' time in the key's scale, minus the share in the likeliest of its
    # transpositions; the least of the track's keys. Near 0 a listener cannot hear the mode.
    scale_margin: float

    def as_json(self) -> dict[str, float]:
        return {name: round(float(value), 3) for name, value in asdict(self).items()}


# The wanted range of each feature, and the cost of a unit outside.
_WANTED: dict[str, tuple[float, float, float]] = {
    "step_share": (0.45, 0.75, 2.0),
    "largest_leap": (5, 12, 0.1),
    "range": (9, 19, 0.1),
    "strong_tone_share": (0.9, 1.0, 3.0),
    "repeat_share": (0.05, 0.25, 2.5),
    "clash_share": (0.0, 0.02, 5.0),
    "chorus_lift": (1.5, 7.0, 0.3),
    "chorus_density": (1.25, 4.0, 0.8),
    "chord_motion": (0.5, 3.0, 0.3),
    "melody_share": (0.25, 0.7, 2.0),
    "scale_margin": (0.06, 1.0, 12.0),
}


def features_of(score: Score) -> Features:
    """Measure a score."""
    melody = sorted(score.parts.get("lead", ()))
    # Only intervals inside a phrase count; after a rest of a bar a new phrase begins.
    moves = [
        abs(b.pitch - a.pitch) for a, b in pairwise(melody) if b.start - (a.start + a.length) < 4.0
    ]
    count = max(1, len(moves))
    strong = [note for note in melody if abs((note.start + 0.12) % 2.0 - 0.12) < 0.1]
    in_chord = [n for n in strong if n.pitch % 12 in score.chord_at(n.start + 0.5).pcs]
    pitches = [note.pitch for note in melody] or [0]
    return Features(
        step_share=sum(move in (1, 2) for move in moves) / count,
        largest_leap=max(moves, default=0),
        range=max(pitches) - min(pitches),
        strong_tone_share=len(in_chord) / max(1, len(strong)),
        repeat_share=sum(move == 0 for move in moves) / count,
        clash_share=_clash_share(score, melody),
        chorus_lift=_chorus_lift(score, melody),
        chorus_density=_chorus_density(score),
        chord_motion=_chord_motion(score),
        melody_share=sum(note.length for note in melody) / score.beats,
        scale_margin=min(_scale_margin(score, key) for key in {s.key for s in score.form}),
    )


def penalty(features: Features) -> float:
    """Return the weighted distance of the features from their wanted ranges; 0 is best."""
    total = 0.0
    for name, (low, high, weight) in _WANTED.items():
        value = float(getattr(features, name))
        total += weight * max(low - value, value - high, 0.0)
    return total


def _clash_share(score: Score, melody: list[Note]) -> float:
    """Return the share of melody notes of a beat or more a semitone above a chord tone."""
    long_notes = [note for note in melody if note.length >= 0.9]
    clashes = 0
    for note in long_notes:
        pcs = score.chord_at(note.start + min(0.5 * note.length, 1.0)).pcs
        clashes += note.pitch % 12 not in pcs and (note.pitch - 1) % 12 in pcs
    return clashes / max(1, len(long_notes))


def _chorus_lift(score: Score, melody: list[Note]) -> float:
    """Return the melody's mean pitch in peaks minus that in the verses; 2 if one is silent."""
    peaks, verses = [], []
    for section in score.form:
        inside = [n.pitch for n in melody if section.start - 0.2 <= n.start < section.end - 0.2]
        if section.kind in ("chorus", "drop"):
            peaks += inside
        elif section.kind == "verse":
            verses += inside
    if not peaks or not verses:
        return 2.0
    return sum(peaks) / len(peaks) - sum(verses) / len(verses)


def _chorus_density(score: Score) -> float:
    """Return notes per beat in peaks over notes per beat elsewhere; 1.5 if either is missing."""
    peak_beats = sum(s.end - s.start for s in score.form if s.kind in ("chorus", "drop"))
    other_beats = score.beats - peak_beats
    if not peak_beats or not other_beats:
        return 1.5
    spans = [(s.start, s.end) for s in score.form if s.kind in ("chorus", "drop")]
    starts = [note.start for notes in score.parts.values() for note in notes]
    peak = sum(any(low <= start < high for low, high in spans) for start in starts)
    return (peak / peak_beats) / max(1e-9, (len(starts) - peak) / other_beats)


def _chord_motion(score: Score) -> float:
    """Return the mean movement of the nearest voice between chords of the pad or the comping."""
    notes = sorted(score.parts.get("pad") or score.parts.get("chords") or ())
    stacks: dict[float, list[int]] = {}
    for note in notes:
        stacks.setdefault(round(note.start), []).append(note.pitch)
    moves = [
        min(abs(pitch - earlier) for earlier in before)
        for before, after in pairwise(stacks.values())
        if before != after
        for pitch in after
    ]
    return sum(moves) / max(1, len(moves))


def _scale_margin(score: Score, key: Key) -> float:
    """Return the share of the notes in the scale, minus the largest share in a transposition."""
    spans = [(section.start, section.end) for section in score.form if section.key == key]
    weights = [0.0] * 12
    for part, notes in score.parts.items():
        if part in DRUM_PARTS:
            continue
        for note in notes:
            if any(start <= note.start < end for start, end in spans):
                weights[note.pitch % 12] += note.length * note.velocity
    whole = sum(weights) or 1.0
    shares = [sum(weights[(pc + move) % 12] for pc in key.pcs) / whole for move in range(12)]
    return shares[0] - max(shares[1:])
