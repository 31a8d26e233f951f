"""EPs and albums: several approved runs of an artist under one title, in an order of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from artists.models import Artist
from media_tools.foreign import label
from runs.errors import ReleaseRefused
from runs.models import Release, Run, RunEvent, Track
from runs.releasing import codes
from runs.releasing.blockers import LEAST_TRACKS
from runs.releasing.codes import Holder
from runs.releasing.releases import (
    locked,
    moment_of,
    package_soon,
    remove,
    require_approved,
    require_nowhere,
    touch,
)

MOST_TRACKS = 50
# What a track of an album takes over from the run's single.
TAKEN_OVER = (
    "title",
    "version_title",
    "featured",
    "explicit",
    "language",
    "credits",
    "isrc",
    "video_isrc",
)
# Beyond any real position: a track on its way to another one must not meet its neighbour.
ASIDE = 1000


@dataclass(frozen=True)
class AlbumOrder:
    """An EP or album that is wanted. run_ids: in the order of its tracks."""

    kind: str
    title: str
    run_ids: Sequence[UUID]


def make_album(order: AlbumOrder, *, actor: User | None, now: datetime) -> Release:
    """Put approved runs of one artist on an EP or album of its own, and have its bundle made.

    Raises ReleaseRefused if the runs do not go together.
    """
    title = label(order.title, longest=120)
    if order.kind not in (Release.Kind.EP, Release.Kind.ALBUM):
        raise ReleaseRefused("Choose EP or album.")
    if not title:
        raise ReleaseRefused("Give it a title.")
    with transaction.atomic():
        runs = lock_runs(order.run_ids)
        require_fitting(runs)
        now = moment_of(runs, now=now)
        release = Release.objects.create(
            artist=runs[0].artist, kind=order.kind, title=title, created_at=now
        )
        add_tracks(release, runs)
        message = f"Made of {len(runs)} songs."
        RunEvent.objects.log_release(release, RunEvent.Kind.DRAFTED, message, now=now, actor=actor)
        package_soon(release, now=now)
    return release


def arrange(
    *, release_id: UUID, run_ids: Sequence[UUID], actor: User | None, now: datetime
) -> Release:
    """Give an EP or album that is not out these runs in this order; others leave it.

    Raises ReleaseRefused if it is out, or the runs do not go together.
    """
    with transaction.atomic():
        # All runs that come, stay or go, locked in one order before the release.
        present = Track.objects.filter(release=release_id).values_list("run_id", flat=True)
        lock_runs([*present, *(run_id for run_id in run_ids if run_id not in set(present))])
        release, before = locked(release_id)
        require_open(release)
        runs = list_runs(run_ids)
        require_fitting(runs, artist=release.artist, release=release)
        now = moment_of([*before, *runs], now=now)
        wanted = list(enumerate((run.pk for run in runs), start=1))
        if wanted == list(release.tracks.values_list("position", "run_id")):
            return release
        release.tracks.exclude(run__in=runs).delete()
        release.tracks.update(position=F("position") + ASIDE)
        for position, run in enumerate(runs, start=1):
            release.tracks.filter(run=run).update(position=position)
        add_tracks(release, runs)
        if release.cover and release.cover.run_id not in {run.pk for run in runs}:
            release.cover = None
            release.save(update_fields=["cover"])
        message = f"Tracks are now: {', '.join(run.title for run in runs)}."
        RunEvent.objects.log_release(release, RunEvent.Kind.EDITED, message, now=now, actor=actor)
        touch(release, now=now)
    return release


def take_apart(*, release_id: UUID, actor: User | None, now: datetime) -> None:
    """Remove an EP or album that is not out; its songs stay. Raises ReleaseRefused."""
    with transaction.atomic():
        release, runs = locked(release_id)
        require_open(release)
        require_nowhere(release)
        now = moment_of(runs, now=now)
        RunEvent.objects.log_release(
            release, RunEvent.Kind.EDITED, "Taken apart.", now=now, actor=actor
        )
        if release.upc:
            codes.let_go(release.upc, Holder.release(release))
        remove(release)


def runs_for_albums(artist: Artist) -> list[Run]:
    """The artist's approved runs that stand on no EP or album, newest first."""
    taken = Track.objects.filter(place=Track.Place.ALBUM, run__artist=artist)
    kept = Run.objects.filter(artist=artist, status__in=Run.KEPT)
    free = kept.exclude(pk__in=taken.values("run"))
    return list(free.order_by("-decided_at", "-pk")[:200])


def lock_runs(run_ids: Sequence[UUID]) -> list[Run]:
    """The runs in the order that is wanted, locked in that of their ids. Raises ReleaseRefused."""
    locked_ids = Run.objects.select_for_update(no_key=True).filter(pk__in=run_ids).order_by("pk")
    list(locked_ids.values_list("pk", flat=True))
    return list_runs(run_ids)


def list_runs(run_ids: Sequence[UUID]) -> list[Run]:
    """The runs in the order that is wanted. Raises ReleaseRefused for one that is not there."""
    by_id = Run.objects.select_related("artist").in_bulk(list(run_ids))
    if missing := [run_id for run_id in run_ids if run_id not in by_id]:
        raise ReleaseRefused(f"There is no run {missing[0]}.")
    return [by_id[run_id] for run_id in dict.fromkeys(run_ids)]


def require_fitting(
    runs: Sequence[Run], *, artist: Artist | None = None, release: Release | None = None
) -> None:
    """Raises ReleaseRefused if locked runs cannot be an EP or album together."""
    if not LEAST_TRACKS <= len(runs) <= MOST_TRACKS:
        raise ReleaseRefused(
            f"Choose {LEAST_TRACKS} to {MOST_TRACKS} songs; {len(runs)} are chosen."
        )
    if {run.artist_id for run in runs} != {artist.pk if artist else runs[0].artist_id}:
        raise ReleaseRefused("Choose songs of one artist.")
    for run in runs:
        require_approved(run)
    others = Track.objects.filter(run__in=runs, place=Track.Place.ALBUM)
    taken = others.exclude(release=release).select_related("release", "run").first()
    if taken:
        raise ReleaseRefused(f"“{taken.run.title}” is on {taken.release} already.")


def require_open(release: Release) -> None:
    """Raises ReleaseRefused unless a release is an EP or album that is not out."""
    if release.is_single:
        raise ReleaseRefused(f"{release} is a single; it has one track, its run's.")
    if release.status not in Release.UNPUBLISHED:
        raise ReleaseRefused(
            f"{release} is {release.get_status_display().lower()}; its tracks stay."
        )


def add_tracks(release: Release, runs: Sequence[Run]) -> None:
    """Tracks for those of the runs that have none on the release, at their places."""
    present = set(release.tracks.values_list("run_id", flat=True))
    singles = {
        track.run_id: track
        for track in Track.objects.filter(run__in=runs, place=Track.Place.SINGLE)
    }
    Track.objects.bulk_create(
        Track(
            release=release,
            run=run,
            position=position,
            place=Track.Place.ALBUM,
            **(
                {name: getattr(singles[run.pk], name) for name in TAKEN_OVER}
                if run.pk in singles
                else {"title": run.title}
            ),
        )
        for position, run in enumerate(runs, start=1)
        if run.pk not in present
    )
