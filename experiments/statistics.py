"""The arithmetic of experiments: pure functions on counts, no database.

Each arm's approval rate p has the posterior Beta(1 + approved, 1 + rejected), that is, a uniform
prior. Everything is integrated numerically and nothing is drawn at random, so the same counts
always give the same figures. docs/experiments.md explains the formulas for people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ai_artist.kit.special import special

Counts = tuple[int, int]  # approved, rejected
FloatArray = NDArray[np.float64]

INTERVAL_MASS = 0.95
# Between these quantiles of every arm the integrand is smooth enough for PIECE_NODES nodes; outside
# the outermost ones there is no mass that matters.
BREAKS = (1e-14, 1e-9, 1e-5, 1e-2, 0.2, 0.5, 0.8, 1 - 1e-2, 1 - 1e-5, 1 - 1e-9)
PIECE_NODES = 32
# Gauss-Legendre with n nodes is exact up to the degree 2 n - 1; the table's integrand has the
# degree 2 n + 1 for n runs an arm.
TABLE_NODES = 512
# Up to this many ways to spread the runs over the arms, the exact ratio test lists them all.
MAX_SPREADS = 500_000
RATIO_DRAWS = 100_000
FINDABLE_POWER = 0.80


def mean(counts: Counts) -> float:
    """Return the mean of the posterior: (1 + approved) / (2 + decided)."""
    approved, rejected = counts
    return (1 + approved) / (2 + approved + rejected)


def interval(counts: Counts) -> tuple[float, float]:
    """Return the equal-tailed 95 % interval of the posterior, as shares of 1."""
    approved, rejected = counts
    tail = (1 - INTERVAL_MASS) / 2
    low, high = special.betaincinv(1 + approved, 1 + rejected, [tail, 1 - tail])
    return float(low), float(high)


def chances_best(arms: Sequence[Counts]) -> list[float]:
    """Return P(arm has the highest approval rate) for each arm; they sum to 1.

    P(i is best) = integral over p of f_i(p) * product of F_j(p) over the other arms j, with f the
    posterior densities and F their distribution functions.
    """
    nodes, weights = _quadrature(tuple(arms))
    below = [_distribution(arm, nodes) for arm in arms]
    chances = []
    for best, arm in enumerate(arms):
        others = math.prod(
            (values for index, values in enumerate(below) if index != best),
            start=np.ones_like(nodes),
        )
        chances.append(float(weights @ (_density(arm, nodes) * others)))
    total = sum(chances)
    return [chance / total for chance in chances]


def expected_losses(arms: Sequence[Counts]) -> list[float]:
    """Return E[highest rate - this arm's rate] for each arm: what choosing it costs on average.

    In shares of approvals. E[highest rate] = integral over p of 1 - product of all F_j(p).
    """
    nodes, weights = _quadrature(tuple(arms))
    product = math.prod((_distribution(arm, nodes) for arm in arms), start=np.ones_like(nodes))
    highest = float(weights @ (1 - product))
    return [max(0.0, highest - mean(arm)) for arm in arms]


def chance_exceeds(arm: Counts, other: Counts, *, margin: float) -> float:
    """Return P(rate of `arm` > rate of `other` + margin), with uniform priors."""
    nodes, weights = _quadrature((arm, other), shift=margin)
    return float(
        weights @ (_density(arm, nodes) * _distribution(other, np.clip(nodes - margin, 0.0, 1.0)))
    )


def difference_interval(arm: Counts, other: Counts) -> tuple[float, float]:
    """Return the equal-tailed 95 % interval of (rate of `arm` - rate of `other`), from -1 to 1.

    Its ends are where chance_exceeds falls through the two tails; exact to 1e-4.
    """
    # takes half a second to load, which no other command should wait for
    from scipy.optimize import brentq

    tail = (1 - INTERVAL_MASS) / 2

    def end(mass: float) -> float:
        return float(
            brentq(lambda at: chance_exceeds(arm, other, margin=at) - mass, -1.0, 1.0, xtol=1e-4)
        )

    return end(1 - tail), end(tail)


def chance_table(runs: int) -> FloatArray:
    """Return P(B is better than A) with `runs` decided runs in each of two arms.

    Shape (runs + 1, runs + 1), indexed by the approvals of A and of B; the same integral as in
    chances_best, for all outcomes at once.
    """
    roots, root_weights = special.roots_legendre(TABLE_NODES)
    nodes, weights = (roots + 1) / 2, root_weights / 2
    approved = np.arange(runs + 1)[:, None]
    log_density = (
        approved * np.log(nodes)
        + (runs - approved) * np.log1p(-nodes)
        - special.betaln(1 + approved, 1 + runs - approved)
    )
    below: FloatArray = special.betainc(1 + approved, 1 + runs - approved, nodes)
    return np.asarray(below @ (weights * np.exp(log_density)).T)


def ratio_p(counts: Sequence[int], weights: Sequence[float] | None = None) -> float:
    """Return the p-value of the sample-ratio check: do the counts fit the planned weights?

    Weights are equal by default. Pearson's chi-square test; if an expected count is under 5, the
    exact multinomial test (the chance of a spread at most as likely as this one). An arm of weight
    0 does not count as a degree of freedom, and a run in it makes the p-value 0.
    """
    planned = [1.0] * len(counts) if weights is None else list(weights)
    if any(count for count, weight in zip(counts, planned, strict=True) if not weight):
        return 0.0
    kept = [(count, weight) for count, weight in zip(counts, planned, strict=True) if weight]
    observed = np.array([count for count, _ in kept], dtype=np.float64)
    shares = np.array([weight for _, weight in kept], dtype=np.float64)
    shares /= shares.sum()
    total = int(observed.sum())
    if total == 0 or len(kept) < 2:
        return 1.0
    if (total * shares).min() >= 5:
        # takes a second to load, which no other command should wait for
        from scipy.stats import chisquare

        return float(chisquare(observed, total * shares).pvalue)
    return _exact_ratio_p(observed, shares, total)


def inside_difference(strata: Iterable[tuple[Counts, Counts]]) -> float | None:
    """Return the difference of two approval rates inside the strata (Mantel and Haenszel).

    In shares of 1. strata: (counts of the arm, counts of the other) for each artist. None if no
    artist has runs in both.
    """
    differences = weights = 0.0
    for (approved, rejected), (other_approved, other_rejected) in strata:
        runs, other_runs = approved + rejected, other_approved + other_rejected
        if not runs or not other_runs:
            continue
        weights += runs * other_runs / (runs + other_runs)
        differences += (approved * other_runs - other_approved * runs) / (runs + other_runs)
    return differences / weights if weights else None


@lru_cache(maxsize=64)
def findable_points(planned: int, *, bar: float) -> int | None:
    """Return the smallest true difference from 50 % that a plan finds in 4 of 5 cases, in points.

    planned: decided runs per arm; bar: the chance to be best that makes a winner at the end. For
    two arms and one look. None if not even 50 % against 100 % is found.
    """
    wins = chance_table(planned) >= bar
    control = _binomial(planned, 0.5)
    for points in range(1, 51):
        if control @ wins @ _binomial(planned, 0.5 + points / 100) >= FINDABLE_POWER:
            return points
    return None


def _binomial(trials: int, rate: float) -> FloatArray:
    hits = np.arange(trials + 1)
    log_choose = (
        special.gammaln(trials + 1) - special.gammaln(hits + 1) - special.gammaln(trials - hits + 1)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        misses = np.where(hits == trials, 0.0, (trials - hits) * np.log1p(-rate))
    return np.asarray(np.exp(log_choose + hits * math.log(rate) + misses), dtype=np.float64)


def _density(arm: Counts, at: FloatArray) -> FloatArray:
    approved, rejected = arm
    return np.asarray(
        np.exp(
            approved * np.log(at)
            + rejected * np.log1p(-at)
            - special.betaln(1 + approved, 1 + rejected)
        )
    )


def _distribution(arm: Counts, at: FloatArray) -> FloatArray:
    approved, rejected = arm
    return np.asarray(special.betainc(1 + approved, 1 + rejected, at))


def _quadrature(arms: tuple[Counts, ...], *, shift: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights on (0, 1), dense wherever an arm's posterior changes.

    So 2 runs against 2,000,000 are as exact as 2 against 2. shift: how much further to the right
    the last arm is looked at.
    """
    edges = [np.array([0.0, 1.0])]
    for index, (approved, rejected) in enumerate(arms):
        moved = shift if index == len(arms) - 1 else 0.0
        edges.append(special.betaincinv(1 + approved, 1 + rejected, BREAKS) + moved)
    cuts = np.unique(np.clip(np.concatenate(edges), 0.0, 1.0))
    roots, root_weights = _legendre()
    starts, widths = cuts[:-1, None], np.diff(cuts)[:, None]
    nodes = (starts + widths * (roots + 1) / 2).ravel()
    weights = (widths * root_weights / 2).ravel()
    inside = (nodes > 0.0) & (nodes < 1.0)
    return nodes[inside], weights[inside]


@lru_cache(maxsize=1)
def _legendre() -> tuple[FloatArray, FloatArray]:
    roots, weights = special.roots_legendre(PIECE_NODES)
    return roots, weights


def _exact_ratio_p(observed: FloatArray, shares: FloatArray, total: int) -> float:
    if math.comb(total + len(shares) - 1, len(shares) - 1) > MAX_SPREADS:
        draws = np.random.Generator(np.random.PCG64(0)).multinomial(total, shares, RATIO_DRAWS)
        drawn = _chi_square(draws.astype(np.float64), total * shares)
        seen = _chi_square(observed, total * shares)
        return float((1 + np.count_nonzero(drawn >= seen - 1e-9)) / (1 + RATIO_DRAWS))
    log_chances = _multinomial_log(_spreads(total, len(shares)), shares, total)
    own = _multinomial_log(observed[None, :], shares, total)[0]
    # The tolerance is needed because equally likely spreads differ in the last digits.
    return float(min(1.0, np.exp(log_chances[log_chances <= own + 1e-9]).sum()))


def _spreads(total: int, arms: int) -> FloatArray:
    """Return all ways to spread `total` runs over `arms`, one row each."""
    rows = np.zeros((1, 0))
    left = np.array([total])
    for _ in range(arms - 1):
        repeats = left + 1
        rows = np.repeat(rows, repeats, axis=0)
        taken = np.concatenate([np.arange(count) for count in repeats])
        left = np.repeat(left, repeats) - taken
        rows = np.column_stack([rows, taken])
    return np.column_stack([rows, left])


def _multinomial_log(rows: FloatArray, shares: FloatArray, total: int) -> FloatArray:
    logs = (
        special.gammaln(total + 1) - special.gammaln(rows + 1).sum(axis=1) + rows @ np.log(shares)
    )
    return np.asarray(logs, dtype=np.float64)


def _chi_square(rows: FloatArray, expected: FloatArray) -> FloatArray:
    return np.asarray(((rows - expected) ** 2 / expected).sum(axis=-1), dtype=np.float64)
