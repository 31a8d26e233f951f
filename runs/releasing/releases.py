"""Releases: the bundle of an approved run, its way out into the world, and back."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from artists.models import PerformanceEntry
from media_tools.files import fsync_folder
from media_tools.provenance import Provenance
from runs import queue
from runs.errors import ReleaseRefused
from runs.models import Artifact, Packing, Release, Run, RunEvent
from runs.models.moments import next_moment
from runs.releasing.disclosure import disclosure_of
from runs.storage import NewArtifact, StoredFile, artifact_row, store_file

Kind = RunEvent.Kind
PACKED = (Run.Status.APPROVED, Run.Status.RELEASED)
RELEASED = PerformanceEntry.Kind.RELEASED
# ISO 3901: country, registrant, year, designation; written without dashes.
ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
UPC = re.compile(r"[0-9]{12,13}")
# No bundle takes this long; what is older was left by a worker that died.
ABANDONED_AFTER_S = 6 * 3600


def package_release(
    *, run_id: UUID | str, now: datetime, isrc: str | None = None, upc: str | None = None
) -> Release:
    """Write the bundle (folder and zip) of an approved run; doing it again replaces it whole.

    isrc, upc: for the tags and the metadata; None keeps what the release has.
    Raises ReleaseRefused when the run is not approved, was recalled, a code is wrong, or a file is
    missing or changed.
    """
    # Here, since reviews import this module and need none of the encoders behind a bundle.
    from runs.releasing.bundle import members_of, write_bundle, write_zip

    run = packable(run_id)
    known = Release.objects.filter(run=run).first()
    given = {}
    if isrc is not None:
        given["isrc"] = checked_isrc(isrc)
    if upc is not None:
        given["upc"] = checked_upc(upc)
    codes = {name: getattr(known, name, "") for name in ("isrc", "upc")} | given
    disclosure = disclosure_of(run)
    members = members_of(run)
    folder = Path(settings.MEDIA_ROOT) / release_folder(run)
    with staging_folder(folder) as staging:
        write_bundle(run, members, staging / "files", disclosure=disclosure, codes=codes, now=now)
        archive = staging / "bundle.zip"
        write_zip(staging / "files", archive)
        stored = store_file(archive)
        with transaction.atomic():
            # It may have been undone, recalled or packaged by another worker meanwhile.
            held = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
            now = next_moment(run.pk, now=now)
            recalled = Release.objects.filter(run=run, status=Release.Status.RECALLED).exists()
            if held.status not in PACKED or recalled:
                raise ReleaseRefused(f"Run {run.pk} was taken back meanwhile.")
            fields = {
                "bundle": new_bundle(run, stored, now=now),
                "folder": release_folder(run),
                "disclosure": disclosure,
                **given,
            }
            release, created = Release.objects.update_or_create(
                run=run, defaults=fields, create_defaults={**fields, "created_at": now}
            )
            Packing.objects.filter(run=run).delete()
            again = "" if created else " again"
            RunEvent.objects.log(run.pk, Kind.PACKAGED, f"Release bundle made{again}.", now=now)
            shutil.rmtree(folder, ignore_errors=True)
            (staging / "files").replace(folder)
            fsync_folder(folder.parent)
    return release


@contextmanager
def staging_folder(folder: Path) -> Iterator[Path]:
    """An empty folder beside the final one, of this call alone; leftovers of dead ones go."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".partial-{folder.name}-"
    for left in folder.parent.glob(f"{prefix}*"):
        if time.time() - left.stat().st_mtime > ABANDONED_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        (staging / "files").mkdir()
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def packable(run_id: UUID | str) -> Run:
    """The run, if a bundle may be made of it. Raises ReleaseRefused."""
    run = Run.objects.select_related("artist", "batch").filter(pk=run_id).first()
    if run is None:
        raise ReleaseRefused(f"There is no run {run_id}.")
    if run.status not in PACKED:
        raise ReleaseRefused(
            f"Run {run.pk} is {run.get_status_display().lower()}; only approved runs are packaged."
        )
    if run.reviews.pending().exists():
        raise ReleaseRefused(
            f"The approval of run {run.pk} can still be undone; it is packaged in some seconds."
        )
    recalled = Release.objects.filter(run=run, status=Release.Status.RECALLED).first()
    if recalled:
        raise ReleaseRefused(
            f"The release of run {run.pk} was recalled ({recalled.recall_reason}); undo its "
            "approval and judge it again before it is packaged."
        )
    return run


def new_bundle(run: Run, stored: StoredFile, *, now: datetime) -> Artifact:
    """The saved row of the zip; an earlier one is superseded."""
    run.artifacts.current().filter(kind=Artifact.Kind.BUNDLE).update(superseded_at=now)
    new = NewArtifact(
        path=Path(stored.relative),
        kind=Artifact.Kind.BUNDLE,
        media_type="application/zip",
        provenance=Provenance(provider="local", model="bundle-2", licence="operator"),
    )
    bundle = artifact_row(run, "release", new, stored)
    bundle.save()
    return bundle


def publish(
    *,
    run_id: UUID | str,
    actor: User | None,
    now: datetime,
    isrc: str = "",
    upc: str = "",
) -> Release:
    """Record that a packaged release is out; from then on its approval is not undone.

    isrc, upc: as the distributor gave them; empty keeps what the release has.
    Raises ReleaseRefused.
    """
    codes = {"isrc": checked_isrc(isrc), "upc": checked_upc(upc)}
    with transaction.atomic():
        release = locked_release(run_id)
        now = next_moment(release.run_id, now=now)
        if release.status != Release.Status.PACKAGED:
            raise ReleaseRefused(
                f"The release of run {run_id} is {release.get_status_display().lower()}; only a "
                "packaged one is published."
            )
        moved = Run.objects.filter(pk=release.run_id, status=Run.Status.APPROVED).update(
            status=Run.Status.RELEASED
        )
        if not moved:
            raise ReleaseRefused(f"Run {run_id} is not approved any more; nothing was published.")
        for name, code in codes.items():
            if code:
                setattr(release, name, code)
        release.status, release.published_at = Release.Status.PUBLISHED, now
        release.save(update_fields=["status", "published_at", "isrc", "upc"])
        PerformanceEntry.objects.create(
            artist_id=release.run.artist_id, run_id=release.run_id, kind=RELEASED, at=now
        )
        named = ", ".join(filter(None, (release.isrc, release.upc)))
        message = f"Published. {named}".strip()
        RunEvent.objects.log(release.run_id, Kind.PUBLISHED, message, now=now, actor=actor)
    return release


def set_codes(
    *, run_id: UUID | str, isrc: str, upc: str, actor: User | None, now: datetime
) -> Release:
    """Correct the codes of a release, published or not; empty takes a code away.

    A bundle that is not out yet is made again with them. Raises ReleaseRefused for a wrong code or
    a recalled release.
    """
    codes = {"isrc": checked_isrc(isrc), "upc": checked_upc(upc)}
    with transaction.atomic():
        release = locked_release(run_id)
        if release.status == Release.Status.RECALLED:
            raise ReleaseRefused(f"The release of run {run_id} was recalled; its codes stay.")
        changed = {name: code for name, code in codes.items() if getattr(release, name) != code}
        if not changed:
            return release
        said = ", ".join(
            f"{name.upper()} {getattr(release, name) or 'none'} is now {code or 'none'}"
            for name, code in changed.items()
        )
        for name, code in changed.items():
            setattr(release, name, code)
        release.save(update_fields=list(changed))
        RunEvent.objects.log(release.run_id, Kind.CODES, f"{said}.", actor=actor, now=now)
        if release.status == Release.Status.PACKAGED:
            queue.package_soon(release.run_id, now=now)
    return release


def recall_release(
    *, run_id: UUID | str, reason: str, actor: User | None, now: datetime
) -> Release:
    """Take a packaged or published release back: it must not be handed out, or has to come down.

    The zip stays as evidence of what was out; the folder for handing over goes. A published run is
    approved again, so that its approval can be undone. Raises ReleaseRefused without a reason, or
    where there is nothing to recall.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ReleaseRefused("A recall needs a reason: shops and the log ask for it.")
    with transaction.atomic():
        release = locked_release(run_id)
        now = next_moment(release.run_id, now=now)
        if release.status == Release.Status.RECALLED:
            raise ReleaseRefused(
                f"The release of run {run_id} was recalled already: {release.recall_reason}"
            )
        was = release.get_status_display().lower()
        release.status = Release.Status.RECALLED
        release.recalled_at, release.recall_reason = now, reason
        release.save(update_fields=["status", "recalled_at", "recall_reason"])
        Run.objects.filter(pk=release.run_id, status=Run.Status.RELEASED).update(
            status=Run.Status.APPROVED
        )
        PerformanceEntry.objects.standing().filter(run_id=release.run_id, kind=RELEASED).update(
            withdrawn_at=now
        )
        message = f"Recalled; it was {was}. {reason}"
        RunEvent.objects.log(release.run_id, Kind.RECALLED, message, now=now, actor=actor)
        remove_folder(release)
    return release


def withdraw(*, run_id: UUID) -> None:
    """Remove the bundle of a run whose approval is undone. Raises ReleaseRefused if published."""
    Packing.objects.filter(run_id=run_id).delete()
    release = Release.objects.select_for_update().filter(run_id=run_id).first()
    if release is None:
        return
    if release.status == Release.Status.PUBLISHED:
        raise ReleaseRefused(
            f"The release of run {run_id} is published; recall it before undoing the approval."
        )
    bundle = release.bundle
    remove_folder(release)
    release.delete()
    bundle.delete()


def remove_folder(release: Release) -> None:
    """Delete the folder for handing over once the transaction is committed.

    By then the run may be packaged anew, into the same folder: that one stays.
    """
    run_id, folder = release.run_id, Path(settings.MEDIA_ROOT) / release.folder

    def remove() -> None:
        with transaction.atomic():
            Run.objects.select_for_update(no_key=True).filter(pk=run_id).first()
            releases = Release.objects.filter(run=run_id)
            if not releases.exclude(status=Release.Status.RECALLED).exists():
                shutil.rmtree(folder, ignore_errors=True)

    transaction.on_commit(remove)


def locked_release(run_id: UUID | str) -> Release:
    """The release of a run, run and release locked in this order. Raises ReleaseRefused."""
    Run.objects.select_for_update(no_key=True).filter(pk=run_id).first()
    release = (
        Release.objects.select_for_update(of=("self",))
        .select_related("run")
        .filter(run_id=run_id)
        .first()
    )
    if release is None:
        raise ReleaseRefused(f"Run {run_id} has no release; approve and package it first.")
    return release


def release_folder(run: Run) -> str:
    """Folder of a release under MEDIA_ROOT; the id keeps equal titles apart."""
    title = slugify(run.title) or "untitled"
    return f"releases/{run.artist.slug}/{title}-{str(run.pk)[:8]}"


def checked_isrc(code: str) -> str:
    """The code in its stored form, without dashes; empty stays empty. Raises ReleaseRefused."""
    plain = re.sub(r"[-\s]", "", code).upper()
    if plain and not ISRC.fullmatch(plain):
        raise ReleaseRefused(f"“{code}” is no ISRC; it looks like QZ-ABC-26-00001.")
    return plain


def checked_upc(code: str) -> str:
    """UPC-A or EAN-13 whose check digit is right; empty stays empty. Raises ReleaseRefused."""
    plain = re.sub(r"[-\s]", "", code)
    if not plain:
        return ""
    # GS1 check digit: weights 3 and 1 from the right.
    digits = [int(digit) for digit in reversed(plain)] if UPC.fullmatch(plain) else [1]
    if sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10:
        raise ReleaseRefused(f"“{code}” is no UPC or EAN: 12 or 13 digits, the last one a check.")
    return plain
