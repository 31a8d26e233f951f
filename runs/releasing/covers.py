"""The cover of a release: that of one of its tracks, or one drawn for it."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from media_tools.findings import failures
from media_tools.provenance import Provenance
from media_tools.seeds import derive_seed
from runs.errors import ReleaseRefused, StoreTrouble
from runs.models import Artifact, Release, Run, RunEvent
from runs.releasing.releases import file_name, locked, moment_of, replace_file, touch
from runs.storage import NewArtifact, StoredFile, store_file
from runs.storage.artifacts import artifact_storage

PLAIN_PALETTE = ("#101018", "#3a3f5c", "#c8cbe0")


def choose_cover(*, release_id: UUID, run_id: UUID, actor: User | None, now: datetime) -> Release:
    """Take the cover of one of the release's songs. Raises ReleaseRefused."""
    with transaction.atomic():
        release, runs = locked(release_id)
        require_unpublished(release)
        run = next((run for run in runs if run.pk == run_id), None)
        cover = run.artifact(Artifact.Kind.COVER) if run else None
        if run is None or cover is None:
            raise ReleaseRefused(f"{release} has no track with that cover; reload the page.")
        set_cover(release, cover, f"Cover of “{run.title}” chosen.", actor=actor, now=now)
    return release


def draw_cover(*, release_id: UUID, actor: User | None, now: datetime) -> Release:
    """Draw a cover with the release's own title; again: another one. Raises ReleaseRefused."""
    # Drawing libraries take a while to load; pages of releases need none of them.
    from media_tools.images.cover import CoverRequest, render_cover
    from media_tools.images.gates import cover_findings

    release = Release.objects.select_related("artist").filter(pk=release_id).first()
    track = release.tracks.select_related("run").first() if release else None
    if release is None or track is None:
        raise ReleaseRefused(f"There is no release {release_id} with a track.")
    require_unpublished(release)
    concept = track.run.concept or {}
    request = CoverRequest(
        title=release.title,
        artist=release.artist.name,
        genre=release.artist.genre,
        palette=tuple(concept.get("palette", PLAIN_PALETTE)),
        style=f"{release.artist.visual_style} {concept.get('visual_prompt', '')}",
        seed=derive_seed("release cover", release.pk, release.revision),
        size_px=settings.COVER_PX,
    )
    scratch = artifact_storage().scratch
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".partial-cover-") as folder:
        path = Path(folder) / "cover.jpg"
        result = render_cover(request, path)
        findings = cover_findings(path, min_px=settings.COVER_PX, wanted_px=settings.COVER_PX)
        if failed := failures(findings):
            said = " ".join(finding.message for finding in failed)
            raise ReleaseRefused(f"The cover that was drawn does not pass: {said} Draw another.")
        new = NewArtifact(
            path=path,
            kind=Artifact.Kind.RELEASE_COVER,
            media_type="image/jpeg",
            provenance=Provenance(
                provider="local",
                model=f"cover-1/{result.family}",
                licence="operator; fonts OFL-1.1",
                prompt=request.style,
                seed=request.seed,
            ),
            name=file_name(release),
            width=result.width,
            height=result.height,
        )
        try:
            stored = store_file(path)
        except StoreTrouble as error:
            raise ReleaseRefused(error.with_advice) from error
    with transaction.atomic():
        release, _ = locked(release_id)
        require_unpublished(release)
        keep_drawn(release, new, stored, actor=actor, now=now)
    return release


def keep_drawn(
    release: Release, new: NewArtifact, stored: StoredFile, *, actor: User | None, now: datetime
) -> None:
    """Make a drawn cover that of a locked release."""
    cover = replace_file(release, new, stored, now=now)
    set_cover(release, cover, "A cover was drawn.", actor=actor, now=now)


def set_cover(
    release: Release, cover: Artifact, message: str, *, actor: User | None, now: datetime
) -> None:
    """Write the cover of a locked release, and log it."""
    now = moment_of(Run.objects.filter(tracks__release=release), now=now)
    release.cover = cover
    release.save(update_fields=["cover"])
    RunEvent.objects.log_release(release, RunEvent.Kind.EDITED, message, now=now, actor=actor)
    touch(release, now=now)


def require_unpublished(release: Release) -> None:
    if release.status not in Release.UNPUBLISHED:
        raise ReleaseRefused(
            f"{release} is {release.get_status_display().lower()}; its cover stays."
        )
