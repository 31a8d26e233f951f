"""Figures of the arms, and the sentence above them."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from scipy.integrate import quad
from scipy.stats import beta

from experiments.analysis import chances_best, results, verdict
from experiments.models import Assignment, Experiment
from tests.factories import ArtistFactory, ExperimentFactory, VariantFactory

ENDINGS = {"A": "approved", "R": "rejected", "F": "failed", "O": ""}


def experiment_with(*arms: str, planned: int = 50, cost: str = "0") -> Experiment:
    """Arms as letters: A approved, R rejected, F failed, O open. The first is the control."""
    experiment = ExperimentFactory(planned_runs_per_arm=planned, status=Experiment.Status.PAUSED)
    artist = ArtistFactory()
    position = 0
    for index, letters in enumerate(arms):
        variant = VariantFactory(
            experiment=experiment, name="ABCD"[index], value=index, is_control=index == 0
        )
        for letter in letters:
            Assignment.objects.create(
                experiment=experiment,
                variant=variant,
                artist=artist,
                run_id=uuid.uuid4(),
                position=position,
                probability=0.5,
                outcome=ENDINGS[letter],
                cost_usd=Decimal(cost),
            )
            position += 1
    return experiment


def sentence(*arms: str, planned: int = 50) -> str:
    experiment = experiment_with(*arms, planned=planned)
    return verdict(experiment, results(experiment))


@pytest.mark.django_db
def test_runs_are_counted_by_what_became_of_them() -> None:
    control, other = results(experiment_with("AARRRFO", "O"))

    assert (control.name, control.is_control, other.is_control) == ("A", True, False)
    assert (control.runs, control.approved, control.rejected) == (7, 2, 3)
    assert (control.failed, control.open) == (1, 1)
    assert control.approval_rate == pytest.approx(0.4)


@pytest.mark.django_db
def test_nothing_decided_has_no_rate_and_no_cost() -> None:
    arm, _ = results(experiment_with("FO", "", cost="0.5"))

    assert arm.approval_rate is None
    assert arm.cost_per_approved is None
    assert arm.chance_best is None


@pytest.mark.django_db
def test_failed_runs_cost_the_approved_ones() -> None:
    arm, _ = results(experiment_with("AAFR", "A", cost="0.50"))

    assert arm.cost_per_approved == pytest.approx(1.0)


@pytest.mark.django_db
def test_chances_are_hidden_until_every_arm_has_ten_decisions() -> None:
    assert results(experiment_with("A" * 20, "R" * 9 + "FFF"))[0].chance_best is None
    assert results(experiment_with("A" * 10, "R" * 10))[0].chance_best == pytest.approx(
        1.0, abs=1e-4
    )


@pytest.mark.parametrize(
    ("control", "other", "expected"),
    [
        ((0, 10), (3, 7), 0.955),
        ((0, 5), (5, 0), 0.999),
        ((10, 0), (8, 2), 0.107),
        ((1, 4), (4, 1), 0.960),
        ((30, 70), (40, 60), 0.930),
    ],
)
def test_chances_agree_with_the_published_ones(
    control: tuple[int, int], other: tuple[int, int], expected: float
) -> None:
    assert chances_best([control, other])[1] == pytest.approx(expected, abs=0.0015)


def test_chances_of_three_arms_agree_with_plain_integration() -> None:
    counts = [(12, 18), (15, 15), (20, 10)]
    posteriors = [beta(1 + approved, 1 + rejected) for approved, rejected in counts]

    def leads(p: float) -> float:
        return posteriors[1].pdf(p) * posteriors[0].cdf(p) * posteriors[2].cdf(p)

    chances = chances_best(counts)

    assert sum(chances) == pytest.approx(1.0, abs=1e-12)
    assert chances[1] == pytest.approx(quad(leads, 0, 1)[0], abs=1e-8)


def test_chances_hold_for_thousands_of_runs() -> None:
    assert chances_best([(2500, 2500), (2500, 2500)]) == pytest.approx([0.5, 0.5], abs=1e-9)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        (("AAR", "AARR"), "Too early: 3 of 50 runs per arm decided."),
        (
            ("AR" * 6, "AAR" * 4),
            "B is ahead (8 of 12 approved), keep going: 12 of 50 runs per arm decided.",
        ),
        (
            ("R" * 20, "A" * 19 + "R"),
            "B wins early: 19 of 20 approved, chance over 99% to be the best after 20 of 50 "
            "runs per arm.",
        ),
        (
            ("AR" * 25, "A" * 40 + "R" * 10),
            "B wins: 40 of 50 approved, chance over 99% to be the best.",
        ),
        (("AR" * 25, "AR" * 26), "No clear difference after 50 runs per arm: keep A."),
    ],
    ids=["too early", "ahead", "early win", "win", "no difference"],
)
def test_the_sentence_says_what_the_figures_allow(arms: tuple[str, str], expected: str) -> None:
    assert sentence(*arms) == expected


@pytest.mark.django_db
def test_a_near_certain_lead_waits_for_twenty_runs() -> None:
    assert "keep going" in sentence("R" * 19, "A" * 19)


@pytest.mark.django_db
def test_one_arm_is_no_comparison() -> None:
    assert sentence("AAAA").startswith("Not comparable")
