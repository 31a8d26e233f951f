"""Drum patterns of every genre, and how they become notes.

A pattern is a bar (or two) of sixteen steps per line: "X" accent, "x" hit, "o" soft, "," ghost, "r"
a quick pair, "t" a triplet, "3" a triplet over two steps, "." rest. Lines: K kick, S snare, C clap,
R rim, H closed hat, O open hat, D ride, A shaker, B tambourine, P conga, L low tom, M mid tom, T
high tom.
"""

from __future__ import annotations

import numpy as np

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

Pattern = dict[str, str]

# Per genre: sparse, verse, chorus, busy, and half-time or breakdown; _CHOICES picks among them.
PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "synthwave": (
        {"K": "X.......X.......", "H": "x...x...x...x..."},
        {"K": "X.......X.......", "S": "....X.......X...", "H": "x.o.x.o.x.o.x.o."},
        {
            "K": "X...x...X...x.x.",
            "S": "....X.......X...",
            "C": "....x.......x...",
            "H": "o.x.o.x.o.x.o.x.",
            "B": "....x.......x...",
        },
        {
            "K": "X..x..x.X..x..x.",
            "S": "....X.......X..,",
            "H": "oooooooooooooooo",
            "O": "..x...x...x...x.",
        },
        {
            "K": "X.........x.....",
            "S": "........X.......",
            "H": "o...o...o...o...",
            "L": "..............x.",
        },
        {
            "K": "X...X...X...X...",
            "S": "....X.......X...",
            "H": "..x...x...x...x.",
            "A": "o.o.o.o.o.o.o.o.",
        },
    ),
    "lofi": (
        {"K": "X.......x.......", "R": "....x.......x...", "H": "x.o.x.o.x.o.x.o."},
        {"K": "X......x..X.....", "S": "....x.......x...", "H": "x.o.x.o.x.o.x.oo"},
        {
            "K": "X......x..X....xX..x......X.....",
            "S": "....x.......x..,....x.......x.,.",
            "H": "x.o.x.o.x.o.x.o.x.o.x.oox.o.x.o.",
            "A": "..o...o...o...o...o...o...o...o.",
        },
        {
            "K": "X..x....x.X.....",
            "S": "....x..,.,..x...",
            "H": "x,o,x,o,x,o,x,o,",
            "O": "..............o.",
        },
        {"K": "X.........x.....", "R": "....o.......o...", "D": "x...x.o.x...x.o."},
    ),
    "ambient": (
        {"K": "o...............", "A": "....,.......,..."},
        {"A": "..,...,...,...,.", "P": "......o.......,."},
        {"K": "x.........o.....", "A": "..o...o...o...o.", "R": "........,......."},
        {"K": "x.......o.......", "P": "...o..o....o..,.", "A": "o.,.o.,.o.,.o.,."},
        {"L": "x.........,.....", "A": "....o.......o..."},
    ),
    "house": (
        {"K": "X...X...X...X...", "H": "..o...o...o...o."},
        {
            "K": "X...X...X...X...",
            "C": "....x.......x...",
            "O": "..x...x...x...x.",
            "A": "o,o,o,o,o,o,o,o,",
        },
        {
            "K": "X...X...X...X...",
            "C": "....X.......X...",
            "O": "..x...x...x...x.",
            "H": "o.,oo.,oo.,oo.,o",
            "P": "...o..o....o..o.",
        },
        {
            "K": "X...X...X...X..x",
            "S": "....x..,....x.,.",
            "C": "....x.......x...",
            "O": "..x...x...x...x.",
            "A": "oxoxoxoxoxoxoxox",
            "B": "..o...o...o...o.",
        },
        {"H": "..o...o...o...o.", "C": "............o...", "P": "..o..o....o..o.."},
        {
            "K": "X...X...X...X...",
            "R": "..x..x....x..x..",
            "C": "....x.......x...",
            "D": "x.x.x.x.x.x.x.x.",
        },
        {
            "K": "X...X...X...X...",
            "C": "....x.......x...",
            "O": "..x...x...x...x.",
            "P": "..oo..x...oo.xo...o..xo...ox..o.",
            "A": "o,xo,oxo,oxo,xoo",
            "R": "...x..x....x....",
        },
        {
            "K": "X...X...X...X...",
            "S": "....x.......x..,",
            "H": "x,oxx,oxx,oxx,ox",
            "O": "..x...x...x...x.",
            "B": "....o..o....o.oo",
        },
    ),
    "techno": (
        {"K": "X...X...X...X...", "H": "..o...o...o...o."},
        {"K": "X...X...X...X...", "O": "..x...x...x...x.", "R": "......o....o...."},
        {
            "K": "X...X...X...X...",
            "O": "..x...x...x...x.",
            "H": "oo.ooo.ooo.ooo.o",
            "C": "....x.......x...",
            "L": "...o..o......o..",
        },
        {
            "K": "X...X...X...X..o",
            "O": "..x...x...x...x.",
            "D": "x.x.x.x.x.x.x.x.",
            "C": "............x...",
            "P": "..o..o..o..o..o.",
        },
        {"K": "X.......X.......", "R": "..o..o..o..o..o.", "A": "o.o.o.o.o.o.o.o."},
        {"K": "X...X...X...X...", "H": "o,oxo,oxo,oxo,ox", "M": "..o....o..o....,"},
    ),
    "drum_and_bass": (
        {"K": "X.........x.....", "H": "x.o.x.o.x.o.x.o."},
        {"K": "X.........X.....", "S": "....X.......X...", "H": "x.o.x.o.x.o.x.o."},
        {
            "K": "X.........X.....X.........x.....",
            "S": "....X..,.,..X.......X..,.,..X..,",
            "H": "x.o.x.o.x.o.x.oox.o.x.o.x.o.x.o.",
            "D": "..o...o...o...o...o...o...o...o.",
        },
        {
            "K": "X.x.......X.....X.x...x...X.....",
            "S": "....X..,.,..X..,....X..,..,.X...",
            "H": "xoxoxoxoxoxoxoxoxoxoxoxoxoxoxoxo",
            "A": "..o...o...o...o...o...o...o...o.",
        },
        {"K": "X...............", "S": "........X.......", "H": "x...o...x...o..."},
        {"K": "X..x......X.....", "S": "....X..,....X..,", "D": "x.x.x.x.x.x.x.x."},
        {
            "K": "X.X.......XX....X.X.......X.....",
            "S": "....X..x.x..X..x....X..x.x....X.",
            "H": "x.x.x.x.x.x.x.x.x.x.x.x.x.x.o.x.",
        },
        {
            "K": "X......x..X.....X..x......X..x..",
            "S": "....X.,.,...X.,.....X..,.,..X.xx",
            "O": "......x.......x.......x.........",
            "H": "xoxo.oxoxoxoxo.oxoxo.oxoxoxoxoxo",
        },
    ),
    "trap": (
        {"K": "X...............", "H": "x.x.x.x.x.x.x.x."},
        {"K": "X.....x...x.....", "C": "........X.......", "H": "x.x.x.x.x.x.xrx."},
        {
            "K": "X..x..x...x..x..X.....x...xx....",
            "C": "........X...............X.......",
            "H": "x.x.x.xrx.x.xtx.x.x.x.x.xrxrx.x.",
            "O": "..............o...............o.",
        },
        {
            "K": "X.....x.x...x...X..x..x.....x.x.",
            "S": "........X...............X.....,.",
            "C": "........x...............x.......",
            "H": "xoxoxrxoxoxoxtxoxoxoxoxrxoxoxrrr",
            "P": "...o......o........o......o.....",
        },
        {"K": "X...............", "R": "........x.......", "H": "x...x...x...x.r."},
        {
            "K": "X.........x.x...",
            "C": "........X.......",
            "H": "x..x..x.x..x..xr",
            "R": "......o.......o.",
        },
        {
            "K": "X.......x.X.....X..x......X.....",
            "C": "........X...............X.......",
            "H": "3.3.x.x.3.3.x.x.x.x.3.3.x.xtx.x.",
            "O": "......x.................x.......",
        },
        {
            "K": "X.........X..x..X.....x...X.....",
            "S": "........X...............X......o",
            "H": "x.xrx.x.3.x.x.rrx.x.xrx.3.3.3.x.",
            "R": "...o..o......o.....o..o......o..",
        },
    ),
    "indie_pop": (
        {"K": "X.......X.......", "H": "x.o.x.o.x.o.x.o."},
        {"K": "X.....x.X.......", "S": "....X.......X...", "H": "x.o.x.o.x.o.x.o."},
        {
            "K": "X.....x.X.x.....",
            "S": "....X.......X..,",
            "H": "x.x.x.x.x.x.x.x.",
            "B": "..o.x.o...o.x.o.",
        },
        {
            "K": "X..x..x.X..x....",
            "S": "....X..,....X...",
            "D": "x.o.x.o.x.o.x.o.",
            "B": "....x.......x...",
        },
        {"K": "X...X...X...X...", "L": "x.x.o.x.x.x.o.xx"},
        {"K": "X...X...X...X...", "S": "....X.......X...", "O": "..x...x...x...x."},
        {
            "K": "X.....x.X.x.....X..x....X.x...x.",
            "S": "....X.......X..,....X..,....X...",
            "H": "x.o.x.o.x.o.x.o.x.o.x.o.x.o.x...",
            "O": "..............................x.",
        },
        {
            "K": "X.x.....X.......",
            "S": "....X.......X.,.",
            "D": "x...x.o.x...x.oo",
            "B": "..o...o...o...o.",
        },
    ),
    "folk": (
        {"A": "o.,.o.,.o.,.o.,."},
        {"K": "x.......o.......", "A": "x.o.x.o.x.o.x.o."},
        {"K": "X.......x.......", "S": "....o.......o...", "A": "o.o.x.o.o.o.x.o."},
        {
            "K": "X...x...X...x...",
            "B": "....x.......x...",
            "S": "....o.......o.,.",
            "A": "o.o.o.o.o.o.o.o.",
        },
        {"B": "....o.......o...", "P": "x..o..o.x..o..,."},
        {
            "K": "x.....o.x.......x.......x..o....",
            "S": ",.o.,.o.,.o.,.oo,.o.,.o.,.o.,.o.",
            "B": "....x.......x...",
        },
    ),
    "cinematic": (
        {"L": "X..............."},
        {"L": "X.....o.o.......", "A": "..,...,...,...,."},
        {"L": "X..o..x.X..o..x.", "K": "X.......X.......", "M": "......o.......oo"},
        {
            "K": "X.......X.......",
            "L": "X.xox.xoX.xox.xo",
            "S": "....o.......o.oo",
            "T": "............o.o.",
        },
        {"K": "X...............", "M": "........o.....o."},
        {"K": "X.....X.X.......", "L": "x.xxx.xxx.xxx.xx", "S": "....x.......x..."},
    ),
}

# Per genre: beats of four steps that lead from one phrase of four bars to the next.
PICKUPS: dict[str, tuple[Pattern, ...]] = {
    "synthwave": ({"T": "x.o.", "M": "..x."}, {"S": "..ox"}, {"O": "..x.", "K": "x..x"}),
    "lofi": ({"S": "..,x"}, {"K": "..xx", "R": ".o.."}, {"O": "..o."}),
    "house": ({"C": ".o.x"}, {"O": "x.xx"}, {"P": "oxox"}),
    "techno": ({"L": "x.xx"}, {"H": "xrxr"}, {"R": "x.ox"}),
    "drum_and_bass": (
        {"K": "x.x.", "S": ".x.x"},
        {"S": "x,xx", "H": "x.x."},
        {"S": "rx,x"},
        {"K": "..xx", "S": "xo.."},
    ),
    "trap": ({"H": "rrtr"}, {"H": "xttt"}, {"H": "rrrr", "O": "..x."}, {"H": "t.rx", "C": "...o"}),
    "indie_pop": ({"M": "..xx"}, {"S": ".,xx"}, {"T": "x...", "M": ".x..", "L": "..xx"}),
    "folk": ({"B": ".o.x"}, {"S": "..oo"}),
    "cinematic": ({"L": "xoxx"}, {"T": "o.x.", "M": ".o.x"}),
}

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
    pattern: Pattern, *, bar: int, first_beat: float, until: float = BEATS_PER_BAR
) -> list[tuple[str, Note]]:
    """Return the hits of one bar as (part, note); bar chooses the bar of a two-bar pattern.

    until: beats of the bar to play; the rest is left to a fill.
    """
    hits: list[tuple[str, Note]] = []
    for line, steps in pattern.items():
        offset = 16 * (bar % (len(steps) // 16))
        part = PART_OF_LINE.get(line, "perc")
        for index in range(16):
            mark = steps[offset + index]
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
    return pattern_notes(bar, bar=0, first_beat=bar_start)
