"""Hands publications over: once, whatever happens to the worker or to an answer."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from ai_artist.kit.columns import fitted
from media_tools.errors import SubmissionUnknown
from media_tools.publishing.base import Sent
from runs.models import Publication, Release
from runs.providers.ledger import Book
from runs.publishing import pacing
from runs.publishing.channels import kind_of
from runs.publishing.gates import Locked, require_sendable
from runs.publishing.handling import Handling
from runs.publishing.planning import candidate_of, log, times_for
from runs.releasing.releases import locked

Status = Publication.Status
# A place that is later than now by no more than this is taken as it is.
PUNCTUAL = timedelta(minutes=1)
# In the memory of what was begun and then moved.
MOVED = "moved"


def begin(handling: Handling) -> None:
    """Look whether a due publication may go out, and send it."""
    if allowed(handling):
        send(handling)


def allowed(handling: Handling) -> bool:
    """Mark a publication as being sent, or let go of it. Raises Held.

    The release is locked meanwhile: it cannot be recalled, undone or edited between look and mark.
    """
    publication = handling.publication
    kind = kind_of(publication.channel)
    with transaction.atomic():
        release, runs = locked(publication.release_id)
        if release.status == Release.Status.RECALLED:
            handling.let_go(Status.CANCELLED, after=None, why="The release was recalled.")
            return False
        require_sendable(publication, Locked(release, runs), kind, now=handling.clock())
        if kind.by_hand:
            handling.let_go(Status.NEEDS_PERSON, after=None, why=task_of(publication))
            return False
        if handling.adapter.asks_first and publication.confirmed_at is None:
            why = f"Agree to sending it to {publication.channel}: it cannot be called back there."
            handling.let_go(Status.NEEDS_PERSON, after=None, why=why)
            return False
        if not placed(handling):
            return False
        handling.claim.write(
            status=Status.SENDING, reason="", bundle_sha256=bundle_of_release(release)
        )
    return True


def bundle_of_release(release: Release) -> str:
    return release.bundle.sha256 if release.bundle else ""


def placed(handling: Handling) -> bool:
    """Whether a publication still has a place at its public time, or now if that is over.

    Else it moves to the next free one, and is let go if it need not be sent yet.
    """
    publication, now = handling.publication, handling.clock()
    pacing.lock([publication.channel])
    public_at = max(publication.due_at, now)
    free_at = pacing.free_from(candidate_of(publication), public_at, certain=True)
    if free_at <= public_at + PUNCTUAL:
        # What is late takes its real time, so that others count it there.
        handling.claim.write(due_at=free_at, fixed=handling.adapter.schedules)
        publication.due_at = free_at
        return True
    times = times_for(publication.channel, free_at, now=now)
    message = f"Its place was taken; moved to {free_at:%Y-%m-%d %H:%M %Z}."
    log(publication, message, actor=None, now=now)
    if handling.memory.is_empty:
        handling.claim.write(**times)
        handling.claim.let_go(wake_at=times["wake_at"], status=Status.PLANNED, reason=message)
        return False
    # An upload that was begun carries its old date. Before it is begun anew, it is looked for.
    handling.memory.put(**{MOVED: "1"})
    handling.claim.write(**times)
    after = timedelta(seconds=handling.adapter.look_after_s[0])
    handling.let_go(Status.UNKNOWN, after=after, why=message, looks=0)
    return False


def task_of(publication: Publication) -> str:
    """What a person is to do at a channel that is served by hand."""
    return (
        f"Hand it over at {publication.channel} so that it is out on "
        f"{publication.due_at:%Y-%m-%d %H:%M %Z}, then enter its address here."
    )


def resume(handling: Handling) -> None:
    """Go on where a worker died: first it is looked for, for its answer may have been lost."""
    if not handling.memory.is_empty:
        look(handling)
    send(handling)


def send(handling: Handling) -> None:
    """Hand it over, in the ledger like every call of a provider."""
    publication = handling.publication
    item, memory = handling.checked_item, handling.memory
    first = publication.release.tracks.select_related("run").first()
    book = Book(first.run if first else None, "publishing", handling.clock)
    try:
        sent: Sent = book.ask(
            f"send {publication.channel_id} {publication.part}"[:40],
            publication.channel.kind,
            "",
            lambda: handling.adapter.send(item, memory),
        )
    except SubmissionUnknown as error:
        after = timedelta(seconds=handling.adapter.look_after_s[0])
        handling.let_go(Status.UNKNOWN, after=after, why=str(error), looks=0)
        return
    taken(handling, sent)


def taken(handling: Handling, sent: Sent) -> None:
    """Note that the channel has it; from here on it is followed."""
    now = handling.clock()
    told = fitted(Publication, external_id=sent.external_id, url=sent.url)
    handling.let_go(
        Status.PROCESSING,
        after=timedelta(seconds=handling.adapter.poll_after_s(0.0)),
        sent_at=now,
        tries=0,
        looks=0,
        **told,
    )
    log(handling.publication, "Handed over.", actor=None, now=now)


def search(handling: Handling) -> None:
    """Look for what may have been sent; after the last look in vain it is sent again."""
    if look(handling):
        # It is remembered: what is left to be done of the sending is done.
        send(handling)
        return
    waits = handling.adapter.look_after_s
    looks = handling.publication.looks + 1
    if looks < len(waits):
        after = timedelta(seconds=waits[looks] - waits[looks - 1])
        handling.let_go(Status.UNKNOWN, after=after, why=handling.publication.reason, looks=looks)
        return
    # What was begun for another date is not gone on with.
    anew = {"memory": ""} if handling.memory.get(MOVED) else {}
    why = "It did not arrive; sent again."
    handling.let_go(Status.DUE, after=timedelta(0), why=why, looks=0, **anew)


def look(handling: Handling) -> Sent | None:
    """What the channel has of it; the adapter remembers that, and send() does only the rest."""
    sent: Sent | None = handling.adapter.find(handling.item, handling.memory)
    return sent
