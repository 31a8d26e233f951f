"""A release's own values: one form, one write, one line in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from runs.errors import ReleaseRefused
from runs.models import Artifact, LabelProfile, Release, RunEvent, Track
from runs.releasing.releases import (
    CodeChanges,
    change_codes,
    locked,
    moment_of,
    touch,
)

RELEASE_FIELDS = (
    "title",
    "version_title",
    "profile",
    "label",
    "c_owner",
    "p_owner",
    "credits",
    "territories",
    "language",
    "recording_country",
    "genre",
    "sub_genre",
    "release_date",
    "original_release_date",
)
TRACK_FIELDS = ("title", "version_title", "featured", "explicit", "language", "credits")


@dataclass(frozen=True)
class ReleaseEdit:
    """Values by the names of RELEASE_FIELDS, tracks' by id and the names of TRACK_FIELDS.

    What is not named stays. codes: as they are to be.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    tracks: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    codes: CodeChanges = field(default_factory=CodeChanges)


def edit_release(*, release_id: UUID, edit: ReleaseEdit, actor: User | None, now: datetime) -> bool:
    """Write what differs; False if nothing does. A bundle that is not out is made again.

    The title of a single is its track's too. Raises ReleaseRefused for a recalled release, and for
    a code as set_codes does.
    """
    with transaction.atomic():
        release, runs = locked(release_id)
        if release.status == Release.Status.RECALLED:
            raise ReleaseRefused(f"{release} was recalled; it stays as it was.")
        now = moment_of(runs, now=now)
        before = release.title
        changed = change_row(release, edit.values, RELEASE_FIELDS)
        if release.title != before and drawn_for(release):
            # It shows the title of before.
            release.cover = None
            release.save(update_fields=["cover"])
        for track in release.tracks.all():
            given = dict(edit.tracks.get(track.pk, {}))
            if release.is_single:
                given |= {"title": release.title, "version_title": release.version_title}
            named = change_row(track, given, TRACK_FIELDS)
            own = [name for name in named if not (release.is_single and name in changed)]
            changed += [name if release.is_single else f"{name} of {track}" for name in own]
        if changed:
            # The log is for all who see the release: which fields, not the legal names in them.
            message = f"Changed: {', '.join(dict.fromkeys(changed))}."
            RunEvent.objects.log_release(
                release, RunEvent.Kind.EDITED, message, now=now, actor=actor
            )
        coded = change_codes(release, edit.codes, actor=actor, now=now)
        if changed or coded:
            touch(release, now=now)
    return bool(changed or coded)


def drawn_for(release: Release) -> bool:
    """Whether the cover was drawn for the release itself."""
    return bool(release.cover and release.cover.kind == Artifact.Kind.RELEASE_COVER)


def change_row(row: Release | Track, given: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """Save the columns that differ; returns their names in words."""
    differs = [name for name in names if name in given and getattr(row, name) != given[name]]
    for name in differs:
        setattr(row, name, given[name])
    if differs:
        row.save(update_fields=differs)
    columns = {column.name: column for column in row._meta.fields}
    return [str(columns[name].verbose_name) for name in differs]


def save_profile(profile: LabelProfile) -> int:
    """Save a label profile; the sweep looks again at the releases it may concern.

    Returns how many. One that is made the default takes over from the one before.
    """
    with transaction.atomic():
        if profile.is_default:
            LabelProfile.objects.exclude(pk=profile.pk).filter(is_default=True).update(
                is_default=False
            )
        profile.save()
        # Without a bundle a release is a draft in any case.
        concerned = Release.objects.unpublished().filter(bundle__isnull=False)
        return concerned.filter(Q(profile=None) | Q(profile=profile)).update(unsettled=True)
