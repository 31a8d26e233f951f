"""Free the space of files nobody will ask for: rows stay, so pages and history still tell of them.

Spared are approved and released runs and every run with a release, recalled ones included; of runs
on their way and in review what a later take has replaced may go, nothing else. A file is stored
once under its content's hash, so it goes only when no row that is kept refers to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from ai_artist.kit.portions import in_portions
from ai_artist.kit.values import counted
from runs.models import Artifact, Run, RunEvent
from runs.storage.artifacts import artifact_storage
from runs.storage.kept import ARTIFACTS, SIGNED, Kept

# A step that has just stored the same content again may not have written its row yet.
FRESH = timedelta(days=1)
# So many runs at most lose their stems in one night: the rest waits for the next.
STEMS_AT_ONCE = 2_000
# Names of the store that are looked up together.
NAMES_AT_ONCE = 1000
# A person who decides on one of them waits for their transaction.
RUNS_AT_ONCE = 50
FOUND_AT_ONCE = 500


@dataclass
class Purged:
    """What was removed, or would be. artifacts: rows; files, bytes: in the store; orphans: of these
    files, the ones no kept row names."""

    runs: int = 0
    artifacts: int = 0
    files: int = 0
    orphans: int = 0
    bytes: int = 0


def purge(*, older_than: timedelta, now: datetime, act: bool) -> Purged:
    """Remove the files of runs that ended badly, of replaced takes, and files nothing refers to.

    older_than: since the decision, the end of the run, the replacement or the writing. act
    False only counts. Up to 50 runs share a transaction; files go after its commit, so a crash
    leaves at most files that no kept row names, which the next purge finds.
    """
    before = now - older_than
    needless = purgeable(before)
    done = Purged()
    remove_artifacts(needless, purgeable_runs(before), done, now=now, act=act)
    fresh = min(before, now - FRESH)
    for kept in chain(orphans(before=fresh), unused_signatures(before=fresh)):
        done.orphans += 1
        remove(kept, done, act=act)
    return done


def drop_stems(*, older_than: timedelta, now: datetime) -> Purged:
    """Remove mixes and stems of rejected runs, of at most STEMS_AT_ONCE.

    What was judged stays, so the rejection can still be undone. older_than: since the decision.
    """
    done = Purged()
    needless = Artifact.objects.filter(
        kind__in=Artifact.WORKING,
        purged_at=None,
        run__status=Run.Status.REJECTED,
        run__decided_at__lt=now - older_than,
        run__tracks=None,
    )
    remove_artifacts(needless, runs_of(needless, most=STEMS_AT_ONCE), done, now=now, act=True)
    return done


def remove_artifacts(
    needless: QuerySet[Artifact],
    run_ids: Iterable[UUID],
    done: Purged,
    *,
    now: datetime,
    act: bool,
) -> None:
    """Remove the needless files of runs, some runs in each transaction; count them in `done`."""
    counted: set[str] = set()
    for some in in_portions(run_ids, RUNS_AT_ONCE):
        with transaction.atomic():
            # Locked and looked at again: a person may be undoing a rejection.
            runs = Run.objects.select_for_update(no_key=True).filter(pk__in=some).order_by("pk")
            doomed = list(needless.filter(run__in=list(runs.values_list("pk", flat=True))))
            if act:
                mark_purged(doomed, now=now)
        done.runs += len({artifact.run_id for artifact in doomed})
        done.artifacts += len(doomed)
        names = {str(artifact.file) for artifact in doomed}
        if not act:  # nothing is marked, so a shared file would be found with each of its rows
            names -= counted
            counted |= names
        for kept in unneeded(names, None if act else needless, now=now):
            remove(kept, done, act=act)


def ended_badly(before: datetime, *, of: str = "run__") -> Q:
    """Rows of runs that ended badly before a moment. of: how a row refers to its run."""
    decided = Q(**{f"{of}decided_at__lt": before})
    undecided = Q(**{f"{of}decided_at": None, f"{of}finished_at__lt": before})
    return Q(**{f"{of}status__in": Run.GONE}) & (decided | undecided)


def purgeable(before: datetime) -> QuerySet[Artifact]:
    """Artifacts whose files are not needed since `before`."""
    # Of kept runs not even replaced takes go: they prove how what came out was made.
    replaced = Q(superseded_at__lt=before) & ~Q(run__status__in=Run.KEPT)
    needless = ended_badly(before) | replaced
    return Artifact.objects.filter(needless, purged_at=None, run__tracks=None)


def runs_of(needless: QuerySet[Artifact], *, most: int) -> list[UUID]:
    """Ids of the runs of some files, `most` of them."""
    return list(needless.order_by("run_id").values_list("run_id", flat=True).distinct()[:most])


def purgeable_runs(before: datetime) -> Iterator[UUID]:
    """Yield the ids of the runs that have something to purge, each once."""
    # Found in portions, by the order of their ids: a query for all would read every file's row.
    ended = Run.objects.filter(ended_badly(before, of="")).order_by("pk")
    last = UUID(int=0)
    while some := list(ended.filter(pk__gt=last).values_list("pk", flat=True)[:FOUND_AT_ONCE]):
        doomed = purgeable(before).filter(run__in=some).order_by("run_id")
        yield from doomed.values_list("run_id", flat=True).distinct()
        last = some[-1]
    replaced = purgeable(before).filter(superseded_at__lt=before).exclude(ended_badly(before))
    yield from replaced.order_by("run_id").values_list("run_id", flat=True).distinct()


def mark_purged(artifacts: list[Artifact], *, now: datetime) -> None:
    """Write down that the files are gone, before they go."""
    Artifact.objects.filter(pk__in=[artifact.pk for artifact in artifacts]).update(purged_at=now)
    RunEvent.objects.bulk_create(
        RunEvent(
            run_id=run_id,
            at=now,
            kind=RunEvent.Kind.PURGED,
            message=f"{counted(files, 'file')} removed to free space; checksums and sources stay.",
        )
        for run_id, files in Counter(artifact.run_id for artifact in artifacts).items()
    )


def unneeded(
    names: set[str], needless: QuerySet[Artifact] | None, *, now: datetime
) -> Iterator[Kept]:
    """Those of the stored files that no kept row refers to and nobody has just stored again.

    needless: rows that do not count; None if they are marked as purged already.
    """
    rows = Artifact.objects.filter(file__in=names, purged_at=None)
    if needless is not None:
        rows = rows.exclude(pk__in=needless.filter(file__in=names).values("pk"))
    needed = set(rows.values_list("file", flat=True))
    yield from stored_before(names - needed, now - FRESH)


def orphans(*, before: datetime) -> Iterator[Kept]:
    """Files of the store that no kept row names: left by a crash, or by a row that was deleted."""
    for files in in_portions(artifact_storage().walk(ARTIFACTS), NAMES_AT_ONCE):
        old = {file.name for file in files if file.stored_at < before}
        kept = Artifact.objects.filter(file__in=old, purged_at=None)
        yield from stored_before(old - set(kept.values_list("file", flat=True)), before)


def unused_signatures(*, before: datetime) -> Iterator[Kept]:
    """Signed files that no bundle folder has and none was made of lately.

    A folder's file is a link to the kept one, so a kept file with one name is in no folder. Where
    there are no links, a file that goes is signed again when it is needed.
    """
    store = artifact_storage()
    for file in store.walk(SIGNED):
        if file.stored_at < before and not is_linked(store.folder.path(file.name)):
            yield file


def is_linked(path: Path) -> bool:
    """Return whether a file has a second hard link; False if it does not exist."""
    try:
        return path.stat().st_nlink > 1
    except FileNotFoundError:
        return False


def stored_before(names: Iterable[str], moment: datetime) -> Iterator[Kept]:
    """Those of the files that are there at this moment and were last stored before another."""
    store = artifact_storage()
    for name in sorted(names):
        kept = store.look(name)
        if kept is not None and kept.stored_at < moment:
            yield kept


def remove(file: Kept, done: Purged, *, act: bool) -> None:
    """Count a file, and remove it wherever it lies."""
    done.files += 1
    done.bytes += file.bytes
    if act:
        artifact_storage().delete(file.name)
