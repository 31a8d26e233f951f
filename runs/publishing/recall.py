"""Takes releases back from every channel, and proves from outside that they are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from media_tools.errors import NeedsPerson, ProviderError, ProviderUnavailable
from media_tools.publishing.base import Sighting
from runs.errors import PublishingRefused
from runs.models import Channel, Proof, Publication, Release
from runs.publishing.accounts import Disconnected
from runs.publishing.channels import kind_of
from runs.publishing.handling import Handling
from runs.publishing.planning import locked_publication, log
from runs.releasing import releases

Status = Publication.Status
# When a stranger's look is taken, after the channel agreed to take it down.
LOOKS_AFTER = (timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=7))
TRIED_AGAIN_BY_PERSON = timedelta(hours=6)


# --- The one action ---


def recall_release(*, release_id: UUID, reason: str, actor: User | None, now: datetime) -> Release:
    """Take a release back here and at every channel; raises as releases.recall_release() does."""
    with transaction.atomic():
        release = releases.recall_release(
            release_id=release_id, reason=reason, actor=actor, now=now
        )
        begin_recalls(release, now=now)
    return release


def begin_recalls(release: Release, *, now: datetime) -> int:
    """Cancel what is planned of a recalled release, and have the rest taken down. Returns how many.

    A worker that is at one of them loses its claim, so an upload in progress stops.
    """
    rows = Publication.objects.filter(release=release)
    # What a person was asked to hand over may have been handed over.
    asked = Q(status=Status.NEEDS_PERSON, channel__kind=Channel.Kind.BY_HAND)
    never_sent = Q(status__in=Publication.OPEN) | (
        Q(status__in=(Status.NEEDS_PERSON, Status.FAILED), live_at=None) & ~asked
    )
    rows.filter(never_sent, external_id="", memory="").update(
        status=Status.CANCELLED, wake_at=None, owner="", reason="The release was recalled."
    )
    return rows.exclude(status__in=(Status.CANCELLED, *Publication.IN_RECALL)).update(
        status=Status.RECALLING,
        recall_began_at=now,
        wake_at=now,
        owner="",
        tries=0,
        looks=0,
        reason="",
        rung_at=None,
    )


def begin_dropped_recalls(*, now: datetime) -> int:
    """Begin what is missing: a release was recalled, and something of it is not. For the sweep."""
    left = (
        Publication.objects.filter(release__status=Release.Status.RECALLED)
        .exclude(status__in=(Status.CANCELLED, *Publication.IN_RECALL))
        .values_list("release", flat=True)
    )
    rows = Release.objects.filter(pk__in=list(left.distinct()[:50]))
    return sum(begin_recalls(release, now=now) for release in rows)


# --- What a worker does ---


def take_back(handling: Handling) -> None:
    """Have it taken down, if that is still to be done; then look from outside."""
    publication = handling.publication
    if publication.taken_down_at is None and not taken_down(handling):
        return
    witness(handling)


def taken_down(handling: Handling) -> bool:
    """Ask its channel to take it down; False if that is for a person, or for later."""
    publication, now = handling.publication, handling.clock()
    if kind_of(publication.channel).by_hand:
        why = f"Have it taken down at {publication.channel}, then say so here."
        handling.let_go(Status.RECALLING, after=None, why=why)
        return False
    external_id = publication.external_id
    if not external_id:
        # What was being sent meanwhile, or whose answer was lost, may show up only after a while.
        waits = handling.adapter.look_after_s
        external_id = lost_one(handling)
        if not external_id and publication.memory and publication.looks < len(waits):
            after = timedelta(seconds=waits[publication.looks])
            handling.let_go(Status.RECALLING, after=after, looks=publication.looks + 1)
            return False
    if external_id:
        agreed = publication.confirmed_at
        confirmed = agreed is not None and agreed > recall_of(publication)
        try:
            handling.adapter.take_down(external_id, confirmed=confirmed)
        except Disconnected:
            raise
        except NeedsPerson as error:
            handling.let_go(Status.RECALLING, after=TRIED_AGAIN_BY_PERSON, why=str(error))
            return False
    handling.claim.write(taken_down_at=now, looks=0, external_id=external_id)
    publication.taken_down_at, publication.looks = now, 0
    publication.external_id = external_id
    log(publication, "Taken down.", actor=None, now=now)
    return True


def recall_of(publication: Publication) -> datetime:
    began = publication.recall_began_at
    assert began is not None  # a constraint of its table
    return began


def lost_one(handling: Handling) -> str:
    """The id of what was sent without an answer, if the channel has it."""
    sent = handling.adapter.find(handling.item, handling.memory)
    return str(sent.external_id) if sent else ""


def witness(handling: Handling) -> None:
    """One look from outside. It counts as proven once a stranger finds nothing, and no later look
    finds it again."""
    publication = handling.publication
    sighting = seen(handling)
    handling.prove(sighting)
    looks = publication.looks + 1
    proven = sighting.there is False or (
        sighting.there is None and publication.status == Status.RECALLED
    )
    last = looks >= len(LOOKS_AFTER)
    # At first, caches of the platform may still show it.
    first = looks == 1
    if proven:
        status = Status.RECALLED
    else:
        found_again = bool(sighting.there) and not first
        status = Status.RECALL_UNPROVEN if last or found_again else Status.RECALLING
    why = "" if proven or first else sighting.words or "It can still be found."
    began = publication.taken_down_at or handling.clock()
    after = None if last else max(timedelta(0), began + LOOKS_AFTER[looks] - handling.clock())
    handling.let_go(status, after=after, why=why, looks=looks)


def seen(handling: Handling) -> Sighting:
    """What a stranger sees; no answer proves nothing."""
    publication = handling.publication
    if not publication.external_id:
        return Sighting(
            there=False, address="", status=0, sha256="", words="It never arrived there."
        )
    try:
        sighting: Sighting = handling.adapter.witness(publication.external_id, publication.url)
    except ProviderUnavailable:
        raise
    except ProviderError as error:
        return Sighting(there=None, address="", status=0, sha256="", words=str(error))
    return sighting


# --- What a person does ---


def confirm_taken_down(
    *, publication_id: UUID, words: str, actor: User, now: datetime
) -> Publication:
    """A person says that it is gone, where no call and no look can tell."""
    with transaction.atomic():
        publication = locked_publication(publication_id)
        if publication.status not in (Status.RECALLING, Status.RECALL_UNPROVEN):
            raise PublishingRefused(f"{publication} is not being taken down.")
        Proof.objects.create(
            publication=publication,
            what=Proof.What.PERSON,
            at=now,
            there=False,
            address=publication.url,
            words=words[:500] or "Seen to be gone.",
            by=actor,
        )
        Publication.objects.filter(pk=publication.pk).update(
            status=Status.RECALLED, taken_down_at=now, wake_at=None, owner="", reason=""
        )
        log(publication, "Taken down, by a person's word.", actor=actor, now=now)
    publication.refresh_from_db()
    return publication


def agree_to_take_down(*, publication_id: UUID, actor: User, now: datetime) -> Publication:
    """Agree to what the channel said of taking it down; it is asked again at once."""
    with transaction.atomic():
        publication = locked_publication(publication_id)
        changed = Publication.objects.filter(
            pk=publication.pk, status=Status.RECALLING, owner=""
        ).update(confirmed_at=now, confirmed_by=actor, wake_at=now, reason="", rung_at=None)
        if not changed:
            raise PublishingRefused(f"{publication} waits for nobody's word.")
    publication.refresh_from_db()
    return publication


# --- How it stands ---


@dataclass(frozen=True)
class RecallStanding:
    """How far a recall is. open: publications that are not proven gone."""

    release: Release
    proven: Sequence[Publication]
    open: Sequence[Publication]

    @property
    def is_proven(self) -> bool:
        return not self.open


def recall_standing(release: Release) -> RecallStanding:
    """What is proven of a release's recall, and what is not."""
    rows = release.publications.exclude(status=Status.CANCELLED).select_related("channel")
    all_of_it = list(rows)
    proven = [row for row in all_of_it if row.status == Status.RECALLED]
    return RecallStanding(release, proven, [row for row in all_of_it if row not in proven])
