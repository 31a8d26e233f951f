"""Imports files of audience figures into the performance history: whole, or not at all.

A figure has a key: its item, time, place and kind of file. The same figure again changes nothing;
another value withdraws the earlier one, which stays on record. Rows of unknown artists or songs are
reported and not imported: import the file again once they are known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from ai_artist.kit.periods import midnight
from ai_artist.kit.portions import in_portions
from artists.models import Artist, PerformanceEntry
from media_tools.foreign import clean_text
from media_tools.tables import Fault, TableRefused
from runs.audience.detect import Detected, detect, open_source
from runs.audience.errors import IgnoredRow, MetricsImportError, refusal
from runs.audience.matching import Match, Matcher, Unmatched
from runs.audience.rows import ARTIST, TRACK, Figure
from runs.audience.suspicion import mark_suspicious
from runs.audience.tables import Row

ROWS_AT_A_TIME = 500


@dataclass(frozen=True)
class UnmatchedItem:
    """An artist or song of the file that is not in the catalogue, with its lines."""

    artist: str
    title: str
    isrc: str
    external_id: str
    reason: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class IgnoredLine:
    line: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class MetricsReport:
    """What an import did, or in a dry run would do.

    figures = new + updated + unchanged + merged + unmatched_figures
    """

    file: str
    format: str
    dry_run: bool
    rows: int  # of the file, without its header
    figures: int
    new: int
    updated: int
    unchanged: int
    merged: int  # repeated figures, or added to another of the same item
    suspicious: int  # entries under suspicion in the file's series
    unmatched_figures: int
    unmatched: tuple[UnmatchedItem, ...]
    ignored: tuple[IgnoredLine, ...]
    ignored_columns: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def warnings(self) -> int:
        """Number of things a person should look at."""
        return (
            len(self.unmatched)
            + len(self.ignored)
            + len(self.ignored_columns)
            + len(self.notes)
            + (1 if self.suspicious else 0)
        )


@dataclass
class _Item:
    """A figure with its match. value: the sum of all rows about the same item."""

    figure: Figure
    match: Match
    value: Decimal


def import_metrics(
    path: Path,
    *,
    now: datetime,
    format_name: str = "",
    artist: str = "",
    day: date | None = None,
    dry_run: bool = False,
) -> MetricsReport:
    """Read a file of any known format and store its figures as audience entries.

    format_name: skips the detection by header. artist: name or slug, for files without one. day:
    the last day covered, for files without dates. dry_run: report, write nothing.

    Raises MetricsImportError naming file, line, column, value and what is expected.
    """
    if artist:
        _check_artist(artist)
    today = timezone.localdate(now)
    try:
        detected = detect(
            open_source(path), format_name=format_name, artist=artist, day=day, today=today
        )
        figures, ignored, rows = _read(detected)
    except TableRefused as error:
        raise MetricsImportError(str(error)) from error
    file = clean_text(path.name)
    matched, unmatched = _match(figures)
    items = _merge(matched, detected)
    with transaction.atomic():
        new, updated, keys = _store(items, file=file, now=now)
        suspicious = mark_suspicious(keys)
        # Written and rolled back, so that the report says exactly what an import would do.
        if dry_run:
            transaction.set_rollback(True)
    return MetricsReport(
        file=file,
        format=detected.format.name,
        dry_run=dry_run,
        rows=rows,
        figures=len(figures),
        new=new,
        updated=updated,
        unchanged=len(items) - new - updated,
        merged=len(matched) - len(items),
        suspicious=suspicious,
        unmatched_figures=len(figures) - len(matched),
        unmatched=unmatched,
        ignored=tuple(ignored),
        ignored_columns=tuple(
            column for column in detected.table.header if not detected.format.reads(column)
        ),
        notes=_notes(detected),
    )


@dataclass(frozen=True)
class Recorded:
    """What became of figures. unchanged: known already with this value."""

    new: int
    updated: int
    unchanged: int
    suspicious: int


def record(figures: Iterable[tuple[Figure, Match]], *, source: str, now: datetime) -> Recorded:
    """Store figures whose songs are known, as import_metrics() stores those of a file.

    source: where they come from, for people. Of two that tell of the same, the later one counts.
    """
    items = {_key(figure, match): _Item(figure, match, figure.value) for figure, match in figures}
    with transaction.atomic():
        new, updated, keys = _store(items, file=source, now=now)
        suspicious = mark_suspicious(keys)
    return Recorded(new, updated, len(items) - new - updated, suspicious)


def _check_artist(artist: str) -> None:
    try:
        known = Matcher.for_figures(()).artist_id(artist)
    except Unmatched as reason:
        raise MetricsImportError(f"--artist {reason}.") from reason
    if known is None:
        raise MetricsImportError(f"There is no artist {artist!r}; --artist takes a slug or a name.")


def _notes(detected: Detected) -> tuple[str, ...]:
    if not detected.day_is_guessed:
        return ()
    return (
        f"The file does not say until when it counts; {detected.origin.day}, its own date, is "
        "taken. Say --date if that is wrong.",
    )


# --- Reading ---


def _read(detected: Detected) -> tuple[list[Figure], list[IgnoredLine], int]:
    """Return figures, ignored lines and the number of rows.

    Raises MetricsImportError with all faults.
    """
    figures: list[Figure] = []
    ignored: list[IgnoredLine] = []
    faults: list[Fault] = []
    rows = 0
    for line, cells in detected.table.rows():
        row = Row(detected.table, line, cells, latest=detected.latest)
        rows += 1
        if rows > detected.format.max_rows:
            raise MetricsImportError(
                f"{detected.table.name}: more than {detected.format.max_rows:,} rows; divide it "
                "into smaller files."
            )
        try:
            row.check()
            figures.extend(detected.format.read(row, detected.origin))
        except Fault as fault:
            faults.append(fault)
        except IgnoredRow as reason:
            ignored.append(IgnoredLine(reason.line, reason.reason))
    if faults:
        raise refusal(faults)
    return figures, ignored, rows


def _match(
    figures: list[Figure],
) -> tuple[list[tuple[Figure, Match]], tuple[UnmatchedItem, ...]]:
    matcher = Matcher.for_figures(figures)
    matched: list[tuple[Figure, Match]] = []
    waiting: list[Figure] = []
    for figure in figures:
        try:
            matched.append((figure, matcher.match(figure)))
        except Unmatched:
            waiting.append(figure)
    lines: dict[tuple[str, str, str, str, str], list[int]] = {}
    for figure in waiting:
        # Try again: a later row may have shown which song an id stands for.
        try:
            matched.append((figure, matcher.match(figure)))
        except Unmatched as reason:
            key = (figure.artist, figure.title, figure.isrc, figure.external_id, str(reason))
            its_lines = lines.setdefault(key, [])
            if figure.line not in its_lines[-1:]:
                its_lines.append(figure.line)
    unmatched = (UnmatchedItem(*key, lines=tuple(numbers)) for key, numbers in lines.items())
    return matched, tuple(unmatched)


def _merge(matched: list[tuple[Figure, Match]], detected: Detected) -> dict[str, _Item]:
    """Return the figures by key. Raises MetricsImportError if two rows contradict each other."""
    items: dict[str, _Item] = {}
    faults: list[Fault] = []
    for figure, match in matched:
        item = items.setdefault(_key(figure, match), _Item(figure, match, Decimal(0)))
        if item.figure is figure:
            item.value = figure.value
        elif detected.format.additive:
            item.value += figure.value
        elif item.value != figure.value:
            faults.append(
                Fault(
                    f"{detected.table.name}, line {figure.line}: {figure.metric} of "
                    f"{figure.start} is {figure.value}, but line {item.figure.line} says "
                    f"{item.value} of the same; leave one of them."
                )
            )
    if faults:
        raise refusal(faults)
    return items


def _key(figure: Figure, match: Match) -> str:
    if figure.level != TRACK:
        item = f"artist:{match.artist_id}"
        if figure.level != ARTIST:
            item += f":{figure.title}"
    # Ids and codes come before the run: a figure keeps its key if it is matched to another run
    # later.
    elif figure.external_id:
        item = f"id:{figure.external_id}"
    elif figure.isrc:
        item = f"isrc:{figure.isrc}"
    else:
        item = f"run:{match.run_id}"
    parts = (
        figure.series,
        figure.start.isoformat(),
        figure.metric,
        item,
        figure.country,
        figure.currency,
        figure.part,
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


# --- Writing ---


def _store(
    items: dict[str, _Item], *, file: str, now: datetime
) -> tuple[int, int, set[tuple[int, str, str]]]:
    """Store the figures; entries with other values are withdrawn, never changed.

    Returns (new, updated, changed series).
    """
    artists = sorted({item.match.artist_id for item in items.values()})
    for ids in in_portions(artists, ROWS_AT_A_TIME):
        # Lifecycle decisions read the artist's newest entry, so they and an import must wait for
        # each other.
        list(Artist.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    new = updated = 0
    touched: set[tuple[int, str, str]] = set()
    for some in in_portions(items, ROWS_AT_A_TIME):
        standing = {
            entry.external_key: entry
            for entry in PerformanceEntry.objects.standing().filter(external_key__in=some)
        }
        entries, outdated = [], []
        for key in some:
            entry = _entry(key, items[key], file)
            before = standing.get(key)
            touched.add((entry.artist_id, entry.series, entry.metric))
            if before is None:
                new += 1
            elif _says(before) == _says(entry):
                continue
            else:
                updated += 1
                outdated.append(before.pk)
                touched.add((before.artist_id, before.series, before.metric))
            entries.append(entry)
        PerformanceEntry.objects.filter(pk__in=outdated).update(withdrawn_at=now)
        PerformanceEntry.objects.bulk_create(entries)
    return new, updated, touched


def _entry(key: str, item: _Item, file: str) -> PerformanceEntry:
    figure = item.figure
    dimensions: dict[str, Any] = {
        "title": figure.title[:200],
        "external_id": figure.external_id,
        "isrc": figure.isrc,
        "country": figure.country,
        "currency": figure.currency,
        # Money keeps every digit here; `value` is a binary fraction.
        "amount": str(item.value) if figure.currency else "",
        "part": figure.part,
        "file": file[:200],
    }
    start = midnight(figure.start)
    return PerformanceEntry(
        artist_id=item.match.artist_id,
        run_id=item.match.run_id,
        kind=PerformanceEntry.Kind.AUDIENCE,
        metric=figure.metric,
        value=float(item.value),
        detail=f"{figure.platform}, {figure.period}, {file}"[:200],
        series=figure.series,
        dimensions={name: value for name, value in dimensions.items() if value},
        external_key=key,
        at=start,
    )


def _says(entry: PerformanceEntry) -> tuple[Any, ...]:
    """Return what two entries are compared by; the file they came from does not count."""
    return (entry.artist_id, entry.run_id, entry.value, entry.dimensions.get("amount"))
