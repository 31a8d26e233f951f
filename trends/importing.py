"""Imports trends from a CSV file.

The header names the columns, in any order: topic and volume; optional observed_at (ISO date or
time; by default the time of the import), engagement and genre. Columns are separated by commas or
semicolons, the text is UTF-8. A file is imported whole or, at the first fault, not at all.

A chart saved from charts.spotify.com (rank, artist_names, track_name ...) is recognised by its
header. It has no genres, so the words of its titles become topics. Its day is in its file name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils import timezone

from media_tools.foreign import Refused, clean_text, read_file
from media_tools.tables import Fault, Row, Table, TableRefused, decode
from trends.charts import ChartEntry, chart_shares
from trends.models import Topic, TrendSource
from trends.recording import Recorded, clean_name, record
from trends.scoring import score_topics
from trends.sources.base import Sighting, day_window

MAX_BYTES = 16_000_000
MAX_ROWS = 100_000
REQUIRED = ("topic", "volume")
OPTIONAL = ("observed_at", "engagement", "genre")
SPOTIFY_COLUMNS = {"rank", "artist_names", "track_name"}
TOPIC_LENGTH = Topic._meta.get_field("name").max_length or 120
GENRE_LENGTH = Topic._meta.get_field("genre").max_length or 40
# Time zones and clocks differ; a date further ahead than this is a typing error.
FUTURE_TOLERANCE = timedelta(days=1)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
RANK = re.compile(r"[1-9]\d{0,8}", re.ASCII)


class TrendImportError(Exception):
    """The file cannot be imported; nothing was written."""


@dataclass(frozen=True)
class ImportReport(Recorded):
    """What an import did: rows read, topics and observations added, observations replaced."""


def import_csv(path: Path | str, *, source: str = "csv", now: datetime) -> ImportReport:
    """Import a file as observations of `source` (created if new), and score the topics.

    Raises TrendImportError naming the file, the line, the column, the value and what is expected.
    """
    try:
        table = _table(Path(path))
        spotify = set(table.header) >= SPOTIFY_COLUMNS
        read = _spotify_chart if spotify else _sightings
        sightings = list(read(table, Path(clean_text(str(path))).stem, now))
    except (Fault, TableRefused) as error:
        raise TrendImportError(str(error)) from error
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


def _table(path: Path) -> Table:
    """Read the file as a table. Raises TrendImportError, TableRefused."""
    name = clean_text(str(path))
    try:
        return Table.parse(name, decode(read_file(path, max_bytes=MAX_BYTES)))
    except Refused as error:
        raise TrendImportError(f"{name}: {error}.") from error
    except UnicodeError:
        raise TrendImportError(f"{name}: not UTF-8; save it as UTF-8 and import again.") from None


def _rows(table: Table) -> Iterator[Row]:
    """Yield the rows. Raises Fault, TableRefused, and TrendImportError for more than MAX_ROWS."""
    for number, (line, cells) in enumerate(table.rows(), start=1):
        if number > MAX_ROWS:
            raise TrendImportError(
                f"{table.name}, line {line}: more than {MAX_ROWS:,} rows; divide the table into "
                "smaller ones."
            )
        row = Row(table, line, cells)
        row.check()
        yield row


def _spotify_chart(table: Table, stem: str, now: datetime) -> Iterator[Sighting]:
    """Yield the title words of a chart saved from charts.spotify.com."""
    day = _day_in(stem) or timezone.localdate(now)
    entries = []
    for row in _rows(table):
        rank = row.text("rank")
        if not RANK.fullmatch(rank):
            row.refuse("rank", "a whole number of 1 or more")
        entries.append(
            ChartEntry(
                source="spotify",
                chart=stem,
                rank=int(rank),
                title=row.text("track_name"),
                artist=row.text("artist_names"),
                date=day,
                external_id=row.text("uri"),
            )
        )
    yield from chart_shares(entries, observed_at=day_window(day))


def _day_in(name: str) -> date | None:
    """Return the date in a file name such as regional-global-daily-2026-11-20."""
    match = re.search(r"\d{4}-\d{2}-\d{2}", name)
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def _sightings(table: Table, stem: str, now: datetime) -> Iterator[Sighting]:
    """Yield topics and volumes of a table in our own format."""
    _check_columns(table)
    for row in _rows(table):
        yield Sighting(
            topic=_topic(row),
            volume=float(row.measure("volume")),
            observed_at=_moment(row, now),
            engagement=float(row.measure("engagement")) if row.text("engagement") else 0.0,
            genre=_genre(row),
        )


def _check_columns(table: Table) -> None:
    missing = [name for name in REQUIRED if name not in table.header]
    unknown = [name for name in table.header if name not in {*REQUIRED, *OPTIONAL}]
    for fault, names in (("lacks the column", missing), ("has the unknown column", unknown)):
        if names:
            raise TrendImportError(
                f"{table.name}, line {table.header_line}: the header {fault} "
                f"{', '.join(map(repr, names))}; expected {', '.join(REQUIRED)} and optionally "
                f"{', '.join(OPTIONAL)}."
            )


def _topic(row: Row) -> str:
    name = clean_name(row.text("topic"))
    if not name or len(name) > TOPIC_LENGTH or not name.isprintable():
        row.refuse("topic", f"1 to {TOPIC_LENGTH} printable characters")
    return name


def _genre(row: Row) -> str:
    genre = row.text("genre").lower().replace(" ", "_").replace("-", "_")
    if len(genre) > GENRE_LENGTH or not genre.isprintable():
        row.refuse("genre", f"at most {GENRE_LENGTH} printable characters")
    return genre


def _moment(row: Row, now: datetime) -> datetime:
    text = row.text("observed_at")
    if not text:
        return now
    try:
        moment = datetime.fromisoformat(text)
        if timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        # OverflowError: the first or last day of the calendar, seen from another time zone.
        row.refuse(
            "observed_at", "an ISO date or time, such as 2026-03-02 or 2026-03-02T18:00+01:00"
        )
    if moment > now + FUTURE_TOLERANCE:
        row.refuse("observed_at", f"a time up to now, {now:%Y-%m-%d %H:%M %Z}")
    if moment < EARLIEST:
        row.refuse("observed_at", "a time since 1970")
    return moment
