"""Varies a part's rhythm by rule, so that it keeps its idea but does not repeat its bar.

A pattern is a bar of sixteen steps: a mark starts a note, "-" holds it, "." rests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 16
Rule = Callable[[str], str]
# A hit of a pattern: its step, its length in steps, its mark.
_Hit = tuple[int, int, str]


def hits_of(pattern: str) -> list[_Hit]:
    """Return the hits of a pattern; a hold at its start belongs to the bar before."""
    hits: list[_Hit] = []
    for step, mark in enumerate(pattern):
        if mark == "-" and hits:
            start, length, first = hits[-1]
            hits[-1] = (start, length + 1, first)
        elif mark not in "-.":
            hits.append((step, 1, mark))
    return hits


def _written(hits: list[_Hit]) -> str:
    steps = ["."] * STEPS
    for start, length, mark in sorted(hits):
        for step in range(start, min(STEPS, start + length)):
            steps[step] = "-"
        steps[start] = mark
    return "".join(steps)


def _grounded(pattern: str, before: str) -> str:
    """Return the pattern with a hit on its first step, if it had one before."""
    if before[0] in "-." or pattern[0] not in "-.":
        return pattern
    return before[0] + pattern[1:]


def answered(pattern: str) -> str:
    """The second half comes first."""
    half = STEPS // 2
    return _grounded(pattern[half:] + pattern[:half], pattern)


def displaced(pattern: str) -> str:
    """Everything but the first hit comes an eighth later."""
    first, *others = hits_of(pattern) or [(0, 1, ".")]
    moved = [(start + 2, length, mark) for start, length, mark in others if start + 2 < STEPS]
    return _written([first, *moved])


def anticipated(pattern: str) -> str:
    """The hit on the third beat comes a sixteenth early."""
    hits: list[_Hit] = []
    for start, length, mark in hits_of(pattern):
        early = int(start > 0 and start % 8 == 0)
        hits.append((start - early, length + early, mark))
    return _written(hits)


def diminished(pattern: str) -> str:
    """The long notes of the second half become pairs of shorter ones."""
    hits: list[_Hit] = []
    for start, length, mark in hits_of(pattern):
        if length >= 4 and start + length > STEPS // 2:
            first = length // 2 - length // 2 % 2 or 2
            hits += [(start, first, mark), (start + first, length - first, mark)]
        else:
            hits.append((start, length, mark))
    return _written(hits)


def augmented(pattern: str) -> str:
    """The first half at half speed."""
    return _written(
        [
            (2 * start, 2 * length, mark)
            for start, length, mark in hits_of(pattern)
            if 2 * start < STEPS
        ]
    )


def thinned(pattern: str) -> str:
    """Every second hit rests."""
    return _written(hits_of(pattern)[::2])


def stopped(pattern: str) -> str:
    """The last beat rests."""
    return _written(
        [
            (start, min(length, STEPS - 4 - start), mark)
            for start, length, mark in hits_of(pattern)
            if start < STEPS - 4
        ]
    )


def delayed(pattern: str) -> str:
    """The first beat rests."""
    late = [hit for hit in hits_of(pattern) if hit[0] >= 4]
    return _written(late) if late else _written([(4, 4, pattern.strip("-.")[:1] or "x")])


def closed(ending: str) -> Rule:
    """Return a rule that puts an ending over the last steps."""

    def rule(pattern: str) -> str:
        return pattern[: STEPS - len(ending)] + ending

    return rule


RULES: dict[str, tuple[Rule, ...]] = {
    "arp": (answered, displaced, anticipated, thinned, delayed, augmented, stopped),
    "bass": (
        *(answered, anticipated, diminished, displaced, stopped, augmented),
        *(closed("5-------"), closed("8---1---")),
    ),
    "chords": (
        *(answered, displaced, anticipated, diminished, thinned, delayed, augmented, stopped),
    ),
}
# What leads from a phrase of four bars to the next: it replaces the end of its last bar.
LEADS: dict[str, tuple[str, ...]] = {
    "arp": ("0123", "3210", "....", "2.3.4.3.", "0.2.4.5."),
    "bass": ("b-a-", "1.ba", "5-a-", "8-5-b-a-", "a...", "1---..a-"),
    "chords": ("x.x-", "o-xo", "....", "u-u-", "x---..xo", "xox-"),
}
PHRASE_BARS = 4


@dataclass(frozen=True)
class Idea:
    """A part's pattern in a kind of section, its variations, and the bars that lead on from it."""

    pattern: str
    replies: tuple[str, ...]
    leads: tuple[str, ...]


def idea_of(part: str, pattern: str, leads: Sequence[str], rng: np.random.Generator) -> Idea:
    """Make an idea of a pattern. leads: as in LEADS."""
    return Idea(
        pattern,
        _changes(pattern, RULES[part], rng),
        _changes(pattern, [closed(ending) for ending in leads], rng),
    )


def bar_patterns(
    idea: Idea, *, bars: int, occurrence: int, variety: float, rng: np.random.Generator
) -> list[str]:
    """Return a pattern for each bar of a section.

    A phrase of four bars states the idea, replies, restates it, and leads on. variety: chance that
    a reply is a variation and not the idea again; the reply of every second phrase always is. The
    restatement may vary too, and from the third phrase on the statement. A section that returns has
    the same replies but for those of its second phrases, and leads on differently.
    """
    patterns: list[str] = []
    for bar in range(bars):
        phrase, place = divmod(bar, PHRASE_BARS)
        # A loop, too, turns once in eight bars, and elsewhere when it returns.
        turns = place == 1 and phrase % 2 == 1
        varied = rng.random() < variety or turns
        if place == PHRASE_BARS - 1:
            patterns.append(idea.leads[(phrase + occurrence) % len(idea.leads)])
        elif varied and (place in (1, 2) or phrase > 1):
            reply = 2 * phrase + place - 1 + occurrence * turns
            patterns.append(idea.replies[reply % len(idea.replies)])
        else:
            patterns.append(idea.pattern)
    return patterns


def _changes(idea: str, rules: Sequence[Rule], rng: np.random.Generator) -> tuple[str, ...]:
    """Return what the rules make of an idea in random order, new rhythms first.

    What changes nothing is left out.
    """
    made = dict.fromkeys(rules[int(index)](idea) for index in rng.permutation(len(rules)))
    changed = [pattern for pattern in made if pattern != idea]
    rhythms = {_rhythm(pattern): pattern for pattern in reversed((idea, *changed))}
    return tuple(sorted(changed, key=lambda pattern: rhythms[_rhythm(pattern)] != pattern)) or (
        idea,
    )


def _rhythm(pattern: str) -> tuple[int, ...]:
    return tuple(start for start, _, _ in hits_of(pattern))
