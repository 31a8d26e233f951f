"""Detects the format of a file by its header, whatever its name, and reads its text."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from django.utils import timezone

from media_tools.foreign import Refused, clean_text, read_file
from media_tools.tables import Table, decode
from runs.audience.errors import MetricsImportError
from runs.audience.formats import ALL, Format, Origin

MAX_BYTES = max(known.max_bytes for known in ALL)
# What zipfile raises for archives that are broken, encrypted or packed by an unknown method.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
STUDIO_TABLE = "table data.csv"
BROWSER_COPY = re.compile(r"\s*\(\d{1,3}\)$")
DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


@dataclass(frozen=True)
class Source:
    """A file, or the table in a ZIP."""

    name: str  # for messages
    stem: str
    content: bytes
    day: date  # the file's own date


@dataclass(frozen=True)
class Detected:
    """A file whose format is known."""

    format: Format
    table: Table
    origin: Origin
    latest: date  # of the rows' dates
    # The rows carry no date, and neither the operator nor the name gave one.
    day_is_guessed: bool


def format_named(name: str) -> Format:
    """Return the format with this name. Raises MetricsImportError if there is none."""
    for known in ALL:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in ALL)
    raise MetricsImportError(f"There is no format {name!r}; there are {names}.")


def open_source(path: Path) -> Source:
    """Return the bytes of a CSV file, or of the table in YouTube Studio's ZIP."""
    name = clean_text(str(path))
    try:
        content = read_file(path, max_bytes=MAX_BYTES)
        changed = path.stat().st_mtime
    except OSError as error:
        raise MetricsImportError(f"{name}: cannot be read ({error.strerror}).") from error
    except Refused as error:
        raise MetricsImportError(f"{name}: {error}.") from error
    day = timezone.localdate(datetime.fromtimestamp(changed, tz=UTC))
    stem = BROWSER_COPY.sub("", clean_text(path.stem))
    if zipfile.is_zipfile(io.BytesIO(content)):
        member, table = _in_zip(name, content)
        inside = f"{name} ({clean_text(member.filename)})"
        return Source(inside, stem, table, _day_of(member) or day)
    return Source(name, stem, content, day)


def _day_of(member: zipfile.ZipInfo) -> date | None:
    try:
        return date(*member.date_time[:3])
    except ValueError:
        return None


def _in_zip(name: str, packed: bytes) -> tuple[zipfile.ZipInfo, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            names = [info for info in archive.infolist() if not info.is_dir()]
            if any(info.filename == "[Content_Types].xml" for info in names):
                raise MetricsImportError(f"{name}: a spreadsheet; save its table as CSV.")
            tables = [i for i in names if PurePosixPath(i.filename).name.lower() == STUDIO_TABLE]
            tables = tables or [i for i in names if i.filename.lower().endswith(".csv")]
            if len(tables) != 1:
                raise MetricsImportError(
                    f"{name}: holds {len(tables)} tables; expected a “Table data.csv” as in a ZIP "
                    "of YouTube Studio. Unpack it and import one file."
                )
            member = tables[0]
            if member.file_size > MAX_BYTES:
                raise MetricsImportError(
                    f"{name}: {member.filename} is larger than {MAX_BYTES // 1_000_000} MB."
                )
            with archive.open(member) as file:
                # Limited, because an archive may unpack to more than it declares.
                return member, file.read(MAX_BYTES)
    except DAMAGED as error:
        raise MetricsImportError(f"{name}: a damaged or encrypted ZIP ({error}).") from error


def detect(
    source: Source, *, format_name: str, artist: str, day: date | None, today: date
) -> Detected:
    """Detect the format by its name or the header; read the table and the file's name.

    day: the last day covered, for files whose rows carry no date.
    Raises MetricsImportError.
    """
    candidates = (format_named(format_name),) if format_name else ALL
    encodings = dict.fromkeys(e for known in candidates for e in known.encodings)
    file_format = table = None
    for encoding in encodings:
        try:
            text = decode(source.content, encoding)
        except UnicodeError:
            continue
        table = Table.parse(source.name, text)
        file_format = next(
            (f for f in candidates if encoding in f.encodings and f.fits(table.header)), None
        )
        if file_format:
            break
    if table is None or (file_format is None and not _is_utf8(source.content)):
        raise MetricsImportError(f"{source.name}: not UTF-8; save it as UTF-8 and import again.")
    if file_format is None:
        raise MetricsImportError(_unknown(source.name, table, candidates))
    if len(source.content) > file_format.max_bytes:
        raise MetricsImportError(
            f"{source.name}: larger than {file_format.max_bytes // 1_000_000} MB; divide it into "
            "smaller files."
        )
    stated = day or _day_in(source.stem, today)
    origin = Origin(stem=source.stem, day=min(stated or source.day, today), artist=artist)
    return Detected(
        file_format,
        table,
        origin,
        latest=_day_after(today),
        day_is_guessed=file_format.undated and stated is None,
    )


def _is_utf8(content: bytes) -> bool:
    try:
        decode(content)
    except UnicodeError:
        return False
    return True


def _unknown(name: str, table: Table, candidates: tuple[Format, ...]) -> str:
    where = f"{name}, line {table.header_line}"
    header = ", ".join(table.header)[:200]
    if len(candidates) == 1:
        missing = ", ".join(sorted(candidates[0].needs - set(table.header)))
        return (
            f"{where}: the header ({header}) is not that of {candidates[0].label}; "
            f"it lacks {missing or 'the link, title or views of a post'}."
        )
    labels = "; ".join(known.label for known in candidates)
    return (
        f"{where}: no known header ({header}). Known in English: {labels}. Set the "
        "platform's language to English and export again, or write AAP metrics v1: date, "
        "platform, metric, value and one of artist_slug, isrc, external_id, title."
    )


def _day_in(stem: str, today: date) -> date | None:
    """Return the last date in a file's name that is not in the future."""
    days = []
    for text in DAY.findall(stem):
        try:
            days.append(date.fromisoformat(text))
        except ValueError:
            continue
    past = [day for day in days if day <= _day_after(today)]
    return max(past, default=None)


def _day_after(today: date) -> date:
    # A day's tolerance: platforms count days in their own time zones.
    return date.fromordinal(today.toordinal() + 1)
