"""Histories of artists for tests, written as letters."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from artists import lifecycle
from artists.models import Artist, StatusChange
from tests.factories import NOON

MINUTE = timedelta(minutes=1)


def live(
    artist: Artist, letters: str, *, start: datetime = NOON, step: timedelta = MINUTE
) -> list[StatusChange]:
    """Let runs end one after the other: A approved, R rejected, F failed. Gives all changes."""
    changes = []
    for index, letter in enumerate(letters):
        now = start + index * step
        if letter == "F":
            changes += lifecycle.record_failure(
                artist_id=artist.pk, run_id=uuid.uuid4(), detail="music", now=now
            )
        else:
            changes += lifecycle.record_decision(
                artist_id=artist.pk,
                run_id=uuid.uuid4(),
                approved=letter == "A",
                detail="",
                now=now,
            )
    artist.refresh_from_db()
    return changes


def rules(artist: Artist) -> list[str]:
    """The rules of the artist's changes, oldest first."""
    return list(artist.status_changes.order_by("pk").values_list("rule", flat=True))
