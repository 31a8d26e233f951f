"""What an artist is judged on at one moment, and the chances behind it. No database here."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

Counts = tuple[int, int]  # approved, rejected

# How far back the rules look, in decisions or finished runs of this version of the artist.
RECENT_DECISIONS = 30
PAUSE_RECENT = 50
ERRORS_RECENT = 50
TREND_DECISIONS = 10


@dataclass(frozen=True)
class Trial:
    """A changed profile being tried. before: counts of the version it is compared with.

    runs: decisions that end the trial.
    """

    approved: int
    rejected: int
    runs: int
    before: Counts

    @property
    def decided(self) -> int:
        return self.approved + self.rejected


@dataclass(frozen=True)
class Figures:
    """What an artist is judged on at one moment.

    approved, rejected, failed: in the evaluation period, of this version of the artist. streak:
    rejections since the last approval or reset. sessions: sittings the streak spans.
    standing_approvals: of all time. retirement_proposed: already during this streak.
    probation_decisions: decisions since probation began, None when not on probation.
    recent, long_recent: counts of the last RECENT_DECISIONS and PAUSE_RECENT of this version.
    newest: approvals among the last TREND_DECISIONS. recent_runs: (failed, finished) of the last
    ERRORS_RECENT runs. explored_decisions: decisions since the last hint to explore, None without
    one. trial: None when no changed profile is tried.
    runs: ids of the newest decided runs, newest first; failures: of the newest failed ones.
    """

    approved: int
    rejected: int
    failed: int
    streak: int
    standing_approvals: int
    failed_evolutions: int
    sessions: int = 0
    retirement_proposed: bool = False
    probation_decisions: int | None = None
    recent: Counts = (0, 0)
    long_recent: Counts = (0, 0)
    newest: int = 0
    recent_runs: Counts = (0, 0)
    explored_decisions: int | None = None
    trial: Trial | None = None
    runs: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def finished(self) -> int:
        return self.decided + self.failed

    @property
    def approval_rate(self) -> float:
        """Approved share of the period's decisions; 0 without any."""
        return self.approved / self.decided if self.decided else 0.0

    @property
    def error_rate(self) -> float:
        """Failed share of the period's finished runs; 0 without any."""
        return self.failed / self.finished if self.finished else 0.0

    def as_json(self) -> dict[str, Any]:
        """Without the runs: each verdict names those it rests on."""
        figures = asdict(self)
        del figures["runs"], figures["failures"]
        return figures | {
            "recent": list(self.recent),
            "long_recent": list(self.long_recent),
            "recent_runs": list(self.recent_runs),
            "approval_rate": round(self.approval_rate, 4),
            "error_rate": round(self.error_rate, 4),
        }


@lru_cache(maxsize=4096)
def chance_rate_below(rate: float, *, approved: int, rejected: int) -> float:
    """P(true approval rate < rate) after these decisions, with a uniform prior, Beta(1, 1).

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
    """P(true approval rate behind `new` > the one behind `old`), uniform priors.

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
    # Equal counts are exactly 0.5, not a rounding error below it.
    return round(chance, 9)


def _log_beta(a: int, b: int) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
