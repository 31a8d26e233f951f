"""The lifecycle's rules: figures and thresholds in, at most one verdict out. No database here.

Order of judgement: errors, streak or probation, pause for a low rate, evolution, promotion, a hint
to explore. Only decisions of people count for or against an artist; failed runs can pause it, never
retire it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from artists.models import Artist, LifecyclePolicy

Status = Artist.Status

# The end of a probation: retire when P(approval rate < POOR_RATE) reaches SURE_ENOUGH on the last
# RECENT_DECISIONS. An artist of true rate 0.5 is then retired within 200 runs in 0.6 % of the
# cases, against 97 % under the plain streak of five.
POOR_RATE = 0.30
SURE_ENOUGH = 0.90
RECENT_DECISIONS = 30


class Rule(StrEnum):
    """Why a status changed, as stored in StatusChange.rule."""

    CREATED = "created"
    MANUAL = "manual"
    REINSTATED = "reinstated"
    UNDONE = "undone"
    ERRORS = "error_rate"
    STREAK = "streak"
    RETIRE_PROPOSED = "retire_proposed"
    PROBATION = "probation"
    PROBATION_FAILED = "probation_failed"
    PROBATION_PASSED = "probation_passed"
    LOW_RATE = "low_rate"
    EVOLVE = "evolve"
    EVOLUTION_KEPT = "evolution_kept"
    EVOLUTION_FAILED = "evolution_failed"
    EVOLUTIONS_EXHAUSTED = "failed_evolutions"
    PROMOTED = "promoted"
    EXPLORE = "explore"
    INACTIVE = "inactive"
    PAUSED_TOO_LONG = "paused_too_long"


@dataclass(frozen=True)
class Figures:
    """What an artist is judged on at one moment.

    approved, rejected, failed: in the evaluation window. streak: rejections since the last
    approval or reset. standing_approvals: of all time. retirement_proposed: already during this
    streak. probation_decisions: decisions since probation began, None when not on probation.
    recent: (approved, rejected) among the last RECENT_DECISIONS of this version of the artist.
    explored_decisions: decisions since the last hint to explore, None without one.
    """

    approved: int
    rejected: int
    failed: int
    streak: int
    standing_approvals: int
    failed_evolutions: int
    retirement_proposed: bool = False
    probation_decisions: int | None = None
    recent: tuple[int, int] = (0, 0)
    explored_decisions: int | None = None

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def finished(self) -> int:
        return self.decided + self.failed

    @property
    def approval_rate(self) -> float:
        """Approved share of the window's decisions; 0 without any."""
        return self.approved / self.decided if self.decided else 0.0

    @property
    def error_rate(self) -> float:
        """Failed share of the window's finished runs; 0 without any."""
        return self.failed / self.finished if self.finished else 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "recent": list(self.recent),
            "approval_rate": round(self.approval_rate, 4),
            "error_rate": round(self.error_rate, 4),
        }


@dataclass(frozen=True)
class Verdict:
    """What should become of an artist. The same status again: a mark, such as probation."""

    to_status: str
    rule: str
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)


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


def judge(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """The first rule that applies to an artist of this status, or None."""
    if status == Status.RETIRED:
        return None
    if status == Status.PAUSED:
        # Decisions on runs made before the pause still arrive.
        return judge_streak(status, figures, policy)
    if verdict := judge_errors(figures, policy):
        return verdict
    if verdict := judge_streak(status, figures, policy):
        return verdict
    if figures.probation_decisions is not None:
        return None  # the end of the probation decides
    return (
        _judge_low_rate(figures, policy)
        or _judge_evolution(status, figures, policy)
        or _judge_promotion(status, figures, policy)
        or _judge_exploration(status, figures, policy)
    )


def judge_errors(figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """Pause when too many runs fail: a fault of the machinery, which somebody must look at."""
    if figures.finished < policy.min_runs:
        return None
    if figures.error_rate <= policy.pause_above_error_rate:
        return None
    return _verdict(
        Status.PAUSED,
        Rule.ERRORS,
        f"{figures.failed} of {figures.finished} runs failed "
        f"({figures.error_rate:.0%}; limit {policy.pause_above_error_rate:.0%})",
        figures,
    )


def judge_streak(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """Rejections in a row: retire, put on probation, or propose, by the policy's mode."""
    mode = policy.retirement_mode
    streak_reached = figures.streak >= policy.consecutive_rejections
    reason = f"{figures.streak} rejections in a row (limit {policy.consecutive_rejections})"
    if streak_reached and mode == LifecyclePolicy.RetirementMode.STREAK:
        return _verdict(Status.RETIRED, Rule.STREAK, reason, figures)
    if figures.probation_decisions is not None:
        return _judge_probation(status, figures, policy)
    if not streak_reached:
        return None
    if mode == LifecyclePolicy.RetirementMode.PROBATION:
        reason += f"; on probation for {policy.probation_runs} reviewed runs"
        return _verdict(status, Rule.PROBATION, reason, figures)
    if figures.retirement_proposed:
        return None
    return _verdict(
        status, Rule.RETIRE_PROPOSED, f"{reason}; retirement proposed to a person", figures
    )


def judge_idleness(
    *, artist: Artist, policy: LifecyclePolicy, now: datetime, waiting: bool
) -> Verdict | None:
    """The rules that time alone triggers.

    waiting: the artist has a run that is open or awaits review; then its silence is ours.
    """
    if artist.status == Status.PAUSED:
        paused = now - artist.status_since
        if paused < timedelta(days=policy.retire_paused_days):
            return None
        return Verdict(
            Status.RETIRED,
            Rule.PAUSED_TOO_LONG,
            f"Paused for {paused.days} days (limit {policy.retire_paused_days})",
            {"paused_days": paused.days},
        )
    if artist.status == Status.RETIRED or waiting:
        return None
    # A resumed artist has its full time again, hence status_since.
    idle = now - max(artist.last_run_at or artist.created_at, artist.status_since)
    if idle < timedelta(days=policy.pause_inactivity_days):
        return None
    return Verdict(
        Status.PAUSED,
        Rule.INACTIVE,
        f"No run for {idle.days} days (limit {policy.pause_inactivity_days})",
        {"idle_days": idle.days},
    )


def _judge_probation(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    if (figures.probation_decisions or 0) < policy.probation_runs:
        return None
    approved, rejected = figures.recent
    chance = chance_rate_below(POOR_RATE, approved=approved, rejected=rejected)
    extra = {"chance_rate_below": round(chance, 4), "poor_rate": POOR_RATE}
    share = f"approved {approved} of the last {approved + rejected}"
    certainty = f"chance {chance:.0%} that the true rate is under {POOR_RATE:.0%}"
    if chance >= SURE_ENOUGH:
        return _verdict(
            Status.RETIRED,
            Rule.PROBATION_FAILED,
            f"Probation failed: {share}, {certainty}",
            figures,
            extra,
        )
    return _verdict(
        status, Rule.PROBATION_PASSED, f"Probation passed: {share}, {certainty}", figures, extra
    )


def _judge_low_rate(figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    if figures.decided < policy.min_runs or figures.approval_rate >= policy.pause_below_rate:
        return None
    return _verdict(
        Status.PAUSED, Rule.LOW_RATE, _rate_reason(figures, policy.pause_below_rate), figures
    )


def _judge_evolution(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    if figures.decided < policy.min_runs:
        return None
    poor = figures.approval_rate < policy.evolve_below_rate
    if status != Status.EVOLVING:
        if not poor:
            return None
        return _verdict(
            Status.EVOLVING, Rule.EVOLVE, _rate_reason(figures, policy.evolve_below_rate), figures
        )
    if not poor:
        return _verdict(
            Status.ACTIVE,
            Rule.EVOLUTION_KEPT,
            f"Evolution kept: approved {figures.approved} of {figures.decided}",
            figures,
        )
    failed = figures.failed_evolutions + 1
    reason = (
        f"Evolution {failed} failed: "
        f"{_rate_reason(figures, policy.evolve_below_rate, capital=False)}"
    )
    if failed >= policy.retire_failed_evolutions:
        return _verdict(Status.RETIRED, Rule.EVOLUTIONS_EXHAUSTED, reason, figures)
    return _verdict(Status.EVOLVING, Rule.EVOLUTION_FAILED, reason, figures)


def _judge_promotion(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    if status != Status.CANDIDATE:
        return None
    if figures.standing_approvals < max(1, policy.promote_after_approvals):
        return None
    return _verdict(
        Status.ACTIVE,
        Rule.PROMOTED,
        f"{figures.standing_approvals} approved (needs {policy.promote_after_approvals})",
        figures,
    )


def _judge_exploration(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """A hint to a person, once in RECENT_DECISIONS: this artist can afford a bold variant."""
    if status != Status.ACTIVE or figures.decided < policy.min_runs:
        return None
    if figures.approval_rate <= policy.explore_above_rate:
        return None
    if figures.explored_decisions is not None and figures.explored_decisions < RECENT_DECISIONS:
        return None
    return _verdict(
        status,
        Rule.EXPLORE,
        f"{_rate_reason(figures, policy.explore_above_rate)}: room for a bold variant",
        figures,
    )


def _rate_reason(figures: Figures, limit: float, *, capital: bool = True) -> str:
    word = "Approved" if capital else "approved"
    return (
        f"{word} {figures.approved} of {figures.decided} runs "
        f"({figures.approval_rate:.0%}; limit {limit:.0%})"
    )


def _verdict(
    to_status: str, rule: Rule, reason: str, figures: Figures, extra: dict[str, Any] | None = None
) -> Verdict:
    return Verdict(to_status, rule, reason, figures.as_json() | (extra or {}))
