"""How often the rules decide wrongly and rightly: simulated experiments and careers.

Nothing here touches the database. True rates are known because the simulation sets them; bars,
thresholds and posteriors are the product's own (tests hold the fast forms used here against the
rules that judge one case at a time).
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ai_artist.benchmarks.measuring import Result
from artists.lifecycle import risk
from experiments.rules import bar_at
from experiments.statistics import chance_table
from tests.artists.lifecycle.streaks import retired_by_streak

table = functools.cache(chance_table)

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

SEED = 20_260_301
EXPERIMENTS = 2_000
CAREERS = 4_000
PLANS = (50, 100)
REVIEWS = 200
STREAK = 5
PROBATION_RUNS = 10
BAD_BATCH_SHARE, BAD_BATCH_RUNS = 0.10, 5
NAIVE_FROM = 5  # runs an arm before somebody computes a p-value
NAIVE_Z = 1.96


def decisions() -> Result:
    """Errors of the experiments' rule, then of the retirement rules, in per cent."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    figures = experiment_figures(rng) | career_figures(rng)
    return Result("decisions", figures)


# --- Experiments ---


def experiment_figures(rng: np.random.Generator) -> dict[str, float]:
    """Two arms, looked at after every pair. false_winner: of equal arms; power: of unequal ones."""
    figures: dict[str, float] = {"experiments": EXPERIMENTS}
    for planned in PLANS:
        runs = f"{planned}_per_arm"
        equal = outcomes(rng, (0.5, 0.5), planned)
        figures[f"false_winner_percent_{runs}"] = percent(winners(equal) != 0)
        unequal = outcomes(rng, (0.5, 0.75), planned)
        figures[f"power_50_vs_75_percent_{runs}"] = percent(winners(unequal) == 1)
        for rate in (0.2, 0.5, 0.9):
            name = f"false_winner_exact_percent_at_rate_{rate:.0%}_{runs}".replace("%", "")
            figures[name] = 100 * sum(exact_ends(rate, rate, planned))
        figures[f"power_50_vs_75_exact_percent_{runs}"] = 100 * exact_ends(0.5, 0.75, planned)[1]
    figures["false_winner_percent_artists_at_20_40_60_80"] = percent(
        winners(outcomes_of_artists(rng, (0.2, 0.4, 0.6, 0.8), 100)) != 0
    )
    equal = outcomes(rng, (0.5, 0.5), 100)
    figures["false_winner_percent_naive_p_under_5_percent_100_per_arm"] = percent(naive(equal))
    return figures


def outcomes(rng: np.random.Generator, rates: tuple[float, float], planned: int) -> Bools:
    """Approvals by experiment, pair and arm: shape (EXPERIMENTS, planned, 2)."""
    return rng.random((EXPERIMENTS, planned, 2)) < np.array(rates)


def outcomes_of_artists(rng: np.random.Generator, rates: tuple[float, ...], planned: int) -> Bools:
    """The same with equal arms, whose pairs come from artists of these rates in turn."""
    of_pair = np.array(rates)[np.arange(planned) % len(rates)]
    return rng.random((EXPERIMENTS, planned, 2)) < of_pair[None, :, None]


def winners(approved: Bools) -> NDArray[np.int_]:
    """Who wins each experiment under the planned-size rule: 1 arm B, -1 arm A, 0 nobody.

    approved: as from `outcomes`; the number of pairs is the planned size. Looked at after every
    pair, stopped at the first verdict.
    """
    counts = approved.cumsum(axis=1)
    planned = approved.shape[1]
    ended = np.zeros(len(approved), dtype=np.int_)
    for runs in range(1, planned + 1):
        bar = bar_at(runs, planned)
        if bar is None:
            continue
        chance = table(runs)[counts[:, runs - 1, 0], counts[:, runs - 1, 1]]
        verdict = np.where(chance >= bar, 1, np.where(1 - chance >= bar, -1, 0))
        ended = np.where(ended == 0, verdict, ended)
    return ended


def exact_ends(rate_a: float, rate_b: float, planned: int) -> tuple[float, float]:
    """Exact chances (A wins, B wins) under the same rule: all ways the counts can go, summed."""
    size = planned + 1
    still = np.zeros((size, size))
    still[0, 0] = 1.0
    a_wins = b_wins = 0.0
    for runs in range(1, planned + 1):
        still = _next_run(_next_run(still, rate_a, axis=0), rate_b, axis=1)
        bar = bar_at(runs, planned)
        if bar is None:
            continue
        chance = table(runs)
        here = still[: runs + 1, : runs + 1]
        b_wins += float(here[chance >= bar].sum())
        a_wins += float(here[1 - chance >= bar].sum())
        here[(chance >= bar) | (1 - chance >= bar)] = 0.0
    return a_wins, b_wins


def _next_run(still: Floats, rate: float, *, axis: int) -> Floats:
    approved = np.roll(still, 1, axis=axis)
    return (1 - rate) * still + rate * approved


def naive(approved: Bools) -> Bools:
    """Which experiments a z-test after every pair calls significant at 5 % at least once."""
    runs = np.arange(1, approved.shape[1] + 1)
    counts = approved.cumsum(axis=1)
    rates = counts / runs[None, :, None]
    pooled = rates.mean(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (rates[..., 1] - rates[..., 0]) / np.sqrt(2 * pooled * (1 - pooled) / runs)
    return np.asarray((np.abs(np.nan_to_num(z)) > NAIVE_Z)[:, NAIVE_FROM - 1 :].any(axis=1))


# --- Careers of artists ---


def career_figures(rng: np.random.Generator) -> dict[str, float]:
    """Share of artists retired within REVIEWS reviews, by true rate and mode.

    "propose" retires nobody by itself: its figure is the share that a person is asked about.
    """
    figures: dict[str, float] = {"careers": CAREERS}
    for rate in (0.1, 0.3, 0.5, 0.6, 0.7):
        approved = rng.random((CAREERS, REVIEWS)) < rate
        streak, probation = by_streak(approved), by_probation(approved)
        name = f"rate_{rate:.0%}".replace("%", "")
        figures[f"streak_retired_percent_{name}"] = percent(streak <= REVIEWS)
        figures[f"probation_retired_percent_{name}"] = percent(probation <= REVIEWS)
        figures[f"propose_asked_percent_{name}"] = percent(streak <= REVIEWS)
        if rate == 0.1:
            figures[f"streak_median_reviews_{name}"] = float(np.median(streak))
            figures[f"probation_median_reviews_{name}"] = float(np.median(probation))
    bad = with_bad_batches(rng, rng.random((CAREERS, REVIEWS)) < 0.6)
    figures["streak_retired_percent_rate_60_bad_batches"] = percent(by_streak(bad) <= REVIEWS)
    figures["probation_retired_percent_rate_60_bad_batches"] = percent(by_probation(bad) <= REVIEWS)
    return figures


def by_streak(approved: Bools) -> NDArray[np.int_]:
    return retired_by_streak(approved, streak=STREAK)


def by_probation(approved: Bools) -> NDArray[np.int_]:
    return risk.retired_by_probation(approved, streak=STREAK, probation_runs=PROBATION_RUNS)


def with_bad_batches(rng: np.random.Generator, approved: Bools) -> Bools:
    """Batches of BAD_BATCH_RUNS runs, of which BAD_BATCH_SHARE are rejected as a whole."""
    batches = approved.shape[1] // BAD_BATCH_RUNS
    bad = rng.random((len(approved), batches)) < BAD_BATCH_SHARE
    return approved & ~np.repeat(bad, BAD_BATCH_RUNS, axis=1)


def percent(cases: Bools) -> float:
    return 100 * float(np.mean(cases))
