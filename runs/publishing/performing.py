"""What a worker does with the publication that is due: one short piece of work, then it lets go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from ai_artist.kit.columns import reason as one_line
from ai_artist.kit.log_context import working_on
from media_tools.errors import NeedsPerson, ProviderRejected, ProviderUnavailable
from media_tools.providers.breaker import CIRCUIT_OPEN
from media_tools.records import Unreadable
from runs.errors import LostLease, PublishingRefused, ReleaseRefused
from runs.models import Publication
from runs.publishing import claims, following, recall, sending, series
from runs.publishing.accounts import stop_channel
from runs.publishing.claims import PublicationClaim
from runs.publishing.gates import LOOK_AGAIN, Held
from runs.publishing.handling import Clock, Handling
from runs.work.claims import Heartbeat

logger = logging.getLogger(__name__)

Status = Publication.Status
# Waits after the first, second, ... failure of a sending; after the last one a person has to ask.
RETRY_DELAYS_S = (30, 60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 28_800, 28_800)
# What is not a failure of the item: nothing was tried.
NOT_TRIED = (CIRCUIT_OPEN, "quota", "processing")
FOR_PERSON = timedelta(hours=1)

WORK: dict[str, Callable[[Handling], None]] = {
    Status.PLANNED: sending.begin,
    Status.DUE: sending.begin,
    Status.SENDING: sending.resume,
    Status.UNKNOWN: sending.search,
    Status.PROCESSING: following.follow,
    Status.NEEDS_PERSON: following.follow,
    Status.LIVE: following.watch,
    Status.RECALLING: recall.take_back,
    Status.RECALLED: recall.take_back,
    Status.RECALL_UNPROVEN: recall.take_back,
}


def publish_next(*, clock: Clock) -> bool:
    """Go on with the publication that has been due longest. False if none is due."""
    claim = claims.claim_next(now=clock())
    if claim is None:
        return False
    perform(claim, clock=clock)
    return True


def perform(claim: PublicationClaim, *, clock: Clock) -> None:
    """Do what is next for a claimed publication. Never raises for a fault of it."""
    with working_on(publication=claim.publication_id):
        _perform(claim, clock)


def _perform(claim: PublicationClaim, clock: Clock) -> None:
    try:
        handling = Handling.of(claim, clock)
        with Heartbeat(claim):
            do(handling)
    except LostLease as error:
        logger.info("Stopped: %s", error)
    except Exception as error:
        logger.exception("Publication %s", claim.publication_id)
        # If even this fails, its lease runs out, and another worker looks.
        why = one_line(f"A fault of this software: {type(error).__name__}: {error}")
        with suppress(Exception):
            claim.let_go(wake_at=clock() + LOOK_AGAIN, reason=why)


def do(handling: Handling) -> None:
    """The work of its state; what goes wrong is written down with the time of the next try."""
    publication = handling.publication
    work = WORK.get(publication.status)
    if work is None:
        handling.claim.let_go(wake_at=None)
        return
    if publication.status == Status.PLANNED:
        handling.claim.write(status=Status.DUE)
        publication.status = Status.DUE
    try:
        work(handling)
    except Held as held:
        handling.let_go(Status.DUE, after=held.again, why=str(held))
    except (PublishingRefused, ReleaseRefused, Unreadable, OSError) as error:
        handling.let_go(waiting_status(publication), after=LOOK_AGAIN, why=str(error))
    except NeedsPerson as error:
        stop_channel(publication.channel, error)
        handling.let_go(waiting_status(publication), after=FOR_PERSON, why=str(error))
    except ProviderUnavailable as error:
        later(handling, error)
    except ProviderRejected as error:
        refused(handling, error)


def waiting_status(publication: Publication) -> str:
    """The state in which it waits for another try: as before, but nothing is being sent now."""
    unsent = publication.status in Publication.BEFORE_THERE
    return Status.DUE if unsent else publication.status


def later(handling: Handling, error: ProviderUnavailable) -> None:
    """Plan the next try after an outage. A sending ends after the last one; a look never does."""
    publication = handling.publication
    tries = publication.tries + (error.code not in NOT_TRIED)
    sends = publication.status in Publication.BEFORE_THERE
    if sends and tries > len(RETRY_DELAYS_S):
        why = f"Tried {tries} times. {error} Ask for another try when it is back."
        handling.let_go(Status.FAILED, after=None, why=why, tries=tries)
        return
    wait_s = float(RETRY_DELAYS_S[min(max(tries, 1), len(RETRY_DELAYS_S)) - 1])
    if error.retry_after_s is not None:
        wait_s = max(error.retry_after_s, 1.0)
    handling.let_go(
        waiting_status(publication),
        after=timedelta(seconds=wait_s),
        why=str(error),
        tries=min(tries, 1000),
    )


def refused(handling: Handling, error: ProviderRejected) -> None:
    """A refusal for good: what was to be sent has failed; a look or a recall is tried later."""
    publication = handling.publication
    if publication.status in (*Publication.BEFORE_THERE, Status.UNKNOWN, Status.PROCESSING):
        handling.let_go(Status.FAILED, after=None, why=str(error))
    else:
        handling.let_go(publication.status, after=timedelta(days=1), why=str(error))


def free_dropped(*, now: datetime) -> int:
    """Free what dead workers held. Returns how many."""
    return claims.free_dropped(now=now)


def sweep(*, now: datetime) -> dict[str, int]:
    """What once a minute is enough for: missed recalls, series. Returns counts by name."""
    return {
        "recalls": recall.begin_dropped_recalls(now=now),
        "series": series.plan_series(now=now),
    }
