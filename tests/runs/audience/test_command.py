"""`import_metrics`: stable JSON, exit codes, words."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from artists.models import PerformanceEntry

TEXT = (
    "date,platform,artist_slug,title,metric,value\n"
    "2026-03-01,spotify,nova-lune,,followers,9\n"
    "2026-03-01,spotify,nova-lune,Lost,streams,5\n"
)


def output(*args: str) -> str:
    out = StringIO()
    call_command("import_metrics", *args, stdout=out)
    return out.getvalue()


def test_json_tells_what_came_in_and_what_did_not(nova, write) -> None:
    data = json.loads(output(str(write(TEXT)), "--json"))

    assert data == {
        "file": "metrics.csv",
        "format": "aap",
        "dry_run": False,
        "rows": 2,
        "figures": 2,
        "new": 1,
        "updated": 0,
        "unchanged": 0,
        "merged": 0,
        "suspicious": 0,
        "unmatched_figures": 1,
        "unmatched": [
            {
                "artist": "nova-lune",
                "title": "Lost",
                "isrc": "",
                "external_id": "",
                "reason": "Nova Lune has no approved or released run with the title 'Lost'",
                "lines": [3],
            }
        ],
        "ignored": [],
        "ignored_columns": [],
        "notes": [],
        "warnings": 1,
    }


def test_people_read_what_was_left_out(nova, write) -> None:
    text = output(str(write(TEXT)))

    assert "Imported metrics.csv as aap: 2 rows, 2 figures: 1 new" in text
    assert "Not imported, Lost: Nova Lune has no approved or released run" in text
    assert "Warnings: 1." in text


def test_a_dry_run_writes_nothing(nova, write) -> None:
    assert "Would import" in output(str(write(TEXT)), "--dry-run")
    assert not PerformanceEntry.objects.exists()


def test_a_fault_ends_with_1_and_names_the_cell(nova, write) -> None:
    path = write(TEXT.replace(",9", ",nine"))

    with pytest.raises(CommandError, match="line 2, column value: 'nine' is not") as refused:
        output(str(path), "--json")

    assert refused.value.returncode == 1


@pytest.mark.parametrize("day", ["18.11.2026", "2999-01-01"])
def test_a_wrong_date_is_bad_usage(write, db, day: str) -> None:
    with pytest.raises(CommandError) as refused:
        output(str(write(TEXT)), "--date", day)

    assert refused.value.returncode == 2
