"""Versions of an artist's profile: what each changed, and how to restore one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from ai_artist.kit.values import moment
from artists.lifecycle.history import UnknownArtist, locked
from artists.models import Artist
from artists.profiles import ProfileRefused, write_profile

# In the order a person reads a profile; status, policy and counters are not part of it.
SHOWN = (
    "name",
    "genre",
    "backstory",
    "voice",
    "themes",
    "audience",
    "style_notes",
    "tempo_min_bpm",
    "tempo_max_bpm",
    "keys",
    "temperature",
    "preferred_music",
    "sings",
    "sound_identity",
    "visual_style",
)
# A restored version keeps the present name and genre: runs, releases and people know the artist by
# them.
RESTORED = tuple(name for name in SHOWN if name not in ("name", "genre"))
VERSIONS_READ = 60


@dataclass(frozen=True)
class Change:
    """One field of a version beside its earlier value; lists are joined by commas."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Version:
    """A version that changed the profile."""

    number: int  # id of its history row
    at: datetime
    who: User | None
    why: str
    changes: tuple[Change, ...]  # against the version before; empty for the first
    differs: bool  # from the present profile


def versions_of(artist: Artist, *, limit: int) -> list[Version]:
    """Return the newest versions of the profile, newest first; one query."""
    rows = list(
        artist.history.select_related("history_user").order_by("-history_id")[:VERSIONS_READ]
    )
    versions = [
        _version(artist, row, changes)
        for row, before in pairwise(rows)
        if (changes := _changes(before, row))
    ]
    if rows and len(rows) < VERSIONS_READ:
        versions.append(_version(artist, rows[-1], ()))
    return versions[:limit]


def roll_back(*, artist_id: int, version: int, actor: User | None, why: str = "") -> list[Change]:
    """Write the profile of an earlier version as a new one. Returns what that changed.

    Status, policy, name and counters stay as they are.
    Raises ProfileRefused if there is no such version, nothing would change, or the profile is on
    trial.
    """
    with transaction.atomic():
        try:
            artist = locked(artist_id)
        except UnknownArtist as error:
            raise ProfileRefused(str(error)) from error
        row = artist.history.filter(history_id=version).first()
        if row is None:
            raise ProfileRefused(f"{artist} has no such version of its profile; reload the page.")
        if artist.evolutions.on_trial().exists():
            raise ProfileRefused(
                f"{artist} has a profile on trial; keep it or roll the trial back first."
            )
        changes = [change for change in _changes(artist, row) if change.field in RESTORED]
        if not changes:
            raise ProfileRefused(f"That version is what {artist} is today; nothing to do.")
        reason = f"Back to the version of {moment(row.history_date)}" + (f": {why}" if why else "")
        values = {change.field: getattr(row, change.field) for change in changes}
        write_profile(artist, values, actor=actor, why=reason)
    return changes


def _version(artist: Artist, row: Any, changes: tuple[Change, ...]) -> Version:
    return Version(
        number=row.history_id,
        at=row.history_date,
        who=row.history_user,
        why=row.history_change_reason or "",
        changes=changes,
        differs=any(getattr(artist, name) != getattr(row, name) for name in RESTORED),
    )


def _changes(old: Any, new: Any) -> tuple[Change, ...]:
    return tuple(
        Change(name, in_words(getattr(old, name)), in_words(getattr(new, name)))
        for name in SHOWN
        if getattr(old, name) != getattr(new, name)
    )


def in_words(value: Any) -> str:
    """Return a field's value as text for people."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
