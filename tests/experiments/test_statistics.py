"""The arithmetic against published figures, closed forms and plain numeric integration."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, binom, multinomial

from experiments.statistics import (
    chance_exceeds,
    chance_table,
    chances_best,
    difference_interval,
    expected_losses,
    findable_points,
    inside_difference,
    interval,
    mean,
    ratio_p,
)

CASES = [
    [(3, 7), (7, 3)],
    [(0, 0), (0, 0)],
    [(0, 0), (5, 15)],
    [(0, 30), (0, 25)],
    [(12, 18), (15, 15), (20, 10)],
    [(2, 0), (900, 1100)],
    [(1, 1), (2, 1998)],
    [(40, 60), (45, 55), (50, 50), (65, 35)],
    [(0, 10), (10, 0)],
]


def by_integration(arms: list[tuple[int, int]]) -> tuple[list[float], list[float]]:
    """Chances to be best and expected losses by scipy's adaptive quadrature."""
    posteriors = [beta(1 + approved, 1 + rejected) for approved, rejected in arms]
    peaks = sorted({float(p.ppf(q)) for p in posteriors for q in (0.001, 0.5, 0.999)})

    def integral(function) -> float:
        edges = [0.0, *peaks, 1.0]
        return sum(quad(function, a, b)[0] for a, b in pairwise(edges))

    def leads(best: int, p: float) -> float:
        others = (q.cdf(p) for i, q in enumerate(posteriors) if i != best)
        return posteriors[best].pdf(p) * np.prod(list(others))

    chances = [integral(lambda p, best=best: leads(best, p)) for best in range(len(arms))]
    highest = integral(lambda p: 1 - np.prod([q.cdf(p) for q in posteriors]))
    return chances, [highest - q.mean() for q in posteriors]


@pytest.mark.parametrize("arms", CASES, ids=str)
def test_figures_agree_with_plain_integration(arms: list[tuple[int, int]]) -> None:
    chances, losses = by_integration(arms)

    assert chances_best(arms) == pytest.approx(chances, abs=1e-6)
    assert expected_losses(arms) == pytest.approx(losses, abs=1e-6)


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
def test_chances_agree_with_known_ones(
    control: tuple[int, int], other: tuple[int, int], expected: float
) -> None:
    assert chances_best([control, other])[1] == pytest.approx(expected, abs=0.0015)


def test_figures_agree_with_draws_from_the_posteriors() -> None:
    arms = [(12, 18), (15, 15), (20, 10)]
    rng = np.random.Generator(np.random.PCG64(1))
    draws = np.array([rng.beta(1 + s, 1 + f, 400_000) for s, f in arms])

    best = np.bincount(draws.argmax(axis=0), minlength=3) / draws.shape[1]
    losses = (draws.max(axis=0) - draws).mean(axis=1)

    assert chances_best(arms) == pytest.approx(best.tolist(), abs=5e-3)
    assert expected_losses(arms) == pytest.approx(losses.tolist(), abs=5e-3)


@pytest.mark.parametrize("runs", [10_000, 1_000_000])
def test_large_arms_stay_exact(runs: int) -> None:
    assert chances_best([(runs, runs), (runs, runs)]) == pytest.approx([0.5, 0.5], abs=1e-9)
    assert sum(chances_best([(2, 0), (runs // 10, runs)])) == pytest.approx(1.0)


def test_an_empty_arm_has_the_prior() -> None:
    assert mean((0, 0)) == 0.5
    assert interval((0, 0)) == pytest.approx((0.025, 0.975))
    assert chances_best([(0, 0)] * 4) == pytest.approx([0.25] * 4)


def test_interval_of_an_arm_that_was_always_rejected() -> None:
    low, high = interval((0, 20))

    assert low == pytest.approx(1 - 0.975 ** (1 / 21), abs=1e-9)
    assert high == pytest.approx(1 - 0.025 ** (1 / 21), abs=1e-9)


def test_the_table_holds_the_same_chances() -> None:
    table = chance_table(30)

    for a, b in [(0, 0), (0, 30), (12, 20), (30, 29)]:
        expected = chances_best([(a, 30 - a), (b, 30 - b)])[1]
        assert table[a, b] == pytest.approx(expected, abs=1e-9)


def test_chance_to_exceed_by_a_margin() -> None:
    arm, other = (5, 5), (1, 20)
    expected = quad(lambda p: beta(6, 6).pdf(p) * beta(2, 21).cdf(p - 0.1), 0, 1)[0]

    assert chance_exceeds(arm, other, margin=0.1) == pytest.approx(expected, abs=1e-8)
    assert chance_exceeds(arm, other, margin=0.0) == pytest.approx(chances_best([arm, other])[0])


@pytest.mark.parametrize(
    ("arm", "other"), [((8, 2), (2, 8)), ((0, 0), (0, 0)), ((10, 0), (0, 10)), ((700, 300), (3, 7))]
)
def test_interval_of_the_difference_leaves_a_fortieth_on_each_side(
    arm: tuple[int, int], other: tuple[int, int]
) -> None:
    low, high = difference_interval(arm, other)

    own, against = beta(1 + arm[0], 1 + arm[1]), beta(1 + other[0], 1 + other[1])
    for edge, above in ((low, 0.975), (high, 0.025)):
        found = quad(lambda p, at=edge: own.pdf(p) * against.cdf(p - at), 0, 1, limit=200)[0]
        assert found == pytest.approx(above, abs=2e-3)
    reverse_low, reverse_high = difference_interval(other, arm)
    assert (reverse_low, reverse_high) == pytest.approx((-high, -low), abs=1e-3)


# --- The ratio check ---


def test_ratio_of_large_counts_is_pearsons_test() -> None:
    assert ratio_p([30, 70]) == pytest.approx(6.334e-5, rel=1e-3)
    assert ratio_p([50, 50]) == 1.0
    assert ratio_p([2, 2000]) < 1e-12


def test_ratio_of_small_counts_is_the_exact_binomial_test() -> None:
    assert ratio_p([0, 9]) == pytest.approx(2 * binom.pmf(0, 9, 0.5))


def test_ratio_of_small_counts_of_three_arms_is_the_exact_multinomial_test() -> None:
    chances = multinomial(6, [1 / 3] * 3)
    spreads = [(a, b, 6 - a - b) for a in range(7) for b in range(7 - a)]
    seen = chances.pmf((5, 1, 0))
    expected = sum(p for s in spreads if (p := chances.pmf(s)) <= seen * (1 + 1e-9))

    assert ratio_p([5, 1, 0]) == pytest.approx(expected)


def test_ratio_of_many_small_arms_is_drawn() -> None:
    assert ratio_p([40, *[0] * 9]) < 1e-3
    assert ratio_p([4] * 10) == 1.0


def test_ratio_knows_other_plans() -> None:
    assert ratio_p([90, 10], [9, 1]) == 1.0
    assert ratio_p([90, 10, 0], [9, 1, 0]) == 1.0
    assert ratio_p([90, 10, 1], [9, 1, 0]) == 0.0


def test_nothing_reviewed_is_no_alarm() -> None:
    assert ratio_p([0, 0]) == 1.0


# --- Differences inside artists ---


def test_difference_inside_artists_ignores_how_the_artists_are_mixed() -> None:
    # Both arms alike in each artist; the pooled rates are 0.75 and 0.25.
    strata = [((80, 20), (8, 2)), ((2, 8), (20, 80))]

    assert inside_difference(strata) == pytest.approx(0.0)


def test_without_an_artist_in_both_arms_there_is_no_difference_inside() -> None:
    assert inside_difference([((3, 1), (0, 0)), ((0, 0), (2, 2))]) is None


# --- Plans ---


def test_what_a_plan_can_find() -> None:
    assert findable_points(100, bar=0.98) == pytest.approx(21, abs=1)
    assert findable_points(50, bar=0.98) > findable_points(200, bar=0.98)
