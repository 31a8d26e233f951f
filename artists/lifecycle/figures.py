"""The figures an artist is judged on at one moment, and their probabilities. No database here."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

Counts = tuple[int, int]  # approved, rejected

# How far back the rules look, in decisions or finished runs of the present profile version.
RECENT_DECISIONS = 30
PAUSE_RECENT = 50
ERRORS_RECENT = 50
TREND_DECISIONS = 10


@dataclass(frozen=True)
class Trial:
    """A changed profile on trial."""

    approved: int
    rejected: int
    runs: int  # decisions that end the trial
    before: Counts  # of the version it is compared with

    @property
    def decided(self) -> int:
        return self.approved + self.rejected


@dataclass(frozen=True)
class Figures:
    """What an artist is judged on at one moment; counts are of the present profile version."""

    # In the evaluation period.
    approved: int
    rejected: int
    failed: int

    streak: int  # rejections since the last approval or reset
    standing_approvals: int  # of all time
    failed_evolutions: int
    sessions: int = 0  # sittings the streak spans
    retirement_proposed: bool = False  # already during this streak
    probation_decisions: int | None = None  # since probation began; None if not on probation
    recent: Counts = (0, 0)  # last RECENT_DECISIONS
    long_recent: Counts = (0, 0)  # last PAUSE_RECENT decisions
    newest: int = 0  # approvals among the last TREND_DECISIONS
    recent_runs: Counts = (0, 0)  # (failed, finished) of the last ERRORS_RECENT runs
    explored_decisions: int | None = None  # since the last hint to explore; None without one
    trial: Trial | None = None

    # Ids of the runs behind the figures, newest first.
    runs: tuple[str, ...] = ()  # decided
    failures: tuple[str, ...] = ()  # failed

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def finished(self) -> int:
        return self.decided + self.failed

    @property
    def approval_rate(self) -> float:
        """The approved share of the period's decisions; 0 if there are none."""
        return self.approved / self.decided if self.decided else 0.0

    @property
    def error_rate(self) -> float:
        """The failed share of the period's finished runs; 0 if there are none."""
        return self.failed / self.finished if self.finished else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return all figures but the runs: each verdict names the runs it rests on."""
        figures = dict(vars(self))
        del figures["runs"], figures["failures"]
        return figures | {
            "trial": asdict(self.trial) if self.trial else None,
            "recent": list(self.recent),
            "long_recent": list(self.long_recent),
            "recent_runs": list(self.recent_runs),
            "approval_rate": round(self.approval_rate, 4),
            "error_rate": round(self.error_rate, 4),
        }


@lru_cache(maxsize=4096)
def chance_rate_below(rate: float, *, approved: int, rejected: int) -> float:
    """Return P(true approval rate < rate) after these decisions, with a uniform prior, Beta(1, 1).

    For whole numbers the Beta distribution's integral is a binomial sum (Abramowitz and Stegun
    26.5.24): P = P(at least approved + 1 successes in n + 1 trials at this rate).
    """
    trials = approved + rejected + 1
    return 1.0 - sum(
        math.comb(trials, hits) * rate**hits * (1.0 - rate) ** (trials - hits)
        for hits in range(approved + 1)
    )


@lru_cache(maxsize=4096)
def chance_higher(new: Counts, old: Counts) -> float:
    """Return P(true approval rate behind `new` > the one behind `old`), with uniform priors.

    Exact for whole numbers (E. Miller, "Formulas for Bayesian A/B Testing", 2015): the sum over
    i < 1 + approvals of `new` of B(a + i, b + d) / ((d + i) B(1 + i, d) B(a, b)), with
    Beta(a, b) the posterior of `old` and d = 1 + rejections of `new`.
    """
    a, b = 1 + old[0], 1 + old[1]
    c, d = 1 + new[0], 1 + new[1]
    chance = sum(
        math.exp(_log_beta(a + i, b + d) - math.log(d + i) - _log_beta(1 + i, d) - _log_beta(a, b))
        for i in range(c)
    )
    # Rounded so that equal counts are exactly 0.5; the sum's own error would leave it just below.
    return round(chance, 9)


def _log_beta(a: int, b: int) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
