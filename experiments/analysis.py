"""What an experiment shows so far, and what may be concluded from it.

Only decisions of people count; failed and open runs are shown beside them. Every arm's approval
rate has the posterior Beta(1 + approved, 1 + rejected). The bars of `verdict` hold the chance of a
false winner between two equal arms near 5 %, however often somebody looks: before the planned size
only a near-certain lead ends the experiment, at the planned size a clear one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db.models import Count, Q, Sum
from numpy.typing import NDArray
from scipy.special import betainc, betaln, roots_legendre

from experiments.models import Assignment, Experiment

SHOW_CHANCE_FROM = 10  # decided runs in every arm
EARLY_RUNS = 20
EARLY_BAR = 0.999
FINAL_BAR = 0.98
# Gauss-Legendre with n nodes is exact for polynomials up to degree 2 n - 1, and the integrand is a
# polynomial of degree (decided runs of all arms + arms - 1): exact to 1,000 decided runs, and
# beyond them off by less than 1e-9.
NODES = 512

Outcome = Assignment.Outcome


@dataclass(frozen=True)
class ArmResult:
    """One variant's figures.

    runs = approved + rejected + failed + open. approval_rate: of decided runs, None without any.
    chance_best: probability that this arm has the highest true rate; None until every arm has
    SHOW_CHANCE_FROM decided runs. cost_per_approved: USD, of all its runs; None without approvals.
    """

    name: str
    is_control: bool
    runs: int
    approved: int
    rejected: int
    failed: int
    open: int
    approval_rate: float | None
    chance_best: float | None
    cost_per_approved: float | None

    @property
    def decided(self) -> int:
        return self.approved + self.rejected


def results(experiment: Experiment) -> list[ArmResult]:
    """Figures of every arm, in the order of its variants."""

    def ending(outcome: str) -> Count:
        return Count("assignments", filter=Q(assignments__outcome=outcome))

    variants = list(
        experiment.variants.order_by("pk").annotate(
            runs=Count("assignments"),
            approved=ending(Outcome.APPROVED),
            rejected=ending(Outcome.REJECTED),
            failed=ending(Outcome.FAILED),
            unended=ending(""),
            cost=Sum("assignments__cost_usd"),
        )
    )
    enough = all(v.approved + v.rejected >= SHOW_CHANCE_FROM for v in variants)
    chances: Sequence[float | None] = [None] * len(variants)
    if variants and enough:
        chances = chances_best([(v.approved, v.rejected) for v in variants])
    return [
        ArmResult(
            name=variant.name,
            is_control=variant.is_control,
            runs=variant.runs,
            approved=variant.approved,
            rejected=variant.rejected,
            failed=variant.failed,
            open=variant.unended,
            approval_rate=(
                variant.approved / (variant.approved + variant.rejected)
                if variant.approved + variant.rejected
                else None
            ),
            chance_best=chance,
            cost_per_approved=float(variant.cost) / variant.approved if variant.approved else None,
        )
        for variant, chance in zip(variants, chances, strict=True)
    ]


def chances_best(counts: Sequence[tuple[int, int]]) -> list[float]:
    """P(arm has the highest approval rate) for (approved, rejected) of each arm, Beta(1, 1) prior.

    P(i is best) = integral over p of f_i(p) * product of F_j(p) over the other arms j.
    """
    nodes, weights = _quadrature()
    chances = []
    for best, (approved, rejected) in enumerate(counts):
        density = np.exp(
            approved * np.log(nodes)
            + rejected * np.log1p(-nodes)
            - betaln(1 + approved, 1 + rejected)
        )
        for other, (its_approved, its_rejected) in enumerate(counts):
            if other != best:
                density = density * betainc(1 + its_approved, 1 + its_rejected, nodes)
        chances.append(float(weights @ density))
    total = sum(chances)
    return [chance / total for chance in chances]


def verdict(experiment: Experiment, arms: Sequence[ArmResult]) -> str:
    """One sentence: what the figures allow to say, and what to do."""
    if len(arms) < 2:
        return "Not comparable: it needs at least two variants."
    least = min(arm.decided for arm in arms)
    planned = experiment.planned_runs_per_arm
    progress = f"{least} of {planned} runs per arm"
    leader = max(arms, key=lambda arm: arm.chance_best or 0.0)
    if leader.chance_best is None:
        return f"Too early: {progress} decided."
    share = f"{leader.approved} of {leader.decided} approved"
    control = next((arm for arm in arms if arm.is_control), arms[0])
    if least >= planned:
        if leader.chance_best >= FINAL_BAR:
            return f"{leader.name} wins: {share}, {_chance(leader.chance_best)} to be the best."
        return f"No clear difference after {least} runs per arm: keep {control.name}."
    if leader.chance_best >= EARLY_BAR and least >= EARLY_RUNS:
        return (
            f"{leader.name} wins early: {share}, {_chance(leader.chance_best)} to be the best "
            f"after {progress}."
        )
    return f"{leader.name} is ahead ({share}), keep going: {progress} decided."


def _chance(chance: float) -> str:
    return "chance over 99%" if chance > 0.99 else f"chance {chance:.0%}"


@lru_cache(maxsize=1)
def _quadrature() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights on [0, 1]."""
    nodes, weights = roots_legendre(NODES)
    return (nodes + 1) / 2, weights / 2
