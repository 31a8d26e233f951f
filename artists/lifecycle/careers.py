"""An artist's career in memory: what happened so far, and the figures the rules judge.

The live lifecycle loads it from rows; the replay of a policy builds it event by event. Both are
judged on the same figures.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from artists.lifecycle.figures import (
    ERRORS_RECENT,
    PAUSE_RECENT,
    RECENT_DECISIONS,
    TREND_DECISIONS,
    Counts,
    Figures,
    Trial,
)
from artists.lifecycle.rules import Rule, Verdict, effects_of
from artists.models import Artist, LifecyclePolicy, PerformanceEntry

Status = Artist.Status
Kind = PerformanceEntry.Kind

# Only the newest finished runs are judged, so that judging never gets slower.
LOOK_BACK = 100
# Decisions further apart than this were made in different sittings.
SESSION_GAP = timedelta(minutes=30)
TICK = timedelta(microseconds=1)

# A place in an artist's history: a time, and the newest entry by then. The entry orders events of
# the same microsecond.
Position = tuple[datetime, int]
BEGINNING: Position = (datetime.fromisoformat("0001-01-02T00:00:00+00:00"), 0)


class Event(NamedTuple):
    """A finished run."""

    kind: str  # approved, rejected or failed
    at: datetime
    entry: int
    run_id: str
    version: int | None  # of the profile it used

    @property
    def position(self) -> Position:
        return self.at, self.entry


class Mark(NamedTuple):
    """A change of status, with what later judgements need of it."""

    rule: str
    from_status: str
    to_status: str
    position: Position

    @property
    def ends_streak(self) -> bool:
        return effects_of(self.from_status, self.to_status, self.rule).ends_streak


class TrialPlan(NamedTuple):
    """When a trial ends and what it is compared with."""

    runs: int  # decisions that end the trial
    before: Counts  # of the version the trial replaces


@dataclass
class Career:
    """Status, counters and marks of an artist at one moment."""

    status: str
    window_started_at: datetime
    streak: int = 0
    approvals: int = 0
    failed_evolutions: int = 0
    marks: list[Mark] = field(default_factory=list)
    trial: TrialPlan | None = None
    version_from: int = 0  # runs of earlier profile versions do not count

    def streak_start(self, events: Sequence[Event]) -> Position:
        """Return where the streak starts: the last approval, or the last reset if that is later."""
        approval = next((e.position for e in events if e.kind == Kind.APPROVED), BEGINNING)
        return max([BEGINNING, approval, *(m.position for m in self.marks if m.ends_streak)])

    def newest(self, rule: str) -> Mark | None:
        return next((mark for mark in reversed(self.marks) if mark.rule == rule), None)

    def probation(self) -> Mark | None:
        """Return the mark that put the artist on probation, unless a later one ended it."""
        for mark in reversed(self.marks):
            if mark.rule == Rule.PROBATION:
                return mark
            if mark.rule == Rule.PROBATION_PASSED or mark.to_status == Status.RETIRED:
                return None
        return None

    def count(self, event: Event) -> None:
        """Update the counters for a finished run."""
        if event.kind == Kind.APPROVED:
            self.approvals += 1
            self.streak = 0
        elif event.kind == Kind.REJECTED:
            self.streak += 1

    def apply(self, verdict: Verdict, *, position: Position, after_decision: bool) -> None:
        """Apply a verdict to the career, as artists/lifecycle/transitions.py does to the rows."""
        effects = effects_of(self.status, verdict.to_status, verdict.rule)
        self.marks.append(Mark(verdict.rule, self.status, verdict.to_status, position))
        self.status = verdict.to_status
        if effects.restarts_window:
            self.window_started_at = window_start(position[0], after_decision=after_decision)
        if effects.ends_streak:
            self.streak = 0
        if effects.failed_evolutions is not None:
            self.failed_evolutions = effects.failed_evolutions and self.failed_evolutions + 1


def window_start(now: datetime, *, after_decision: bool) -> datetime:
    """Return when a new evaluation window starts.

    The decision that led to it still belongs to the window that ends, hence the tick.
    """
    return now + TICK if after_decision else now


def figures_of(
    career: Career, events: Sequence[Event], *, policy: LifecyclePolicy, now: datetime
) -> Figures:
    """Compute what the rules judge.

    events: standing finished runs, newest first, at most LOOK_BACK.
    """
    ours = [e for e in events if e.at >= career.window_started_at and _counts(e, career)]
    decided = [e for e in ours if e.kind != Kind.FAILED]
    period_from = now - timedelta(days=policy.evaluation_period_days)
    period = [e.kind for e in ours if e.at >= period_from]
    all_decided = [e for e in events if e.kind != Kind.FAILED]
    probation, explored = career.probation(), career.newest(Rule.EXPLORE)
    proposed = career.newest(Rule.RETIRE_PROPOSED)
    recent_runs = [e.kind for e in ours[:ERRORS_RECENT]]
    return Figures(
        approved=period.count(Kind.APPROVED),
        rejected=period.count(Kind.REJECTED),
        failed=period.count(Kind.FAILED),
        streak=career.streak,
        sessions=sessions([e.at for e in all_decided[: career.streak]]),
        standing_approvals=career.approvals,
        failed_evolutions=career.failed_evolutions,
        retirement_proposed=proposed is not None
        and proposed.position > career.streak_start(events),
        probation_decisions=_since(probation, all_decided),
        recent=counts(decided[:RECENT_DECISIONS]),
        long_recent=counts(decided[:PAUSE_RECENT]),
        newest=counts(decided[:TREND_DECISIONS])[0],
        recent_runs=(recent_runs.count(Kind.FAILED), len(recent_runs)),
        explored_decisions=_since(explored, all_decided),
        trial=Trial(*counts(decided), runs=career.trial.runs, before=career.trial.before)
        if career.trial
        else None,
        runs=tuple(e.run_id for e in all_decided[:PAUSE_RECENT]),
        failures=tuple(e.run_id for e in ours[:ERRORS_RECENT] if e.kind == Kind.FAILED),
    )


def counts(decisions: Sequence[Event]) -> Counts:
    """Return (approved, rejected) of these decisions."""
    approved = sum(event.kind == Kind.APPROVED for event in decisions)
    return approved, len(decisions) - approved


def sessions(moments: Sequence[datetime]) -> int:
    """Count the sittings in which decisions of these times, newest first, were made."""
    gaps = sum(later - earlier > SESSION_GAP for later, earlier in itertools.pairwise(moments))
    return gaps + 1 if moments else 0


def _counts(event: Event, career: Career) -> bool:
    """Whether a run was made with the present profile; yes if its version is unknown."""
    return event.version is None or event.version >= career.version_from


def _since(mark: Mark | None, decided: Sequence[Event]) -> int | None:
    if mark is None:
        return None
    return sum(event.position > mark.position for event in decided)
