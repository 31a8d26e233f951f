"""Writes an artist's profile: each change is a version, with who made it and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from artists.checking import in_words
from artists.models import Artist

# The fields a proposal may change; never name, genre, status or counters.
CHANGEABLE = frozenset(
    {
        "backstory",
        "voice",
        "themes",
        "audience",
        "style_notes",
        "visual_style",
        "tempo_min_bpm",
        "tempo_max_bpm",
        "keys",
        "temperature",
    }
)
# The fields a run uses, beside the name.
RUN_ON = CHANGEABLE | {"genre", "preferred_music", "sound_identity"}
# Checked together: each is meaningless without the other.
TEMPO = frozenset({"tempo_min_bpm", "tempo_max_bpm"})
REASON_LENGTH = 100

# {field: [old, new]}
Diff = Mapping[str, list[Any]]


class ProfileRefused(Exception):
    """A change of a profile that cannot be made; the message says why."""


def diff_of(artist: Artist, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return {field: [old, new]} for the values that differ.

    Raises ProfileRefused for a field that may not change, or values that make no valid profile.
    """
    if foreign := sorted(set(values) - CHANGEABLE):
        raise ProfileRefused(
            f"{', '.join(foreign)} of {artist} cannot be proposed; possible: "
            f"{', '.join(sorted(CHANGEABLE))}."
        )
    check(artist, values)
    return {
        name: [getattr(artist, name), new]
        for name, new in sorted(values.items())
        if getattr(artist, name) != new
    }


def faults(artist: Artist, names: Collection[str]) -> dict[str, list[str]]:
    """Return what is wrong with these fields of a profile: sentences by field."""
    if empty := [name for name in names if getattr(artist, name) is None]:
        return {name: ["It must not be empty."] for name in empty}
    checked = {*names, *(TEMPO if TEMPO & set(names) else ())}
    try:
        artist.full_clean(exclude={field.name for field in Artist._meta.get_fields()} - checked)
    except ValidationError as error:
        return error.message_dict
    return {}


def check(artist: Artist, values: Mapping[str, Any]) -> None:
    """Raise ProfileRefused if the artist cannot have these values.

    Other fields are not checked: an old fault must not block another change.
    """
    would_be = copy(artist)
    for name, value in values.items():
        setattr(would_be, name, value)
    if wrong := faults(would_be, values.keys()):
        raise ProfileRefused(f"{artist} cannot become so. {in_words(wrong)}")


def write_profile(
    artist: Artist, values: Mapping[str, Any], *, actor: User | None, why: str
) -> int | None:
    """Store the values as a new version of a locked artist's profile. Returns its number.

    Raises ProfileRefused, and changes nothing, if they make no valid profile.
    """
    check(artist, values)
    for name, value in values.items():
        setattr(artist, name, value)
    # django-simple-history reads the user and the reason from these attributes.
    artist._history_user = actor  # type: ignore[attr-defined]
    artist._change_reason = why[:REASON_LENGTH]  # type: ignore[attr-defined]
    artist.save(update_fields=list(values))
    return artist.profile_version


def apply_diff(artist: Artist, diff: Diff, *, actor: User | None, why: str) -> int | None:
    """Write the new values of a diff."""
    return write_profile(
        artist, {name: new for name, (_, new) in diff.items()}, actor=actor, why=why
    )


def restore_diff(artist: Artist, diff: Diff, *, actor: User | None, why: str) -> int | None:
    """Write the old values of a diff, except those somebody changed since."""
    # What a person changed since is theirs, so it stays.
    untouched = {name: old for name, (old, new) in diff.items() if getattr(artist, name) == new}
    if not untouched:
        return artist.profile_version
    return write_profile(artist, untouched, actor=actor, why=why)
