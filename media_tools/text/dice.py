"""Random choices from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from media_tools.seeds import stream

Item = TypeVar("Item")


class Dice:
    """Random draws that depend only on the parts it was made from."""

    def __init__(self, *parts: object) -> None:
        self._rng = stream(*parts)

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to limit - 1."""
        return int(self._rng.integers(limit))

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        return float(self._rng.random()) < probability

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return float(self._rng.random())

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one item. Raises ValueError for an empty sequence."""
        return items[self.below(len(items))]

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """Return up to `count` items from different places, in drawn order."""
        return self.shuffled(items)[:count]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        return [items[int(index)] for index in self._rng.permutation(len(items))]
