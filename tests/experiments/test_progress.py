"""How the chances went: the same figures as the verdict's, in the order of the reviews."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from experiments.analysis import gather
from experiments.models import Assignment, Experiment, Variant
from experiments.progress import MOST_POINTS, chances_over_time, chart, chart_options
from experiments.rules import EARLY_BAR, FINAL_BAR
from tests.experiments.rows import experiment_with
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def test_the_last_point_is_what_the_verdict_rests_on() -> None:
    experiment = experiment_with("AARRRRARRRRA", "AAARAAARAAAA")

    last = chances_over_time(experiment)[-1]

    assert list(last.chances.values()) == pytest.approx(list(gather(experiment).chances.values()))
    assert last.reviewed == 24


def test_nothing_is_shown_below_ten_runs_in_each_arm() -> None:
    experiment = experiment_with("A" * 10, "R" * 10)

    points = chances_over_time(experiment)

    assert [point.reviewed for point in points if point.chances] == [20]
    assert chart(experiment_with("A" * 9, "R" * 9, parameter="temperature"), points[:9]) == ""


def test_the_bar_falls_at_the_planned_size() -> None:
    experiment = experiment_with("AR" * 12, "AR" * 12, planned_runs_per_arm=22)

    bars = {point.reviewed // 2: point.bar for point in chances_over_time(experiment)}

    assert [bars[19], bars[20], bars[21], bars[22]] == [None, EARLY_BAR, EARLY_BAR, FINAL_BAR]


def test_an_undone_decision_has_no_part_in_it() -> None:
    experiment = experiment_with("A" * 11, "R" * 11)
    undone = Assignment.objects.filter(outcome="approved").order_by("outcome_at").first()
    Assignment.objects.filter(pk=undone.pk).update(outcome="", outcome_at=None)

    points = chances_over_time(experiment)

    assert points[-1].reviewed == 21
    assert list(points[-1].chances.values()) == pytest.approx(
        list(gather(experiment).chances.values())
    )


def test_the_order_is_that_of_the_reviews() -> None:
    experiment = experiment_with("A" * 12, "R" * 12)
    control = Assignment.objects.filter(variant__is_control=True).order_by("pk")
    late = list(control.values_list("pk", flat=True)[:2])
    Assignment.objects.filter(pk__in=late).update(outcome_at=NOON + timedelta(days=90))

    shown = [point.reviewed for point in chances_over_time(experiment) if point.chances]

    # The control has its tenth only in the twelfth block.
    assert shown[0] == 21


def test_a_stopped_arm_ends_its_line() -> None:
    experiment = experiment_with("AR" * 8, "AR" * 8, "R" * 12, planned_runs_per_arm=20)
    stopped = Variant.objects.get(name="C")
    stopped.stopped_at = NOON + timedelta(days=11, hours=1)
    stopped.save()

    points = chances_over_time(experiment)

    shown = [stopped.pk in point.chances for point in points if point.chances]
    assert shown[0] and not shown[-1]
    assert len(points[-1].chances) == 2


def test_long_experiments_get_so_many_points_and_no_more() -> None:
    points = chances_over_time(experiment_with("AR" * 70, "AR" * 70))

    assert len(points) == MOST_POINTS
    assert points[-1].reviewed == 280


def test_the_chart_has_a_line_for_each_arm_and_one_for_the_bar() -> None:
    experiment = experiment_with("A" * 11, "R" * 11)

    data = json.loads(chart(experiment, chances_over_time(experiment)))

    assert [line["label"] for line in data["datasets"]] == ["A", "B", "Needed to act"]
    assert data["labels"][-1] == 22
    assert data["datasets"][0]["data"][-1] > 99
    assert data["datasets"][0]["data"][0] is None
    assert json.loads(chart_options())["scales"]["y"]["max"] == 100


def test_an_experiment_without_reviews_has_no_chart() -> None:
    experiment: Experiment = experiment_with("O", "O")

    assert chart(experiment, chances_over_time(experiment)) == ""
