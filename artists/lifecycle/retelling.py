"""What an artist's status would have been without one of its finished runs.

An undone decision may have made later changes possible, or stood in the way of others. So the
history after it is told again by the rules, with what people and schedules did at its place; the
difference is what has to be taken back and what follows instead. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.dateparse import parse_datetime

from artists.lifecycle.careers import LOOK_BACK, Career, Event, Position, figures_of
from artists.lifecycle.history import (
    career_of,
    changes_in_force,
    events_of,
    fitted,
    mark_of,
    position_of,
)
from artists.lifecycle.rules import Rule, Verdict, effects_of, judge, judge_errors
from artists.models import Artist, LifecyclePolicy, PerformanceEntry, StatusChange

Status = Artist.Status
Kind = PerformanceEntry.Kind

# Older decisions are withdrawn without telling everything since again.
MOST_EVENTS = 1_000
BY_TIME = (Rule.INACTIVE, Rule.PAUSED_TOO_LONG)
BY_PEOPLE = (Rule.MANUAL, Rule.REINSTATED, Rule.AUTOPILOT_OFF)
# A trial rests on what was counted when it began; its own verdicts are reopened elsewhere.
TRIALS = (
    Rule.TRIAL_STARTED,
    Rule.EVOLUTION_KEPT,
    Rule.EVOLUTION_FAILED,
    Rule.EVOLUTIONS_EXHAUSTED,
)


@dataclass(frozen=True)
class Told:
    """A change of status in a told history. row: the change in force that says the same."""

    verdict: Verdict
    from_status: str
    position: Position
    run_id: UUID | None
    actor: User | None = None
    row: StatusChange | None = None


@dataclass(frozen=True)
class Retelling:
    """fall: changes to take back, newest first. follow: changes to make then, oldest first."""

    fall: tuple[StatusChange, ...]
    follow: tuple[Told, ...]


class CannotTell(Exception):
    """The history did not come from these rules alone, so it cannot be told again by them."""


def without(artist: Artist, entry: PerformanceEntry, policy: LifecyclePolicy) -> Retelling | None:
    """What changes when an entry, withdrawn already, had never been.

    None when the rules cannot tell: the entry is too old, a profile was put on trial since, a
    person's later act would not have been possible, or the history as it was comes out otherwise,
    because the policy has changed.
    """
    later = events_of(artist.pk, limit=MOST_EVENTS)
    if len(later) == MOST_EVENTS and later[-1].at >= entry.at:
        return None
    gone = Event(entry.kind, entry.at, entry.pk, str(entry.run_id), entry.profile_version)
    events = later[::-1]
    changes = changes_in_force(artist.pk)
    since = [change for change in changes if position_of(change) >= gone.position]
    if any(change.rule in TRIALS for change in since):
        return None
    before = _career_before(artist, gone.position, changes, since)
    try:
        as_it_was = _tell(before, sorted([*events, gone], key=_place), since, gone, policy)
        if [told.row for told in as_it_was] != since:
            return None
        told = _tell(before, events, since, gone, policy)
    except CannotTell:
        return None
    kept = _same_beginning(since, told)
    return Retelling(tuple(since[kept:][::-1]), tuple(told[kept:]))


def _place(event: Event) -> Position:
    return event.position


def _career_before(
    artist: Artist, position: Position, changes: Sequence[StatusChange], since: list[StatusChange]
) -> Career:
    """Where the artist stood just before; the counts come with the events."""
    marks = [mark_of(change) for change in changes if position_of(change) < position]
    now = career_of(artist)
    career = Career(
        status=since[0].from_status if since else artist.status,
        window_started_at=_window_before(since[0]) if since else artist.window_started_at,
        marks=marks,
        trial=now.trial,
        version_from=now.version_from,
    )
    for mark in marks:
        effect = effects_of(mark.from_status, mark.to_status, mark.rule).failed_evolutions
        if effect is not None:
            career.failed_evolutions = effect and career.failed_evolutions + 1
    return career


def _window_before(change: StatusChange) -> datetime:
    moment = parse_datetime(change.figures["previous"]["window_started_at"])
    assert moment is not None, "written by the lifecycle"
    return moment


def _tell(
    before: Career,
    events: Sequence[Event],
    since: Sequence[StatusChange],
    gone: Event,
    policy: LifecyclePolicy,
) -> list[Told]:
    """The changes from the place of `gone` on. events: oldest first. Raises CannotTell."""
    first = next((n for n, e in enumerate(events) if e.position >= gone.position), len(events))
    career = replace(before, marks=list(before.marks))
    career.approvals = sum(event.kind == Kind.APPROVED for event in events[:first])
    start = career.streak_start(events[:first][::-1])
    career.streak = sum(e.kind == Kind.REJECTED and e.position > start for e in events[:first])
    caused = {
        position_of(change): change
        for change in since
        if change.run_id and _ends_with(change, [*events, gone])
    }
    acts = [change for change in since if position_of(change) not in caused]
    told: list[Told] = []
    for index in range(first, len(events) + 1):
        until = events[index].position if index < len(events) else None
        while acts and (until is None or position_of(acts[0]) < until):
            act = acts.pop(0)
            if one := _told_act(career, act, events[:index][::-1], policy):
                told.append(one)
        if index < len(events):
            event = events[index]
            career.count(event)
            verdict = _judged(career, event, events[: index + 1][::-1], policy)
            if verdict:
                row = caused.get(event.position)
                told.append(_taken(career, verdict, event.position, UUID(event.run_id), row=row))
    return told


def _ends_with(change: StatusChange, events: Sequence[Event]) -> bool:
    """Whether the end of its run caused the change."""
    return any(
        event.position == position_of(change) and event.run_id == str(change.run_id)
        for event in events
    )


def _judged(
    career: Career, event: Event, newest_first: Sequence[Event], policy: LifecyclePolicy
) -> Verdict | None:
    """What the rules said when a run ended, as the lifecycle asks them."""
    figures = figures_of(career, newest_first[:LOOK_BACK], policy=policy, now=event.at)
    if event.kind != Kind.FAILED:
        return judge(career.status, figures, policy)
    return judge_errors(figures, policy) if career.status in Artist.SELECTABLE else None


def _told_act(
    career: Career, act: StatusChange, newest_first: Sequence[Event], policy: LifecyclePolicy
) -> Told | None:
    """What a person or the schedule did, on this career; None when the schedule finds nothing."""
    verdict: Verdict | None
    if act.actor_id or act.rule in BY_PEOPLE:
        verdict = _again(career, act)
    elif act.rule in BY_TIME:
        if act.from_status != career.status:
            raise CannotTell
        verdict = _verdict_of(act, act.to_status)
    else:
        figures = figures_of(career, newest_first[:LOOK_BACK], policy=policy, now=act.at)
        verdict = judge(career.status, figures, policy)
    if verdict is None:
        return None
    return _taken(career, verdict, position_of(act), act.run_id, row=act, actor=act.actor)


def _again(career: Career, act: StatusChange) -> Verdict:
    """A person's act on this career. Raises CannotTell where it would have been refused."""
    if act.from_status == act.to_status:
        return _verdict_of(act, career.status)  # a remark
    was_out = act.from_status in (Status.PAUSED, Status.RETIRED)
    if was_out and act.to_status in Artist.SELECTABLE:
        if career.status != act.from_status:
            raise CannotTell
        return _verdict_of(act, _return_status(career))
    if career.status == act.to_status or career.status == Status.RETIRED:
        raise CannotTell
    if act.to_status in Artist.SELECTABLE and career.status != act.from_status:
        raise CannotTell
    return _verdict_of(act, act.to_status)


def _return_status(career: Career) -> str:
    """What `resume` and `reinstate` make of a paused or retired artist."""
    if career.status == Status.PAUSED:
        pauses = [mark for mark in career.marks if mark.to_status == Status.PAUSED]
        before = next((m.from_status for m in reversed(pauses) if m.from_status != "paused"), "")
        if before in Artist.SELECTABLE:
            return before
    return Status.ACTIVE if career.approvals else Status.CANDIDATE


def _verdict_of(act: StatusChange, to_status: str) -> Verdict:
    figures = {k: v for k, v in act.figures.items() if k not in ("after_entry", "previous")}
    return Verdict(to_status, act.rule, act.reason, figures)


def _taken(
    career: Career,
    verdict: Verdict,
    position: Position,
    run_id: UUID | None,
    *,
    row: StatusChange | None,
    actor: User | None = None,
) -> Told:
    """Let the career take a verdict; its row is the one in force if that says the same."""
    if verdict.rule in TRIALS:
        raise CannotTell
    same = (
        row is not None
        and (row.from_status, row.to_status) == (career.status, verdict.to_status)
        and (row.rule, row.reason) == (verdict.rule, fitted(verdict.reason))
    )
    told = Told(verdict, career.status, position, run_id, actor, row if same else None)
    career.take(verdict, position=position, after_decision=run_id is not None)
    if career.status != Status.EVOLVING and verdict.to_status != Status.PAUSED:
        career.trial = None
    return told


def _same_beginning(since: Sequence[StatusChange], told: Sequence[Told]) -> int:
    """How many changes in force the told history repeats before it goes another way."""
    same = 0
    for row, one in zip(since, told, strict=False):
        if one.row != row:
            break
        same += 1
    return same
