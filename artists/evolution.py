"""Evolutions: profile changes that are proposed, tried for some runs, kept or rolled back.

The lifecycle rules make an artist evolving, runs/learning/evolution.py proposes a change, a person
or the policy begins the trial, and the rules judge it (artists/lifecycle/rules.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from artists import lifecycle, profiles
from artists.lifecycle.history import changes_in_force, locked, next_moment
from artists.lifecycle.policies import policy_of
from artists.lifecycle.rules import Remark, Rule, Verdict
from artists.models import Artist, Evolution, LifecyclePolicy, StatusChange

Status = Artist.Status
State = Evolution.State


class EvolutionRefused(Exception):
    """An evolution that cannot be made, begun or ended; the message says why."""


def awaiting_proposal() -> list[int]:
    """Return the ids of evolving artists that have no open evolution."""
    waiting = Artist.objects.filter(status=Status.EVOLVING).exclude(
        evolutions__state__in=Evolution.OPEN
    )
    return list(waiting.order_by("status_since", "pk").values_list("pk", flat=True))


def propose(
    *,
    artist_id: int,
    values: Mapping[str, Any],
    reasons: Sequence[str],
    source: str,
    model: str,
    now: datetime,
) -> Evolution:
    """Save a proposal; begin it too if the policy tries proposals at once.

    values: new values by profile field.
    Raises EvolutionRefused if the artist is not evolving, has an open evolution, or nothing would
    change.
    """
    with transaction.atomic():
        artist = locked(artist_id)
        now = next_moment(artist, now=now)
        if artist.status != Status.EVOLVING:
            raise EvolutionRefused(f"{artist} is {artist.status}, not evolving.")
        if artist.evolutions.open().exists():
            raise EvolutionRefused(f"{artist} has an open evolution; end it first.")
        try:
            diff = profiles.diff_of(artist, values)
        except profiles.ProfileRefused as refused:
            raise EvolutionRefused(str(refused)) from refused
        if not diff:
            raise EvolutionRefused(f"The proposal would change nothing of {artist}.")
        policy = policy_of(artist)
        evolution = Evolution.objects.create(
            artist=artist,
            source=source,
            model=model,
            diff=diff,
            reasons=list(reasons),
            version_before=artist.profile_version,
            trial_runs=policy.evolution_trial_runs,
            created_at=now,
            asked_by=_asked_by(artist),
        )
        if policy.evolution_mode == LifecyclePolicy.EvolutionMode.AUTOMATIC:
            _begin(artist, evolution, actor=None, now=now)
    return evolution


def begin(*, evolution_id: int, actor: User | None, now: datetime) -> Evolution:
    """Put a proposal on trial.

    Raises EvolutionRefused if it is not a proposal, or no longer fits the profile.
    """
    with transaction.atomic():
        artist, evolution = _locked(evolution_id)
        now = next_moment(artist, now=now)
        if evolution.state != State.PROPOSED:
            raise EvolutionRefused(f"It is {evolution.get_state_display().lower()} already.")
        if artist.status != Status.EVOLVING:
            raise EvolutionRefused(f"{artist} is {artist.status}; only evolving artists try.")
        _begin(artist, evolution, actor=actor, now=now)
    return evolution


def dismiss(*, evolution_id: int, actor: User | None, now: datetime) -> Evolution:
    """Dismiss a proposal; another one is then made for the artist. Raises EvolutionRefused."""
    with transaction.atomic():
        artist, evolution = _locked(evolution_id)
        now = next_moment(artist, now=now)
        if evolution.state != State.PROPOSED:
            raise EvolutionRefused(
                f"It is {evolution.get_state_display().lower()}; only a proposal is dismissed."
            )
        evolution.state, evolution.ended_at, evolution.actor = State.DISMISSED, now, actor
        evolution.save(update_fields=["state", "ended_at", "actor"])
    return evolution


def end(*, evolution_id: int, keep: bool, actor: User | None, now: datetime) -> StatusChange:
    """Keep a trial, or roll it back, before its runs are done, as a person decided.

    A trial rolled back by hand does not count as a failed evolution: nothing proved it poor.
    Raises EvolutionRefused if it is not on trial.
    """
    with transaction.atomic():
        _, evolution = _locked(evolution_id)
        if evolution.state != State.TRIAL:
            raise EvolutionRefused(
                f"It is {evolution.get_state_display().lower()}, not on trial; reload the page."
            )
        word = "kept" if keep else "rolled back"
        verdict = Verdict(
            Status.ACTIVE,
            # MANUAL, so that the rollback does not count as a failed evolution.
            Rule.EVOLUTION_KEPT if keep else Rule.MANUAL,
            f"Evolution {word} by {actor or 'hand'}",
            {"evolution": evolution.pk},
        )
        return lifecycle.transition(verdict, artist_id=evolution.artist_id, actor=actor, now=now)


def _begin(artist: Artist, evolution: Evolution, *, actor: User | None, now: datetime) -> None:
    policy = policy_of(artist)
    before = lifecycle.figures_now(artist, policy=policy, now=now).recent
    # A person may have edited the profile after the proposal; their change must not be overwritten.
    stale = [name for name, (old, _) in evolution.diff.items() if getattr(artist, name) != old]
    if stale:
        raise EvolutionRefused(
            f"{artist}'s {', '.join(stale)} changed since the proposal; dismiss it."
        )
    try:
        evolution.version_trial = profiles.apply_diff(
            artist, evolution.diff, actor=actor, why="Evolution on trial"
        )
    except profiles.ProfileRefused as refused:
        raise EvolutionRefused(str(refused)) from refused
    evolution.state, evolution.started_at = State.TRIAL, now
    evolution.figures = {"before": list(_before(evolution, before))}
    evolution.actor = actor or evolution.actor
    evolution.save()
    fields = ", ".join(sorted(evolution.diff)).replace("_", " ")
    reason = f"Tries another profile for {evolution.trial_runs} reviewed runs: {fields}"
    started = Remark(Rule.TRIAL_STARTED, reason, {"evolution": evolution.pk})
    lifecycle.remark(started, artist_id=artist.pk, actor=actor, now=now)


def _before(evolution: Evolution, since: tuple[int, int]) -> tuple[int, int]:
    """Return the counts the trial is compared with: those of the version it replaces.

    The evaluation window restarted when the artist became evolving, so the figures before that are
    stored in that change. After a failed trial its comparison is used again, because its old
    version is the one restored. Decisions since then (`since`) are of that version too.
    """
    asked = evolution.asked_by
    if asked is None:
        return since
    if asked.rule == Rule.EVOLUTION_FAILED:
        counts = asked.figures["trial"]["before"]
    else:
        counts = asked.figures.get("recent", (0, 0))
    return counts[0] + since[0], counts[1] + since[1]


def _asked_by(artist: Artist) -> StatusChange | None:
    """Return the change that made the artist evolving, or the failed trial asking for another."""
    asks = [
        change
        for change in changes_in_force(artist.pk)
        if change.to_status == Status.EVOLVING
        and (change.from_status != change.to_status or change.rule == Rule.EVOLUTION_FAILED)
    ]
    return asks[-1] if asks else None


def _locked(evolution_id: int) -> tuple[Artist, Evolution]:
    """Lock the artist, then read the evolution: the same order as in the whole lifecycle."""
    evolutions = Evolution.objects.filter(pk=evolution_id)
    artist_id = evolutions.values_list("artist_id", flat=True).first()
    if artist_id is None:
        raise EvolutionRefused(f"Evolution {evolution_id} no longer exists; reload the page.")
    return locked(artist_id), evolutions.get()


def progress(evolution: Evolution, *, now: datetime) -> str:
    """Return the progress of a trial in words; empty if it is not on trial."""
    if evolution.state != State.TRIAL:
        return ""
    artist = evolution.artist
    trial = lifecycle.figures_now(artist, policy=policy_of(artist), now=now).trial
    if trial is None:
        return ""
    before, decided = trial.before, trial.decided
    return (
        f"{decided} of {trial.runs} reviewed runs: approved {trial.approved}; before "
        f"{before[0]} of {sum(before)}."
    )
