"""What a drummer makes of a pattern: variations of a bar, chopped breaks, hat rolls, fills."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from media_tools.music.local.drum_patterns import Pattern
from media_tools.music.local.drums import pattern_notes
from media_tools.music.local.score import Note

_BAR = 16
_BEAT = 4
DrumRule = Callable[[Pattern, np.random.Generator], Pattern]

# The end of a section's last bar, by kind: two beats or one, of four steps each.
FILLS: dict[str, tuple[Pattern, ...]] = {
    "toms": (
        {"T": "x.x.....", "M": "...xx...", "L": "......xx"},
        {"S": "x.oo....", "T": "....xx..", "L": "......xx"},
        {"T": "x...", "M": ".x..", "L": "..xx"},
        {"L": "x..x..x.", "K": "x..x..x.", "T": ".......x"},
        {"T": "x..x....", "L": "..x..x.x", "K": "x..x..x."},
    ),
    "snare": (
        {"S": "o..oo.xx"},
        {"S": ",.o.oxxX", "K": "x...x..."},
        {"S": "..xr"},
        {"S": "x..x..xx", "K": "..x..x.."},
        {"S": ".o.x.oxX", "O": "......x."},
    ),
    "roll": (
        {"S": "rrrrrrrr"},
        {"S": "o.o.x.x.", "C": "....x.x."},
        {"S": "o.ooxxrr"},
        {"S": "t.t.trrr"},
    ),
    "claps": (
        {"C": "o..oo.xx"},
        {"C": ".o.x.xxX"},
        {"C": "..xx", "K": "x..."},
        {"C": "x..x..x.", "P": ".xo.xo.x"},
    ),
    "break": (
        {"K": "X.......", "S": "..oxox.x"},
        {"K": "X..x..x.", "S": ".x..x.xx"},
        {"S": "x,xx,xxx", "K": "x..x...."},
        {"S": "xrxr", "K": "x.x."},
    ),
    # Silence before the next section is the loudest fill; a single hit marks it.
    "drop": ({"S": "x..."}, {"K": "X..."}, {"C": "..x."}, {"K": "x...", "L": "...x"}),
}


def bar_of(pattern: Pattern, bar: int) -> Pattern:
    """Return one bar of a pattern of one or two bars."""
    return {
        line: steps[_BAR * (bar % (len(steps) // _BAR)) :][:_BAR] for line, steps in pattern.items()
    }


def _with(steps: str, place: int, mark: str) -> str:
    return steps[:place] + mark + steps[place + 1 :]


def _ghosts(bar: Pattern, rng: np.random.Generator) -> Pattern:
    snare = bar.get("S", "." * _BAR)
    for place in rng.permutation([1, 3, 6, 7, 9, 11, 14, 15])[:2]:
        if snare[place] == ".":
            snare = _with(snare, int(place), ",")
    return {**bar, "S": snare} if "S" in bar else bar


def _other_kick(bar: Pattern, rng: np.random.Generator) -> Pattern:
    """A kick more or less in the second half; the first one stays."""
    if "K" not in bar:
        return bar
    place = int(rng.choice([6, 7, 10, 11, 14]))
    return {**bar, "K": _with(bar["K"], place, "." if bar["K"][place] != "." else "x")}


def _open_hat(bar: Pattern, rng: np.random.Generator) -> Pattern:
    if "H" not in bar:
        return bar
    place = int(rng.choice([6, 10, 14]))
    opened = _with(bar.get("O", "." * _BAR), place, "o")
    return {**bar, "H": _with(bar["H"], place, "."), "O": opened}


def _thin_hats(bar: Pattern, rng: np.random.Generator) -> Pattern:
    return {
        line: "".join(
            mark if line not in "HADB" or place % 4 == 0 or rng.random() < 0.5 else "."
            for place, mark in enumerate(steps)
        )
        for line, steps in bar.items()
    }


def _turned(bar: Pattern, rng: np.random.Generator) -> Pattern:
    """The halves of everything but kick and backbeat change places."""
    half = _BAR // 2
    return {
        line: steps if line in "KSCR" else steps[half:] + steps[:half]
        for line, steps in bar.items()
    }


_RULES: tuple[DrumRule, ...] = (_ghosts, _other_kick, _open_hat, _thin_hats, _turned)


def varied(bar: Pattern, variety: float, rng: np.random.Generator) -> Pattern:
    """Return a bar with up to two small changes."""
    for rule in rng.permutation(len(_RULES))[:2]:
        if rng.random() < variety:
            bar = _RULES[int(rule)](bar, rng)
    return bar


def chopped(pattern: Pattern, rng: np.random.Generator) -> Pattern:
    """Return a bar of beats cut from anywhere in a break; snares stay on two and four."""
    length = max(len(steps) for steps in pattern.values())
    beats = length // _BEAT
    downbeats = [beat for beat in range(beats) if beat % 2 == 0]
    backbeats = [beat for beat in range(beats) if beat % 2]
    order = [0, *(int(rng.choice(group)) for group in (backbeats, downbeats, backbeats))]
    return {
        line: "".join((steps * (length // len(steps)))[_BEAT * b :][:_BEAT] for b in order)
        for line, steps in pattern.items()
    }


def rolled(bar: Pattern, rng: np.random.Generator) -> Pattern:
    """Return a bar with a roll of the hats, of one to three steps."""
    if "H" not in bar:
        return bar
    start, length = int(rng.choice([3, 5, 7, 10, 11, 13])), int(rng.integers(1, 4))
    mark = str(rng.choice(["r", "t"]))
    hats = bar["H"]
    for place in range(start, min(_BAR, start + length)):
        hats = _with(hats, place, mark)
    return {**bar, "H": hats}


def half_time(bar: Pattern) -> Pattern:
    """Return a bar with one backbeat, on three, and one or two kicks."""
    slow = dict(bar)
    for line in "SCR":
        if line in bar and any(mark in "Xx" for mark in bar[line]):
            slow[line] = "." * 8 + "X" + "." * 7
    if "K" in bar:
        slow["K"] = "X" + "." * 9 + ("x" if bar["K"][10:].strip(".") else ".") + "." * 5
    return slow


def fill_of(kind: str, number: int) -> Pattern | None:
    """Return the n-th fill of a kind; None for no fill."""
    options = FILLS.get(kind)
    return options[number % len(options)] if options else None


def room_before(fill: Pattern | None) -> float:
    """Return the beats of the last bar that the pattern plays before a fill.

    A fill of one hit is a hole: it takes two beats.
    """
    if fill is None:
        return 4.0
    steps = max(len(line) for line in fill.values())
    hits = sum(mark != "." for line in fill.values() for mark in line)
    return 2.0 if hits <= 2 else 4.0 - steps / _BEAT


def fill_notes(fill: Pattern, *, bar_start: float) -> list[tuple[str, Note]]:
    """Return the hits of a fill at the end of a bar, growing."""
    bar = {line: steps.rjust(_BAR, ".") for line, steps in fill.items()}
    return [
        (part, note._replace(velocity=note.velocity * (0.55 + 0.11 * (note.start - bar_start))))
        for part, note in pattern_notes(bar, first_beat=bar_start)
    ]
