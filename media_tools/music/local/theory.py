"""Keys, scales, chords and voice leading."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
_SCALE_WORDS = {
    "": "major",
    "maj": "major",
    "ionian": "major",
    "m": "minor",
    "min": "minor",
    "aeolian": "minor",
    "natural minor": "minor",
}
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_TOKEN = re.compile(r"([1-7])([!~s]?)")

POWER = (0, 4)  # root and fifth
TRIAD = (0, 2, 4)
SEVENTH = (0, 2, 4, 6)
NINTH = (0, 2, 4, 6, 8)
ADDED_NINTH = (0, 2, 4, 8)


@dataclass(frozen=True)
class Key:
    """A tonic (pitch class 0..11, C = 0) and the name of its scale in SCALES."""

    tonic: int
    scale: str

    @property
    def name(self) -> str:
        return f"{_NAMES[self.tonic]} {self.scale}"

    @property
    def steps(self) -> tuple[int, ...]:
        """Semitones of the seven degrees above the tonic."""
        return SCALES[self.scale]

    @property
    def pcs(self) -> frozenset[int]:
        """Pitch classes of the scale."""
        return frozenset((self.tonic + step) % 12 for step in self.steps)

    @property
    def minor_like(self) -> bool:
        """Whether the third above the tonic is minor."""
        return self.steps[2] == 3

    def lifted(self, semitones: int) -> Key:
        """Return the same scale on a tonic that many semitones higher."""
        return Key((self.tonic + semitones) % 12, self.scale)


def parse_key(text: str) -> Key:
    """Read "A minor", "D dorian", "Bb", "F#m" or "C# maj".

    Raises ValueError if the tonic or the scale is unknown.
    """
    match = re.fullmatch(r"\s*([A-Ga-g])\s*([#b♯♭]?)\s*([A-Za-z ]*)\s*", text)
    if match is None:
        raise ValueError(f"{text!r} is not a key such as 'A minor'")
    letter, accidental, rest = match.groups()
    word = rest.strip()
    word = "minor" if word == "m" else word.lower()
    scale = _SCALE_WORDS.get(word, word)
    if scale not in SCALES:
        raise ValueError(f"{text!r}: unknown scale {word!r}; known: {', '.join(SCALES)}")
    shift = {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(accidental, 0)
    return Key((_LETTERS[letter.upper()] + shift) % 12, scale)


@dataclass(frozen=True)
class Chord:
    """A chord on a degree of a key."""

    key: Key
    degree: int  # 0..6, the root
    # Semitones of the seven scale tones while it sounds; a borrowed chord alters one of them.
    steps: tuple[int, ...]
    members: tuple[int, ...]  # chord tones as degrees above the root

    def pitch(self, degree: int) -> int:
        """Return the MIDI pitch of a scale degree; degree 0 is the tonic between 55 and 66."""
        octave, step = divmod(degree, 7)
        return 60 + (self.key.tonic + 5) % 12 - 5 + 12 * octave + self.steps[step]

    @property
    def root_pc(self) -> int:
        return self.pitch(self.degree) % 12

    @property
    def pcs(self) -> tuple[int, ...]:
        """Pitch classes of the members, root first."""
        return tuple(self.pitch(self.degree + member) % 12 for member in self.members)

    @property
    def scale_pcs(self) -> frozenset[int]:
        """Pitch classes of the scale that applies while the chord sounds."""
        return frozenset((self.key.tonic + step) % 12 for step in self.steps)

    def interval(self, member: int) -> int:
        """Return the semitones from the root to a member."""
        return self.pitch(self.degree + member) - self.pitch(self.degree)

    @property
    def name(self) -> str:
        """Lead-sheet name, such as "Am7" or "Fmaj9"."""
        third, fifth = self.interval(2), self.interval(4)
        base = _NAMES[self.root_pc]
        if self.members == POWER:
            return f"{base}5"
        if 2 not in self.members:
            return f"{base}sus4"
        quality = {(3, 7): "m", (4, 7): "", (3, 6): "dim", (4, 8): "aug"}.get((third, fifth), "")
        if 6 not in self.members:
            return base + quality
        number = "9" if 8 in self.members else "7"
        major_seventh = self.interval(6) == 11
        return f"{base}{quality}{'maj' if major_seventh else ''}{number}"


@functools.lru_cache(maxsize=1024)
def chord_of(key: Key, token: str, members: tuple[int, ...]) -> Chord:
    """Return the chord of a progression token: degree 1..7 with an optional mark.

    "!" raises the third (the major dominant of a minor key), "~" lowers it (the minor subdominant
    of a major key), "s" suspends it. A ninth that would be a semitone above the root is left out,
    because it clashes with the bass.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ValueError(f"{token!r} is not a chord token such as '5' or '5!'")
    degree, mark = int(match.group(1)) - 1, match.group(2)
    steps = list(key.steps)
    third = (degree + 2) % 7
    if mark == "!":
        steps[third] += 1
    elif mark == "~":
        steps[third] -= 1
    elif mark == "s":
        members = tuple(3 if member == 2 else member for member in members)
    chord = Chord(key, degree, tuple(steps), members)
    if 8 in members and chord.interval(8) == 13:
        chord = Chord(key, degree, tuple(steps), tuple(m for m in members if m != 8))
    return chord


def diminished(chord: Chord) -> bool:
    """Whether the fifth above the root is diminished."""
    return chord.interval(4) == 6


@functools.lru_cache(maxsize=8192)
def voicing(chord: Chord, previous: tuple[int, ...] | None, low: int, high: int) -> tuple[int, ...]:
    """Return the pitches of a chord in low..high, nearest to the previous voicing.

    Every close and drop-2 inversion in the range is rated by the mean movement of its voices and
    its distance from the middle of the range. Five-part chords leave the root to the bass.
    """
    pcs = chord.pcs[1:] if len(chord.pcs) > 4 else chord.pcs
    best: tuple[int, ...] = ()
    best_cost = float("inf")
    for pitches in _inversions(pcs, low, high):
        cost = 0.25 * abs(sum(pitches) / len(pitches) - (low + high) / 2)
        if pitches[1] - pitches[0] == 1 or pitches[-1] - pitches[-2] == 1:
            cost += 2.0
        if previous:
            cost += sum(min(abs(p - q) for q in previous) for p in pitches) / len(pitches)
        if cost < best_cost:
            best, best_cost = pitches, cost
    return best


def _inversions(pcs: tuple[int, ...], low: int, high: int) -> list[tuple[int, ...]]:
    """Return close and drop-2 stacks of the pitch classes that fit between low and high.

    Two tones are a power chord, which keeps its root in the bass.
    """
    stacks: list[tuple[int, ...]] = []
    turns = len(pcs) if len(pcs) > 2 else 1
    for turn in range(turns):
        order = pcs[turn:] + pcs[:turn]
        for octave in range(2, 8):
            stack = [12 * octave + order[0]]
            for pc in order[1:]:
                stack.append(stack[-1] + ((pc - stack[-1]) % 12 or 12))
            dropped = sorted([*stack[:-2], stack[-2] - 12, stack[-1]])
            for pitches in (stack, dropped):
                if pitches[0] >= low and pitches[-1] <= high:
                    stacks.append(tuple(pitches))
    if stacks:
        return stacks
    # A range narrower than the chord: place each tone on its own.
    return [tuple(sorted(low + (pc - low) % 12 for pc in pcs))]


def nearest_pitch(pc: int, target: int) -> int:
    """Return the pitch of that class nearest to the target (the lower one of two)."""
    below = target - (target - pc) % 12
    return below if target - below <= 6 else below + 12
