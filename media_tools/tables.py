"""Tables from strangers: delimited text as rows, bounded, every fault with its file and line.

The first line may be spreadsheets' "sep=;". In a table divided by tabs double quotes are text,
unless its header is quoted too. A mark that may be one of thousands is refused, not guessed:
"1.234" is one number in London and another in Berlin.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import NoReturn

from media_tools.foreign import clean_text

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe"}
MAX_LINE = 1_000_000
MAX_COLUMNS = 500
MAX_CELL = 5_000
CHARACTERS_SHOWN = 60

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SEPARATOR = re.compile(r'"?sep=(.)"? *[\r\n]*', re.IGNORECASE | re.DOTALL)
_WHOLE = re.compile(r"-?\d{1,15}(\.0{1,2})?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,40})?", re.ASCII)
_SCIENTIFIC = re.compile(r"-?\d{1,15}(\.\d{1,40})?[eE][-+]?\d{1,2}", re.ASCII)
_MAYBE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)


class TableRefused(Exception):
    """The file is no table that can be read: file, line, what is wrong and what to do."""


class Fault(Exception):
    """A row that cannot be read: file, line, column, value and what is expected."""


def decode(content: bytes, encoding: str = "utf-8-sig") -> str:
    """The text of a file; a byte order mark of UTF-16 goes before `encoding`.

    Raises UnicodeError.
    """
    # Spreadsheets write it as "Unicode text".
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    return content.decode(encoding)


@dataclass(frozen=True)
class Table:
    """A file's text, and its header in lower case.

    header_line: from 1; a "sep=;" stands before it. plain: double quotes are text.
    """

    name: str
    text: str
    header: tuple[str, ...]
    header_line: int
    delimiter: str
    plain: bool

    @classmethod
    def parse(cls, name: str, text: str) -> Table:
        """Raises TableRefused when there is no usable header."""
        lines = _lines(name, text)
        head = next(lines, "")
        line = 1
        delimiter = ""
        if marked := _SEPARATOR.fullmatch(head):
            delimiter = marked[1]
            head, line = next(lines, ""), 2
        if delimiter and delimiter not in DELIMITERS:
            raise TableRefused(
                f"{name}, line 1: columns divided by {delimiter!r}; save the table with one of "
                f"{', '.join(DELIMITERS.values())}."
            )
        if "\0" in head:
            raise TableRefused(
                f"{name}, line {line}: NUL characters; the file is damaged, or UTF-16 without a "
                "byte order mark. Save it as UTF-8."
            )
        if not head.strip():
            raise TableRefused(f"{name}, line {line}: the header is missing.")
        delimiter = delimiter or max(DELIMITERS, key=head.count)
        table = cls(name, text, (), line, delimiter, delimiter == "\t" and '"' not in head)
        _, cells = next(table._records())
        header = tuple(" ".join(clean_text(cell).split()).lower() for cell in cells)
        if len(header) > MAX_COLUMNS:
            raise TableRefused(
                f"{name}, line {line}: {len(header):,} columns; at most {MAX_COLUMNS} can be read."
            )
        doubled = sorted(name for name, times in Counter(header).items() if name and times > 1)
        if doubled:
            raise TableRefused(
                f"{name}, line {line}: the header has twice the column "
                f"{', '.join(map(repr, doubled))}; each may come once."
            )
        return replace(table, header=header)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each row after the header, empty ones left out.

        Raises TableRefused on bad quoting and on a line that is absurdly long.
        """
        records = self._records()
        next(records)
        return (record for record in records if any(cell.strip() for cell in record[1]))

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        before = self.header_line - 1
        reader = csv.reader(
            islice(_lines(self.name, self.text), before, None),
            delimiter=self.delimiter,
            quoting=csv.QUOTE_NONE if self.plain else csv.QUOTE_MINIMAL,
            strict=True,
        )
        while True:
            line = before + reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise TableRefused(f"{self.name}, line {line}: {_why(error)}.") from error
            yield line, cells


def _lines(name: str, text: str) -> Iterator[str]:
    """Lines with their ends, one at a time: a StringIO would take four bytes a character."""
    for number, found in enumerate(_LINE.finditer(text), start=1):
        if found.end() - found.start() > MAX_LINE:
            raise TableRefused(
                f"{name}, line {number}: longer than {MAX_LINE:,} characters; is it a table?"
            )
        yield found[0]


def _why(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end of data" in said:
        return "a value begins with a double quote that never ends"
    if "expected after" in said:
        return "a double quote within a quoted value has to be written twice"
    if "field larger" in said:
        limit = f"{csv.field_size_limit():,}"
        return f"a value is longer than {limit} characters; a double quote may be missing"
    return said


class Row:
    """A row of a table. Every reader of a cell raises Fault when the cell does not fit."""

    def __init__(self, table: Table, line: int, cells: list[str]) -> None:
        self.table = table
        self.line = line
        self._cells = cells

    def check(self) -> None:
        """As many cells as columns, none of them absurd."""
        if len(self._cells) != len(self.table.header):
            sign = DELIMITERS[self.table.delimiter]
            raise Fault(
                f"{self.table.name}, line {self.line}: {len(self._cells)} values in a table of "
                f"{len(self.table.header)} columns; put values that contain a {sign} in double "
                "quotes."
            )
        for column, cell in zip(self.table.header, self._cells, strict=True):
            if len(cell) > MAX_CELL or "\0" in cell:
                self.refuse(column, f"text of at most {MAX_CELL:,} characters without NUL")

    def has(self, column: str) -> bool:
        return column in self.table.header

    def one_of(self, columns: frozenset[str]) -> str:
        """The first of these columns that the header has; empty if it has none."""
        return next((column for column in self.table.header if column in columns), "")

    def text(self, column: str) -> str:
        """The clean cell without the spaces around it; empty if there is no such column."""
        if not self.has(column):
            return ""
        return clean_text(self._cells[self.table.header.index(column)]).strip()

    def refuse(self, column: str, expected: str) -> NoReturn:
        value = self.text(column)
        shown = value if len(value) <= CHARACTERS_SHOWN else value[: CHARACTERS_SHOWN - 1] + "…"
        raise Fault(
            f"{self.table.name}, line {self.line}, column {column}: {shown!r} is not {expected}."
        )

    def count(self, column: str, *, negative: bool = False) -> Decimal:
        """A whole number. 12.0 is one; 1.234 is none, since its dot may mark thousands."""
        text = self.text(column)
        if not _WHOLE.fullmatch(text):
            self.refuse(column, "a whole number without a thousands mark, such as 1250")
        return self._of_sign(column, Decimal(text.partition(".")[0]), negative)

    def number(self, column: str, *, negative: bool = False, scientific: bool = False) -> Decimal:
        """A decimal number with a dot."""
        text = self.text(column)
        if not (_DECIMAL.fullmatch(text) or (scientific and _SCIENTIFIC.fullmatch(text))):
            self.refuse(
                column,
                "a number with a decimal dot and no thousands separator, such as 1250 or 12.5",
            )
        return self._of_sign(column, Decimal(text), negative)

    def measure(self, column: str) -> Decimal:
        """A number of 0 or more whose dot or comma can only be a decimal one."""
        text = self.text(column)
        # Spreadsheets that do not divide columns by commas may write decimal ones.
        if self.table.delimiter != "," and "." not in text:
            text = text.replace(",", ".")
        if not _DECIMAL.fullmatch(text) or _MAYBE_THOUSANDS.fullmatch(text) or text[0] == "-":
            self.refuse(
                column,
                "a number of 0 or more, such as 1250 or 12.5; three digits after a dot or comma "
                "may be thousands",
            )
        return Decimal(text)

    def _of_sign(self, column: str, value: Decimal, negative: bool) -> Decimal:
        if value < 0 and not negative:
            self.refuse(column, "a number of 0 or more")
        return value
