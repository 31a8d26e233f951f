"""The commands of trends, as a shell sees them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from media_tools.errors import ProviderUnavailable
from trends import tasks
from trends.models import Observation, Topic, TrendSource
from trends.sources.local import LocalCalendar

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


def test_collect_trends_lists_the_strongest() -> None:
    text = output_of("collect_trends")

    assert "local-calendar:" in text
    strongest = Topic.objects.rising().first()
    assert f"{strongest.score:.2f}  {strongest.name}" in text


def test_collect_trends_says_when_a_source_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self, now):
        raise ProviderUnavailable(self.name, "no answer")

    monkeypatch.setattr(LocalCalendar, "sightings", fail)
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("collect_trends", "--json", stdout=out)

    assert ended.value.code == 1
    assert json.loads(out.getvalue())["sources"][0]["error"] == "local-calendar: no answer"


def test_the_scheduled_task_collects() -> None:
    assert list(tasks.collect_trends()) == ["local-calendar"]
    assert TrendSource.objects.get().last_collected_at is not None
    assert Observation.objects.exists()
