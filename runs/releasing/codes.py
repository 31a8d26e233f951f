"""ISRC and UPC: checked, given out from an own prefix or a pool, and held by one song alone."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from stdnum import ean, isrc
from stdnum.exceptions import ValidationError as NotACode

from media_tools.foreign import label, read_file
from runs.errors import ReleaseRefused
from runs.models import Code, IsrcCounter, IsrcPrefix, Release, Track

# ISO 3901: five digits for each year of a prefix.
LAST_NUMBER = 99_999
MAX_POOL_BYTES = 8 * 1024 * 1024
CODES_AT_A_TIME = 500
# Characters of a UPC, an EAN and an ISRC.
CODE_LENGTHS = (12, 13)
MOST_FOUND = 5


def releases_with_code(words: str) -> list[UUID]:
    """Return the ids of the releases whose UPC, or a track's ISRC, is this, as people write it."""
    code = words.replace("-", "").replace(" ", "").upper()
    if len(code) not in CODE_LENGTHS:
        return []
    # In no order: the index of the codes is to be used.
    of_upc = Release.objects.filter(upc=code).order_by().values_list("pk", flat=True)[:MOST_FOUND]
    tracks = Track.objects.filter(Q(isrc=code) | Q(video_isrc=code)).order_by()
    return [*of_upc, *tracks.values_list("release", flat=True)[:MOST_FOUND]]


class CodesUsedUp(ReleaseRefused):
    """No code can be given out; the message says what to do."""


@dataclass(frozen=True)
class Holder:
    """Whose code it is: the recording or the video of a run, or a release.

    run_id: of a UPC the run of a single, None for an EP or album.
    """

    kind: Code.Kind
    run_id: UUID | None = None
    release_id: UUID | None = None

    @classmethod
    def recording(cls, run_id: UUID) -> Holder:
        return cls(Code.Kind.ISRC, run_id=run_id)

    @classmethod
    def video(cls, run_id: UUID) -> Holder:
        return cls(Code.Kind.VIDEO_ISRC, run_id=run_id)

    @classmethod
    def release(cls, release: Release) -> Holder:
        track = release.tracks.first() if release.is_single else None
        return cls(Code.Kind.UPC, run_id=track.run_id if track else None, release_id=release.pk)

    def holds(self, code: Code) -> bool:
        """Whether a code is this holder's."""
        if code.kind != self.kind or code.taken_at is None:
            return False
        if self.kind != Code.Kind.UPC:
            return code.run_id == self.run_id
        if code.release_id is not None:
            return code.release_id == self.release_id
        return code.run_id is not None and code.run_id == self.run_id


def checked_isrc(code: str) -> str:
    """The code in its stored form, without dashes; empty stays empty. Raises ReleaseRefused."""
    if not (plain := label(code)):
        return ""
    try:
        return str(isrc.validate(plain))
    except NotACode as error:
        raise ReleaseRefused(f"“{plain}” is no ISRC; it looks like QZ-ABC-26-00001.") from error


def checked_upc(code: str) -> str:
    """UPC-A or EAN-13 whose check digit is right; empty stays empty. Raises ReleaseRefused."""
    if not (plain := label(code)):
        return ""
    try:
        compact = str(ean.validate(plain))
    except NotACode:
        compact = ""
    if len(compact) not in (12, 13):
        raise ReleaseRefused(f"“{plain}” is no UPC or EAN: 12 or 13 digits, the last one a check.")
    return compact


def spellings(upc: str) -> set[str]:
    """A UPC-A and the EAN-13 with a zero before it are the same code."""
    return {upc, upc.zfill(13), upc[1:] if len(upc) == 13 and upc[0] == "0" else upc}


def claim(code: str, holder: Holder, *, now: datetime) -> None:
    """Book a checked code for its holder. Raises ReleaseRefused if somebody else holds it.

    To be called in a transaction: the row is locked, and two who type the same code meet there.
    """
    known = {code} if holder.kind != Code.Kind.UPC else spellings(code)
    row = Code.objects.select_for_update().filter(pk__in=known).first()
    if row is None:
        # Of two that insert at once the second waits for the first, and finds its row below.
        Code.objects.bulk_create(
            [
                Code(
                    code=code,
                    kind=holder.kind,
                    source=Code.Source.TYPED,
                    run_id=holder.run_id,
                    release_id=holder.release_id,
                    imported_at=now,
                    taken_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        row = Code.objects.select_for_update().get(pk=code)
    if row.taken_at is None and row.kind == holder.kind:
        give(row, holder, now=now)
    elif not holder.holds(row):
        raise ReleaseRefused(f"{code} {held_by(row)}. A code is used once; type in another one.")
    elif row.release_id != holder.release_id:
        give(row, holder, now=row.taken_at or now)


def give(row: Code, holder: Holder, *, now: datetime) -> None:
    """Write down the holder of a locked code."""
    row.run_id, row.release_id, row.taken_at = holder.run_id, holder.release_id, now
    row.save(update_fields=["run", "release", "taken_at"])


def let_go(code: str, holder: Holder) -> None:
    """Forget a code that was typed in by mistake; one of the prefix or the pool is spent."""
    known = {code} if holder.kind != Code.Kind.UPC else spellings(code)
    row = Code.objects.select_for_update().filter(pk__in=known).first()
    if row is None or not holder.holds(row):
        return
    if row.source == Code.Source.TYPED:
        row.delete()
    else:
        row.run, row.release = None, None
        row.save(update_fields=["run", "release"])


def held_by(row: Code) -> str:
    """Who holds a code, as the end of a sentence."""
    if row.release is not None:
        return f"belongs to the release {row.release}"
    if row.run is not None:
        what = "the video of" if row.kind == Code.Kind.VIDEO_ISRC else "the song"
        return f"belongs to {what} {row.run}"
    return "was given out before"


def known_codes(run_id: UUID, *, spent: Collection[str] = ()) -> dict[str, str]:
    """The codes a run had before its approval was undone, by their kind.

    A UPC that a recalled release keeps is not among them. spent: other codes to leave out.
    """
    rows = Code.objects.filter(run=run_id, taken_at__isnull=False).exclude(pk__in=spent)
    rows = rows.filter(Q(release=None) | ~Q(kind=Code.Kind.UPC))
    return dict(rows.order_by("taken_at", "code").values_list("kind", "code"))


def has_prefix() -> bool:
    return IsrcPrefix.objects.filter(active=True).exists()


def has_free_upc() -> bool:
    return Code.objects.free().exists()


def issue_isrc(holder: Holder, *, now: datetime) -> str:
    """The next code of the own prefix. Raises CodesUsedUp without one, or at the end of the year.

    The prefix is locked until the transaction ends, so numbers follow each other without a gap.
    """
    with transaction.atomic():
        prefix = IsrcPrefix.objects.select_for_update().filter(active=True).first()
        if prefix is None:
            raise CodesUsedUp("There is no ISRC prefix; add yours, or type the codes in.")
        counter, _ = IsrcCounter.objects.get_or_create(prefix=prefix, year=now.year)
        for number in range(counter.last + 1, LAST_NUMBER + 1):
            code = f"{prefix.prefix}{now:%y}{number:05d}"
            # One that was typed in before is somebody's already.
            if not Code.objects.filter(pk=code).exists():
                break
        else:
            raise CodesUsedUp(f"All codes of the ISRC prefix {prefix} for {now.year} are used.")
        counter.last = number
        counter.save(update_fields=["last"])
        Code.objects.create(
            code=code,
            kind=holder.kind,
            source=Code.Source.PREFIX,
            run_id=holder.run_id,
            imported_at=now,
            taken_at=now,
        )
    return code


def draw_upc(holder: Holder, *, now: datetime) -> str:
    """A code from the pool. Raises CodesUsedUp if none is free."""
    with transaction.atomic():
        row = Code.objects.free().select_for_update(skip_locked=True).first()
        if row is None:
            raise CodesUsedUp(
                "No UPC is free; import codes with manage.py import_codes, or type one in."
            )
        give(row, holder, now=now)
    return row.code


@dataclass
class Imported:
    """What became of a file of codes. refused: line and reason."""

    new: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def import_codes(path: Path, *, now: datetime) -> Imported:
    """Put the UPC and EAN of a file into the pool: one a line, or the first column of a CSV.

    Wrong codes are left out and named. Raises foreign.Refused if the file cannot be read.
    """
    text = read_file(path, max_bytes=MAX_POOL_BYTES).decode("utf-8-sig", errors="replace")
    done = Imported()
    codes: dict[str, None] = {}
    for line, row in enumerate(csv.reader(text.splitlines()), start=1):
        cell = label(row[0]) if row else ""
        if not any(char.isdigit() for char in cell):
            continue  # a heading, or an empty line
        try:
            code = checked_upc(cell)
        except ReleaseRefused as error:
            done.refused.append((line, str(error)))
            continue
        if spellings(code) & codes.keys():
            done.known += 1
        else:
            codes[code] = None
    listed = list(codes)
    for start in range(0, len(listed), CODES_AT_A_TIME):
        add_to_pool(listed[start : start + CODES_AT_A_TIME], done, now=now)
    return done


def add_to_pool(codes: list[str], done: Imported, *, now: datetime) -> None:
    """Keep those of the codes that nobody has yet, and count them."""
    with transaction.atomic():
        same = {spelling for code in codes for spelling in spellings(code)}
        known = set(Code.objects.filter(pk__in=same).values_list("pk", flat=True))
        new = [code for code in codes if not spellings(code) & known]
        rows = [
            Code(code=code, kind=Code.Kind.UPC, source=Code.Source.POOL, imported_at=now)
            for code in new
        ]
        Code.objects.bulk_create(rows, ignore_conflicts=True)
        done.new += len(new)
        done.known += len(codes) - len(new)
