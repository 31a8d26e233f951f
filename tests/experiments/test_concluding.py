"""What the schedule does with a verdict, and what it leaves to people."""

from __future__ import annotations

import pytest

from experiments.concluding import conclude, conclude_due
from experiments.models import Experiment, ExperimentEvent, Promotion, Variant
from experiments.promotion import promote
from experiments.rules import Kind
from experiments.setup import ExperimentRefused
from tests.experiments.rows import experiment_with
from tests.factories import NOON, UserFactory

pytestmark = pytest.mark.django_db

WINNING = ("AR" * 15 + "R" * 20, "A" * 40 + "R" * 10)
EQUAL = ("AR" * 25, "RA" * 25)


def events(experiment: Experiment) -> list[str]:
    return list(experiment.events.order_by("pk").values_list("kind", flat=True))


def test_a_winner_is_put_to_use() -> None:
    experiment = experiment_with(*WINNING)

    (action,) = conclude_due(now=NOON)

    experiment.refresh_from_db()
    assert (action.verdict.kind, action.done) == (Kind.USE, True)
    assert (experiment.status, experiment.concluded_at) == ("concluded", NOON)
    assert experiment.winner.name == "B"
    assert experiment.conclusion.startswith("Use B: it wins")
    assert Promotion.objects.get().value == "warm"
    assert events(experiment) == ["concluded", "promoted"]


def test_a_winner_that_cannot_be_used_keeps_no_other_experiment_from_its_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stuck, other = experiment_with(*WINNING), experiment_with(*EQUAL)
    promote(stuck, stuck.variants.get(name="B"), actor=None, now=NOON)

    actions = conclude_due(now=NOON)

    statuses = Experiment.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["running", "concluded"]
    assert [action.experiment for action in actions] == [other]
    assert "in use already" in caplog.text


def test_an_action_keeps_its_figures() -> None:
    experiment = experiment_with(*WINNING)

    conclude_due(now=NOON)

    figures = experiment.events.get(kind=ExperimentEvent.Kind.CONCLUDED).figures
    assert (figures["rule"], figures["version"]) == ("final_bar", "1")
    assert [arm["approved"] for arm in figures["arms"]] == [15, 40]


def test_no_difference_changes_nothing() -> None:
    experiment = experiment_with(*EQUAL)

    conclude_due(now=NOON)

    experiment.refresh_from_db()
    assert experiment.status == Experiment.Status.CONCLUDED
    assert experiment.winner.is_control
    assert not Promotion.objects.exists()


def test_a_dry_run_writes_nothing() -> None:
    experiment = experiment_with(*WINNING)

    (action,) = conclude_due(now=NOON, dry_run=True)

    experiment.refresh_from_db()
    assert (action.verdict.kind, action.done) == (Kind.USE, False)
    assert experiment.status == Experiment.Status.RUNNING
    assert events(experiment) == []


def test_an_experiment_that_must_not_act_says_so_once() -> None:
    experiment = experiment_with(*WINNING, acts_by_itself=False)

    conclude_due(now=NOON)
    conclude_due(now=NOON)

    experiment.refresh_from_db()
    assert experiment.status == Experiment.Status.RUNNING
    assert events(experiment) == ["announced"]


def test_a_closed_gate_is_announced_and_nothing_done() -> None:
    lost = ("AR" * 15 + "R" * 20, "A" * 40 + "R" * 10 + "F" * 40)
    experiment = experiment_with(*lost, error_margin=1.0)

    (action,) = conclude_due(now=NOON)

    assert action.verdict.kind == Kind.NEEDS_PERSON
    assert events(experiment) == ["announced"]


def test_a_weak_arm_is_stopped_and_the_rest_goes_on() -> None:
    experiment = experiment_with("AAR" * 5, "R" * 14 + "A", "ARA" * 5)

    actions = conclude_due(now=NOON)

    assert [action.verdict.kind for action in actions] == [Kind.STOP_ARM, Kind.KEEP_GOING]
    stopped = Variant.objects.get(experiment=experiment, name="B")
    assert stopped.stopped_at == NOON
    assert "under 1%" in stopped.stopped_reason


def test_an_arm_that_breaks_a_guardrail_ends_a_comparison_of_two() -> None:
    experiment = experiment_with("AR" * 8, "AR" * 4 + "F" * 12)

    conclude_due(now=NOON)

    experiment.refresh_from_db()
    assert experiment.conclusion == "Keep A: every other arm was stopped."
    assert not Promotion.objects.exists()


def test_paused_experiments_are_left_alone() -> None:
    experiment_with(*WINNING, status=Experiment.Status.PAUSED)

    assert conclude_due(now=NOON) == []


# --- By a person ---


def test_a_person_chooses_an_arm() -> None:
    experiment, person = experiment_with("AR", "RA"), UserFactory()
    chosen = experiment.variants.get(name="B")

    conclude(experiment, use=chosen, actor=person, now=NOON)

    experiment.refresh_from_db()
    assert (experiment.status, experiment.winner) == ("concluded", chosen)
    assert Promotion.objects.get().actor == person


def test_a_person_ends_it_without_a_change() -> None:
    experiment = experiment_with("AR", "RA")

    conclude(experiment, use=None, actor=None, now=NOON)

    assert not Promotion.objects.exists()


def test_ended_is_ended() -> None:
    experiment = experiment_with("AR", "RA")
    conclude(experiment, use=None, actor=None, now=NOON)

    with pytest.raises(ExperimentRefused, match="is concluded"):
        conclude(experiment, use=None, actor=None, now=NOON)


def test_the_arm_of_another_experiment_is_refused() -> None:
    experiment = experiment_with("AR", "RA")
    other = experiment_with("AR", "RA", parameter="visual_style")

    with pytest.raises(ExperimentRefused, match="no arm of"):
        conclude(experiment, use=other.variants.first(), actor=None, now=NOON)
