"""Lines of the log name what is worked on, for people and for programs."""

from __future__ import annotations

import json
import logging

import pytest
from django.conf import settings

from ai_artist.error_reports import with_work
from ai_artist.kit.log_context import WorkFilter, present_work, working_on


def line(formatter: str, **work: object) -> str:
    """What a handler of the settings would write while something is worked on."""
    record = logging.LogRecord(
        "runs.work", logging.WARNING, __file__, 1, "Parked: %s", ("x",), None
    )
    maker = logging.config.DictConfigurator(settings.LOGGING)  # type: ignore[attr-defined]
    with working_on(**work):
        assert WorkFilter().filter(record)
    made: logging.Formatter = maker.configure_formatter(
        dict(settings.LOGGING["formatters"][formatter])
    )
    return made.format(record)


def test_blocks_lie_in_each_other_and_end() -> None:
    with working_on(run="r1", batch=None):
        with working_on(step="music"):
            assert present_work() == {"run": "r1", "step": "music"}
        assert present_work() == {"run": "r1"}
    assert present_work() == {}


@pytest.mark.parametrize(
    ("work", "shown"),
    [
        ({}, "runs.work: Parked: x"),
        ({"step": "music", "run": "r1", "batch": 7}, "[batch 7 run r1 step music]: Parked: x"),
    ],
)
def test_a_plain_line_names_it(work: dict[str, object], shown: str) -> None:
    assert line("plain", **work).endswith(shown)


def test_a_json_line_has_it_as_fields() -> None:
    told = json.loads(line("json", run="r1", step="music"))

    assert told["message"] == "Parked: x"
    assert (told["level"], told["logger"], told["run"]) == ("WARNING", "runs.work", "r1")
    assert told["step"] == "music"
    assert told["publication"] is None


def test_reports_of_faults_are_tagged() -> None:
    with working_on(run="r1"):
        event = with_work({"tags": {"own": "kept"}}, {})
    assert event["tags"] == {"own": "kept", "run": "r1"}
