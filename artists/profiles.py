"""Writing an artist's profile: each change is a version, with who and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from artists.checking import in_words
from artists.models import Artist

# What may be changed of an artist by proposals; name, genre, status and counters never are.
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
# What a run needs of a profile, beside the name.
RUN_ON = CHANGEABLE | {"genre", "preferred_music", "sound_identity"}
# One says nothing without the other.
TEMPO = frozenset({"tempo_min_bpm", "tempo_max_bpm"})
REASON_LENGTH = 100

# {field: [old, new]}
Diff = Mapping[str, list[Any]]


class ProfileRefused(Exception):
    """A change of a profile that cannot be made; the message says why."""


def diff_of(artist: Artist, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [old, new]} for those values that differ.

    Raises ProfileRefused on another field, or on values that make no valid profile.
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
    """What is wrong with these fields of a profile, in sentences by field."""
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

    Only they are looked at: what was wrong before is no reason to refuse another change.
    """
    would_be = copy(artist)
    for name, value in values.items():
        setattr(would_be, name, value)
    if found := faults(would_be, values.keys()):
        raise ProfileRefused(f"{artist} cannot become so. {in_words(found)}")


def write_profile(
    artist: Artist, values: Mapping[str, Any], *, actor: User | None, why: str
) -> int | None:
    """Store the values as a new version of a locked artist's profile; returns its number.

    Raises ProfileRefused, and changes nothing, where they make no valid profile.
    """
    check(artist, values)
    for name, value in values.items():
        setattr(artist, name, value)
    # simple_history reads who and why from these attributes.
    artist._history_user = actor  # type: ignore[attr-defined]
    artist._change_reason = why[:REASON_LENGTH]  # type: ignore[attr-defined]
    artist.save(update_fields=list(values))
    return artist.profile_version


def take(artist: Artist, diff: Diff, *, actor: User | None, why: str) -> int | None:
    """Set the new values of a diff."""
    return write_profile(
        artist, {name: new for name, (_, new) in diff.items()}, actor=actor, why=why
    )


def restore(artist: Artist, diff: Diff, *, actor: User | None, why: str) -> int | None:
    """Set the old values of a diff where nobody changed the new ones since."""
    untouched = {name: old for name, (old, new) in diff.items() if getattr(artist, name) == new}
    if not untouched:
        return artist.profile_version
    return write_profile(artist, untouched, actor=actor, why=why)
