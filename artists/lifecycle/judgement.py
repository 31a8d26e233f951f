"""Judge artists on their present figures: one, the whole roster, or a warning of what is near."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ai_artist.kit.portions import in_portions
from ai_artist.kit.values import counted
from artists.lifecycle.careers import figures_of
from artists.lifecycle.figures import Figures
from artists.lifecycle.histories import History, histories_of
from artists.lifecycle.history import career_of, events_of, locked, next_moment
from artists.lifecycle.policies import default_policy, policy_of
from artists.lifecycle.rules import (
    POOR_RATE,
    SURE_ENOUGH,
    Verdict,
    judge,
    judge_idleness,
    probation_chance,
)
from artists.lifecycle.transitions import apply
from artists.models import Artist, LifecyclePolicy, StatusChange

Status = Artist.Status

PAUSE_NOTICE = timedelta(days=14)
JUDGED_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class RosterVerdict(Verdict):
    """A verdict on one artist of the roster. change: the row written; None in a dry run."""

    artist: Artist
    change: StatusChange | None


def evaluate(*, artist: Artist, policy: LifecyclePolicy, now: datetime) -> Verdict | None:
    """Return what the rules say of the artist's present figures; writes nothing."""
    if artist.status == Status.RETIRED:
        return None
    return judge(artist.status, figures_now(artist, policy=policy, now=now), policy)


def figures_now(artist: Artist, *, policy: LifecyclePolicy, now: datetime) -> Figures:
    """Return the figures the rules judge an artist on now."""
    return figures_of(career_of(artist), events_of(artist.pk), policy=policy, now=now)


def notice(artist: Artist, *, now: datetime) -> str:
    """Return a warning that the policy will soon retire the artist; empty if it will not."""
    policy = policy_of(artist)
    if artist.status == Status.PAUSED:
        left = artist.status_since + timedelta(days=policy.retire_paused_days) - now
        if left > PAUSE_NOTICE:
            return ""
        return f"Retired in {counted(max(0, left.days), 'day')} if it stays paused."
    if artist.status == Status.RETIRED:
        return ""
    figures = figures_now(artist, policy=policy, now=now)
    if figures.probation_decisions is None:
        return ""
    approved, rejected = figures.recent
    return (
        f"On probation: {figures.probation_decisions} of {policy.probation_runs} reviewed runs "
        f"done. Approved {approved} of the last {approved + rejected}; chance "
        f"{probation_chance(figures):.0%} that the true rate is under {POOR_RATE:.0%}; retired if "
        f"that is {SURE_ENOUGH:.0%} or more at the end."
    )


def evaluate_roster(
    *,
    now: datetime,
    dry_run: bool = False,
    policy: LifecyclePolicy | None = None,
    waiting: Collection[int] = frozenset(),
) -> list[RosterVerdict]:
    """Judge every artist that is not retired, by all rules, and apply the verdicts.

    policy: judge all by this one instead of their own. dry_run: apply nothing. waiting: ids of
    artists with a run that is open or awaits review; these are not paused for inactivity.
    """
    default = policy or default_policy()
    verdicts = []
    for artist_id in _to_be_judged(policy, default, now=now, waiting=waiting):
        # A dry run takes no lock: on SQLite every transaction blocks the other writers.
        with nullcontext() if dry_run else transaction.atomic():
            artist = Artist.objects.get(pk=artist_id) if dry_run else locked(artist_id)
            its_policy = policy or artist.policy or default
            history = histories_of([artist_id])[artist_id]
            moment = next_moment(artist, now=now)
            verdict = _judge(artist, history, its_policy, now=moment, waiting=waiting)
            if not verdict:
                continue
            change = None
            if not dry_run:
                change = apply(artist, verdict, actor=None, now=moment, run_id=None)
            verdicts.append(RosterVerdict(**vars(verdict), artist=artist, change=change))
    return verdicts


def _to_be_judged(
    policy: LifecyclePolicy | None,
    default: LifecyclePolicy,
    *,
    now: datetime,
    waiting: Collection[int],
) -> Iterator[int]:
    """Yield the artists that a rule applies to as they are now, looked at many at once.

    Each is judged again under its lock.
    """
    artists = Artist.objects.exclude(status=Status.RETIRED).order_by("pk")
    for some in in_portions(list(artists.values_list("pk", flat=True)), JUDGED_AT_ONCE):
        histories = histories_of(some)
        for artist in artists.filter(pk__in=some).select_related("policy"):
            history = histories[artist.pk]
            its_policy = policy or artist.policy or default
            moment = history.moment_seen(artist, now=now)
            if _judge(artist, history, its_policy, now=moment, waiting=waiting):
                yield artist.pk


def _judge(
    artist: Artist,
    history: History,
    policy: LifecyclePolicy,
    *,
    now: datetime,
    waiting: Collection[int],
) -> Verdict | None:
    """Apply all rules to an artist of the roster."""
    if artist.status == Status.RETIRED:
        return None
    figures = figures_of(history.career_of(artist), history.events, policy=policy, now=now)
    return judge(artist.status, figures, policy) or judge_idleness(
        artist=artist, policy=policy, now=now, waiting=artist.pk in waiting
    )
