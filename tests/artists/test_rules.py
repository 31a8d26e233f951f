"""The rules on plain figures."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from artists.models import Artist, LifecyclePolicy
from artists.rules import Figures, Rule, chance_rate_below, judge

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
    verdict = judge(status, given, LifecyclePolicy(**policy))
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
    verdict = judge(Status.ACTIVE, figures(approved=3, rejected=9), LifecyclePolicy())

    assert verdict is not None
    assert verdict.reason == "Approved 3 of 12 runs (25%; limit 40%)"


def test_a_very_good_artist_may_explore_once_in_thirty_decisions() -> None:
    good = {"approved": 9, "rejected": 1}

    assert rule_of(Status.ACTIVE, figures(**good)) == Rule.EXPLORE
    assert rule_of(Status.ACTIVE, figures(**good, explored_decisions=29)) is None
    assert rule_of(Status.ACTIVE, figures(**good, explored_decisions=30)) == Rule.EXPLORE
    assert rule_of(Status.EVOLVING, figures(**good)) == Rule.EVOLUTION_KEPT
