"""The lifecycle's rules: figures and thresholds in, at most one verdict out. No database here.

Order of judgement: errors, streak or probation, pause for a low rate, evolution, promotion, a hint
to explore. Only people's decisions count for or against an artist; failed runs can pause it but
never retire it. docs/lifecycle.md says the same for operators, with what each rule risks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from ai_artist.kit.values import counted
from artists.lifecycle.figures import (
    RECENT_DECISIONS,
    TREND_DECISIONS,
    Counts,
    Figures,
    Trial,
    chance_higher,
    chance_rate_below,
)
from artists.models import Artist, LifecyclePolicy

Status = Artist.Status

# A probation ends in retirement if P(approval rate < POOR_RATE) reaches SURE_ENOUGH on the last
# RECENT_DECISIONS. That retires 0.6 % of artists with a true rate of 0.5 within 200 runs; the plain
# streak of five retires 97 %.
POOR_RATE = 0.30
SURE_ENOUGH = 0.90
# Rules on rates need this many decisions on the present profile, and must be SURE_ENOUGH that the
# true rate is on the wrong side of the policy's threshold.
EVOLVE_FROM = 15
PAUSE_FROM = 20
ERRORS_FROM = 10

# The rate the newest songs need before a bold variant: they must be liked as well as the older
# ones.
TREND_RATE = 0.80

# One bad day of a reviewer, or one outage, must not put an artist on probation.
SESSIONS_FOR_PROBATION = 2


class Rule(models.TextChoices):
    """Why a status changed, as stored in StatusChange.rule."""

    CREATED = "created", "Created"
    MANUAL = "manual", "By hand"
    REINSTATED = "reinstated", "Reinstated by hand"
    UNDONE = "undone", "A decision was undone"
    ERRORS = "error_rate", "Too many failed runs"
    STREAK = "streak", "Rejections in a row"
    RETIRE_PROPOSED = "retire_proposed", "Retirement proposed"
    PROBATION = "probation", "Put on probation"
    PROBATION_FAILED = "probation_failed", "Probation failed"
    PROBATION_PASSED = "probation_passed", "Probation passed"
    LOW_RATE = "low_rate", "Too few approvals"
    EVOLVE = "evolve", "Few approvals: a changed profile is tried"
    TRIAL_STARTED = "trial_started", "Trial of a changed profile begun"
    RECOVERED = "recovered", "Approvals recovered"
    EVOLUTION_KEPT = "evolution_kept", "Changed profile kept"
    EVOLUTION_FAILED = "evolution_failed", "Changed profile rolled back"
    EVOLUTIONS_EXHAUSTED = "failed_evolutions", "Changed profiles failed too often"
    PROMOTED = "promoted", "Promoted"
    EXPLORE = "explore", "Many approvals: a bold variant"
    AUTOPILOT_OFF = "autopilot_off", "Autopilot switched off"
    PAUSE_PROPOSED = "pause_proposed", "Pause proposed"
    INACTIVE = "inactive", "No run for long"
    PAUSED_TOO_LONG = "paused_too_long", "Paused for long"


def rule_in_words(code: str) -> str:
    """Return a stored rule in words; one that is not known any more as it is called."""
    return Rule(code).label if code in Rule.values else code.replace("_", " ").capitalize()


# What waits for a person's word.
PROPOSALS = (Rule.RETIRE_PROPOSED, Rule.PAUSE_PROPOSED)


@dataclass(frozen=True)
class Verdict:
    """What an artist should become. The present status again means a mark, such as probation."""

    to_status: str
    rule: str
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Remark:
    """A note on an artist's record without a change of status."""

    rule: str
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Effects:
    """What a change of status does besides the status."""

    returns: bool  # the artist gets turns again
    restarts_window: bool  # earlier decisions no longer count
    ends_streak: bool  # rejections are counted from 0
    failed_evolutions: int | None  # 1 adds one, 0 clears the count, None leaves it


def effects_of(from_status: str, to_status: str, rule: str) -> Effects:
    """Return what a change of status does; one table for live changes, replays and recounts."""
    returns = from_status in (Status.PAUSED, Status.RETIRED) and to_status in Artist.SELECTABLE
    unretires = returns and from_status == Status.RETIRED
    evolves = to_status == Status.EVOLVING and from_status != to_status
    failed = None
    if rule in (Rule.EVOLUTION_FAILED, Rule.EVOLUTIONS_EXHAUSTED):
        failed = 1
    elif rule == Rule.EVOLUTION_KEPT or unretires:
        failed = 0
    return Effects(
        returns=returns,
        restarts_window=returns or evolves or rule in (Rule.TRIAL_STARTED, Rule.EVOLUTION_FAILED),
        ends_streak=rule == Rule.PROBATION_PASSED or unretires,
        failed_evolutions=failed,
    )


def judge(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """Return the verdict of the first rule that applies to an artist of this status, or None."""
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
    """Pause if too many runs fail: a technical fault that an operator must look at."""
    limit = policy.pause_above_error_rate
    failed, finished = figures.recent_runs
    if finished < ERRORS_FROM:
        return None
    chance = 1 - chance_rate_below(limit, approved=failed, rejected=finished - failed)
    if chance < SURE_ENOUGH:
        return None
    reason = (
        f"{failed} of the last {counted(finished, 'run')} failed; chance {chance:.0%} that more "
        f"than {limit:.0%} do"
    )
    extra = {"chance_errors_above": round(chance, 4), "runs": list(figures.failures)}
    return _verdict(Status.PAUSED, Rule.ERRORS, reason, figures, extra)


def judge_streak(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """Judge rejections in a row: retire, put on probation or propose, by the policy's mode."""
    mode = policy.retirement_mode
    streak_reached = figures.streak >= policy.consecutive_rejections
    reason = f"{figures.streak} rejections in a row (limit {policy.consecutive_rejections})"
    of_streak = {"runs": list(figures.runs[: figures.streak])}
    if streak_reached and mode == LifecyclePolicy.RetirementMode.STREAK:
        return _verdict(Status.RETIRED, Rule.STREAK, reason, figures, of_streak)
    if figures.probation_decisions is not None:
        return _judge_probation(status, figures, policy)
    if not streak_reached:
        return None
    if mode == LifecyclePolicy.RetirementMode.PROBATION:
        if figures.sessions < SESSIONS_FOR_PROBATION:
            return None
        reason += f"; on probation for {policy.probation_runs} reviewed runs"
        return _verdict(status, Rule.PROBATION, reason, figures, of_streak)
    if figures.retirement_proposed:
        return None
    return _verdict(
        status,
        Rule.RETIRE_PROPOSED,
        f"{reason}; retirement proposed to a person",
        figures,
        of_streak,
    )


def judge_idleness(
    *, artist: Artist, policy: LifecyclePolicy, now: datetime, waiting: bool
) -> Verdict | None:
    """Apply the rules that time alone triggers.

    waiting: the artist has a run that is open or awaits review; its silence is then not its own.
    """
    if artist.status == Status.PAUSED:
        paused = now - artist.status_since
        if paused < timedelta(days=policy.retire_paused_days):
            return None
        return Verdict(
            Status.RETIRED,
            Rule.PAUSED_TOO_LONG,
            f"Paused for {counted(paused.days, 'day')} (limit {policy.retire_paused_days})",
            {"paused_days": paused.days},
        )
    if artist.status == Status.RETIRED or waiting:
        return None
    # A resumed artist gets the full time again, hence status_since.
    idle = now - max(artist.last_run_at or artist.created_at, artist.status_since)
    if idle < timedelta(days=policy.pause_inactivity_days):
        return None
    return Verdict(
        Status.PAUSED,
        Rule.INACTIVE,
        f"No run for {counted(idle.days, 'day')} (limit {policy.pause_inactivity_days})",
        {"idle_days": idle.days},
    )


def probation_chance(figures: Figures) -> float:
    """Return P(true approval rate < POOR_RATE) on the recent decisions."""
    approved, rejected = figures.recent
    return chance_rate_below(POOR_RATE, approved=approved, rejected=rejected)


def _judge_probation(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    if (figures.probation_decisions or 0) < policy.probation_runs:
        return None
    approved, rejected = figures.recent
    chance = probation_chance(figures)
    extra = {
        "chance_rate_below": round(chance, 4),
        "poor_rate": POOR_RATE,
        "runs": list(figures.runs[: approved + rejected]),
    }
    share = f"approved {approved} of the last {approved + rejected}"
    certainty = f"chance {chance:.0%} that the true rate is under {POOR_RATE:.0%}"
    failed = chance >= SURE_ENOUGH
    return _verdict(
        Status.RETIRED if failed else status,
        Rule.PROBATION_FAILED if failed else Rule.PROBATION_PASSED,
        f"Probation {'failed' if failed else 'passed'}: {share}, {certainty}",
        figures,
        extra,
    )


@dataclass(frozen=True)
class _Poor:
    """Why a rate counts as poor, with the evidence."""

    reason: str
    extra: dict[str, Any]


def _poor(
    counts: Counts, limit: float, figures: Figures, policy: LifecyclePolicy, *, least: int
) -> _Poor | None:
    """Return why an approval rate is surely below a limit; None if it is not.

    counts: of the last decisions. least: how many decisions are needed.
    """
    approved, rejected = counts
    decided = approved + rejected
    if decided < max(least, policy.min_runs):
        return None
    chance = chance_rate_below(limit, approved=approved, rejected=rejected)
    if chance < SURE_ENOUGH:
        return None
    return _Poor(
        f"Approved {approved} of the last {decided}; chance {chance:.0%} that the true rate is "
        f"under {limit:.0%}",
        {"chance_rate_below": round(chance, 4), "runs": list(figures.runs[:decided])},
    )


def _judge_low_rate(figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    if figures.trial:
        return None  # a profile on trial gets all its runs
    poor = _poor(figures.long_recent, policy.pause_below_rate, figures, policy, least=PAUSE_FROM)
    if poor is None:
        return None
    return _verdict(Status.PAUSED, Rule.LOW_RATE, poor.reason, figures, poor.extra)


def _judge_evolution(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    if figures.trial:
        return _judge_trial(figures.trial, figures, policy)
    poor = _poor(figures.recent, policy.evolve_below_rate, figures, policy, least=EVOLVE_FROM)
    if status != Status.EVOLVING:
        if poor is None:
            return None
        return _verdict(Status.EVOLVING, Rule.EVOLVE, poor.reason, figures, poor.extra)
    # Without a trial there is no change to judge, only whether the artist does well again.
    if poor or not _recovered(figures, policy):
        return None
    return _verdict(
        Status.ACTIVE,
        Rule.RECOVERED,
        f"Recovered without a change: approved {figures.recent[0]} of the last "
        f"{sum(figures.recent)}",
        figures,
        {"runs": list(figures.runs[: sum(figures.recent)])},
    )


def _recovered(figures: Figures, policy: LifecyclePolicy) -> bool:
    """Whether an evolving artist does well enough without a trial."""
    approved, rejected = figures.recent
    decided = approved + rejected
    return decided >= policy.min_runs and approved / decided >= policy.evolve_below_rate


def _judge_trial(trial: Trial, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """Keep the changed profile if its rate did not fall, or else roll it back."""
    if trial.decided < trial.runs:
        return None
    chance = chance_higher((trial.approved, trial.rejected), trial.before)
    kept = chance >= policy.keep_evolution_chance
    outcome = (
        f"approved {trial.approved} of {trial.decided}, before {trial.before[0]} of "
        f"{sum(trial.before)}; chance {chance:.0%} that it is better"
    )
    extra = {"chance_better": round(chance, 4), "runs": list(figures.runs[: trial.decided])}
    if kept:
        return _verdict(
            Status.ACTIVE, Rule.EVOLUTION_KEPT, f"Evolution kept: {outcome}", figures, extra
        )
    failed = figures.failed_evolutions + 1
    reason = f"Evolution {failed} rolled back: {outcome}"
    if failed >= policy.retire_failed_evolutions:
        return _verdict(Status.RETIRED, Rule.EVOLUTIONS_EXHAUSTED, reason, figures, extra)
    return _verdict(Status.EVOLVING, Rule.EVOLUTION_FAILED, reason, figures, extra)


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
        {"runs": list(figures.runs[:RECENT_DECISIONS])},
    )


def _judge_exploration(status: str, figures: Figures, policy: LifecyclePolicy) -> Verdict | None:
    """Suggest a bold variant to an artist that is liked and still is, once in RECENT_DECISIONS."""
    approved, rejected = figures.recent
    decided = approved + rejected
    if status != Status.ACTIVE or decided < max(policy.min_runs, TREND_DECISIONS):
        return None
    if approved / decided <= policy.explore_above_rate:
        return None
    if figures.newest <= TREND_RATE * TREND_DECISIONS:
        return None
    if figures.explored_decisions is not None and figures.explored_decisions < RECENT_DECISIONS:
        return None
    return _verdict(
        status,
        Rule.EXPLORE,
        f"Approved {approved} of {counted(decided, 'run')} ({approved / decided:.0%}; limit "
        f"{policy.explore_above_rate:.0%}), {figures.newest} of the newest {TREND_DECISIONS}: "
        "room for a bold variant",
        figures,
        {"runs": list(figures.runs[:decided])},
    )


def _verdict(
    to_status: str, rule: Rule, reason: str, figures: Figures, extra: dict[str, Any]
) -> Verdict:
    return Verdict(to_status, rule, reason, figures.as_json() | extra)
