"""What keeps a publication from being sent now: most passes, or ends when somebody mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from runs.errors import ReleaseRefused
from runs.models import Part, Publication, Release, Run
from runs.publishing.channels import ChannelKind
from runs.releasing.blockers import blockers_of, of_channel
from runs.releasing.releases import require_approved
from runs.releasing.sheet import sheet_of
from runs.reviewing.reviews import content_hash_of

LOOK_AGAIN = timedelta(minutes=10)
BLOCKERS_NAMED = 3


class Held(Exception):
    """It is not sent now; looked at again after a while."""

    def __init__(self, reason: str, *, again: timedelta = LOOK_AGAIN) -> None:
        super().__init__(reason)
        self.again = again


@dataclass(frozen=True)
class Locked:
    """A release and its runs, locked, so that what is seen of them holds."""

    release: Release
    runs: Sequence[Run]


def require_sendable(
    publication: Publication, of: Locked, kind: ChannelKind, *, now: datetime
) -> None:
    """Look through everything a release must fulfil. Raises Held."""
    release, runs = of.release, of.runs
    for run in runs:
        require_content(run)
    if release.bundle_id is None:
        raise Held("The bundle is still to be made.")
    found = of_channel(blockers_of(release, sheet_of(release)), kind.blockers)
    if found:
        more = f" And {len(found) - BLOCKERS_NAMED} more." if len(found) > BLOCKERS_NAMED else ""
        raise Held(" ".join(blocker.text for blocker in found[:BLOCKERS_NAMED]) + more)
    if publication.part == Part.POST and not announced_address(publication):
        # It is woken when that comes out, but looks by itself too: a worker may hold it just then,
        # its waker may die, the address may come later.
        again = publication.due_at - now if publication.due_at > now else LOOK_AGAIN
        raise Held("It waits until something of the release is out.", again=again)


def require_content(run: Run) -> None:
    """An approval that can no longer be undone, of what the run still holds. Raises Held."""
    try:
        require_approved(run)
    except ReleaseRefused as error:
        raise Held(str(error)) from error
    approval = run.reviews.standing().filter(decision="approve").first()
    if approval is None or approval.content_hash != content_hash_of(run):
        raise Held(f"{run} changed after its approval; judge it again.")


def announced_address(publication: Publication) -> str:
    """Where people find what an announcement is about; "" while nothing of it is out."""
    out = (
        Publication.objects.filter(release=publication.release_id, status=Publication.Status.LIVE)
        .exclude(part=Part.POST)
        .exclude(url="")
    )
    # Our own page, which has all the others, before films and sounds.
    rows = sorted(out.values_list("channel__kind", "part", "url"), key=lambda row: rank(*row[:2]))
    return rows[0][2] if rows else ""


def rank(kind: str, part: str) -> tuple[bool, bool]:
    return kind != "site", part != Part.VIDEO
