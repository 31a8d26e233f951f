"""What audiences did with what is out, read back from its channels as files are read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from ai_artist.kit.portions import in_portions
from ai_artist.kit.values import counted
from media_tools.errors import ProviderError
from media_tools.publishing.base import Figure as Told
from runs.audience.importing import record
from runs.audience.matching import Match
from runs.audience.rows import METRICS, PLATFORMS, TRACK, Figure
from runs.errors import PublishingRefused
from runs.models import Channel, Publication
from runs.publishing.accounts import ChannelAccount
from runs.publishing.channels import KINDS, adapter_of, issuer_of
from runs.publishing.handling import Clock

logger = logging.getLogger(__name__)

# Platforms correct their last days.
AGAIN = timedelta(days=7)
# What is out for longer than this is not asked for any more; one that is new, from its first day.
ASKED_FOR = timedelta(days=400)
# Counted by nobody's plays, but by suspicion.
FLAGS = "artificial_streaming_flags"
AT_ONCE = 200


@dataclass(frozen=True)
class Read:
    """What one channel told. problem: why it told nothing; empty if it did."""

    channel: str
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    problem: str = ""


def read_back(*, clock: Clock) -> list[Read]:
    """Ask every connected channel; one that does not answer does not hold up the others."""
    channels = Channel.objects.active().filter(kind__in=KINDS).order_by("pk")
    return [
        read_channel(channel, clock=clock)
        for channel in channels
        if not KINDS[channel.kind].by_hand
    ]


def read_channel(channel: Channel, *, clock: Clock) -> Read:
    """Read what is known of a channel's items since a week ago, or since they came out."""
    now = clock()
    out = list(items_of(channel, now=now))
    try:
        account = ChannelAccount(channel.pk, channel.kind, issuer_of(channel), clock)
        adapter = adapter_of(channel, account)
        told: list[Told] = []
        for some in in_portions(out, AT_ONCE):
            new = [one.live_at or now for one in some if one.counted_at is None]
            since = min([now - AGAIN, *new])
            ids = [one.external_id for one in some]
            told += adapter.figures(ids, since=timezone.localdate(since))
    except (ProviderError, PublishingRefused) as error:
        logger.warning("Figures of %s: %s", channel, error)
        return Read(str(channel), problem=str(error))
    by_id = {one.external_id: one for one in out}
    note_flags(told, by_id)
    figures = [
        (figure_of(channel, one, now=now), match_of(by_id[one.external_id]))
        for one in told
        if one.external_id in by_id and one.metric in METRICS
    ]
    recorded = record(figures, source=str(channel), now=now)
    Publication.objects.filter(pk__in=[one.pk for one in out]).update(counted_at=now)
    return Read(str(channel), recorded.new, recorded.updated, recorded.unchanged)


def items_of(channel: Channel, *, now: datetime) -> Iterator[Publication]:
    """What of a channel is or was out, with a place for its figures."""
    rows = Publication.objects.filter(
        Q(status=Publication.Status.LIVE) | Q(status__in=Publication.IN_RECALL),
        channel=channel,
        live_at__gte=now - ASKED_FOR,
    ).exclude(external_id="")
    yield from rows.select_related("release").prefetch_related("release__tracks").order_by("pk")


def run_of(publication: Publication) -> UUID | None:
    """The song whose figures these are; None for those of an EP or album as a whole."""
    tracks = list(publication.release.tracks.all())
    for track in tracks:
        if track.position == publication.position or (
            publication.position == 0 and publication.release.is_single
        ):
            return track.run_id
    return None


def match_of(publication: Publication) -> Match:
    return Match(publication.release.artist_id, run_of(publication))


def figure_of(channel: Channel, told: Told, *, now: datetime) -> Figure:
    """A figure as files bring it. A counter without a day is a total of today."""
    platform = channel.kind if channel.kind in PLATFORMS else "other"
    return Figure(
        line=0,
        start=told.day or timezone.localdate(now),
        period="day" if told.day else "total",
        platform=platform,
        metric=told.metric,
        value=Decimal(str(told.value)),
        level=TRACK,
        source=f"{channel.kind}_api",
        external_id=told.external_id,
    )


def note_flags(told: list[Told], by_id: dict[str, Publication]) -> None:
    """Tell people of streams that a distributor takes for artificial: shops take songs down so."""
    for one in told:
        if one.metric != FLAGS or not one.value or one.external_id not in by_id:
            continue
        Publication.objects.filter(
            pk=by_id[one.external_id].pk, status=Publication.Status.LIVE, reason=""
        ).update(
            reason=f"{counted(round(one.value), 'flag')} for artificial streams there. Stop "
            "promoting it, and answer them at the distributor.",
            rung_at=None,
        )
