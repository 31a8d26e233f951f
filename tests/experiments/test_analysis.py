"""Assignments become figures."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from experiments.analysis import figures_of_counts, gather, plan_in_words, report
from experiments.assignment import assign_new, mark_exposed, record_outcome
from experiments.models import Assignment, Experiment, Variant
from experiments.rules import Kind
from tests.experiments.rows import add_runs, experiment_with
from tests.factories import NOON, ArtistFactory, ExperimentFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_runs_are_counted_by_what_became_of_them() -> None:
    control, other = gather(experiment_with("AARRRFOC", "O")).arms

    assert (control.name, control.is_control, other.is_control) == ("A", True, False)
    assert (control.runs, control.approved, control.rejected) == (8, 2, 3)
    assert (control.failed, control.cancelled, control.open) == (1, 1, 1)
    assert control.approval_rate == pytest.approx(0.4)


def test_nothing_decided_has_no_rate_and_no_cost() -> None:
    arm, _ = gather(experiment_with("FO", "", cost="0.5")).arms

    assert arm.approval_rate is None
    assert arm.cost_per_approved is None


def test_failed_runs_cost_the_approved_ones() -> None:
    arm, _ = gather(experiment_with("AAFR", "A", cost="0.50")).arms

    assert arm.cost_per_approved == pytest.approx(1.0)


def test_an_experiment_without_arms_has_a_report() -> None:
    shown = report(ExperimentFactory(status="draft", started_at=None), now=NOON)

    assert shown.verdict.kind == Kind.NOT_COMPARABLE
    assert shown.arms == []


def test_chances_are_hidden_until_every_arm_has_ten_decisions() -> None:
    early = report(experiment_with("A" * 20, "R" * 9 + "FFF", name="early"), now=NOON)
    later = report(experiment_with("A" * 10, "R" * 10, parameter="visual_style"), now=NOON)

    assert (early.arms[0].chance, early.chance_line) == ("", "")
    assert later.arms[0].chance == "over 99%"
    assert later.chance_line == (
        "Chance that A is best: over 99% (acts at 99.9% from 20 runs per arm, at 98% at 50 runs)."
    )


def test_progress_tells_what_is_left() -> None:
    experiment = experiment_with("AR" * 10, "RA" * 10, cost="0.10")

    shown = report(experiment, now=NOON + timedelta(days=4))

    assert (shown.least, shown.planned, shown.progress) == (20, 50, 40)
    assert (shown.runs_left, shown.days_left) == (60, 6)
    assert shown.cost_left == pytest.approx(6.0)


def test_differences_come_in_points() -> None:
    control, other = report(experiment_with("AR" * 10, "AAAR" * 5), now=NOON).arms

    assert control.points is None
    assert other.points == pytest.approx(25.0)
    assert other.inside_points == pytest.approx(25.0)
    assert other.bar["x"] == pytest.approx(52.8, abs=0.1)


def test_each_artist_is_counted_alone() -> None:
    nova, grey = ArtistFactory(name="Nova"), ArtistFactory(name="Grey")
    experiment = experiment_with("AAR", "RRR", artist=nova)
    add_runs(experiment, "R", "A", artist=grey)

    assert gather(experiment).artists == {
        "Grey": ((0, 1), (1, 0)),
        "Nova": ((2, 1), (0, 3)),
    }


def test_blocks_in_order_are_no_alarm_and_a_lost_run_is_one() -> None:
    experiment = experiment_with("AAAA", "RRRR")
    assert gather(experiment).broken_blocks == 0

    Assignment.objects.filter(block=1, variant__name="B").delete()

    assert gather(experiment).broken_blocks == 1


def test_the_ratio_is_checked_against_the_stored_chances() -> None:
    even = experiment_with("A" * 30, "R" * 30)
    lost = experiment_with("A" * 30, "R" * 3 + "O" * 27, parameter="visual_style")

    assert gather(even).ratio_p == 1.0
    assert gather(lost).ratio_p < 0.001


def test_values_that_were_never_used_are_counted() -> None:
    experiment = experiment_with("AA", "RR")
    Assignment.objects.filter(variant__name="B").update(exposed_at=None)

    assert [arm.unexposed for arm in gather(experiment).arms] == [0, 2]


def test_days_of_review_are_counted() -> None:
    assert gather(experiment_with("AR", "RA")).review_days == 2


def test_the_whole_way_of_real_assignments_is_balanced() -> None:
    experiment = ExperimentFactory()
    for name, value in (("A", None), ("B", "warm"), ("C", "dry")):
        VariantFactory(experiment=experiment, name=name, value=value, is_control=name == "A")
    artists = ArtistFactory.create_batch(2)
    for number in range(24):
        run_id = uuid.uuid4()
        assign_new([(run_id, artists[number % 2])], now=NOON)
        mark_exposed(run_id=run_id, parameter=experiment.parameter, now=NOON)
        record_outcome(run_id=run_id, outcome="approved", now=NOON, rating=4)

    evidence = gather(experiment)

    assert [arm.decided for arm in evidence.arms] == [8, 8, 8]
    assert (evidence.ratio_p, evidence.broken_blocks) == (1.0, 0)
    assert evidence.arms[0].rating == 4.0


def test_an_arm_stopped_in_the_middle_of_a_block_breaks_none() -> None:
    experiment = ExperimentFactory()
    for name in "ABC":
        VariantFactory(experiment=experiment, name=name, value=name, is_control=name == "A")
    artist = ArtistFactory()
    for number in range(9):
        if number == 4:
            Variant.objects.filter(name="C").update(stopped_at=NOON)
        run_id = uuid.uuid4()
        assign_new([(run_id, artist)], now=NOON)
        record_outcome(run_id=run_id, outcome="rejected", now=NOON)

    assert gather(experiment).broken_blocks == 0
    assert gather(experiment).ratio_p > 0.5


def test_a_report_takes_few_queries(django_assert_max_num_queries) -> None:
    experiment = experiment_with("AR" * 10, "RA" * 10, "RR" * 10)

    with django_assert_max_num_queries(6):
        report(experiment, now=NOON)


def test_the_plan_says_what_it_can_find() -> None:
    assert plan_in_words(50, 2).startswith("With 50 runs per arm (100 in all) an experiment finds")


def test_plain_counts_give_the_same_figures() -> None:
    figures = figures_of_counts(
        [
            {"name": "A", "approved": 30, "rejected": 70},
            {"name": "B", "approved": 40, "rejected": 60},
        ]
    )

    second = figures["arms"][1]
    assert (second["name"], figures["srm_p"]) == ("B", 1.0)
    assert second["chance_best"] == pytest.approx(0.930, abs=1e-3)
    assert second["mean"] == pytest.approx(41 / 102)
    assert second["interval"] == pytest.approx([0.309, 0.498], abs=1e-3)


def test_a_concluded_experiment_shows_what_it_ended_on() -> None:
    experiment = experiment_with("AR", "AA", status=Experiment.Status.CONCLUDED)
    experiment.conclusion = "Keep A: no clear difference after 50 runs per arm."

    assert report(experiment, now=NOON).verdict.sentence == experiment.conclusion
