"""Makes the bundles that are due; one that cannot be made does not delay the others."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from media_tools.foreign import label
from runs.errors import ReleaseRefused, ReviewRefused
from runs.models import Packing, Run, RunEvent
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
        pack(packing.run_id, attempts=packing.attempts + 1, now=now)
    return True


def pack(run_id: UUID, *, attempts: int, now: datetime) -> None:
    """Make one bundle, or record why not and when to try again.

    If even that cannot be written, the claim runs out and the bundle is due again.
    """
    try:
        # The attempts are counted before the work, so only killed workers lead here.
        if attempts > len(RETRY_DELAYS_S) + 1:
            raise ReleaseRefused("Its worker was killed each time.")
        if reviews.reopen_if_changed(run_id=run_id, now=now):
            Packing.objects.filter(pk=run_id).delete()
        else:
            releases.package_release(run_id=run_id, now=now)
    except Exception as error:
        if not isinstance(error, ReleaseRefused | ReviewRefused | OSError):
            logger.exception("Packing run %s", run_id)
        note_failure(run_id, error, attempts=attempts, now=now)


def note_failure(run_id: UUID, error: Exception, *, attempts: int, now: datetime) -> None:
    """Plan the next try of a bundle, or forget a bundle that is no longer wanted."""
    # A refusal is a sentence for the operator; of any other error the class says most.
    refused = isinstance(error, ReleaseRefused | ReviewRefused)
    name = "" if refused else f"{type(error).__name__}: "
    reason = label(f"{name}{error}", longest=LONGEST_REASON)
    delays = dict(enumerate(RETRY_DELAYS_S, start=1))
    due_at = now + timedelta(seconds=delays[attempts]) if attempts in delays else None
    wanted = Packing.objects.filter(pk=run_id, run__status=Run.Status.APPROVED, run__release=None)
    with transaction.atomic():
        if not wanted.update(due_at=due_at, error=reason):
            Packing.objects.filter(pk=run_id).delete()
            return
        then = f"Tried again in {delays[attempts] // 60} min." if due_at else "Ask for it again."
        message = f"No bundle: {reason} {then}"
        RunEvent.objects.log(run_id, RunEvent.Kind.NOT_PACKAGED, message, now=now)
