"""How the drum patterns of a genre become notes.

A pattern is a bar (or two) of sixteen steps per line: "X" accent, "x" hit, "o" soft, "," ghost, "r"
a quick pair, "t" a triplet, "3" a triplet over two steps, "." rest. Lines: K kick, S snare, C clap,
R rim, H closed hat, O open hat, D ride, A shaker, B tambourine, P conga, W cowbell, L low tom, M
mid tom, T high tom.
"""

from __future__ import annotations

import numpy as np

from media_tools.music.local.drum_patterns import PATTERNS, PICKUPS, Pattern
from media_tools.music.local.score import BEATS_PER_BAR, Note

GM_DRUMS = {
    "K": 36,
    "S": 38,
    "C": 39,
    "R": 37,
    "H": 42,
    "O": 46,
    "D": 51,
    "A": 70,
    "B": 54,
    "P": 63,
    "W": 56,
    "L": 45,
    "M": 47,
    "T": 50,
    "Y": 49,
}
PART_OF_LINE = {
    "K": "kick",
    "S": "snare",
    "C": "snare",
    "R": "snare",
    "H": "hats",
    "O": "hats",
    "D": "hats",
    "Y": "hats",
}
DRUM_PARTS = ("kick", "snare", "hats", "perc")
_VELOCITY = {"X": 1.0, "x": 0.8, "o": 0.55, ",": 0.32, "r": 0.6, "t": 0.6, "3": 0.65}
_STEP = 0.25
# Hits of a mark, and the beats they take.
_REPEATS = {"r": (2, _STEP), "t": (3, _STEP), "3": (3, 2 * _STEP)}

# Patterns that a kind of section may use, by index in PATTERNS.
_CHOICES = {
    "intro": (0,),
    "verse": (1,),
    "prechorus": (1, 2),
    "chorus": (2, 3),
    "drop": (2, 3),
    "bridge": (4,),
    "break": (4,),
    "outro": (0, 1),
}
_FULL = ("verse", "chorus", "drop")  # these may also use every pattern from the sixth on


def pattern_indexes(genre: str, kind: str) -> tuple[int, ...]:
    """Return the indexes of the patterns that a section of this kind may use."""
    further = range(5, len(PATTERNS[genre])) if kind in _FULL else ()
    return (*_CHOICES[kind], *further)


def pattern_notes(
    pattern: Pattern, *, first_beat: float, until: float = BEATS_PER_BAR
) -> list[tuple[str, Note]]:
    """Return the hits of one bar as (part, note).

    until: beats of the bar to play; the rest is left to a fill.
    """
    hits: list[tuple[str, Note]] = []
    for line, steps in pattern.items():
        part = PART_OF_LINE.get(line, "perc")
        for index in range(16):
            mark = steps[index]
            if mark == "." or index * _STEP >= until:
                continue
            repeats, span = _REPEATS.get(mark, (1, _STEP))
            for turn in range(repeats):
                start = first_beat + index * _STEP + turn * span / repeats
                velocity = _VELOCITY[mark] * (1.0 - 0.12 * turn)
                hits.append((part, Note(start, _STEP, GM_DRUMS[line], velocity)))
    return hits


def pickup_notes(
    genre: str, *, bar_start: float, rng: np.random.Generator
) -> list[tuple[str, Note]]:
    """Return what a drummer adds on the last beat of a fourth bar to lead into the next phrase."""
    options = PICKUPS.get(genre, ())
    if not options:
        return []
    chosen = options[int(rng.integers(len(options)))]
    bar = {line: "." * 12 + beat for line, beat in chosen.items()}
    return pattern_notes(bar, first_beat=bar_start)
