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


def rule_of(status: str, given: Figures, **policy) -> str | None:
    """The rule that fires."""
    verdict = judge(status, given, LifecyclePolicy(**policy))
    return verdict.rule if verdict else None


def test_nothing_applies_to_an_artist_without_history() -> None:
    assert rule_of(Status.CANDIDATE, figures(standing_approvals=0)) is None


def test_errors_come_before_the_streak() -> None:
    given = figures(streak=5, recent_runs=(6, 11))

    assert rule_of(Status.ACTIVE, given) == Rule.ERRORS


def test_the_streak_comes_before_a_low_rate() -> None:
    given = figures(streak=5, recent=(1, 19), long_recent=(1, 19))

    assert rule_of(Status.ACTIVE, given) == Rule.STREAK


def test_a_low_rate_pauses_before_it_evolves() -> None:
    given = figures(streak=1, recent=(1, 19), long_recent=(1, 19))

    assert rule_of(Status.ACTIVE, given) == Rule.LOW_RATE


def test_a_policy_that_wants_more_runs_judges_rates_later() -> None:
    poor = figures(recent=(0, 19), long_recent=(0, 19))

    assert rule_of(Status.ACTIVE, poor, min_runs=19) == Rule.EVOLVE
    assert rule_of(Status.ACTIVE, poor, min_runs=20) is None


@pytest.mark.parametrize(
    ("threshold", "given", "rule"),
    [
        ({"evolve_below_rate": 0.6}, {"recent": (6, 9)}, Rule.EVOLVE),
        ({"pause_below_rate": 0.3}, {"long_recent": (3, 17)}, Rule.LOW_RATE),
        ({"pause_above_error_rate": 0.1}, {"recent_runs": (3, 10)}, Rule.ERRORS),
        ({"explore_above_rate": 0.7}, {"recent": (8, 2), "newest": 9}, Rule.EXPLORE),
    ],
    ids=["evolve", "pause", "errors", "explore"],
)
def test_each_threshold_decides(threshold: dict, given: dict, rule: Rule) -> None:
    assert rule_of(Status.ACTIVE, figures(**given)) is None
    assert rule_of(Status.ACTIVE, figures(**given), **threshold) == rule


def test_a_poor_candidate_evolves_before_it_is_promoted() -> None:
    given = figures(recent=(3, 12), standing_approvals=3)

    assert rule_of(Status.CANDIDATE, given) == Rule.EVOLVE


def test_only_the_streak_judges_a_paused_artist() -> None:
    poor = {"recent": (0, 20), "long_recent": (0, 20), "recent_runs": (20, 40)}

    assert rule_of(Status.PAUSED, figures(**poor)) is None
    assert rule_of(Status.PAUSED, figures(**poor, streak=5)) == Rule.STREAK


def test_a_retired_artist_is_left_alone() -> None:
    given = figures(streak=20, recent=(0, 20), long_recent=(0, 20), recent_runs=(20, 40))

    assert rule_of(Status.RETIRED, given) is None


def test_on_probation_a_low_rate_waits_for_its_end() -> None:
    given = figures(streak=2, probation_decisions=6, recent=(1, 19), long_recent=(1, 19))

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
    verdict = judge(Status.ACTIVE, figures(recent=(3, 12)), LifecyclePolicy())

    assert verdict is not None
    assert verdict.reason == "Approved 3 of the last 15; chance 93% that the true rate is under 40%"


def test_a_very_good_artist_may_explore_once_in_thirty_decisions() -> None:
    good = {"recent": (9, 1), "newest": 9}

    assert rule_of(Status.ACTIVE, figures(**good)) == Rule.EXPLORE
    assert rule_of(Status.ACTIVE, figures(**good, explored_decisions=29)) is None
    assert rule_of(Status.ACTIVE, figures(**good, explored_decisions=30)) == Rule.EXPLORE
    assert rule_of(Status.EVOLVING, figures(**good)) == Rule.RECOVERED


def test_who_was_liked_but_is_not_any_more_does_not_explore() -> None:
    fading = figures(recent=(27, 3), newest=8)

    assert rule_of(Status.ACTIVE, fading) is None


# --- Certainty ---


@pytest.mark.parametrize(("approved", "of"), [(3, 15), (5, 20), (8, 30)], ids=str)
def test_evolving_needs_the_published_counts(approved: int, of: int) -> None:
    assert rule_of(Status.ACTIVE, figures(recent=(approved, of - approved))) == Rule.EVOLVE
    assert rule_of(Status.ACTIVE, figures(recent=(approved + 1, of - approved - 1))) is None


def test_fewer_than_fifteen_decisions_do_not_make_an_artist_evolve() -> None:
    assert rule_of(Status.ACTIVE, figures(recent=(0, 14))) is None
    assert rule_of(Status.ACTIVE, figures(recent=(0, 15))) == Rule.EVOLVE


def test_a_pause_for_the_rate_needs_twenty_decisions_and_certainty() -> None:
    poor = {"recent": (0, 19)}

    assert rule_of(Status.ACTIVE, figures(**poor, long_recent=(0, 19))) == Rule.EVOLVE
    assert rule_of(Status.ACTIVE, figures(**poor, long_recent=(1, 19))) == Rule.LOW_RATE
    assert rule_of(Status.ACTIVE, figures(**poor, long_recent=(3, 17))) == Rule.EVOLVE


@pytest.mark.parametrize(("failed", "of"), [(5, 10), (9, 20), (20, 50)], ids=str)
def test_a_pause_for_errors_needs_the_published_counts(failed: int, of: int) -> None:
    assert rule_of(Status.ACTIVE, figures(recent_runs=(failed, of))) == Rule.ERRORS
    assert rule_of(Status.ACTIVE, figures(recent_runs=(failed - 1, of))) is None


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
    given = tried(0, 19, before=(6, 14), recent=(0, 19), long_recent=(0, 20))

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
