"""Defines a format: how its header is recognised, and how a row becomes figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from runs.audience.rows import Figure
from runs.audience.tables import Row

TWO_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})[ _]+(\d{4}-\d{2}-\d{2})", re.ASCII)


@dataclass(frozen=True)
class Origin:
    """What is known of a file besides its text."""

    stem: str  # without suffix, and without the " (1)" that browsers add
    day: date  # the last day covered, for files that do not say
    artist: str = ""  # if the operator named one

    @property
    def span(self) -> str:
        """Length of the period in a name such as "Content 2026-10-01_2026-10-28": "28d"."""
        dates = TWO_DAYS.search(self.stem)
        if not dates:
            return ""
        try:
            first, last = (date.fromisoformat(text) for text in dates.groups())
        except ValueError:
            return ""
        return f"{(last - first + timedelta(days=1)).days}d"


@dataclass(frozen=True)
class Format:
    """How a header is recognised, and what reads a row. Columns are in lower case."""

    name: str
    label: str
    needs: frozenset[str]  # columns a header must have
    read: Callable[[Row, Origin], Iterator[Figure]]  # raises Fault or IgnoredRow
    one_of: tuple[frozenset[str], ...] = ()  # at least one column of each set
    # Other columns that are read; any further ones are reported as ignored.
    knows: frozenset[str] = frozenset()
    knows_like: re.Pattern[str] | None = None
    undated: bool = False  # rows carry no full date
    additive: bool = False  # rows about the same item are added up
    encodings: tuple[str, ...] = ("utf-8-sig",)  # tried in this order
    max_bytes: int = 64_000_000
    max_rows: int = 100_000

    def fits(self, header: Collection[str]) -> bool:
        columns = set(header)
        return self.needs <= columns and all(columns & some for some in self.one_of)

    def reads(self, column: str) -> bool:
        return (
            column in self.needs
            or column in self.knows
            or any(column in some for some in self.one_of)
            or bool(self.knows_like and self.knows_like.fullmatch(column))
        )
