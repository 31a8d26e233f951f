"""What a person makes of a reflection: its proposed changes of the profile."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction

from artists.models import Artist
from runs.models import Reflection

# Fields of the profile a reflection may touch; status and counters are never among them.
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
    }
)


class ChangeRefused(Exception):
    """A proposed change that cannot be decided; the message says why and what to do."""


@transaction.atomic
def decide_change(
    *, run_id: uuid.UUID, index: int, accept: bool, actor: AbstractBaseUser | None
) -> dict[str, Any]:
    """Take a proposed change into the artist's profile, or set it aside.

    index: place in the reflection's list. Returns the change with its verdict. Raises
    ChangeRefused when it was decided before or the profile has moved on since.
    """
    reflection = (
        Reflection.objects.select_for_update().filter(run_id=run_id).select_related("run").first()
    )
    if reflection is None or not 0 <= index < len(reflection.proposed_changes):
        raise ChangeRefused(f"Run {run_id} proposes no change number {index + 1}; reload the page.")
    change: dict[str, Any] = reflection.proposed_changes[index]
    if change.get("verdict"):
        raise ChangeRefused(f"This change of {change['field']} is already {change['verdict']}.")
    if accept:
        apply_change(reflection, change, actor=actor)
    change["verdict"] = "accepted" if accept else "dismissed"
    reflection.save(update_fields=["proposed_changes"])
    return change


def apply_change(
    reflection: Reflection, change: dict[str, Any], *, actor: AbstractBaseUser | None
) -> None:
    """Write the new value as a new version of the profile."""
    field = change["field"]
    artist = Artist.objects.select_for_update().get(pk=reflection.run.artist_id)
    if field not in CHANGEABLE:
        raise ChangeRefused(f"A reflection may not change {field}; dismiss the proposal.")
    if getattr(artist, field) != change["old"]:
        raise ChangeRefused(
            f"{artist}'s {field} has changed since; edit the profile or dismiss the proposal."
        )
    setattr(artist, field, change["new"])
    try:
        artist.full_clean()
    except ValidationError as error:
        raise ChangeRefused(
            f"{artist}: the proposed {field} is not valid ({'; '.join(error.messages)})."
        ) from error
    # simple_history reads who and why from these attributes.
    artist._history_user = actor  # type: ignore[attr-defined]
    artist._change_reason = f"Reflection on {reflection.run}"[:100]  # type: ignore[attr-defined]
    artist.save()
