"""What decisions, failures and people do to an artist's status; counters; the policy.

Every write locks the artist's row first. Concurrent decisions on one artist therefore wait for each
other, and each is judged on the figures the previous one left. The rules themselves are in
artists/lifecycle/rules.py. `decisions` builds on `judgement`, and both on `transitions`.
"""

from __future__ import annotations

from artists.lifecycle.careers import TICK
from artists.lifecycle.decisions import (
    DecisionConflict,
    record_decision,
    record_failure,
    withdraw_decision,
    withdraw_failure,
)
from artists.lifecycle.history import LifecycleError, UnknownArtist, rebuild_counters
from artists.lifecycle.judgement import (
    RosterVerdict,
    evaluate,
    evaluate_roster,
    figures_now,
    notice,
)
from artists.lifecycle.policies import default_policy
from artists.lifecycle.transitions import (
    MOVES,
    TRANSITIONS,
    TransitionRefused,
    pause,
    reinstate,
    remark,
    resume,
    retire,
    transition,
)

__all__ = [
    "MOVES",
    "TICK",
    "TRANSITIONS",
    "DecisionConflict",
    "LifecycleError",
    "RosterVerdict",
    "TransitionRefused",
    "UnknownArtist",
    "default_policy",
    "evaluate",
    "evaluate_roster",
    "figures_now",
    "notice",
    "pause",
    "rebuild_counters",
    "record_decision",
    "record_failure",
    "reinstate",
    "remark",
    "resume",
    "retire",
    "transition",
    "withdraw_decision",
    "withdraw_failure",
]
