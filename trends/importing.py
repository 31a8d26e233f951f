"""Trends from a CSV file.

The header names the columns, in any order: topic and volume; optional observed_at (ISO date or
time; without it the time of the import), engagement and genre. Columns are divided by commas or
semicolons, the text is UTF-8. A file is imported whole or, at the first fault, not at all.

A chart saved from charts.spotify.com (rank, artist_names, track_name ...) is known by its header:
its genres are not in it, so the words of its titles become topics. Its day is in its file name.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NoReturn, TextIO

from django.core.exceptions import ValidationError
from django.utils import timezone

from trends.charts import ChartEntry, chart_shares
from trends.models import Topic, TrendSource
from trends.recording import Recorded, clean_name, record
from trends.scoring import score_topics
from trends.sources.base import Sighting, day_window

REQUIRED = ("topic", "volume")
OPTIONAL = ("observed_at", "engagement", "genre")
SPOTIFY_COLUMNS = {"rank", "artist_names", "track_name"}
TOPIC_LENGTH = Topic._meta.get_field("name").max_length or 120
GENRE_LENGTH = Topic._meta.get_field("genre").max_length or 40
# Time zones and clocks differ; more than this ahead is a mistyped date.
FUTURE_TOLERANCE = timedelta(days=1)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class TrendImportError(Exception):
    """The file cannot be imported; nothing was written."""


@dataclass(frozen=True)
class ImportReport(Recorded):
    """What an import did: rows read, topics and observations added, observations replaced."""


def import_csv(path: Path | str, *, source: str = "csv", now: datetime) -> ImportReport:
    """Import a file as observations of `source`, made if it is new, and score the topics.

    Raises TrendImportError naming the file, the line, the column, the value and what is expected.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            columns = {name.strip(' "\n\r') for name in file.readline().split(",")}
            file.seek(0)
            spotify = columns >= SPOTIFY_COLUMNS
            sightings = list(
                _spotify_chart(path, file, now) if spotify else _Table(path, file, now).sightings()
            )
    except OSError as error:
        raise TrendImportError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise TrendImportError(
            f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8 and import again."
        ) from error
    recorded = record(_source_row(source), sightings, now=now)
    score_topics(now)
    return ImportReport(**vars(recorded))


def _source_row(name: str) -> TrendSource:
    source = TrendSource(name=name)
    try:
        source.clean_fields()
    except ValidationError as error:
        raise TrendImportError(
            f"Source {name!r} is no valid name: {' '.join(error.messages)}"
        ) from error
    return TrendSource.objects.get_or_create(name=name)[0]


def _spotify_chart(path: Path, file: TextIO, now: datetime) -> Iterator[Sighting]:
    """Title words of a chart saved from charts.spotify.com."""
    day = _day_in(path.stem) or timezone.localdate(now)
    entries = []
    reader = csv.DictReader(file, strict=True)
    try:
        for row in reader:
            rank = row["rank"] or ""
            if not (rank.isascii() and rank.isdigit() and int(rank)):
                raise TrendImportError(
                    f"{path}, line {reader.line_num}, column rank: {rank!r} is not a whole number "
                    "of 1 or more."
                )
            entries.append(
                ChartEntry(
                    source="spotify",
                    chart=path.stem,
                    rank=int(rank),
                    title=row["track_name"] or "",
                    artist=row["artist_names"] or "",
                    date=day,
                    external_id=row.get("uri") or "",
                )
            )
    except csv.Error as error:
        raise TrendImportError(f"{path}, line {reader.line_num}: {error}.") from error
    yield from chart_shares(entries, observed_at=day_window(day))


def _day_in(name: str) -> date | None:
    """The date in a file name such as regional-global-daily-2026-11-20."""
    found = re.search(r"\d{4}-\d{2}-\d{2}", name)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


class _Table:
    """Rows of a CSV file as sightings. `line` is the last line read, counted from 1."""

    def __init__(self, path: Path, file: TextIO, now: datetime) -> None:
        self.path = path
        self.now = now
        header = file.readline()
        self.delimiter = ";" if header.count(";") > header.count(",") else ","
        self.columns = self._columns(header)
        self.reader = csv.reader(file, delimiter=self.delimiter, strict=True)

    @property
    def line(self) -> int:
        return 1 + self.reader.line_num

    def sightings(self) -> Iterator[Sighting]:
        rows = iter(self.reader)
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise TrendImportError(f"{self.path}, line {self.line}: {error}.") from error
            if any(cell.strip() for cell in cells):
                yield self._sighting(cells)

    def _columns(self, header: str) -> list[str]:
        cells = next(csv.reader([header], delimiter=self.delimiter), [])
        columns = [cell.strip().lower() for cell in cells]
        known = {*REQUIRED, *OPTIONAL}
        missing = [name for name in REQUIRED if name not in columns]
        unknown = [name for name in columns if name not in known]
        doubled = sorted({name for name in columns if columns.count(name) > 1})
        for fault, names in (
            ("lacks the column", missing),
            ("has the unknown column", unknown),
            ("has twice the column", doubled),
        ):
            if names:
                raise TrendImportError(
                    f"{self.path}, line 1: the header {fault} {', '.join(map(repr, names))}; "
                    f"expected {', '.join(REQUIRED)} and optionally {', '.join(OPTIONAL)}."
                )
        return columns

    def _sighting(self, cells: list[str]) -> Sighting:
        if len(cells) != len(self.columns):
            raise TrendImportError(
                f"{self.path}, line {self.line}: {len(cells)} values in a table of "
                f"{len(self.columns)} columns; put values that contain {self.delimiter!r} in "
                "double quotes."
            )
        row = dict(zip(self.columns, (cell.strip() for cell in cells), strict=True))
        return Sighting(
            topic=self._topic(row["topic"]),
            volume=self._number("volume", row["volume"]),
            observed_at=self._moment(row.get("observed_at", "")),
            engagement=self._number("engagement", row.get("engagement") or "0"),
            genre=self._genre(row.get("genre", "")),
        )

    def _topic(self, text: str) -> str:
        name = clean_name(text)
        if not name or len(name) > TOPIC_LENGTH or not name.isprintable():
            self._refuse("topic", text, f"1 to {TOPIC_LENGTH} printable characters")
        return name

    def _genre(self, text: str) -> str:
        genre = text.lower().replace(" ", "_").replace("-", "_")
        if len(genre) > GENRE_LENGTH or not genre.isprintable():
            self._refuse("genre", text, f"at most {GENRE_LENGTH} printable characters")
        return genre

    def _number(self, column: str, text: str) -> float:
        # Spreadsheets that divide columns by semicolons write decimal commas.
        plain = text.replace(",", ".") if self.delimiter == ";" else text
        try:
            number = float(plain)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number >= 0) or "_" in text:
            self._refuse(column, text, "a number of 0 or more, such as 1250 or 12.5")
        return number

    def _moment(self, text: str) -> datetime:
        if not text:
            return self.now
        expected = "an ISO date or time, such as 2026-03-02 or 2026-03-02T18:00+01:00"
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._refuse("observed_at", text, expected)
        if timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        if moment > self.now + FUTURE_TOLERANCE:
            self._refuse("observed_at", text, f"a time up to now, {self.now:%Y-%m-%d %H:%M %Z}")
        if moment < EARLIEST:
            self._refuse("observed_at", text, "a time since 1970")
        return moment

    def _refuse(self, column: str, value: str, expected: str) -> NoReturn:
        shown = value if len(value) <= 60 else value[:59] + "…"
        raise TrendImportError(
            f"{self.path}, line {self.line}, column {column}: {shown!r} is not {expected}."
        )
