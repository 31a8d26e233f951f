"""Makes the bundles that are due; one that cannot be made does not delay the others."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from media_tools.foreign import label
from runs.errors import ReleaseRefused, ReviewRefused, StoreTrouble
from runs.models import Packing, Release, RunEvent, Track
from runs.releasing import releases
from runs.reviewing import reviews

logger = logging.getLogger(__name__)

# Waits after the first, second, ... failure; after the last one, a person must ask again.
RETRY_DELAYS_S = (60, 300, 1800, 7200, 21600)
# Longer than any bundle takes: a row still due after this was left by a worker that died.
LEASE_S = 900
LONGEST_REASON = 500


def pack_next(*, now: datetime) -> bool:
    """Make the bundle that has been due longest. Returns False if none is due.

    Never raises for a fault of the bundle.
    """
    packing = Packing.objects.due(now=now).first()
    if packing is None:
        return False
    # Claimed and counted before the work, so that an attempt that kills its worker counts too.
    claimed = Packing.objects.filter(pk=packing.pk, due_at=packing.due_at).update(
        due_at=now + timedelta(seconds=LEASE_S), attempts=F("attempts") + 1
    )
    if claimed:
        pack(packing.release_id, attempts=packing.attempts + 1, now=now)
    return True


def pack(release_id: UUID, *, attempts: int, now: datetime) -> None:
    """Make one bundle, or write down why not and when to try again.

    If even that cannot be written, the claim runs out and the bundle is due again.
    """
    try:
        # The attempts are counted before the work, so only killed workers lead here.
        if attempts > len(RETRY_DELAYS_S) + 1:
            raise ReleaseRefused("Its worker was killed each time.")
        if not reopened(release_id, now=now):
            releases.package_release(release_id=release_id, now=now)
    except Exception as error:
        if not isinstance(error, ReleaseRefused | ReviewRefused | OSError):
            logger.exception("Packing release %s", release_id)
        note_failure(release_id, error, attempts=attempts, now=now)


def reopened(release_id: UUID, *, now: datetime) -> bool:
    """Send runs whose content changed back to review; whether there were any.

    They leave their releases: a single goes with its run, an album is due again without it.
    """
    ids = Track.objects.filter(release=release_id).order_by("run").values_list("run", flat=True)
    # All of them, not until the first.
    answers = [reviews.reopen_if_changed(run_id=run_id, now=now) for run_id in list(ids)]
    return any(answers)


def note_failure(release_id: UUID, error: Exception, *, attempts: int, now: datetime) -> None:
    """Plan the next try of a bundle; forget one that is not wanted any more."""
    # A refusal is a sentence for the operator; of any other error the kind says most.
    refused = isinstance(error, ReleaseRefused | ReviewRefused | StoreTrouble)
    name = "" if refused else f"{type(error).__name__}: "
    reason = label(f"{name}{error}", longest=LONGEST_REASON)
    delays = dict(enumerate(RETRY_DELAYS_S, start=1))
    due_at = now + timedelta(seconds=delays[attempts]) if attempts in delays else None
    with transaction.atomic():
        standing = Release.objects.exclude(status=Release.Status.RECALLED)
        release = standing.filter(pk=release_id).first()
        row = Packing.objects.filter(pk=release_id)
        if release is None:
            row.delete()
            return
        if not row.update(due_at=due_at, error=reason):
            return
        then = f"Tried again in {delays[attempts] // 60} min." if due_at else "Ask for it again."
        message = f"No bundle: {reason} {then}"
        RunEvent.objects.log_release(release, RunEvent.Kind.NOT_PACKAGED, message, now=now)
