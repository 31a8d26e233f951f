"""Replays history under a policy, with the same rules as the live lifecycle.

The decisions are taken as they were made. Nobody can know how an evolution, a pause or fewer turns
would have changed them. So a replayed career ends where the policy takes the artist's turns away,
and an evolution is replayed as a trial that begins at once. Left out are changes made by hand and
rules that only time triggers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from artists.lifecycle.careers import LOOK_BACK, Career, Event, TrialPlan, figures_of
from artists.lifecycle.history import changes_in_force, events_of
from artists.lifecycle.rules import Rule, Verdict, judge, judge_errors
from artists.models import Artist, LifecyclePolicy, PerformanceEntry, StatusChange

Status = Artist.Status
Kind = PerformanceEntry.Kind

# Limits the work for a page to about a second.
MOST_EVENTS = 5_000
MOST_EVENTS_OF_ONE = 1_000
# Rules behind changes that people make, not a policy.
BY_PEOPLE = (Rule.CREATED, Rule.MANUAL, Rule.REINSTATED, Rule.AUTOPILOT_OFF)


@dataclass(frozen=True)
class Replayed:
    """A change the policy would have made."""

    at: datetime
    from_status: str
    verdict: Verdict
    run_id: str  # the run whose end caused it

    @property
    def to_status(self) -> str:
        return self.verdict.to_status

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "from": self.from_status,
            "to": self.verdict.to_status,
            "rule": self.verdict.rule,
            "reason": self.verdict.reason,
            "run": self.run_id,
        }


@dataclass(frozen=True)
class Replay:
    """One artist's history under a policy."""

    artist: Artist
    would: tuple[Replayed, ...]
    happened: tuple[StatusChange, ...]  # the policy's changes that really happened
    status: str  # at the end of the replay
    # Finished runs before and after the policy took the artist's turns away.
    seen: int
    unseen: int

    def as_json(self) -> dict[str, Any]:
        return {
            "artist": self.artist.slug,
            "status": self.artist.status,
            "would_be": self.status,
            "seen": self.seen,
            "unseen": self.unseen,
            "would": [change.as_json() for change in self.would],
            "happened": [
                {
                    "at": change.at.isoformat(),
                    "from": change.from_status,
                    "to": change.to_status,
                    "rule": change.rule,
                    "reason": change.reason,
                }
                for change in self.happened
            ],
        }


@dataclass(frozen=True)
class RosterReplay:
    """All replays. left_out: artists whose history was over the limit."""

    replays: tuple[Replay, ...]
    left_out: int

    def that_would(self, status: str) -> list[Artist]:
        """Return the artists that the policy would have moved to this status at some time."""
        return [
            replay.artist
            for replay in self.replays
            if any(c.to_status == status != c.from_status for c in replay.would)
        ]

    def that_did(self, status: str) -> list[Artist]:
        """Return the artists that a policy really moved to this status."""
        return [
            replay.artist
            for replay in self.replays
            if any(c.to_status == status != c.from_status for c in replay.happened)
        ]


def replay_roster(
    policy: LifecyclePolicy, artists: Iterable[Artist], *, most_events: int = MOST_EVENTS
) -> RosterReplay:
    """Replay a policy for artists in this order, until `most_events` finished runs are used."""
    replays: list[Replay] = []
    left_out = 0
    for artist in artists:
        if most_events <= 0:
            left_out += 1
            continue
        replayed = replay(artist, policy)
        most_events -= replayed.seen + replayed.unseen
        replays.append(replayed)
    return RosterReplay(tuple(replays), left_out)


def replay(artist: Artist, policy: LifecyclePolicy) -> Replay:
    """Replay the artist's newest MOST_EVENTS_OF_ONE finished runs, oldest first."""
    events = events_of(artist.pk, limit=MOST_EVENTS_OF_ONE)[::-1]
    changes = changes_in_force(artist.pk)
    would, status, seen = walk(
        events, policy, status=_first_status(changes), born=artist.created_at
    )
    happened = tuple(c for c in changes if c.rule not in BY_PEOPLE)
    return Replay(artist, tuple(would), happened, status, seen, len(events) - seen)


def walk(
    events: list[Event], policy: LifecyclePolicy, *, status: str, born: datetime
) -> tuple[list[Replayed], str, int]:
    """Judge after each event, oldest first; stop when the artist gets no more turns.

    Returns the changes, the status at the end and the number of events used.
    """
    career = Career(status=status, window_started_at=born)
    changes: list[Replayed] = []
    for index, event in enumerate(events):
        career.count(event)
        newest_first = events[max(0, index + 1 - LOOK_BACK) : index + 1][::-1]
        figures = figures_of(career, newest_first, policy=policy, now=event.at)
        failed = event.kind == Kind.FAILED
        verdict = judge_errors(figures, policy) if failed else judge(career.status, figures, policy)
        if verdict is None:
            continue
        changes.append(Replayed(event.at, career.status, verdict, event.run_id))
        career.apply(verdict, position=event.position, after_decision=True)
        if career.status not in Artist.SELECTABLE:
            return changes, career.status, index + 1
        if verdict.rule in (Rule.EVOLVE, Rule.EVOLUTION_FAILED):
            career.trial = TrialPlan(policy.evolution_trial_runs, figures.recent)
        elif career.status != Status.EVOLVING:
            career.trial = None
    return changes, career.status, len(events)


def _first_status(changes: Iterable[StatusChange]) -> str:
    """Return the status the artist was created with; candidate if that was not recorded."""
    created = (change.to_status for change in changes if change.rule == Rule.CREATED)
    return next(created, Status.CANDIDATE)
