"""Delimited text as rows whose cells can be asked for numbers, days and durations.

A cell that does not fit is refused with its file, line, column, value and what is expected.
Numbers have a decimal dot and no thousands separator: "1,234" is one number in London and another
in Berlin, so it is refused, not guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NoReturn

from runs.metrics.errors import Fault, MetricsImportError

DELIMITERS = (",", "\t", ";")
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,40})?", re.ASCII)
SCIENTIFIC = re.compile(r"-?\d{1,15}(\.\d{1,40})?[eE][-+]?\d{1,2}", re.ASCII)
CLOCK = re.compile(r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)", re.ASCII)
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
FIRST_DAY = date(1990, 1, 1)
MAX_CELL = 5_000


@dataclass(frozen=True)
class Table:
    """A file's text, its header in lower case and in its own spelling, and its rows.

    latest: dates after this one are mistyped.
    """

    name: str
    header: tuple[str, ...]
    delimiter: str
    text: str
    latest: date

    @classmethod
    def parse(cls, name: str, text: str, *, latest: date) -> Table:
        """Raises MetricsImportError when there is no header, or one names a column twice."""
        first_line = text.partition("\n")[0]
        if not first_line.strip():
            raise MetricsImportError(f"{name}, line 1: the header is missing.")
        delimiter = max(DELIMITERS, key=first_line.count)
        try:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise MetricsImportError(f"{name}, line 1: {error}.") from error
        header = tuple(" ".join(cell.split()).lower() for cell in cells)
        doubled = sorted({column for column in header if column and header.count(column) > 1})
        if doubled:
            raise MetricsImportError(
                f"{name}, line 1: the header has twice the column "
                f"{', '.join(map(repr, doubled))}; each may come once."
            )
        return cls(name=name, header=header, delimiter=delimiter, text=text, latest=latest)

    def rows(self) -> Iterator[Row]:
        """Rows after the header, empty lines left out. Raises MetricsImportError on bad quoting."""
        reader = csv.reader(
            io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True
        )
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise MetricsImportError(f"{self.name}, line {line}: {error}.") from error
            if any(cell.strip() for cell in cells):
                yield Row(self, line, cells)


class Row:
    """A row of a table. Every reader of a cell raises Fault when the cell does not fit."""

    def __init__(self, table: Table, line: int, cells: list[str]) -> None:
        self.table = table
        self.line = line
        self._cells = cells

    def check(self) -> None:
        """As many cells as columns, none of them absurd."""
        if len(self._cells) != len(self.table.header):
            sign = {"\t": "tab", ",": "comma", ";": "semicolon"}[self.table.delimiter]
            raise Fault(
                f"{self.table.name}, line {self.line}: {len(self._cells)} values in a table of "
                f"{len(self.table.header)} columns; put values that contain a {sign} in double "
                "quotes."
            )
        for column, cell in zip(self.table.header, self._cells, strict=True):
            if len(cell) > MAX_CELL or "\0" in cell:
                self.refuse(column, f"text of at most {MAX_CELL} characters")

    def has(self, column: str) -> bool:
        return column in self.table.header

    def one_of(self, columns: frozenset[str]) -> str:
        """The first of these columns that the header has; empty if it has none."""
        return next((column for column in self.table.header if column in columns), "")

    def text(self, column: str) -> str:
        """The cell without the spaces around it; empty if there is no such column."""
        if not self.has(column):
            return ""
        return self._cells[self.table.header.index(column)].strip()

    def refuse(self, column: str, expected: str) -> NoReturn:
        value = self.text(column)
        shown = value if len(value) <= 60 else value[:59] + "…"
        raise Fault(
            f"{self.table.name}, line {self.line}, column {column}: {shown!r} is not {expected}."
        )

    def number(self, column: str, *, negative: bool = False, scientific: bool = False) -> Decimal:
        """A decimal number with a dot."""
        text = self.text(column)
        if not (NUMBER.fullmatch(text) or (scientific and SCIENTIFIC.fullmatch(text))):
            self.refuse(
                column,
                "a number with a decimal dot and no thousands separator, such as 1250 or 12.5",
            )
        value = Decimal(text)
        if value < 0 and not negative:
            self.refuse(column, "a number of 0 or more")
        return value

    def figure(
        self, column: str, *, unknown: tuple[str, ...] = ("", "-", "–", "—"), negative: bool = False
    ) -> Decimal | None:
        """A number, or None where the column is missing or its cell says that nobody knows."""
        if self.text(column).lower() in unknown:
            return None
        return self.number(column, negative=negative)

    def day(self, column: str) -> date:
        """A date such as 2026-11-18."""
        expected = "a date such as 2026-11-18"
        text = self.text(column)
        if not DAY.fullmatch(text):
            self.refuse(column, expected)
        return self._plausible(column, text, expected)

    def month(self, column: str) -> date:
        """First day of a month such as 2026-09."""
        expected = "a month such as 2026-09"
        text = self.text(column)
        if not MONTH.fullmatch(text):
            self.refuse(column, expected)
        return self._plausible(column, f"{text}-01", expected)

    def _plausible(self, column: str, text: str, expected: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.refuse(column, expected)
        if day > self.table.latest:
            self.refuse(column, f"a date up to {self.table.latest}")
        if day < FIRST_DAY:
            self.refuse(column, f"a date since {FIRST_DAY}")
        return day

    def seconds(self, column: str) -> Decimal | None:
        """A duration as 0:00:46, 0:46 or plain seconds; None where it is empty."""
        text = self.text(column)
        if text in ("", "-", "–", "—"):
            return None
        clock = CLOCK.fullmatch(text)
        if clock:
            hours, minutes, seconds = (int(part or 0) for part in clock.groups())
            return Decimal(hours * 3600 + minutes * 60 + seconds)
        if not NUMBER.fullmatch(text) or text.startswith("-"):
            self.refuse(column, "a duration such as 0:00:46, or seconds")
        return Decimal(text)

    def isrc(self, column: str) -> str:
        """Twelve characters, upper case, without dashes; or empty."""
        code = re.sub(r"[\s-]", "", self.text(column)).upper()
        if code and not ISRC.fullmatch(code):
            self.refuse(column, "an ISRC of 12 characters, such as QZ-ABC-26-00001")
        return code

    def upc(self, column: str) -> str:
        """A UPC or EAN without its leading zeros, which one of the two has more of; or empty."""
        code = self.text(column)
        if code and not re.fullmatch(r"\d{8,14}", code, re.ASCII):
            self.refuse(column, "a UPC of 8 to 14 digits")
        return code.lstrip("0")

    def country(self, column: str) -> str:
        """Two letters, upper case; empty: all countries."""
        code = self.text(column).upper()
        if code and not re.fullmatch(r"[A-Z]{2}", code):
            self.refuse(column, "a country of two letters, such as DE, or empty for all")
        return code
