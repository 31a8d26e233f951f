"""The rules on plain figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from artists.lifecycle.figures import Figures, Trial, chance_higher, chance_rate_below
from artists.lifecycle.rules import Rule, judge
from artists.models import Artist, LifecyclePolicy

Status = Artist.Status
Mode = LifecyclePolicy.RetirementMode


def figures(**values) -> Figures:
    given = {
        "approved": 0,
        "rejected": 0,
        "failed": 0,
        "streak": 0,
        "standing_approvals": 1,
        "failed_evolutions": 0,
    }
    return Figures(**(given | values))


PLAIN = LifecyclePolicy.RateRule.PLAIN


def rule_of(status: str, given: Figures, **policy) -> str | None:
    """The rule that fires, with rates judged by the plain share."""
    verdict = judge(status, given, LifecyclePolicy(**({"rate_rule": PLAIN} | policy)))
    return verdict.rule if verdict else None


def rule_by_evidence(given: Figures, status: str = Status.ACTIVE) -> str | None:
    verdict = judge(status, given, LifecyclePolicy())
    return verdict.rule if verdict else None


def test_nothing_applies_to_an_artist_without_history() -> None:
    assert rule_of(Status.CANDIDATE, figures(standing_approvals=0)) is None


def test_errors_come_before_the_streak() -> None:
    given = figures(rejected=5, failed=6, streak=5)

    assert rule_of(Status.ACTIVE, given) == Rule.ERRORS


def test_the_streak_comes_before_a_low_rate() -> None:
    given = figures(approved=1, rejected=9, streak=5)

    assert rule_of(Status.ACTIVE, given) == Rule.STREAK


def test_a_low_rate_pauses_before_it_evolves() -> None:
    given = figures(approved=1, rejected=9, streak=1)

    assert rule_of(Status.ACTIVE, given) == Rule.LOW_RATE


def test_a_rate_on_the_limit_is_good_enough() -> None:
    given = figures(approved=4, rejected=6)

    assert rule_of(Status.ACTIVE, given) is None


def test_too_few_runs_are_not_judged_by_rate() -> None:
    given = figures(approved=0, rejected=9, streak=1)

    assert rule_of(Status.ACTIVE, given) is None


def test_a_poor_candidate_evolves_before_it_is_promoted() -> None:
    given = figures(approved=3, rejected=7, standing_approvals=3)

    assert rule_of(Status.CANDIDATE, given) == Rule.EVOLVE


def test_only_the_streak_judges_a_paused_artist() -> None:
    assert rule_of(Status.PAUSED, figures(rejected=20, failed=20)) is None
    assert rule_of(Status.PAUSED, figures(rejected=5, streak=5)) == Rule.STREAK


def test_a_retired_artist_is_left_alone() -> None:
    assert rule_of(Status.RETIRED, figures(rejected=20, failed=20, streak=20)) is None


def test_on_probation_a_low_rate_waits_for_its_end() -> None:
    given = figures(approved=1, rejected=10, streak=2, probation_decisions=6, recent=(1, 10))

    assert rule_of(Status.ACTIVE, given, retirement_mode=Mode.PROBATION) is None


@pytest.mark.parametrize(("approved", "of"), [(1, 12), (2, 15), (3, 20), (4, 25), (5, 30)], ids=str)
def test_a_probation_fails_at_the_published_counts(approved: int, of: int) -> None:
    def outcome(approvals: int) -> str | None:
        given = figures(probation_decisions=10, recent=(approvals, of - approvals))
        return rule_of(Status.ACTIVE, given, retirement_mode=Mode.PROBATION)

    assert outcome(approved) == Rule.PROBATION_FAILED
    assert outcome(approved + 1) == Rule.PROBATION_PASSED


@pytest.mark.parametrize("approved", [0, 1, 7, 30])
@pytest.mark.parametrize("rejected", [0, 4, 23])
def test_the_chance_agrees_with_scipy(approved: int, rejected: int) -> None:
    expected = beta(1 + approved, 1 + rejected).cdf(0.30)

    assert chance_rate_below(0.30, approved=approved, rejected=rejected) == pytest.approx(expected)


def test_five_rejections_alone_do_not_prove_a_poor_artist() -> None:
    assert chance_rate_below(0.30, approved=0, rejected=5) == pytest.approx(0.882, abs=0.001)
    assert chance_rate_below(0.30, approved=0, rejected=6) == pytest.approx(0.918, abs=0.001)


def test_switching_back_to_streak_retires_an_artist_on_probation() -> None:
    given = figures(streak=6, probation_decisions=1)

    assert rule_of(Status.ACTIVE, given, retirement_mode=Mode.STREAK) == Rule.STREAK


def test_reasons_name_counts_and_limits() -> None:
    policy = LifecyclePolicy(rate_rule=PLAIN)

    verdict = judge(Status.ACTIVE, figures(approved=3, rejected=9), policy)

    assert verdict is not None
    assert verdict.reason == "Approved 3 of 12 runs (25%; limit 40%)"


def test_a_very_good_artist_may_explore_once_in_thirty_decisions() -> None:
    good = {"approved": 9, "rejected": 1, "newest": 9}

    assert rule_of(Status.ACTIVE, figures(**good)) == Rule.EXPLORE
    assert rule_of(Status.ACTIVE, figures(**good, explored_decisions=29)) is None
    assert rule_of(Status.ACTIVE, figures(**good, explored_decisions=30)) == Rule.EXPLORE
    assert rule_of(Status.EVOLVING, figures(**good)) is None


def test_who_was_liked_but_is_not_any_more_does_not_explore() -> None:
    fading = figures(approved=27, rejected=3, newest=8)

    assert rule_of(Status.ACTIVE, fading) is None


# --- Certainty ---


@pytest.mark.parametrize(("approved", "of"), [(3, 15), (5, 20), (8, 30)], ids=str)
def test_evolving_needs_the_published_counts(approved: int, of: int) -> None:
    assert rule_by_evidence(figures(recent=(approved, of - approved))) == Rule.EVOLVE
    assert rule_by_evidence(figures(recent=(approved + 1, of - approved - 1))) is None


def test_fewer_than_fifteen_decisions_do_not_make_an_artist_evolve() -> None:
    assert rule_by_evidence(figures(recent=(0, 14))) is None
    assert rule_by_evidence(figures(recent=(0, 15))) == Rule.EVOLVE


def test_a_pause_for_the_rate_needs_twenty_decisions_and_certainty() -> None:
    poor = {"recent": (0, 19)}

    assert rule_by_evidence(figures(**poor, long_recent=(0, 19))) == Rule.EVOLVE
    assert rule_by_evidence(figures(**poor, long_recent=(1, 19))) == Rule.LOW_RATE
    assert rule_by_evidence(figures(**poor, long_recent=(3, 17))) == Rule.EVOLVE


@pytest.mark.parametrize(("failed", "of"), [(5, 10), (9, 20), (20, 50)], ids=str)
def test_a_pause_for_errors_needs_the_published_counts(failed: int, of: int) -> None:
    assert rule_by_evidence(figures(recent_runs=(failed, of))) == Rule.ERRORS
    assert rule_by_evidence(figures(recent_runs=(failed - 1, of))) is None


# --- Streaks and sittings ---


@pytest.mark.parametrize(
    ("mode", "sessions", "rule"),
    [
        (Mode.STREAK, 1, Rule.STREAK),
        (Mode.PROPOSE, 1, Rule.RETIRE_PROPOSED),
        (Mode.PROBATION, 1, None),
        (Mode.PROBATION, 2, Rule.PROBATION),
    ],
)
def test_only_a_probation_asks_for_two_sittings(
    mode: str, sessions: int, rule: Rule | None
) -> None:
    given = figures(streak=5, sessions=sessions)

    assert rule_of(Status.ACTIVE, given, retirement_mode=mode) == rule


# --- Trials ---


def tried(good: int, bad: int, before: tuple[int, int], **values) -> Figures:
    return figures(trial=Trial(good, bad, runs=20, before=before), **values)


def test_a_trial_is_not_judged_early() -> None:
    assert rule_of(Status.EVOLVING, tried(0, 19, (10, 10))) is None


@pytest.mark.parametrize(
    ("trial", "rule"),
    [((7, 13), Rule.EVOLUTION_KEPT), ((6, 14), Rule.EVOLUTION_KEPT), ((5, 15), "evolution_failed")],
    ids=["better", "the same", "worse"],
)
def test_a_trial_is_kept_unless_the_rate_fell(trial: tuple[int, int], rule: str) -> None:
    assert rule_of(Status.EVOLVING, tried(*trial, before=(6, 14))) == rule


def test_a_strict_policy_wants_proof_of_improvement() -> None:
    given = tried(8, 12, before=(6, 14))

    assert rule_of(Status.EVOLVING, given, keep_evolution_chance=0.8) == Rule.EVOLUTION_FAILED


def test_the_third_failed_trial_retires() -> None:
    given = tried(1, 19, before=(6, 14), failed_evolutions=2)

    assert rule_of(Status.EVOLVING, given) == Rule.EVOLUTIONS_EXHAUSTED


def test_a_trial_is_not_cut_short_by_a_poor_rate() -> None:
    given = tried(0, 12, before=(6, 14), rejected=12)

    assert rule_of(Status.EVOLVING, given) is None


def test_an_artist_that_recovers_without_a_change_is_active_again() -> None:
    assert rule_of(Status.EVOLVING, figures(recent=(4, 6))) == Rule.RECOVERED
    assert rule_of(Status.EVOLVING, figures(recent=(3, 7))) is None


@pytest.mark.parametrize("new", [(0, 0), (3, 7), (14, 6), (29, 1)])
@pytest.mark.parametrize("old", [(0, 0), (6, 14), (0, 9)])
def test_the_chance_to_be_better_agrees_with_numeric_integration(
    new: tuple[int, int], old: tuple[int, int]
) -> None:
    rates = np.linspace(0, 1, 20_001)
    density = beta(1 + new[0], 1 + new[1]).pdf(rates)
    below = beta(1 + old[0], 1 + old[1]).cdf(rates)

    assert chance_higher(new, old) == pytest.approx(np.trapezoid(density * below, rates), abs=1e-4)


def test_a_verdict_names_the_runs_it_rests_on() -> None:
    runs = tuple("abcdefgh")

    verdict = judge(Status.ACTIVE, figures(streak=5, runs=runs), LifecyclePolicy())

    assert verdict is not None
    assert verdict.figures["runs"] == list("abcde")
