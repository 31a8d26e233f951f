"""Many values in portions, where all at once would be too much for a query or for the memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Value = TypeVar("Value")


def in_portions(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """Yield the values in lists of `size`, the last one perhaps shorter."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
