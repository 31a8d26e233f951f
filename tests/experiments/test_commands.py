"""The commands and the schedule of experiments."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from scipy.stats import beta

from experiments.models import Experiment
from runs import tasks
from runs.work import schedules
from tests.experiments.rows import experiment_with

WINNING = ("AR" * 15 + "R" * 20, "A" * 40 + "R" * 10)


def run_json(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def counts(*arms: tuple[str, int, int]) -> str:
    return json.dumps([{"name": n, "approved": a, "rejected": r} for n, a, r in arms])


def test_counts_are_analysed_by_hand() -> None:
    answer = run_json("analyze_counts", counts(("A", 3, 7), ("B", 7, 3)))

    first, second = answer["arms"]
    assert list(first) == ["name", "chance_best", "expected_loss", "interval", "mean"]
    assert second["chance_best"] == pytest.approx(0.9569, abs=1e-4)
    assert first["interval"] == pytest.approx(beta.interval(0.95, 4, 8))
    assert answer["srm_p"] == 1.0


@pytest.mark.parametrize(
    "arms",
    [
        [("A", 0, 0), ("B", 0, 0)],
        [("A", 0, 40), ("B", 0, 40)],
        [("A", 0, 0), ("B", 12, 8)],
        [("A", 1, 1), ("B", 900, 1100)],
    ],
)
def test_odd_counts_have_figures(arms: list[tuple[str, int, int]]) -> None:
    answer = run_json("analyze_counts", counts(*arms))

    assert sum(arm["chance_best"] for arm in answer["arms"]) == pytest.approx(1.0)
    assert all(0 <= arm["expected_loss"] <= 1 for arm in answer["arms"])


@pytest.mark.parametrize(
    "text", ["{", "[]", '[{"name": "A", "approved": -1, "rejected": 0}]', '[{"name": "A"}]']
)
def test_bad_counts_are_bad_usage(text: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("analyze_counts", text)

    assert refused.value.returncode == 2


def test_counts_are_printed_for_people() -> None:
    out = StringIO()

    call_command("analyze_counts", counts(("A", 3, 7), ("B", 7, 3)), stdout=out)

    assert "3 of 10" in out.getvalue()
    assert "Ratio check" in out.getvalue()


@pytest.mark.django_db
def test_a_dry_run_only_tells() -> None:
    experiment = experiment_with(*WINNING)

    answer = run_json("conclude_experiments", "--dry-run")

    (told,) = answer["experiments"]
    assert (told["experiment"], told["verdict"], told["done"]) == (experiment.name, "use", False)
    assert Experiment.objects.running().exists()


@pytest.mark.django_db
def test_the_command_concludes() -> None:
    experiment_with(*WINNING)

    (told,) = run_json("conclude_experiments")["experiments"]

    assert told["done"] is True
    assert Experiment.objects.get().status == Experiment.Status.CONCLUDED


@pytest.mark.django_db
def test_the_schedule_concludes() -> None:
    experiment_with(*WINNING)

    assert tasks.conclude_experiments() == 1
    assert "runs.tasks.conclude_experiments" in [plan.func for plan in schedules.planned()]
