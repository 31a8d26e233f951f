"""Codes: given out once, held by one song, whoever asks at the same time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from runs.errors import ReleaseRefused
from runs.models import Code, IsrcCounter, IsrcPrefix, Release, Run
from runs.releasing import codes
from runs.releasing.codes import CodesUsedUp, Holder
from runs.releasing.releases import (
    CodeChanges,
    draw_codes,
    make_single,
    set_codes,
    withdraw,
)
from tests.databases import address_for_processes
from tests.factories import NOON, ArtistFactory, RunFactory, single_of
from tests.together import work_together

pytestmark = pytest.mark.django_db

WORKERS = 8
EACH = 5
# Twelve digits without the check digit.
FIRST_UPC = 19999900000

DRAW = """
from datetime import UTC, datetime
from runs.releasing.releases import draw_codes

def work(ids):
    for release_id in ids.split():
        draw_codes(release_id=release_id, actor=None, now=datetime(2026, 3, 2, 12, tzinfo=UTC))
"""


def upc(number: int) -> str:
    """A UPC-A with its check digit."""
    body = f"{FIRST_UPC + number:011d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def change(release: Release, *, isrc: str | None = None, code: str | None = None) -> None:
    track = release.tracks.get()
    isrcs = {} if isrc is None else {track.pk: isrc}
    changes = CodeChanges(upc=code, isrcs=isrcs)
    set_codes(release_id=release.pk, changes=changes, actor=None, now=NOON)


def approved() -> Run:
    return RunFactory(reviewable=True, status="approved", decided_at=NOON)


@pytest.fixture
def database_url(transactional_db: None, tmp_path: Path) -> str:
    """A database that other processes see, with releases without codes and codes for them."""
    artist = ArtistFactory()
    IsrcPrefix.objects.create(prefix="QZABC")
    for number in range(WORKERS * EACH):
        run = RunFactory(artist=artist, reviewable=True, status="approved", decided_at=NOON)
        single_of(run, bundled=False)
        Code.objects.create(code=upc(number), kind="upc", source="pool", imported_at=NOON)
    return address_for_processes(tmp_path)


def rows(database_url: str, sql: str) -> list[tuple[object, ...]]:
    if not database_url.startswith("sqlite"):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as database:
        return list(database.execute(sql))


@pytest.mark.rehearsal
def test_eight_workers_draw_every_code_once_without_a_gap(database_url: str) -> None:
    ids = [str(pk) for pk in Release.objects.order_by("pk").values_list("pk", flat=True)]
    shares = [" ".join(ids[place::WORKERS]) for place in range(WORKERS)]

    work_together(DRAW, shares, database_url=database_url)

    count = WORKERS * EACH
    drawn = sorted(code for (code,) in rows(database_url, "SELECT isrc FROM runs_track"))
    assert drawn == [f"QZABC26{number:05d}" for number in range(1, count + 1)]
    upcs = sorted(code for (code,) in rows(database_url, "SELECT upc FROM runs_release"))
    assert upcs == sorted(upc(number) for number in range(count))
    assert rows(database_url, "SELECT last FROM runs_isrccounter") == [(count,)]
    free = "SELECT COUNT(*) FROM runs_code WHERE taken_at IS NULL"
    assert rows(database_url, free) == [(0,)]


def test_a_code_that_another_song_holds_is_refused() -> None:
    first, second = single_of(approved()), single_of(approved())
    change(first, isrc="QZABC2600001", code="036000291452")

    with pytest.raises(ReleaseRefused, match="belongs to the song"):
        change(second, isrc="QZABC2600001")
    # The EAN that a UPC is with a zero before it.
    with pytest.raises(ReleaseRefused, match="belongs to the release"):
        change(second, code="0036000291452")

    second.refresh_from_db()
    assert (second.upc, second.tracks.get().isrc) == ("", "")


def test_a_video_has_a_code_of_its_own() -> None:
    release = single_of(approved())
    change(release, isrc="QZABC2600001")
    changes = CodeChanges(video_isrcs={release.tracks.get().pk: "QZABC2600001"})

    with pytest.raises(ReleaseRefused, match="belongs to the song"):
        set_codes(release_id=release.pk, changes=changes, actor=None, now=NOON)


def test_a_typed_code_is_free_again_and_a_drawn_one_is_spent() -> None:
    IsrcPrefix.objects.create(prefix="DEAAA")
    typed, drawn, other = (single_of(approved()) for _ in range(3))
    change(typed, isrc="QZABC2600001")
    draw_codes(release_id=drawn.pk, actor=None, now=NOON)
    change(typed, isrc="")
    change(drawn, isrc="")

    change(other, isrc="QZABC2600001")

    assert other.tracks.get().isrc == "QZABC2600001"
    with pytest.raises(ReleaseRefused, match="was given out before"):
        change(typed, isrc="DEAAA2600001")


def test_numbers_go_on_after_codes_that_were_typed_and_begin_anew_each_year() -> None:
    IsrcPrefix.objects.create(prefix="DEAAA")
    change(single_of(approved()), isrc="DEAAA2600001")
    first, second, third = approved(), approved(), approved()

    given = [
        codes.issue_isrc(Holder.recording(first.pk), now=NOON),
        codes.issue_isrc(Holder.video(second.pk), now=NOON),
        codes.issue_isrc(Holder.recording(third.pk), now=datetime(2027, 1, 1, tzinfo=NOON.tzinfo)),
    ]

    assert given == ["DEAAA2600002", "DEAAA2600003", "DEAAA2700001"]


def test_a_year_has_no_more_numbers_than_five_digits() -> None:
    prefix = IsrcPrefix.objects.create(prefix="DEAAA")
    IsrcCounter.objects.create(prefix=prefix, year=2026, last=99_999)

    with pytest.raises(CodesUsedUp, match="2026"):
        codes.issue_isrc(Holder.recording(approved().pk), now=NOON)


def test_a_number_that_was_rolled_back_is_given_to_the_next() -> None:
    IsrcPrefix.objects.create(prefix="DEAAA")
    holder = Holder.recording(approved().pk)

    with pytest.raises(RuntimeError), transaction.atomic():
        codes.issue_isrc(holder, now=NOON)
        raise RuntimeError

    assert codes.issue_isrc(holder, now=NOON) == "DEAAA2600001"


def test_a_song_that_is_undone_and_approved_again_keeps_its_codes() -> None:
    run = approved()
    release = make_single(run, now=NOON)
    change(release, isrc="QZABC2600001", code="036000291452")
    withdraw(run_id=run.pk, now=NOON)
    assert not Release.objects.exists()

    again = make_single(run, now=NOON)

    assert (again.upc, again.tracks.get().isrc) == ("036000291452", "QZABC2600001")


def test_a_pool_is_filled_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "gs1.csv"
    file.write_text(f"GTIN,Name\n{upc(1)},a\n0{upc(1)},same\n036000291453,wrong\n\n{upc(2)},b\n")

    with pytest.raises(SystemExit) as failed:
        call_command("import_codes", file)

    said = capsys.readouterr().out
    assert failed.value.code == 1
    assert "2 new codes, 1 known; 2 free now." in said
    assert "line 4" in said
    assert set(Code.objects.values_list("code", flat=True)) == {upc(1), upc(2)}


def test_importing_again_gives_no_code_twice(tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_text(f"{upc(1)}\n{upc(2)}\n")
    codes.import_codes(file, now=NOON)
    draw_codes(release_id=single_of(approved()).pk, actor=None, now=NOON)

    done = codes.import_codes(file, now=NOON)

    assert (done.new, done.known) == (0, 2)
    assert [code.code for code in Code.objects.free()] == [upc(2)]


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_codes", tmp_path / "missing.csv")


def test_an_empty_pool_says_what_to_do() -> None:
    with pytest.raises(ReleaseRefused, match="import_codes"):
        draw_codes(release_id=single_of(approved()).pk, actor=None, now=NOON)
