"""What a person decides where the engine cannot: another try, a lost answer, a channel's pause."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from ai_artist.kit.columns import reason as one_line
from media_tools.foreign import LONGEST_ID, reference
from media_tools.publishing.base import Stage
from runs.errors import PublishingRefused
from runs.models import Channel, Part, Publication
from runs.publishing.planning import locked_publication, log

Status = Publication.Status
# What ended for good there is sent anew; of anything else it is first looked how it stands.
ENDED = (Stage.FAILED.value, Stage.GONE.value)


def retry(*, publication_id: UUID, actor: User | None, now: datetime) -> Publication:
    """Go on with a publication that failed or waited for a person. Raises PublishingRefused."""
    with transaction.atomic():
        publication = locked_publication(publication_id)
        if publication.status not in (Status.FAILED, Status.NEEDS_PERSON):
            raise PublishingRefused(
                f"{publication} is {publication.get_status_display().lower()}; it goes on by "
                "itself."
            )
        fields: dict[str, object] = {"status": Status.DUE}
        if publication.external_id and publication.stage in ENDED:
            # A new item has another id, and nothing of the old sending helps it.
            fields |= {"external_id": "", "url": "", "memory": "", "stage": "", "sent_at": None}
            fields["fixed"] = False
        elif not publication.external_id and publication.part == Part.POST:
            # A person has looked: where nothing can be found again, nothing else could tell.
            fields |= {"memory": ""}
        elif publication.external_id:
            fields["status"] = Status.LIVE if publication.live_at else Status.PROCESSING
        Publication.objects.filter(pk=publication.pk).update(
            wake_at=now, tries=0, looks=0, reason="", rung_at=None, **fields
        )
        log(publication, "Tried again on request.", actor=actor, now=now)
    publication.refresh_from_db()
    return publication


def resolve_unknown(
    *, publication_id: UUID, external_id: str, actor: User | None, now: datetime
) -> Publication:
    """Say what became of a sending whose answer was lost.

    external_id: of the item at the channel, which is then followed; empty: it never arrived, and
    is sent again. Raises PublishingRefused.
    """
    found = reference(external_id, longest=LONGEST_ID)
    if external_id.strip() and not found:
        raise PublishingRefused("An id at a channel is one word; nothing was changed.")
    with transaction.atomic():
        publication = locked_publication(publication_id)
        if publication.status != Status.UNKNOWN:
            raise PublishingRefused(f"{publication} has no lost answer; nothing was changed.")
        fields: dict[str, object] = (
            {"status": Status.PROCESSING, "external_id": found, "sent_at": now}
            if found
            else {"status": Status.DUE, "memory": ""}
        )
        Publication.objects.filter(pk=publication.pk).update(
            wake_at=now, owner="", tries=0, looks=0, reason="", rung_at=None, **fields
        )
        said = f"It is there as {found}." if found else "It never arrived; sent again."
        log(publication, said, actor=actor, now=now)
    publication.refresh_from_db()
    return publication


def pause_channel(*, channel_id: int, why: str) -> None:
    """Let a channel send nothing; what is out is watched all the same."""
    Channel.objects.filter(pk=channel_id).update(
        state=Channel.State.PAUSED, reason=one_line(why) or "Paused by a person."
    )


def resume_channel(*, channel_id: int, now: datetime) -> None:
    """Let a channel go on; what waited for it is due at once."""
    Channel.objects.filter(pk=channel_id).update(state=Channel.State.ACTIVE, reason="")
    idle = Publication.objects.filter(channel=channel_id, owner="")
    idle.filter(status__in=Publication.BEFORE_THERE, send_at__lte=now).update(wake_at=now)
    idle.filter(status=Status.RECALLING, taken_down_at=None).update(wake_at=now)
