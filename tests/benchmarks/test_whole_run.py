"""The benchmark of whole runs counts what it says, and pays nobody."""

from __future__ import annotations

from typing import Any

import pytest

from ai_artist.configuration import SETTINGS
from runs.models import Run
from runs.steps import NAMES
from runs.steps.definition import StepDefinition
from runs.storage import StepResult
from runs.work import pipeline
from tests.benchmarks import whole_run
from tests.outputs import OUTPUTS


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Steps that do next to nothing; returns what was saved by which."""
    saved: dict[str, list[str]] = {"saved": []}

    def step(name: str) -> StepDefinition[Any]:
        fields = {"concept": {"title": "Night"}, "title": "Night"} if name == "concept" else {}
        return StepDefinition(
            perform=lambda context: StepResult(OUTPUTS[name], fields=fields),
            save=lambda run, result: saved["saved"].append(name),
        )

    monkeypatch.setattr(pipeline, "step_named", step)
    return saved


@pytest.mark.django_db
def test_a_run_without_a_video_is_no_result(steps: dict[str, list[str]]) -> None:
    with pytest.raises(RuntimeError, match="made no video"):
        whole_run.make(1)

    assert Run.objects.get().status == Run.Status.AWAITING_REVIEW
    assert steps["saved"] == list(NAMES)  # what a step has beside perform is passed on


def test_a_meter_adds_up_the_takes_of_its_step() -> None:
    meter = whole_run.Meter()
    step = meter.on(StepDefinition(lambda context: sum(range(3 * 10**6))))

    step.perform(None)
    once_s = meter.cpu_s
    step.perform(None)

    assert 0 < once_s < meter.cpu_s


def test_it_is_measured_with_settings_that_exist_and_cost_nothing() -> None:
    assert set(whole_run.AS_MEASURED) <= set(SETTINGS)
    assert whole_run.AS_MEASURED["AI_ARTIST_WRITER"] == "offline"
    assert whole_run.AS_MEASURED["AI_ARTIST_MUSIC"] == "local"
    assert whole_run.AS_MEASURED["AI_ARTIST_COVER_ART"] == "local"
    assert not whole_run.AS_MEASURED["AI_ARTIST_FOOTAGE"]
    assert not whole_run.AS_MEASURED["AI_ARTIST_VOICE"]
