"""When each sound of a line comes: consonants before the beat, vowels held for their notes.

The voice speaks a line in its own time (source, in frames of 12.5 ms); the score wants it in
another (target, in seconds). The time map says for every target time which source frame sounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from media_tools.music.singing.phrase import Phrase, SungNote
from media_tools.music.singing.voice import FRAME_S, FRAMES_PER_UNIT, STRESS_MARKS, VOICELESS

LEAD_FRAMES = 6.0  # the voice's sound comes about this much before its durations say
REST_S = 0.12  # a longer gap between two notes is a rest, a shorter one is sung through
_LONGEST_S = {"voiceless": 0.1, "voiced": 0.075, "mark": 0.04}
_VOWEL_SHARE = 0.5  # of the time between two vowels, at least this much is the first vowel's
_RELEASE_S = 0.07
_ATTACK_S = 0.02
_EARLIER = 10  # frames before a vowel's nominal beginning where it may be heard to begin

Doubles = NDArray[np.float64]


class Span(NamedTuple):
    """Where one symbol sounds: seconds in the song, frames in the spoken line."""

    symbol: int
    start_s: float
    end_s: float
    first: float
    last: float
    held: bool


@dataclass(frozen=True)
class TimeMap:
    """spans: in order, without overlap; between two there is silence."""

    spans: tuple[Span, ...]
    end_s: float

    def source(self, times_s: Doubles, holds: dict[int, float]) -> tuple[Doubles, NDArray[np.bool_]]:
        """The source frame of each target time, and whether a sound is being held there.

        holds: for the symbols that are held, the frame to stay on.
        """
        targets: list[float] = []
        frames: list[float] = []
        held = np.zeros(len(times_s), dtype=bool)
        for span in self.spans:
            targets.append(span.start_s)
            frames.append(span.first)
            if span.held and span.symbol in holds:
                stay = min(max(holds[span.symbol], span.first), span.last)
                start = span.start_s + (stay - span.first) * FRAME_S
                end = span.end_s - (span.last - stay) * FRAME_S
                if end > start:
                    targets += [start, end]
                    frames += [stay, stay]
                    held |= (times_s >= start) & (times_s <= end)
            targets.append(span.end_s)
            frames.append(span.last)
        return np.interp(times_s, targets, frames), held

    def target(self, frames: Doubles) -> Doubles:
        """The target time of source frames, each symbol stretched evenly."""
        places = [edge for span in self.spans for edge in (span.first, span.last)]
        times = [edge for span in self.spans for edge in (span.start_s, span.end_s)]
        return np.asarray(np.interp(frames, places, times))

    def gain(self, times_s: Doubles) -> Doubles:
        """1 where something sounds, 0 in rests, with short edges outside the sounds."""
        points: list[tuple[float, float]] = []
        for index, span in enumerate(self.spans):
            before = self.spans[index - 1].end_s if index else -1.0
            if span.start_s - before > 1e-6:
                points += [(span.start_s - _ATTACK_S, 0.0), (span.start_s, 1.0)]
            following = self.spans[index + 1].start_s if index + 1 < len(self.spans) else np.inf
            if following - span.end_s > 1e-6:
                points += [(span.end_s - _RELEASE_S, 1.0), (span.end_s, 0.0)]
        times = np.maximum.accumulate([time for time, _ in points])
        return np.asarray(np.interp(times_s, times, [level for _, level in points]))


def spoken_edges(units: NDArray[np.int64], count: int) -> Doubles:
    """Source frames where the first `count` symbols of a line begin, and where the last one ends.

    units: durations in 25 ms, the pad before the line first.
    """
    frames = np.cumsum(units[: count + 1]).astype(float) * FRAMES_PER_UNIT
    return np.maximum(frames - LEAD_FRAMES, 0.0)


def heard_edges(phrase: Phrase, edges: Doubles, levels_db: Doubles) -> Doubles:
    """The edges with each vowel's beginning moved to where it is heard.

    levels_db: band levels of the spoken line, (frames, bands). A vowel begins where the spectrum
    has gone half of the way from the least similar frame before it to its own.
    """
    moved = edges.copy()
    for syllable in phrase.syllables:
        first, last = edges[syllable.vowel], edges[syllable.vowel + 1]
        earliest = max(0, round(first) - _EARLIER)
        middle = min(round(first + 0.5 * (last - first)), len(levels_db) - 2)
        vowel = levels_db[max(0, middle - 1) : middle + 2].mean(axis=0)
        way = np.linalg.norm(levels_db[earliest : round(first) + 1] - vowel, axis=1)
        start = earliest + int(np.argmax(way))
        axis = vowel - levels_db[start]
        place = (levels_db[start : max(middle, start) + 1] - levels_db[start]) @ axis
        place /= max(float(axis @ axis), 1e-9)
        # From the vowel back, since a consonant's burst may look like the vowel for a moment.
        before = int(np.flatnonzero(place < 0.5)[-1]) if len(place) > 1 else 0
        if before + 1 < len(place):
            part = (0.5 - place[before]) / (place[before + 1] - place[before])
            moved[syllable.vowel] = start + before + part
    return np.asarray(np.maximum.accumulate(moved))


def time_map(
    phrase: Phrase, edges: Doubles, notes: Sequence[Sequence[SungNote]]
) -> TimeMap:
    """Place a line's sounds on its notes.

    edges: source frames between the symbols. notes: for each syllable one or more notes without a
    gap; the vowel begins where its first note starts.
    """
    builder = _Builder(phrase, edges)
    vowels = [syllable.vowel for syllable in phrase.syllables]
    starts = [group[0].start_s for group in notes]
    ends = [group[-1].end_s for group in notes]
    opening = list(range(vowels[0]))
    builder.run_up_to(starts[0], opening, scale=1.0)
    for index, vowel in enumerate(vowels):
        if index + 1 == len(vowels):
            builder.sing(vowel, starts[index], ends[index], coda=builder.after(vowel, None))
            break
        between = builder.after(vowel, vowels[index + 1])
        if starts[index + 1] - ends[index] > REST_S:
            coda, onset = builder.divided(between)
            builder.sing(vowel, starts[index], ends[index], coda=coda)
            room_s = starts[index + 1] - ends[index]
            builder.run_up_to(
                starts[index + 1], onset, scale=min(1.0, room_s / builder.length_s(onset))
            )
        else:
            room_s = starts[index + 1] - starts[index]
            scale = min(1.0, room_s * (1.0 - _VOWEL_SHARE) / builder.length_s(between))
            vowel_end = starts[index + 1] - scale * builder.length_s(between)
            builder.place(vowel, starts[index], vowel_end)
            builder.run_up_to(starts[index + 1], between, scale=scale)
    return TimeMap(tuple(builder.spans), builder.spans[-1].end_s)


class _Builder:
    """Collects the spans of a line from left to right."""

    def __init__(self, phrase: Phrase, edges: Doubles) -> None:
        self.symbols, self.edges = phrase.symbols, edges
        self.vowels = {syllable.vowel for syllable in phrase.syllables}
        self.spans: list[Span] = []

    def after(self, vowel: int, following: int | None) -> list[int]:
        """Symbols from behind a vowel to the next one, or to the end of the line."""
        return list(range(vowel + 1, len(self.symbols) if following is None else following))

    def divided(self, between: list[int]) -> tuple[list[int], list[int]]:
        """What closes a syllable before a rest, and what opens the next one."""
        for place, symbol in enumerate(between):
            if self.symbols[symbol] == " ":
                return between[:place], between[place:]
        opens = next(
            (place for place in range(len(between) - 1, -1, -1) if self._is_consonant(between[place])),
            0,
        )
        return between[:opens], between[opens:]

    def _is_consonant(self, symbol: int) -> bool:
        return self.symbols[symbol] not in STRESS_MARKS and self.symbols[symbol] != " "

    def sound_s(self, symbol: int) -> float:
        """Length of a consonant: as spoken, up to a limit. Spaces take no time."""
        text = self.symbols[symbol]
        spoken_s = float(self.edges[symbol + 1] - self.edges[symbol]) * FRAME_S
        if text == " ":
            return 0.0
        if text in STRESS_MARKS:
            return min(spoken_s, _LONGEST_S["mark"])
        return min(spoken_s, _LONGEST_S["voiceless" if text in VOICELESS else "voiced"])

    def length_s(self, symbols: list[int]) -> float:
        return max(1e-6, sum(self.sound_s(symbol) for symbol in symbols))

    def place(self, symbol: int, start_s: float, end_s: float) -> None:
        first, last = float(self.edges[symbol]), float(self.edges[symbol + 1])
        held = symbol in self.vowels and end_s - start_s > (last - first) * FRAME_S
        if end_s > start_s:
            self.spans.append(Span(symbol, start_s, end_s, first, last, held))

    def run_up_to(self, end_s: float, symbols: list[int], *, scale: float) -> None:
        """Consonants that end where the next vowel begins."""
        start_s = end_s - scale * sum(self.sound_s(symbol) for symbol in symbols)
        for symbol in symbols:
            length_s = scale * self.sound_s(symbol)
            self.place(symbol, start_s, start_s + length_s)
            start_s += length_s

    def sing(self, vowel: int, start_s: float, end_s: float, *, coda: list[int]) -> None:
        """A vowel and the consonants that close it before a rest; the whole ends with the note."""
        coda_s = sum(self.sound_s(symbol) for symbol in coda)
        scale = min(1.0, (1.0 - _VOWEL_SHARE) * (end_s - start_s) / max(coda_s, 1e-6))
        self.place(vowel, start_s, end_s - scale * coda_s)
        start_s = end_s - scale * coda_s
        for symbol in coda:
            length_s = scale * self.sound_s(symbol)
            self.place(symbol, start_s, start_s + length_s)
            start_s += length_s
