"""Updates the artist's evolution when its status changes, and when that is taken back.

Called by the lifecycle with the artist's row locked; people and tasks call artists/evolution.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from artists import profiles
from artists.lifecycle.rules import Rule
from artists.models import Artist, Evolution, StatusChange

Status = Artist.Status
State = Evolution.State


def close_evolutions(changes: Sequence[StatusChange]) -> None:
    """End the open evolutions that these changes, each of another artist, end."""
    by_artist = {change.artist_id: change for change in changes}
    for evolution in Evolution.objects.open().filter(artist__in=by_artist):
        _close(evolution, by_artist[evolution.artist_id])


def _close(evolution: Evolution, change: StatusChange) -> None:
    """End an evolution if this change of its artist does.

    A judged trial is kept or rolled back. An artist that stops evolving in any other way but a
    pause gives up the trial, because the new profile has not proved itself.
    """
    if change.rule == Rule.TRIAL_STARTED:
        return
    if change.rule == Rule.EVOLUTION_KEPT and evolution.state == State.TRIAL:
        _end(evolution, State.KEPT, change)
    elif change.rule == Rule.EVOLUTION_FAILED or change.to_status not in (
        Status.EVOLVING,
        Status.PAUSED,
    ):
        on_trial = evolution.state == State.TRIAL
        if on_trial:
            _roll_back(change.artist, evolution, why=change.reason)
        _end(evolution, State.ROLLED_BACK if on_trial else State.DISMISSED, change)


def take_back(artist: Artist, change: StatusChange, *, now: datetime) -> None:
    """Undo what `close_evolutions`, or the start of a trial, did for this change."""
    if change.rule == Rule.TRIAL_STARTED:
        trial = artist.evolutions.on_trial().first()
        if trial:
            _roll_back(artist, trial, why="The decision that led to it was undone")
            trial.state, trial.started_at, trial.version_trial = State.PROPOSED, None, None
            trial.figures = {}
            trial.save()
    asked = artist.evolutions.filter(asked_by=change, state=State.PROPOSED).first()
    if asked:
        asked.state, asked.ended_at = State.DISMISSED, now
        asked.figures |= {"dismissed": "The decision that asked for it was undone"}
        asked.save(update_fields=["state", "ended_at", "figures"])
    ended = artist.evolutions.filter(ended_by=change).first()
    if ended:
        _reopen(artist, ended)


def _end(evolution: Evolution, state: str, change: StatusChange) -> None:
    evolution.state, evolution.ended_at, evolution.ended_by = state, change.at, change
    evolution.actor = change.actor or evolution.actor
    evolution.figures |= {
        name: change.figures[name] for name in ("trial", "chance_better") if name in change.figures
    }
    evolution.save(update_fields=["state", "ended_at", "ended_by", "actor", "figures"])


def _roll_back(artist: Artist, evolution: Evolution, *, why: str) -> None:
    try:
        evolution.figures["version_after"] = profiles.restore_diff(
            artist, evolution.diff, actor=None, why=f"Evolution rolled back: {why}"
        )
    except profiles.ProfileRefused as refused:
        # A person edited the profile since, so the old values no longer fit: that version stays.
        evolution.figures["version_after"] = artist.profile_version
        evolution.figures["not_restored"] = str(refused)


def _reopen(artist: Artist, evolution: Evolution) -> None:
    """Open an evolution again as it was before its end; a trial gets its profile back."""
    if evolution.state == State.ROLLED_BACK:
        profiles.apply_diff(
            artist, evolution.diff, actor=None, why="Trial resumed: a decision was undone"
        )
    evolution.state = State.TRIAL if evolution.started_at else State.PROPOSED
    evolution.ended_at = evolution.ended_by = None
    # Figures of the end that no longer counts.
    for name in ("trial", "chance_better", "version_after"):
        evolution.figures.pop(name, None)
    evolution.save(update_fields=["state", "ended_at", "ended_by", "figures"])
