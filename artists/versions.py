"""The versions of an artist's profile: what each changed, and going back to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from artists.lifecycle.history import UnknownArtist, locked
from artists.models import Artist
from artists.profiles import ProfileRefused, write_profile

# In the order a person reads a profile. Status, policy and counters are no part of it.
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
# A name stays: runs, releases and people know the artist by it.
RESTORED = tuple(name for name in SHOWN if name not in ("name", "genre"))
VERSIONS_READ = 60


@dataclass(frozen=True)
class Change:
    """One field of a version beside what it was before; lists are joined by commas."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Version:
    """A version that changed the profile. number: the id of its history row.

    changes: against the version before; empty for the first. differs: from the profile of today.
    """

    number: int
    at: datetime
    who: User | None
    why: str
    changes: tuple[Change, ...]
    differs: bool


def versions_of(artist: Artist, *, limit: int) -> list[Version]:
    """The newest versions of the profile, the newest first; one query."""
    rows = list(
        artist.history.select_related("history_user").order_by("-history_id")[:VERSIONS_READ]
    )
    found = [
        _version(artist, row, changes)
        for row, before in pairwise(rows)
        if (changes := _changes(before, row))
    ]
    if rows and len(rows) < VERSIONS_READ:
        found.append(_version(artist, rows[-1], ()))
    return found[:limit]


def roll_back(*, artist_id: int, version: int, actor: User | None, why: str = "") -> list[Change]:
    """Write the profile of an earlier version as a new one; returns what that changed.

    Status, policy, name and counters stay as they are. Raises ProfileRefused when there is no
    such version, nothing would change, or the profile is on trial.
    """
    with transaction.atomic():
        try:
            artist = locked(artist_id)
        except UnknownArtist as error:
            raise ProfileRefused(str(error)) from error
        row = artist.history.filter(history_id=version).first()
        if row is None:
            raise ProfileRefused(f"{artist} has no profile version {version}; reload the page.")
        if artist.evolutions.on_trial().exists():
            raise ProfileRefused(
                f"{artist} has a profile on trial; keep it or roll the trial back first."
            )
        changes = [change for change in _changes(artist, row) if change.field in RESTORED]
        if not changes:
            raise ProfileRefused(f"Version {version} is what {artist} is today; nothing to do.")
        reason = f"Back to version {version}" + (f": {why}" if why else "")
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
    """A field's value for people."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
