"""Times the sounds of a line: consonants before the beat, vowels held for their notes.

The voice speaks a line in its own time (source, in frames of 12.5 ms); the score needs another time
(target, in seconds). Landmarks are measured in the spoken spectra, because the predicted durations
are up to 100 ms off. The time map says which source frame sounds when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from media_tools.music.singing.bands import band_levels_db
from media_tools.music.singing.phrase import Phrase, SungNote
from media_tools.music.singing.voice import FRAME_S, FRAMES_PER_UNIT, STRESS_MARKS

REST_S = 0.12  # a longer gap between two notes is a rest; a shorter one is sung through
_LEAD_FRAMES = 5.0  # the voice's sound comes about this much before its durations say
_SPREAD_FRAMES = 4.0  # how far a vowel may be from its predicted place
_SPREAD_COST_DB = 3.0
_REACH_FRAMES = 9
_NEAREST_FRAMES = 4  # smallest distance of two vowels
_SONORANT_BINS = slice(13, 150)  # 260 to 3000 Hz, where vowels are louder than consonants
_HEARD_DB = 30.0
_ARRIVED = 0.85
_SLOWEST = 1.6  # consonants and transitions are stretched at most this much
_STEADY_FRAMES = 1.5  # to either side of a vowel's middle; the rest of a long note is spent here
_STANDING = 2.0  # a middle stretched by more than this stands still
_CLOSING_S = 0.28
_FAINT = 1e-3  # share of a vowel's power, 30 dB below it, at which the sound is over
_OPENING_FRAMES = 14.0  # length of the sound before the first vowel
_RELEASE_S = 0.06
_ATTACK_S = 0.02

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Landmarks:
    """Places in the spoken line, in frames."""

    start: float
    onsets: tuple[float, ...]  # where each vowel begins
    centres: tuple[float, ...]  # the steady middle of each vowel
    # The quietest place between a vowel and the next one's onset; the last is after the line.
    gaps: tuple[float, ...]

    def with_onsets(self, onsets: Doubles) -> Landmarks:
        """Return a copy with other onsets, each kept between the neighbouring vowels.

        Middles and gaps that an onset would overtake move with it.
        """
        last = self.gaps[-1]
        earliest = np.array([self.start, *self.centres[:-1]]) + 1.0
        latest = np.array([*self.onsets[1:], last]) - 2.0
        kept = np.clip(onsets, earliest, np.maximum(earliest, latest))
        centres = np.maximum(self.centres, kept + 0.5)
        gaps = np.maximum(np.minimum(self.gaps, [*kept[1:], last]), centres + 0.5)
        return replace(
            self,
            onsets=tuple(kept.tolist()),
            centres=tuple(centres.tolist()),
            gaps=tuple(gaps.tolist()),
        )


@dataclass(frozen=True)
class TimeMap:
    """Which source frame sounds at which time."""

    # The corners of the map.
    times_s: tuple[float, ...]
    frames: tuple[float, ...]
    held: tuple[tuple[float, float], ...]  # (start, end) in seconds of steady vowels
    # (start, end) in seconds of what is sung without a rest
    sounding: tuple[tuple[float, float], ...]

    @property
    def end_s(self) -> float:
        return self.sounding[-1][1]

    def source(self, times_s: Doubles) -> Doubles:
        """Return the source frame of each target time."""
        return np.asarray(np.interp(times_s, self.times_s, self.frames))

    def is_held(self, times_s: Doubles) -> NDArray[np.bool_]:
        """Return whether a vowel stands still at each time."""
        held = np.zeros(len(times_s), dtype=bool)
        for start, end in self.held:
            held |= (times_s >= start) & (times_s <= end)
        return held

    def gain(self, times_s: Doubles) -> Doubles:
        """Return 1 where something sounds, 0 in rests, with short edges."""
        corners: list[tuple[float, float]] = []
        for start, end in self.sounding:
            corners += [(start - _ATTACK_S, 0.0), (start, 1.0)]
            corners += [(max(start, end - _RELEASE_S), 1.0), (end, 0.0)]
        times = np.maximum.accumulate([time for time, _ in corners])
        return np.asarray(np.interp(times_s, times, [level for _, level in corners]))


def nominal_centres(phrase: Phrase, units: NDArray[np.int64]) -> Doubles:
    """Return the vowels' places by the predicted durations, with the pad before the line first.

    A stress mark has its own duration, and the vowel sounds in it.
    """
    edges = np.cumsum(units).astype(float) * FRAMES_PER_UNIT - _LEAD_FRAMES
    centres = []
    for syllable in phrase.syllables:
        first = syllable.vowel
        if first and phrase.symbols[first - 1] in STRESS_MARKS:
            first -= 1
        centres.append(0.5 * (edges[first] + edges[syllable.vowel + 1]))
    return np.array(centres)


def landmarks(phrase: Phrase, units: NDArray[np.int64], power: NDArray[np.float32]) -> Landmarks:
    """Find the vowels of a spoken line. power: of its spectra, shape (bins, frames)."""
    edges = np.cumsum(units).astype(float) * FRAMES_PER_UNIT - _LEAD_FRAMES
    loudness_db = 10.0 * np.log10(power[_SONORANT_BINS].sum(axis=0) + 1e-6)
    centres = _centres(nominal_centres(phrase, units), loudness_db)
    levels_db = band_levels_db(power)
    start = max(0.0, min(edges[0], centres[0] - 2.0) - 6.0)
    onsets = [
        _onset(levels_db, earliest, centre)
        for earliest, centre in zip([int(start), *centres[:-1]], centres, strict=True)
    ]
    end = float(edges[len(phrase.symbols)])
    last = min(max(round(end) + 6, centres[-1] + 3), power.shape[1])
    total = power.sum(axis=0)
    gaps = []
    for index, centre in enumerate(centres):
        if index + 1 < len(centres):
            after = max(centre + 1, int(onsets[index + 1]))
            gaps.append(float(centre + int(np.argmin(total[centre : after + 1]))))
        else:
            first = min(max(centre + 2, round(end) - 2), last - 1)
            faint = np.flatnonzero(total[first:last] < total[centre] * _FAINT)
            quietest = int(np.argmin(total[first:last]))
            gaps.append(float(first + (int(faint[0]) if len(faint) else quietest)))
    return Landmarks(
        max(start, onsets[0] - _OPENING_FRAMES),
        tuple(onsets),
        tuple(map(float, centres)),
        tuple(gaps),
    )


def _centres(nominal: Doubles, loudness_db: Doubles) -> list[int]:
    """Return a frame for each vowel, in order: loud, and near its predicted place.

    Finds the best path through the candidates of all vowels, by dynamic programming.
    """
    reach = np.arange(-_REACH_FRAMES, _REACH_FRAMES + 1)
    frames = np.clip(np.rint(nominal)[:, np.newaxis] + reach, 0, len(loudness_db) - 2).astype(int)
    worth = loudness_db[frames]
    worth = worth - _SPREAD_COST_DB * ((frames - nominal[:, np.newaxis]) / _SPREAD_FRAMES) ** 2
    best = worth[0]
    came: list[NDArray[np.intp]] = []
    for index in range(1, len(frames)):
        apart = frames[index][:, np.newaxis] - frames[index - 1][np.newaxis, :]
        chain = np.where(
            apart >= _NEAREST_FRAMES, best, best - 60.0 - 5.0 * (_NEAREST_FRAMES - apart)
        )
        came.append(chain.argmax(axis=1))
        best = worth[index] + chain.max(axis=1)
    place = int(best.argmax())
    path = [place]
    for step in reversed(came):
        place = int(step[place])
        path.append(place)
    centres = [int(frames[index, place]) for index, place in enumerate(reversed(path))]
    for index in range(1, len(centres)):
        centres[index] = max(centres[index], centres[index - 1] + 2)
    return centres


def _onset(levels_db: Doubles, earliest: int, centre: int) -> float:
    """Return where the spectrum is halfway from the frame least like the vowel to the vowel."""
    vowel = levels_db[max(0, centre - 1) : centre + 2].mean(axis=0)
    # Levels below the floor are not heard beside the vowel, so silence counts like a murmur.
    floor_db = float(vowel.max()) - _HEARD_DB
    vowel = np.maximum(vowel, floor_db)
    before_db = np.maximum(levels_db[earliest : centre + 1], floor_db)
    start = int(np.argmax(np.linalg.norm(before_db - vowel, axis=1)))
    axis = vowel - before_db[start]
    place = (before_db[start:] - before_db[start]) @ axis / max(float(axis @ axis), 1e-9)
    # Searched backwards from the vowel, because a consonant's burst may look like it for a moment.
    below = np.flatnonzero(place < _ARRIVED)
    if not len(below) or below[-1] + 1 >= len(place):
        return float(centre)
    before = int(below[-1])
    return (
        earliest
        + start
        + before
        + float((_ARRIVED - place[before]) / (place[before + 1] - place[before]))
    )


def time_map(marks: Landmarks, notes: Sequence[Sequence[SungNote]]) -> TimeMap:
    """Put a spoken line on its notes.

    notes: for each syllable one or more notes without a gap; the vowel begins where its first note
    starts. The sounds between two vowels keep their spoken speed if there is time, and end on the
    second one's beat.
    """
    starts = [group[0].start_s for group in notes]
    ends = [group[-1].end_s for group in notes]
    run_up_s = (marks.onsets[0] - marks.start) * FRAME_S
    corners = [(starts[0] - run_up_s, marks.start)]
    held: list[tuple[float, float]] = []
    sounding: list[tuple[float, float]] = []
    since = corners[0][0]
    count = len(starts)
    for index, (start, end, centre) in enumerate(zip(starts, ends, marks.centres, strict=True)):
        corners.append((start, marks.onsets[index]))
        last = index + 1 == count
        rest = last or starts[index + 1] - end > REST_S
        until = end if rest else starts[index + 1]
        goal = marks.gaps[index] if rest else marks.onsets[index + 1]
        onset = marks.onsets[index]
        # Speech slows down as a whole up to a limit; the vowel's middle takes the rest of the time.
        pace = min((until - start) / (goal - onset), _SLOWEST * FRAME_S)
        # Sounds that close a line before a rest keep their spoken pace and leave the note to the
        # vowel.
        closing = min(pace, FRAME_S, _CLOSING_S / (goal - centre)) if rest else pace
        early = centre - min(_STEADY_FRAMES, 0.5 * (centre - onset))
        late = centre + min(_STEADY_FRAMES, 0.3 * (goal - centre))
        steady = (start + (early - onset) * pace, until - (goal - late) * closing)
        corners += [(steady[0], early), (steady[1], late)]
        if steady[1] - steady[0] > _STANDING * FRAME_S * (late - early):
            held.append(steady)
        if rest:
            corners.append((until, goal))
            sounding.append((since, until))
            if not last:
                opening_s = (marks.onsets[index + 1] - goal) * FRAME_S
                since = starts[index + 1] - min(opening_s, starts[index + 1] - until)
                corners.append((since, goal))
    times, frames = zip(*corners, strict=True)
    return TimeMap(times, frames, tuple(held), tuple(sounding))
