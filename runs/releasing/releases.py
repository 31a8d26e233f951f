"""Releases: the bundle of approved runs, its way out into the world, and back."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from artists.models import PerformanceEntry
from media_tools.audio.io import sound_digest
from media_tools.errors import MediaInvalid
from media_tools.files import fsync_folder
from media_tools.provenance import Provenance
from media_tools.records import Unreadable, to_json
from runs import queue
from runs.errors import ReleaseRefused, StoreTrouble
from runs.models import Artifact, Code, Packing, Publication, Release, Run, RunEvent, Track
from runs.models.moments import next_moment
from runs.releasing import codes
from runs.releasing.blockers import DISTRIBUTOR, blockers_of, of_channel
from runs.releasing.codes import Holder
from runs.releasing.metadata import CHECKLIST, METADATA, changed_values
from runs.releasing.sheet import sheet_of
from runs.storage import NewArtifact, StoredFile, artifact_row, store_file
from runs.storage.artifacts import artifact_storage
from runs.storage.bundles import bundle_folder

Kind = RunEvent.Kind
RELEASED = PerformanceEntry.Kind.RELEASED
# A release takes some hundredths of a second, and a sweep has more to do.
SETTLED_TOGETHER = 100
# No bundle takes this long; what is older was left by a worker that died.
ABANDONED_AFTER_S = 6 * 3600


# --- Making ---


def make_single(run: Run, *, now: datetime) -> Release:
    """The single of a locked, approved run; the one there is, if it has one.

    Codes the run had before its approval was undone come back, but for those of recalled releases
    that name something else: the UPC, and the ISRC of a recording or video made anew since.
    """
    known = Release.objects.singles_of(run.pk).first()
    if known is not None:
        return known
    spent = isrcs_of_earlier_takes(run)
    had = codes.known_codes(run.pk, spent=spent)
    release = Release.objects.create(
        artist_id=run.artist_id,
        title=run.title,
        upc=had.get(Code.Kind.UPC, ""),
        created_at=now,
    )
    Track.objects.create(
        release=release,
        run=run,
        title=run.title,
        isrc=had.get(Code.Kind.ISRC, ""),
        video_isrc=had.get(Code.Kind.VIDEO_ISRC, ""),
    )
    if release.upc:
        codes.claim(release.upc, Holder.release(release), now=now)
    if spent:
        message = f"{', '.join(spent)} stays with what was recalled: this is another recording."
        RunEvent.objects.log_release(release, Kind.CODES, message, now=now)
    return release


def isrcs_of_earlier_takes(run: Run) -> list[str]:
    """ISRCs of recalled releases whose recording or video is not the one the run has now.

    ISO 3901 gives each recording a code of its own, and shops may still know the old one by it.
    """
    former = Track.objects.filter(run=run, place=Track.Place.FORMER).select_related("release")
    kinds = {"isrc": Artifact.Kind.MASTER, "video_isrc": Artifact.Kind.VIDEO}
    spent = [
        code
        for track in former
        for name, kind in kinds.items()
        if (code := getattr(track, name)) and made_again(run, kind, since=track.release)
    ]
    return list(dict.fromkeys(spent))


def made_again(run: Run, kind: Artifact.Kind, *, since: Release) -> bool:
    """Whether a run's recording or video is another one than the bundle of a release has."""
    replaced = run.artifacts.filter(kind=kind, name="", superseded_at__gt=since.packaged_at)
    then, now = replaced.order_by("superseded_at").first(), run.artifact(kind)
    if then is None or now is None or then.sha256 == now.sha256:
        return False
    return kind != Artifact.Kind.MASTER or not sounds_equal(then, now)


def sounds_equal(then: Artifact, now: Artifact) -> bool:
    """Whether two masters hold the same samples, as WAV or FLAC; False if one is broken or gone.

    Raises StoreTrouble: to call it another recording would spend a code for good.
    """
    try:
        return sound_digest(then.path) == sound_digest(now.path)
    except MediaInvalid:
        return False


def package_soon(release: Release, *, now: datetime) -> None:
    """Have the bundle of a release made; one that is not out is a draft until then."""
    queue.package_soon(release.pk, now=now)
    settle_status(release)


def settle_status(release: Release) -> None:
    """Write down whether an unpublished release is ready or a draft."""
    if release.status not in Release.UNPUBLISHED:
        return
    try:
        missing = of_channel(blockers_of(release, sheet_of(release)), DISTRIBUTOR)
        ready = release.bundle_id is not None and not missing
    except Unreadable:
        ready = False  # its page says what cannot be read
    release.status = Release.Status.READY if ready else Release.Status.DRAFT
    # Not one whose bundle went or that came out meanwhile.
    same = Release.objects.unpublished().filter(pk=release.pk, bundle=release.bundle_id)
    same.update(status=release.status)


def settle_due(*, now: datetime) -> int:
    """Settle some releases whose profile or licences changed, for the sweep. Returns how many.

    A bundle that tells otherwise than the release does now is made again, if it is not out.
    """
    rows = Release.objects.filter(unsettled=True).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:SETTLED_TOGETHER])
    for release_id in ids:
        # One that goes or changes at this moment, or cannot be read now, stays unsettled.
        with suppress(ReleaseRefused, StoreTrouble), transaction.atomic():
            release, _ = locked(release_id)
            release.unsettled = False
            release.save(update_fields=["unsettled"])
            if release.status in Release.UNPUBLISHED and outdated_values(release):
                touch(release, now=now)
            else:
                settle_status(release)
    return len(ids)


def outdated_values(release: Release) -> list[str]:
    """What a release tells otherwise than its bundle, in words; empty without a bundle.

    Raises StoreTrouble while the bundle cannot be had.
    """
    if release.bundle_id is None or release.status == Release.Status.RECALLED:
        return []
    try:
        folder = folder_of(release, METADATA, CHECKLIST)
        return changed_values(sheet_of(release), folder)
    except Unreadable:
        return []  # its page, and the doctor, say what cannot be read


# --- Packaging ---


def package_release(*, release_id: UUID, now: datetime) -> Release:
    """Write the bundle (folder and zip) of a release; doing it again replaces it whole.

    Raises ReleaseRefused when a run is not approved, the release was recalled, or a file is missing
    or changed.
    """
    # Here, since reviews import this module and need none of the encoders behind a bundle.
    from runs.releasing.bundle import contents_of, write_bundle, write_zip

    release = packable(release_id)
    log_drawn(release, fill_in_isrcs(release, now=now), now=now)
    started, sheet = release.revision, sheet_of(release)
    contents = contents_of(release, sheet)
    relative = release.folder or release_folder(release)
    with staging_folder(artifact_storage().scratch / relative) as staging:
        marks = write_bundle(sheet, contents, staging / "files", now=now)
        archive = staging / "bundle.zip"
        write_zip(staging / "files", archive)
        stored = store_file(archive)
        with transaction.atomic():
            # It may have been undone, recalled, edited or packaged by another worker meanwhile.
            release, runs = locked(release_id)
            if any(run.status not in Run.KEPT for run in runs):
                raise ReleaseRefused(f"A run of {release} was taken back meanwhile.")
            if release.status == Release.Status.RECALLED:
                raise ReleaseRefused(f"{release} was recalled meanwhile.")
            if [run.pk for run in runs] != sorted(track.run_id for track in sheet.tracks):
                raise ReleaseRefused(f"The tracks of {release} changed meanwhile.")
            now = moment_of(runs, now=now)
            again = " again" if release.packaged_at else ""
            release.bundle = new_bundle(release, stored, now=now)
            release.folder, release.packaged_at = relative, now
            release.disclosure, release.marks = sheet.disclosure, to_json(marks)
            told = ("disclosure", "marks")
            release.save(update_fields=["bundle", "folder", "packaged_at", *told])
            if release.revision == started:
                Packing.objects.filter(release=release).delete()
            else:
                queue.package_soon(release.pk, now=now)
            settle_status(release)
            if release.status == Release.Status.PUBLISHED:
                queue.export_site_soon()
            RunEvent.objects.log_release(
                release, Kind.PACKAGED, f"Release bundle made{again}.", now=now
            )
            keep_folder(staging / "files", relative)
    return release


def keep_folder(packed: Path, relative: str) -> None:
    """Put the files of a bundle in the place of the former ones. In a bucket the ZIP has them."""
    store = artifact_storage()
    folder = store.folder.path(relative)
    shutil.rmtree(folder, ignore_errors=True)
    if store.target == store.folder:
        packed.replace(folder)
        fsync_folder(folder.parent)


def folder_of(release: Release, *wanted: str) -> Path:
    """A folder on this machine with the files of a release's bundle that fit the patterns.

    Without a bundle there is nothing in it. Raises StoreTrouble.
    """
    store = artifact_storage()
    if release.bundle is None:
        return store.folder.path(release.folder)
    try:
        return bundle_folder(release.folder, release.bundle.sha256, *wanted)
    except FileNotFoundError:
        return store.folder.path(release.folder)


def packable(release_id: UUID) -> Release:
    """The release, if a bundle may be made of it. Raises ReleaseRefused."""
    release = (
        Release.objects.select_related("artist", "profile", "cover").filter(pk=release_id).first()
    )
    if release is None:
        raise ReleaseRefused(f"There is no release {release_id}.")
    if release.status == Release.Status.RECALLED:
        raise ReleaseRefused(
            f"{release} was recalled ({release.recall_reason}) and stays as it was; undo the "
            "approval of its runs and judge them again, which makes a new release."
        )
    tracks = list(release.tracks.select_related("run"))
    if not tracks:
        raise ReleaseRefused(f"{release} has no track left; put some on it, or take it apart.")
    for track in tracks:
        require_approved(track.run)
    return release


def require_approved(run: Run) -> None:
    """Raises ReleaseRefused for a run that may not be on a release."""
    if run.status not in Run.KEPT:
        raise ReleaseRefused(
            f"{run} is {run.get_status_display().lower()}; only approved runs are packaged."
        )
    if run.reviews.pending().exists():
        raise ReleaseRefused(
            f"The approval of run {run.pk} can still be undone; it is packaged in some seconds."
        )


def fill_in_isrcs(release: Release, *, now: datetime) -> list[str]:
    """Give each recording and video of an unpublished release its code, if there is a prefix.

    Returns the new codes.
    """
    if release.status not in Release.UNPUBLISHED or not codes.has_prefix():
        return []
    drawn: list[str] = []
    changed: set[UUID] = set()
    with transaction.atomic():
        locked_one, _ = locked(release.pk)
        for track in locked_one.tracks.select_related("run"):
            holders = {"isrc": Holder.recording(track.run_id)}
            if track.run.artifact(Artifact.Kind.VIDEO):
                holders["video_isrc"] = Holder.video(track.run_id)
            for name, holder in holders.items():
                if not getattr(track, name):
                    code = codes.issue_isrc(holder, now=now)
                    standing(track.run_id).update(**{name: code})
                    changed.add(track.run_id)
                    drawn.append(code)
        touch_others(release, changed, now=now)
    return drawn


def touch_others(release: Release, run_ids: set[UUID], *, now: datetime) -> None:
    """Have the other open releases of locked runs packaged again: they share their codes."""
    ids = standing(*run_ids).exclude(release=release).values("release")
    rows = Release.objects.unpublished().filter(pk__in=ids, bundle__isnull=False)
    for other in rows.select_for_update(of=("self",)):
        touch(other, now=now)


def log_drawn(
    release: Release, drawn: list[str], *, now: datetime, actor: User | None = None
) -> None:
    if drawn:
        message = f"Codes drawn: {', '.join(drawn)}."
        RunEvent.objects.log_release(release, Kind.CODES, message, actor=actor, now=now)


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


def new_bundle(release: Release, stored: StoredFile, *, now: datetime) -> Artifact:
    """The saved row of the zip; an earlier one is superseded."""
    new = NewArtifact(
        path=Path(stored.relative),
        kind=Artifact.Kind.BUNDLE,
        media_type="application/zip",
        provenance=Provenance(provider="local", model="bundle-3", licence="operator"),
        name=file_name(release),
    )
    return replace_file(release, new, stored, now=now)


def replace_file(
    release: Release, new: NewArtifact, stored: StoredFile, *, now: datetime
) -> Artifact:
    """Save the row of a release's file, with its first run, in place of the one before."""
    # The one before may be with a song that left an album since.
    before = Q(pk=release.bundle_id) | Q(run__tracks__release=release)
    rows = Artifact.objects.current().filter(before, kind=new.kind, name=new.name)
    Artifact.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        superseded_at=now
    )
    first = release.tracks.select_related("run")[0]
    artifact = artifact_row(first.run, "release", new, stored)
    artifact.save()
    return artifact


def file_name(release: Release) -> str:
    """What tells the files of an EP or album from those of its runs' singles."""
    return "" if release.is_single else short_id(release)


def short_id(release: Release) -> str:
    return str(release.pk)[:8]


# --- Codes ---


@dataclass(frozen=True)
class CodeChanges:
    """Codes as they are to be; empty takes one away. isrcs, video_isrcs: by the track's id."""

    upc: str | None = None
    isrcs: Mapping[int, str] = field(default_factory=dict)
    video_isrcs: Mapping[int, str] = field(default_factory=dict)


def set_codes(
    *, release_id: UUID, changes: CodeChanges, actor: User | None, now: datetime
) -> Release:
    """Correct the codes of a release, published or not.

    A recording has one code on all its releases. A bundle that is not out yet is made again.
    Raises ReleaseRefused for a wrong code, one that another song or release holds, or a recalled
    release.
    """
    with transaction.atomic():
        release, runs = locked(release_id)
        if release.status == Release.Status.RECALLED:
            raise ReleaseRefused(f"{release} was recalled; its codes stay.")
        now = moment_of(runs, now=now)
        if change_codes(release, changes, actor=actor, now=now):
            touch(release, now=now)
    return release


def change_codes(
    release: Release, changes: CodeChanges, *, actor: User | None, now: datetime
) -> bool:
    """Write the codes of a locked release that differ, and log them; False if none does."""
    said = []
    changed: set[UUID] = set()
    tracks = {track.pk: track for track in release.tracks.all()}
    for name, given in (("isrc", changes.isrcs), ("video_isrc", changes.video_isrcs)):
        for track_id, code in given.items():
            track = tracks[track_id]
            holder_of = Holder.recording if name == "isrc" else Holder.video
            before, new = getattr(track, name), codes.checked_isrc(code)
            if swap(before, new, holder_of(track.run_id), now=now):
                standing(track.run_id).update(**{name: new})
                changed.add(track.run_id)
                setattr(track, name, new)
                label = "ISRC" if name == "isrc" else "ISRC of the video"
                at = "" if release.is_single else f" of track {track.position}"
                said.append(f"{label}{at} {before or 'none'} is now {new or 'none'}")
    if changes.upc is not None:
        before, new = release.upc, codes.checked_upc(changes.upc)
        if swap(before, new, Holder.release(release), now=now):
            release.upc = new
            release.save(update_fields=["upc"])
            said.append(f"UPC {before or 'none'} is now {new or 'none'}")
    touch_others(release, changed, now=now)
    if said:
        message = f"{', '.join(said)}."
        RunEvent.objects.log_release(release, Kind.CODES, message, actor=actor, now=now)
    return bool(said)


def swap(before: str, new: str, holder: Holder, *, now: datetime) -> bool:
    """Let one code go and claim another; False if they are the same. Raises ReleaseRefused."""
    if before == new:
        return False
    if new:
        codes.claim(new, holder, now=now)
    # Another spelling of a UPC is the same row, which its holder keeps.
    if before and before not in codes.spellings(new):
        codes.let_go(before, holder)
    return True


def draw_codes(*, release_id: UUID, actor: User | None, now: datetime) -> Release:
    """Give a release the codes it lacks: ISRC of the own prefix, a UPC of the pool.

    Raises ReleaseRefused if there is nothing to draw from, or nothing to fill in.
    """
    with transaction.atomic():
        release, runs = locked(release_id)
        if release.status not in Release.UNPUBLISHED:
            raise ReleaseRefused(
                f"{release} is {release.get_status_display().lower()}; type its codes in."
            )
        now = moment_of(runs, now=now)
        drawn = fill_in_isrcs(release, now=now)
        if not release.upc and (codes.has_free_upc() or not codes.has_prefix()):
            release.upc = codes.draw_upc(Holder.release(release), now=now)
            release.save(update_fields=["upc"])
            drawn.append(release.upc)
        if not drawn:
            raise ReleaseRefused(
                f"There is no code to draw for {release}: import UPCs with manage.py import_codes, "
                "or type one in."
            )
        log_drawn(release, drawn, now=now, actor=actor)
        touch(release, now=now)
    return release


def codes_of(release: Release) -> list[str]:
    """All codes of a release as they are stored."""
    rows = release.tracks.values_list("isrc", "video_isrc")
    return [code for code in (*(code for row in rows for code in row), release.upc) if code]


def standing(*run_ids: UUID) -> QuerySet[Track]:
    """The tracks of runs but for those kept as evidence: they share the recording's codes."""
    return Track.objects.filter(run__in=run_ids).exclude(place=Track.Place.FORMER)


def touch(release: Release, *, now: datetime) -> None:
    """Count an edit of a locked release; have its bundle made again, or its page if it is out."""
    release.revision += 1
    release.save(update_fields=["revision"])
    if release.status in Release.UNPUBLISHED:
        package_soon(release, now=now)
    else:
        queue.export_site_soon()


# --- Out and back ---


def publish(
    *,
    release_id: UUID,
    actor: User | None,
    now: datetime,
    isrc: str = "",
    upc: str = "",
) -> Release:
    """Record that a packaged release is out; from then on the approval of its runs is not undone.

    isrc, upc: as the distributor gave them; empty keeps what the release has.
    Raises ReleaseRefused.
    """
    with transaction.atomic():
        release, runs = locked(release_id)
        now = moment_of(runs, now=now)
        if release.status not in Release.UNPUBLISHED:
            raise ReleaseRefused(
                f"{release} is {release.get_status_display().lower()}; only a release that is not "
                "out is published."
            )
        if release.bundle_id is None:
            raise ReleaseRefused(f"{release} has no bundle yet; package it first.")
        if Packing.objects.filter(release=release).exists():
            raise ReleaseRefused(
                f"{release} was changed after its bundle was made; publish it when the bundle is "
                "made again."
            )
        if not runs or any(run.status not in Run.KEPT for run in runs):
            raise ReleaseRefused(f"A run of {release} is not approved any more.")
        if isrc and not release.is_single:
            raise ReleaseRefused(f"{release} has several tracks; give each its ISRC on its page.")
        given = CodeChanges(upc=upc or None, isrcs={release.tracks.get().pk: isrc} if isrc else {})
        change_codes(release, given, actor=actor, now=now)
        ids = [run.pk for run in runs]
        Run.objects.filter(pk__in=ids, status=Run.Status.APPROVED).update(
            status=Run.Status.RELEASED
        )
        release.status, release.published_at = Release.Status.PUBLISHED, now
        release.save(update_fields=["status", "published_at"])
        entries = PerformanceEntry.objects.standing().filter(run_id__in=ids, kind=RELEASED)
        known = set(entries.values_list("run_id", flat=True))
        PerformanceEntry.objects.bulk_create(
            PerformanceEntry(artist_id=run.artist_id, run_id=run.pk, kind=RELEASED, at=now)
            for run in runs
            if run.pk not in known
        )
        named = ", ".join(codes_of(release))
        message = f"Published. {named}".strip()
        RunEvent.objects.log_release(release, Kind.PUBLISHED, message, now=now, actor=actor)
        queue.export_site_soon()
    return release


def recall_release(*, release_id: UUID, reason: str, actor: User | None, now: datetime) -> Release:
    """Take a release with a bundle back: it must not be handed out, or has to come down.

    The zip stays as evidence of what was out; the folder for handing over goes. A run that no
    other release has out is approved again, so that its approval can be undone. Raises
    ReleaseRefused without a reason, or where there is nothing to recall.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ReleaseRefused("A recall needs a reason: shops and the log ask for it.")
    with transaction.atomic():
        release, runs = locked(release_id)
        now = moment_of(runs, now=now)
        if release.status == Release.Status.RECALLED:
            raise ReleaseRefused(f"{release} was recalled already: {release.recall_reason}")
        if release.bundle_id is None:
            raise ReleaseRefused(f"{release} has no bundle yet; there is nothing to recall.")
        was = release.get_status_display().lower()
        release.status = Release.Status.RECALLED
        release.recalled_at, release.recall_reason = now, reason
        release.save(update_fields=["status", "recalled_at", "recall_reason"])
        Packing.objects.filter(release=release).delete()
        release.tracks.filter(place=Track.Place.ALBUM).update(place=Track.Place.FORMER)
        out = Track.objects.filter(release__status=Release.Status.PUBLISHED)
        still_out = set(out.filter(run__in=runs).values_list("run_id", flat=True))
        back = [run.pk for run in runs if run.pk not in still_out]
        Run.objects.filter(pk__in=back, status=Run.Status.RELEASED).update(
            status=Run.Status.APPROVED
        )
        PerformanceEntry.objects.standing().filter(run_id__in=back, kind=RELEASED).update(
            withdrawn_at=now
        )
        message = f"Recalled; it was {was}. {reason}"
        RunEvent.objects.log_release(release, Kind.RECALLED, message, now=now, actor=actor)
        remove_folder(release)
        queue.export_site_soon()
    return release


def withdraw(*, run_id: UUID, now: datetime) -> None:
    """Take a run whose approval is undone off its releases. Raises ReleaseRefused if one is out.

    Its single goes; an EP or album loses the track and its bundle. What was recalled stays as it
    was, as evidence.
    """
    song = Run.objects.values_list("title", flat=True).get(pk=run_id)
    tracks = Track.objects.filter(run=run_id).exclude(place=Track.Place.FORMER)
    ids = list(tracks.order_by("release").values_list("release", flat=True))
    releases = list(Release.objects.select_for_update(of=("self",)).filter(pk__in=ids))
    for release in releases:
        if release.status == Release.Status.PUBLISHED:
            raise ReleaseRefused(
                f"{release} is published; recall it before undoing the approval of “{song}”."
            )
        require_nowhere(release)
    for release in releases:
        if release.is_single and release.status == Release.Status.RECALLED:
            keep_as_evidence(release)
        elif release.is_single:
            remove(release)
        else:
            Track.objects.filter(release=release, run=run_id).delete()
            # In rising order, so that no two stand at one position.
            for position, track in enumerate(release.tracks.order_by("position"), start=1):
                release.tracks.filter(pk=track.pk).update(position=position)
            drop_bundle(release)
            message = f"“{song}” left it: its approval was undone."
            RunEvent.objects.log_release(release, Kind.EDITED, message, now=now)
            touch(release, now=now)


def require_nowhere(release: Release) -> None:
    """Raises ReleaseRefused if anything of a locked release is at a channel, and not recalled."""
    sent = release.publications.exclude(status__in=Publication.UNDOABLE)
    if channels := list(sent.values_list("channel__name", flat=True).distinct()):
        raise ReleaseRefused(f"{release} was sent to {', '.join(channels)}; recall it first.")


def keep_as_evidence(release: Release) -> None:
    """Let a locked, recalled single stand beside the one that the next approval makes."""
    release.tracks.update(place=Track.Place.FORMER)
    # The next single's files take the names these had.
    own = Artifact.objects.filter(pk__in=[release.bundle_id, release.cover_id])
    own.filter(kind__in=Artifact.OF_RELEASES).update(name=short_id(release))


def remove(release: Release) -> None:
    """Delete a locked release, its bundle and its folder; codes of its runs stay booked."""
    bundle = release.bundle
    remove_folder(release)
    release.delete()
    if bundle is not None:
        bundle.delete()


def drop_bundle(release: Release) -> None:
    """Forget the bundle of a locked, unpublished release: it is not what the release is now."""
    bundle = release.bundle
    remove_folder(release)
    release.bundle, release.folder, release.status = None, "", Release.Status.DRAFT
    if release.cover and not release.tracks.filter(run=release.cover.run_id).exists():
        release.cover = None
    release.save(update_fields=["bundle", "folder", "status", "cover"])
    if bundle is not None:
        bundle.delete()


def remove_folder(release: Release) -> None:
    """Delete the folder for handing over once the transaction is committed.

    By then the release may be packaged anew, into the same folder: that one stays.
    """
    if not release.folder:
        return
    release_id, relative = release.pk, release.folder

    def go() -> None:
        with transaction.atomic():
            rows = Release.objects.select_for_update().filter(pk=release_id, folder=relative)
            if not rows.exclude(status=Release.Status.RECALLED).first():
                shutil.rmtree(artifact_storage().folder.path(relative), ignore_errors=True)

    transaction.on_commit(go)


# --- Rows and names ---


def locked(release_id: UUID) -> tuple[Release, list[Run]]:
    """A release and its runs, the runs locked before it, by id. Raises ReleaseRefused."""
    ids = Track.objects.filter(release=release_id).values("run")
    runs = list(Run.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    release = (
        # Whoever writes a row that refers to it need not wait.
        Release.objects.select_for_update(of=("self",), no_key=True)
        .select_related("artist", "profile", "cover", "bundle")
        .filter(pk=release_id)
        .first()
    )
    if release is None:
        raise ReleaseRefused(f"There is no release {release_id}.")
    if set(release.tracks.values_list("run_id", flat=True)) != {run.pk for run in runs}:
        raise ReleaseRefused(f"The tracks of {release} changed meanwhile; try again.")
    return release, runs


def moment_of(runs: Iterable[Run], *, now: datetime) -> datetime:
    """The time of what happens next to locked runs."""
    return max([now, *(next_moment(run.pk, now=now) for run in runs)])


def single_of(run_id: UUID) -> Release:
    """The single of a run. Raises ReleaseRefused."""
    release = Release.objects.singles_of(run_id).first()
    if release is None:
        raise ReleaseRefused("This run has no release; approve it first.")
    return release


def release_folder(release: Release) -> str:
    """Folder of a release under MEDIA_ROOT; the id keeps equal titles apart."""
    title = slugify(release.title) or "untitled"
    return f"releases/{release.artist.slug}/{title}-{short_id(release)}"
