"""Computes how often a policy retires an artist whose true approval rate is known.

Exact for the plain streak (a Markov chain over the length of the streak). Simulated with a fixed
seed for the probation, whose end looks back at 30 decisions. Assumes that reviews are independent
and each is a sitting of its own, which is the worst case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from artists.lifecycle.figures import RECENT_DECISIONS, chance_rate_below
from artists.lifecycle.rules import POOR_RATE, SURE_ENOUGH
from artists.models import LifecyclePolicy

Mode = LifecyclePolicy.RetirementMode
Bools = NDArray[np.bool_]

RATES = (0.3, 0.5, 0.6, 0.7)
HORIZONS = (100, 200)
CAREERS = 4_000
SEED = 20_260_301
# The approval rate of an artist a reviewer would call good, used in `sentence`.
GOOD_RATE = 0.6


@dataclass(frozen=True)
class Line:
    """Chances from 0 to 1 that an artist of one true approval rate is retired, one per horizon."""

    rate: float
    chances: tuple[float, ...]


def risk_table(policy: LifecyclePolicy) -> list[Line]:
    """Return, for each of RATES, the chance to be retired within HORIZONS reviewed runs.

    In mode propose the rule retires nobody: it is the chance that a person is asked to.
    """
    return [Line(rate, _chances(policy, rate)) for rate in RATES]


def _chances(policy: LifecyclePolicy, rate: float) -> tuple[float, ...]:
    streak = policy.consecutive_rejections
    if policy.retirement_mode != Mode.PROBATION:
        return tuple(chance_of_streak(rate, streak, reviews) for reviews in HORIZONS)
    return tuple(
        chance_of_failed_probation(rate, streak, policy.probation_runs, reviews)
        for reviews in HORIZONS
    )


def sentence(policy: LifecyclePolicy) -> str:
    """Say in one sentence, for people who are not statisticians, what the policy risks."""
    lost = next(line.chances[-1] for line in risk_table(policy) if line.rate == GOOD_RATE)
    count = round(lost * 100)
    share = f"about {count}" if count else "fewer than 1"
    what = (
        "come up for retirement, which a person decides,"
        if policy.retirement_mode == Mode.PROPOSE
        else "are retired by bad luck alone"
    )
    return (
        f"Of 100 artists whose songs people approve {GOOD_RATE:.0%} of the time, {share} {what} "
        f"within {HORIZONS[-1]} reviewed runs."
    )


def idle_rules(policy: LifecyclePolicy) -> list[str]:
    """Return the rules of this policy that can never act, because another always acts first."""
    lowest = 1 / policy.consecutive_rejections
    if policy.retirement_mode != Mode.STREAK or policy.pause_below_rate > lowest:
        return []
    return [
        f"The pause below {policy.pause_below_rate:.0%} never acts: an artist that escapes "
        f"{policy.consecutive_rejections} rejections in a row has at least {lowest:.0%} approved."
    ]


# --- Exact ---


@lru_cache(maxsize=256)
def chance_of_streak(rate: float, streak: int, reviews: int) -> float:
    """Return P(`streak` rejections in a row within `reviews` decisions) at this approval rate."""
    lengths = np.zeros(streak)  # chance of each length of an unfinished streak
    lengths[0] = 1.0
    for _ in range(reviews):
        grown = (1 - rate) * lengths
        lengths = np.concatenate(([rate * lengths.sum()], grown[:-1]))
    return float(1 - lengths.sum())


# --- Simulated ---


@lru_cache(maxsize=256)
def chance_of_failed_probation(
    rate: float, streak: int, probation_runs: int, reviews: int
) -> float:
    """Return the share of CAREERS simulated artists that a probation retires, within 0.8 %."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    approved = rng.random((CAREERS, max(HORIZONS))) < rate
    ends = retired_by_probation(approved, streak=streak, probation_runs=probation_runs)
    return float(np.mean(ends <= reviews))


def retired_by_probation(approved: Bools, *, streak: int, probation_runs: int) -> NDArray[np.int_]:
    """Return the number of the review that retires each artist in mode probation.

    A streak starts a probation, which decides. approved: shape (artists, reviews), in order of
    review. A number above all reviews means never.
    """
    careers, reviews = approved.shape
    never = reviews + 1
    at = np.full(careers, never)
    length = np.zeros(careers, dtype=np.int_)
    on_probation = np.zeros(careers, dtype=np.int_)  # reviews left of the probation
    total = np.concatenate([np.zeros((careers, 1), np.int_), approved.cumsum(axis=1)], axis=1)
    poor = poor_table()
    for review in range(reviews):
        length = np.where(approved[:, review], 0, length + 1)
        ends = on_probation == 1
        seen = min(review + 1, RECENT_DECISIONS)
        recent = total[:, review + 1] - total[:, review + 1 - seen]
        retires = ends & poor[seen, recent] & (at == never)
        at = np.where(retires, review + 1, at)
        begins = (on_probation == 0) & (length >= streak)
        on_probation = np.where(begins, probation_runs, np.maximum(on_probation - 1, 0))
        # After a passed probation the streak is counted from 0.
        length = np.where(ends, 0, length)
    return at


@lru_cache(maxsize=1)
def poor_table() -> Bools:
    """Whether this many approvals (column) of this many decisions (row) fail a probation."""
    size = RECENT_DECISIONS + 1
    return np.array(
        [
            [
                hits <= seen
                and chance_rate_below(POOR_RATE, approved=hits, rejected=seen - hits) >= SURE_ENOUGH
                for hits in range(size)
            ]
            for seen in range(size)
        ]
    )
