"""Looks at a channel a day and an hour before something is due on it, while there is time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from media_tools.errors import MediaError, ProviderError, ProviderRejected
from media_tools.publishing.base import AccountFacts, Upload
from media_tools.records import Unreadable
from media_tools.video.probe import probe
from runs.errors import PublishingRefused
from runs.models import Channel, Part, Publication
from runs.publishing.accounts import stop_channel
from runs.publishing.channels import kind_of
from runs.publishing.connecting import facts_of, note_facts
from runs.publishing.gates import announced_address
from runs.publishing.handling import Clock
from runs.publishing.items import item_of
from runs.publishing.planning import LOOKS_BEFORE

logger = logging.getLogger(__name__)

# A person needs some days to sign in again.
ENDS_SOON = timedelta(days=3)
LOOKED_AT_TOGETHER = 20


def check_due(*, clock: Clock) -> int:
    """Look at what is due within a day, for the sweep. Returns at how many.

    A fault of the account parks its channel alone; one of the files is told of its publication.
    """
    now = clock()
    due = Publication.objects.filter(checked_for__lte=now, status__in=Publication.ON_ITS_WAY)
    rows = due.select_related("channel", "release__artist", "release__bundle").order_by(
        "checked_for"
    )
    done = 0
    facts: dict[int, AccountFacts | None] = {}
    for publication in rows[:LOOKED_AT_TOGETHER]:
        # One conditional UPDATE: of two sweeps, one looks.
        coming = [at for at in looks_for(publication) if at > now]
        taken = Publication.objects.filter(
            pk=publication.pk, checked_for=publication.checked_for
        ).update(checked_for=min(coming, default=None))
        if taken:
            done += 1
            check(publication, facts, clock=clock)
    return done


def looks_for(publication: Publication) -> list[datetime]:
    return [publication.due_at - before for before in LOOKS_BEFORE]


def check(publication: Publication, facts: dict[int, AccountFacts | None], *, clock: Clock) -> None:
    """Look at a publication's channel and files. facts: of channels looked at just now."""
    channel = publication.channel
    if kind_of(channel).by_hand:
        return
    if channel.pk not in facts:
        facts[channel.pk] = check_channel(channel, clock=clock)
    told = facts[channel.pk]
    if told is None or publication.external_id:
        return
    for fault in file_faults(publication, told):
        Publication.objects.filter(pk=publication.pk, external_id="").update(reason=fault[:1000])


def check_channel(channel: Channel, *, clock: Clock) -> AccountFacts | None:
    """Look at a channel's account; park the channel if it is not as it must be.

    Returns None without an answer: an outage says nothing of the account.
    """
    try:
        facts = facts_of(channel, clock=clock)
    except (ProviderRejected, PublishingRefused) as error:
        stop_channel(channel, error)
        return None
    except ProviderError as error:
        logger.warning("Health of %s: %s", channel, error)
        return None
    faults = list(account_faults(channel, facts, now=clock()))
    if faults:
        stop_channel(channel, " ".join(faults))
        return None
    note_facts(channel, facts, now=clock())
    return facts


def account_faults(channel: Channel, facts: AccountFacts, *, now: datetime) -> Iterator[str]:
    """What a person has to mend at the account, in sentences."""
    if channel.account_id and facts.id != channel.account_id:
        yield (
            f"It speaks for another account now: {facts.name}, not {channel.account_name}. "
            "Connect it again with the right one."
        )
    if facts.missing:
        yield f"Missing there: {', '.join(facts.missing)}. Grant that, then go on here."
    if channel.connection_ends_at and channel.connection_ends_at < now + ENDS_SOON:
        yield (
            f"Its connection ends on {channel.connection_ends_at:%Y-%m-%d %H:%M %Z}. "
            "Connect it again."
        )


def file_faults(publication: Publication, facts: AccountFacts) -> Iterator[str]:
    """What is wrong with the files, or too much for the account."""
    try:
        item = item_of(publication, address=announced_address(publication))
        if isinstance(item, Upload):
            length_s = item.file.duration_s
            if publication.part != Part.AUDIO:
                length_s = probe(item.file.path).duration_s
            if facts.longest_s is not None and length_s > facts.longest_s:
                yield f"It lasts {length_s:.0f} s; the account takes {facts.longest_s:.0f} s."
            if facts.room_s is not None and length_s > facts.room_s:
                yield f"The account has no room for it: {facts.room or 'it is full'}."
    except (PublishingRefused, MediaError, Unreadable, OSError) as error:
        yield str(error)
