"""What a format is: how its header is known, and how a row of it becomes figures."""

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
    """What is known of a file beside its text.

    stem: its name without the suffix, and without the " (1)" that browsers add. day: the last day
    it is about, for files that do not say. artist: whose it is, if the operator said so.
    """

    stem: str
    day: date
    artist: str = ""

    @property
    def span(self) -> str:
        """Length of the period in a name such as "Content 2026-10-01_2026-10-28": "28d"."""
        found = TWO_DAYS.search(self.stem)
        if not found:
            return ""
        try:
            first, last = (date.fromisoformat(text) for text in found.groups())
        except ValueError:
            return ""
        return f"{(last - first + timedelta(days=1)).days}d"


@dataclass(frozen=True)
class Format:
    """How a header is known, and what reads a row.

    needs: columns a header must have, in lower case; one_of: at least one of each set. knows,
    knows_like: columns read besides; others are reported. read: raises Fault or IgnoredRow.
    undated: its rows carry no (full) date. additive: several rows may be about the same item and
    are added up. encodings: tried in this order.
    """

    name: str
    label: str
    needs: frozenset[str]
    read: Callable[[Row, Origin], Iterator[Figure]]
    one_of: tuple[frozenset[str], ...] = ()
    knows: frozenset[str] = frozenset()
    knows_like: re.Pattern[str] | None = None
    undated: bool = False
    additive: bool = False
    encodings: tuple[str, ...] = ("utf-8-sig",)
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
