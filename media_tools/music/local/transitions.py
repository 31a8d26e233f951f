"""Adds what happens at the edges of sections: risers, impacts, filter moves."""

from __future__ import annotations

from itertools import pairwise

from media_tools.music.local.genre import Genre
from media_tools.music.local.score import BEATS_PER_BAR, Effect, Note, Score, ScoreSection, Sweep
from media_tools.music.local.theory import nearest_pitch

_TUNED = ("chords", "pad", "arp")
_BRIGHT = ("snare", "hats", "perc")
_FEWEST_HATS = 32  # fewer are cymbals on the edges
_SWELL_BEATS, _EBB_BEATS = 2.0 * BEATS_PER_BAR, 1.0 * BEATS_PER_BAR
_ROOT_VELOCITY = 0.5
_CLOSED_HZ = 2000.0  # how far a breath closes the filter
_EARLY_BEATS, _PICKUP_BEATS = 0.2, 1.0
_PEAKS = ("chorus", "drop")
_REST = ("break", "bridge", "verse", "outro")


def edge_effects(form: tuple[ScoreSection, ...], genre: Genre) -> list[Effect]:
    """Return risers into choruses and drops, impacts on them, falls after them, constant vinyl."""
    effects: list[Effect] = []
    for before, after in pairwise(form):
        if after.kind in _PEAKS and before.kind not in _PEAKS:
            length = float(min(BEATS_PER_BAR * (2 if before.bars >= 4 else 1), before.bars * 4))
            if genre.risers:
                effects.append(Effect("riser", after.start - length, length, 0.9))
                effects.append(Effect("impact", after.start, 6.0, 0.9))
            else:
                effects.append(Effect("reverse", after.start - 3.0, 3.0, 0.7))
        elif before.kind in _PEAKS and after.kind in _REST and genre.risers:
            effects.append(Effect("downlifter", after.start, 4.0, 0.7))
    if genre.vinyl:
        effects.append(Effect("vinyl", 0.0, form[-1].end + 2.0, 1.0))
    if genre.air:
        effects.append(Effect("air", 0.0, form[-1].end, 1.0))
    return sorted(effects, key=lambda effect: (effect.start, effect.kind))


def filter_sweeps(form: tuple[ScoreSection, ...], genre: Genre) -> list[Sweep]:
    """Open the chords' filter over intros and into peaks, and close it over the outro.

    In a genre that drifts, the filter opens and closes slowly instead, once in eight bars.
    """
    if genre.drift:
        return [sweep for section in form for sweep in _breaths(section)]
    if not genre.sweep:
        return []
    sweeps: list[Sweep] = []
    for index, section in enumerate(form):
        following = form[index + 1].kind if index + 1 < len(form) else ""
        if section.kind == "intro":
            sweeps.append(Sweep("chords", section.start, section.end, 800.0, 10000.0))
        elif following in _PEAKS and section.kind in ("break", "bridge", "prechorus"):
            sweeps.append(Sweep("chords", section.start, section.end, 1000.0, 12000.0))
        elif section.kind == "outro" and section.bars >= 2:
            sweeps.append(Sweep("chords", section.start, section.end, 12000.0, 900.0))
    return sweeps


def _breaths(section: ScoreSection) -> list[Sweep]:
    """Return slow openings and closings of the filter, so that a held chord keeps moving."""
    open_hz = 3500.0 + 9000.0 * section.intensity
    sweeps: list[Sweep] = []
    start = section.start
    while start < section.end:
        end = min(start + 8.0 * BEATS_PER_BAR, section.end)
        middle = (start + end) / 2.0
        sweeps += [
            Sweep("chords", start, middle, _CLOSED_HZ, open_hz),
            Sweep("chords", middle, end, open_hz, _CLOSED_HZ),
        ]
        start = end
    return sweeps


def held_roots(score: Score, centre: int) -> tuple[Note, ...]:
    """Return the chords' roots, soft and long, for the sections in which the bass rests.

    So the lows thin out without falling away. centre: MIDI pitch the roots stay near.
    """
    notes: list[Note] = []
    for section in score.form:
        if plays(score, "bass", section) or not any(plays(score, part, section) for part in _TUNED):
            continue
        for start, length, chord in score.chords:
            first, last = max(start, section.start), min(start + length, section.end)
            if last > first:
                pitch = nearest_pitch(chord.root_pc, centre)
                notes.append(Note(first, last - first, pitch, _ROOT_VELOCITY))
    return tuple(notes)


def shimmers(score: Score) -> list[Effect]:
    """Return a breath of noise for the sections in which everything bright rests.

    It swells over the last two bars before them and ebbs in the bar after them, so that the highs
    of the cymbals neither stop nor start at once.
    """
    if len(score.parts.get("hats", ())) < _FEWEST_HATS:
        return []
    effects: list[Effect] = []
    for section in score.form:
        # Fills lead in and out of a section.
        first, last = section.start + 0.5, section.end - 2.0
        bright = (note for part in _BRIGHT for note in score.parts.get(part, ()))
        if any(first <= note.start < last for note in bright):
            continue
        start = max(0.0, section.start - _SWELL_BEATS)
        effects.append(Effect("shimmer", start, section.end + _EBB_BEATS - start, 1.0))
    return effects


def plays(score: Score, part: str, section: ScoreSection) -> bool:
    """Tell whether a part has notes in a section, apart from a pickup into the next one."""
    first, last = section.start - _EARLY_BEATS, section.end - _PICKUP_BEATS
    return any(first <= note.start < last for note in score.parts.get(part, ()))
