"""The fast forms of the simulation judge as the rules of the product do."""

from __future__ import annotations

import numpy as np
import pytest

from artists.lifecycle.figures import Figures
from artists.lifecycle.rules import Rule, judge_streak
from artists.models import Artist, LifecyclePolicy
from experiments.rules import Arm, Evidence, Kind, judge
from tests.benchmarks import decisions
from tests.benchmarks.decisions import (
    by_probation,
    by_streak,
    exact_ends,
    naive,
    outcomes,
    percent,
    winners,
    with_bad_batches,
)


@pytest.fixture
def rng(monkeypatch: pytest.MonkeyPatch) -> np.random.Generator:
    monkeypatch.setattr(decisions, "EXPERIMENTS", 12)
    return np.random.Generator(np.random.PCG64(3))


def judged(approved: np.ndarray) -> int:
    """The product's own verdict on one experiment, asked after every pair."""
    for runs in range(1, len(approved) + 1):
        seen = approved[:runs]
        arms = [
            Arm(name, name == "A", runs=runs, approved=hits, rejected=runs - hits)
            for name, hits in zip("AB", seen.sum(axis=0).tolist(), strict=True)
        ]
        verdict = judge(Evidence(arms=tuple(arms), planned=len(approved)))
        if verdict.kind == Kind.USE:
            return 1
        if verdict.kind == Kind.STOP_ARM or verdict.rule in ("early_bar", "final_bar"):
            return -1
        if verdict.kind == Kind.KEEP_CONTROL:
            return 0
    return 0


def test_planned_experiments_end_as_the_rules_say(rng: np.random.Generator) -> None:
    approved = outcomes(rng, (0.5, 0.8), 40)

    assert winners(approved).tolist() == [judged(one) for one in approved]


def test_exact_chances_agree_with_simulated_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "EXPERIMENTS", 20_000)
    approved = outcomes(np.random.Generator(np.random.PCG64(4)), (0.5, 0.7), 40)

    ended = winners(approved)

    a_wins, b_wins = exact_ends(0.5, 0.7, 40)
    assert b_wins == pytest.approx(np.mean(ended == 1), abs=0.012)
    assert a_wins == pytest.approx(np.mean(ended == -1), abs=0.002)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_equal_arms_rarely_get_a_winner(rate: float) -> None:
    assert sum(exact_ends(rate, rate, 50)) <= 0.05
    assert sum(exact_ends(rate, rate, 100)) <= 0.05


def test_two_hundred_runs_find_a_half_against_three_quarters() -> None:
    assert exact_ends(0.5, 0.75, 100)[1] >= 0.80


def test_peeking_at_p_values_would_fool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "EXPERIMENTS", 500)
    equal = outcomes(np.random.Generator(np.random.PCG64(5)), (0.5, 0.5), 100)

    assert percent(naive(equal)) > 25


def career(approved: list[bool], mode: str) -> int:
    """The review that retires an artist, by the lifecycle's own rules."""
    policy = LifecyclePolicy(retirement_mode=mode)
    streak, probation = 0, None
    for review, good in enumerate(approved, start=1):
        streak = 0 if good else streak + 1
        probation = None if probation is None else probation + 1
        recent = approved[max(0, review - 30) : review]
        figures = Figures(
            approved=sum(approved[:review]),
            rejected=review - sum(approved[:review]),
            failed=0,
            streak=streak,
            sessions=2,
            standing_approvals=sum(approved[:review]),
            failed_evolutions=0,
            probation_decisions=probation,
            recent=(sum(recent), len(recent) - sum(recent)),
        )
        verdict = judge_streak(Artist.Status.ACTIVE, figures, policy)
        if verdict is None:
            continue
        if verdict.to_status == Artist.Status.RETIRED:
            return review
        if verdict.rule == Rule.PROBATION:
            probation = 0
        elif verdict.rule == Rule.PROBATION_PASSED:
            streak, probation = 0, None
    return len(approved) + 1


@pytest.mark.parametrize("rate", [0.15, 0.35, 0.5])
def test_careers_end_as_the_lifecycle_says(rng: np.random.Generator, rate: float) -> None:
    approved = rng.random((60, 120)) < rate
    rows = [row.tolist() for row in approved]

    assert by_streak(approved).tolist() == [career(row, "streak") for row in rows]
    assert by_probation(approved).tolist() == [career(row, "probation") for row in rows]


def test_bad_batches_reject_whole_batches(rng: np.random.Generator) -> None:
    kept = with_bad_batches(rng, np.ones((200, 50), dtype=np.bool_)).reshape(200, 10, 5)

    assert set(kept.sum(axis=2).ravel().tolist()) == {0, 5}
    assert kept.mean() == pytest.approx(0.9, abs=0.02)
