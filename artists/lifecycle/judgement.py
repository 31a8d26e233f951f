"""Judge artists on their present figures: one, the whole roster, or a warning of what is near."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from ai_artist.kit.portions import in_portions
from ai_artist.kit.values import counted
from artists.lifecycle.careers import figures_of
from artists.lifecycle.figures import Figures
from artists.lifecycle.histories import History, histories_of
from artists.lifecycle.history import COUNTERS, career_of, events_of, next_moments
from artists.lifecycle.policies import default_policy, policy_of
from artists.lifecycle.rules import (
    POOR_RATE,
    SURE_ENOUGH,
    Verdict,
    judge,
    judge_idleness,
    probation_chance,
)
from artists.lifecycle.transitions import Judged, apply_all
from artists.models import Artist, LifecyclePolicy, StatusChange

Status = Artist.Status

PAUSE_NOTICE = timedelta(days=14)
JUDGED_AT_ONCE = 1_000
# The columns of an artist that the rules look at, besides the counters.
LOOKED_AT = ("status", "status_since", "policy", "window_started_at", "last_run_at", "created_at")
# A person who decides on one of them waits for their transaction.
APPLIED_AT_ONCE = 200


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
    bench = _Bench(policy, default, now, waiting)
    verdicts = []
    for some in in_portions(_to_be_judged(bench), APPLIED_AT_ONCE):
        if dry_run:
            # Takes no lock: on SQLite every transaction blocks the other writers.
            judged = bench.judge(Artist.objects.filter(pk__in=some).order_by("pk"))
            changes: Sequence[StatusChange | None] = [None] * len(judged)
        else:
            judged, changes = _judge_and_apply(bench, some)
        verdicts += [
            RosterVerdict(**vars(one.verdict), artist=one.artist, change=change)
            for one, change in zip(judged, changes, strict=True)
        ]
    return verdicts


@dataclass(frozen=True)
class _Bench:
    """What artists of the roster are judged by. policy: for all; None for their own."""

    policy: LifecyclePolicy | None
    default: LifecyclePolicy
    now: datetime
    waiting: Collection[int]

    def judge(
        self, artists: Iterable[Artist], *, moments: Mapping[int, datetime] | None = None
    ) -> list[Judged]:
        """Apply all rules to artists; returns the verdicts there are. moments: of these artists."""
        artists = list(artists)
        # Anew each time: somebody may have edited one, or given an artist another.
        policies = LifecyclePolicy.objects.in_bulk(
            {artist.policy_id for artist in artists} - {None}
        )
        histories = histories_of([artist.pk for artist in artists])
        judged = []
        for artist in artists:
            history = histories[artist.pk]
            at = moments[artist.pk] if moments else history.moment_seen(artist, now=self.now)
            policy = self.policy or policies.get(artist.policy_id or 0) or self.default
            if verdict := self._verdict(artist, history, policy, at):
                judged.append(Judged(artist, verdict, at))
        return judged

    def _verdict(
        self, artist: Artist, history: History, policy: LifecyclePolicy, now: datetime
    ) -> Verdict | None:
        if artist.status == Status.RETIRED:
            return None
        figures = figures_of(history.career_of(artist), history.events, policy=policy, now=now)
        return judge(artist.status, figures, policy) or judge_idleness(
            artist=artist, policy=policy, now=now, waiting=artist.pk in self.waiting
        )


def _to_be_judged(bench: _Bench) -> Iterator[int]:
    """Yield the artists that a rule applies to as they are now; each is judged again under lock."""
    artists = Artist.objects.exclude(status=Status.RETIRED).order_by("pk")
    for some in in_portions(list(artists.values_list("pk", flat=True)), JUDGED_AT_ONCE):
        judged = bench.judge(artists.filter(pk__in=some).only(*LOOKED_AT, *COUNTERS))
        yield from (one.artist.pk for one in judged)


def _judge_and_apply(
    bench: _Bench, artist_ids: Sequence[int]
) -> tuple[list[Judged], list[StatusChange]]:
    with transaction.atomic():
        # In one order, as every other that locks several.
        rows = Artist.objects.select_for_update(no_key=True).filter(pk__in=artist_ids)
        artists = list(rows.order_by("pk"))
        judged = bench.judge(artists, moments=next_moments(artists, now=bench.now))
        return judged, apply_all(judged)
