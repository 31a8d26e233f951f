"""Chooses among candidates of a song: by stated measures, and by what people preferred before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Taste:
    """What people prefer. weights: log-odds of an approval for each unit of a measure, by name.

    Empty where nothing is known: then the stated measures alone choose.
    """

    weights: dict[str, float] = field(default_factory=dict)

    def liking(self, measures: Mapping[str, float]) -> float:
        """Return the log-odds of the measures, without a base: good for comparisons only.

        A measure that only another version takes counts nothing.
        """
        return sum(weight * measures.get(name, 0.0) for name, weight in self.weights.items())


def choose(worths: Sequence[float], measures: Sequence[Mapping[str, float]], taste: Taste) -> int:
    """Return the index of the best candidate, the first among equals.

    worths: by the stated measures, higher is better. A taste chooses only among the better half by
    worth, so it cannot bring back a candidate with plain faults.
    """
    ranked = sorted(range(len(worths)), key=lambda index: (-worths[index], index))
    if not taste.weights:
        return ranked[0]
    return max(ranked[: (len(ranked) + 1) // 2], key=lambda index: taste.liking(measures[index]))
