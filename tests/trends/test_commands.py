"""The commands of trends, as a shell sees them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def output_of(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_import_trends_reports_as_json(tmp_path: Path) -> None:
    path = tmp_path / "trends.csv"
    path.write_text("topic,volume\nmoon,5\n")

    report = json.loads(output_of("import_trends", str(path), "--source", "charts", "--json"))

    assert report["source"] == "charts"
    assert (report["rows"], report["topics"], report["observations_new"]) == (1, 1, 1)


def test_import_trends_refuses_a_bad_file_with_code_1(tmp_path: Path) -> None:
    path = tmp_path / "trends.csv"
    path.write_text("topic,volume\nmoon,x\n")

    with pytest.raises(CommandError, match="line 2, column volume") as refusal:
        call_command("import_trends", str(path))

    assert refusal.value.returncode == 1
