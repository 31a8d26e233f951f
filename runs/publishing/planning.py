"""Plans: what goes where and when, changed until it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from runs.errors import PublishingRefused, ReleaseRefused
from runs.models import Channel, Part, Publication, Release, RunEvent
from runs.publishing import pacing
from runs.publishing.channels import ItemKind, kind_of, lead_of
from runs.publishing.items import Bundle, bundle_of, file_for
from runs.publishing.pacing import Candidate
from runs.releasing.releases import locked
from runs.releasing.sheet import ReleaseSheet, sheet_of

Status = Publication.Status
# Health is looked at so long before a publication is due.
LOOKS_BEFORE = (timedelta(days=1), timedelta(hours=1))


@dataclass(frozen=True)
class Wish:
    """A publication as it is to be. position: of the track; 0: the whole release."""

    channel: Channel
    part: str
    position: int
    at: datetime


def wishes_for(
    release: Release, *, on: datetime, channels: Sequence[Channel] | None = None
) -> list[Wish]:
    """What a release date means for each channel: the parts it wants and the bundle has, and when.

    on: the moment the release is out; its zone is that of the channels' times of day. channels:
    None for all active ones that take the artist. Raises PublishingRefused without a bundle.
    """
    if channels is None:
        channels = list(Channel.objects.active().of_artist(release.artist_id))
    sheet, bundle = sheet_of(release), bundle_of(release, checked=False)
    return [
        Wish(channel, part, position, public_time(channel, on, part))
        for channel in channels
        for part in channel.parts
        for position in positions_of(channel, part, sheet, bundle)
    ]


def positions_of(channel: Channel, part: str, sheet: ReleaseSheet, bundle: Bundle) -> list[int]:
    """Of which tracks there is such a part; [0] for what is of the whole release."""
    if part in (Part.RELEASE, Part.POST) or kind_of(channel).item is ItemKind.STORE:
        return [0]
    found = []
    for track in sheet.tracks:
        try:
            file_for(part, track, bundle)
        except PublishingRefused:
            continue
        found.append(track.position)
    return found


def public_time(channel: Channel, on: datetime, part: str) -> datetime:
    """When a channel makes public what is out at a moment: its days after, its time of day.

    On the day itself the moment of the release counts, and announcements follow some minutes later.
    """
    if channel.public_after_days == 0:
        return on + timedelta(minutes=15) if part == Part.POST else on
    return at_time(on, channel, on.tzinfo or timezone.get_default_timezone())


def at_time(on: datetime, channel: Channel, zone: tzinfo) -> datetime:
    """A channel's time of day so many days after; in the zone, whatever its clocks do between."""
    day = on.astimezone(zone).date() + timedelta(days=channel.public_after_days)
    return datetime.combine(day, channel.public_time, tzinfo=zone)


def plan(
    *, release_id: UUID, wishes: Sequence[Wish], actor: User | None, now: datetime
) -> list[Publication]:
    """Plan publications, each at the first time from the wished one on that breaks no cap.

    What is planned already stays. Raises PublishingRefused for a release that is recalled or has
    no bundle, a part that a channel does not take, or an artist that is not its.
    """
    with transaction.atomic():
        try:
            release, _ = locked(release_id)
        except ReleaseRefused as error:
            raise PublishingRefused(str(error)) from error
        if release.status == Release.Status.RECALLED:
            raise PublishingRefused(f"{release} was recalled: {release.recall_reason}")
        if release.bundle_id is None:
            raise PublishingRefused(f"{release} has no bundle yet; it is made within minutes.")
        pacing.lock(wish.channel for wish in wishes)
        planned = release.publications.exclude(status=Status.CANCELLED)
        known = set(planned.values_list("channel", "part", "position"))
        return [
            plan_one(release, wish, actor=actor, now=now)
            for wish in wishes
            if (wish.channel.pk, wish.part, wish.position) not in known
        ]


def plan_one(release: Release, wish: Wish, *, actor: User | None, now: datetime) -> Publication:
    """Plan one publication of a locked release, under the locks of its pacing."""
    channel = wish.channel
    require_wanted(channel, release, wish.part)
    candidate = Candidate(channel, release.artist_id, wish.part)
    due_at = pacing.free_from(candidate, max(wish.at, now))
    # One that was cancelled is planned again on its row.
    publication, _ = Publication.objects.update_or_create(
        release=release,
        channel=channel,
        part=wish.part,
        position=wish.position,
        defaults={
            "status": Status.PLANNED,
            "asked_at": due_at,
            "created_at": now,
            **times_for(channel, due_at, now=now),
        },
    )
    moved = "" if due_at == wish.at else f" (asked for {wish.at:%Y-%m-%d %H:%M %Z})"
    log(publication, f"Planned for {due_at:%Y-%m-%d %H:%M %Z}{moved}.", actor=actor, now=now)
    return publication


def require_wanted(channel: Channel, release: Release, part: str) -> None:
    """Raises PublishingRefused if a channel does not take the artist or the part."""
    if part not in kind_of(channel).parts:
        raise PublishingRefused(f"{channel} takes no {Part(part).label.lower()}.")
    if not Channel.objects.of_artist(release.artist_id).filter(pk=channel.pk).exists():
        raise PublishingRefused(f"{channel} is not for {release.artist}.")


def times_for(channel: Channel, due_at: datetime, *, now: datetime) -> dict[str, datetime | None]:
    """The columns that follow from a public time."""
    send_at = due_at - lead_of(channel)
    checks = [due_at - before for before in LOOKS_BEFORE if due_at - before > now]
    return {
        "due_at": due_at,
        "send_at": send_at,
        "wake_at": max(send_at, now),
        "checked_for": min(checks, default=None),
    }


def move(*, publication_id: UUID, to: datetime, actor: User | None, now: datetime) -> Publication:
    """Give an unsent publication another time. Raises PublishingRefused if it breaks a cap."""
    with transaction.atomic():
        publication = locked_publication(publication_id)
        require_unsent(publication)
        pacing.lock([publication.channel])
        candidate = candidate_of(publication)
        if broken := pacing.broken_caps(candidate, to):
            raise PublishingRefused(f"{to:%Y-%m-%d %H:%M}: {'; '.join(broken)}.")
        due_at = pacing.free_from(candidate, max(to, now))
        Publication.objects.filter(pk=publication.pk).update(
            status=Status.PLANNED,
            asked_at=due_at,
            fixed=False,
            reason="",
            rung_at=None,
            **times_for(publication.channel, due_at, now=now),
        )
        log(publication, f"Moved to {due_at:%Y-%m-%d %H:%M %Z}.", actor=actor, now=now)
    publication.refresh_from_db()
    return publication


def cancel(*, publication_id: UUID, actor: User | None, now: datetime) -> Publication:
    """Give up an unsent publication. Raises PublishingRefused for what is at its channel."""
    with transaction.atomic():
        publication = locked_publication(publication_id)
        require_unsent(publication)
        Publication.objects.filter(pk=publication.pk).update(
            status=Status.CANCELLED, wake_at=None, reason=""
        )
        log(publication, "Cancelled.", actor=actor, now=now)
    publication.refresh_from_db()
    return publication


def confirm(*, publication_id: UUID, actor: User, now: datetime) -> Publication:
    """Agree to sending this very release, where its channel asks for that."""
    with transaction.atomic():
        publication = locked_publication(publication_id)
        Publication.objects.filter(pk=publication.pk).update(confirmed_at=now, confirmed_by=actor)
        Publication.objects.filter(
            pk=publication.pk, status=Status.NEEDS_PERSON, external_id="", owner=""
        ).update(status=Status.DUE, wake_at=now, reason="", rung_at=None)
        log(publication, "Agreed to.", actor=actor, now=now)
    publication.refresh_from_db()
    return publication


def require_unsent(publication: Publication) -> None:
    """Raises PublishingRefused if anything of it is, or may be, at its channel."""
    unsent = not publication.external_id and (
        publication.status in (*Publication.OPEN, Status.NEEDS_PERSON)
        or (publication.status == Status.FAILED and not publication.memory)
    )
    if not unsent or publication.owner:
        raise PublishingRefused(
            f"{publication} is {publication.get_status_display().lower()}; only what is not sent "
            "yet can be changed. Recall the release to take it back."
        )


def candidate_of(publication: Publication) -> Candidate:
    return Candidate(
        publication.channel, publication.release.artist_id, publication.part, (publication.pk,)
    )


def locked_publication(publication_id: UUID) -> Publication:
    """A publication, locked. Raises PublishingRefused."""
    publication = (
        Publication.objects.select_for_update(of=("self",))
        .select_related("channel", "release__artist")
        .filter(pk=publication_id)
        .first()
    )
    if publication is None:
        raise PublishingRefused(f"There is no publication {publication_id}.")
    return publication


def log(publication: Publication, message: str, *, actor: User | None, now: datetime) -> None:
    """Write a line into the logs of a release's runs."""
    told = f"{publication.channel}, {publication.get_part_display().lower()}: {message}"
    RunEvent.objects.log_release(
        publication.release, RunEvent.Kind.PUBLICATION, told, now=now, actor=actor
    )
