"""Rows of audience figures, with cells for days, durations and codes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from media_tools import tables

CLOCK = re.compile(r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]\d)", re.ASCII)
SECONDS = re.compile(r"\d{1,15}(\.\d{1,40})?", re.ASCII)
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
FIRST_DAY = date(1990, 1, 1)
UNKNOWN = ("", "-", "–", "—")


class Row(tables.Row):
    """A row in which dates after `latest` are typing errors."""

    def __init__(self, table: tables.Table, line: int, cells: list[str], *, latest: date) -> None:
        super().__init__(table, line, cells)
        self.latest = latest

    def figure(
        self,
        column: str,
        *,
        whole: bool = True,
        unknown: tuple[str, ...] = UNKNOWN,
        negative: bool = False,
    ) -> Decimal | None:
        """Return a number, or None if the column is missing or the cell says that nobody knows."""
        if self.text(column).lower() in unknown:
            return None
        read = self.count if whole else self.number
        return read(column, negative=negative)

    def day(self, column: str) -> date:
        """Return a date such as 2026-11-18."""
        expected = "a date such as 2026-11-18"
        text = self.text(column)
        if not DAY.fullmatch(text):
            self.refuse(column, expected)
        return self._plausible(column, text, expected)

    def month(self, column: str) -> date:
        """Return the first day of a month such as 2026-09."""
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
        if day > self.latest:
            self.refuse(column, f"a date up to {self.latest}")
        if day < FIRST_DAY:
            self.refuse(column, f"a date since {FIRST_DAY}")
        return day

    def seconds(self, column: str) -> Decimal | None:
        """Return a duration given as 0:00:46, 0:46 or plain seconds; None if the cell is empty."""
        text = self.text(column)
        if text in UNKNOWN:
            return None
        clock = CLOCK.fullmatch(text)
        if clock:
            hours, minutes, seconds = (int(part or 0) for part in clock.groups())
            return Decimal(hours * 3600 + minutes * 60 + seconds)
        if not SECONDS.fullmatch(text):
            self.refuse(column, "a duration such as 0:00:46, or seconds")
        return Decimal(text)

    def isrc(self, column: str) -> str:
        """Return twelve characters, upper case, without dashes; or ""."""
        code = re.sub(r"[\s-]", "", self.text(column)).upper()
        if code and not ISRC.fullmatch(code):
            self.refuse(column, "an ISRC of 12 characters, such as QZ-ABC-26-00001")
        return code

    def upc(self, column: str) -> str:
        """Return a UPC or EAN without leading zeros, in which the two differ; or ""."""
        code = self.text(column)
        if code and not re.fullmatch(r"\d{8,14}", code, re.ASCII):
            self.refuse(column, "a UPC of 8 to 14 digits")
        return code.lstrip("0")

    def country(self, column: str) -> str:
        """Return two letters, upper case; "" means all countries."""
        code = self.text(column).upper()
        if code and not re.fullmatch(r"[A-Z]{2}", code):
            self.refuse(column, "a country of two letters, such as DE, or empty for all")
        return code
