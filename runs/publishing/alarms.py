"""What a person has to know of at once: for the dashboard, the figures and Telegram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, When

from runs.models import Channel, Publication

Status = Publication.Status
# Platforms need some time, and so do we.
OVERDUE_AFTER = timedelta(minutes=30)
MOST = 100


class AlarmKind(StrEnum):
    """channel: it stands still until a person acts. late: due, and not out."""

    CHANNEL = "channel"
    LATE = "late"
    PERSON = "person"
    FAILED = "failed"
    WRONG = "wrong"
    UNPROVEN = "unproven"


TITLES = {
    AlarmKind.CHANNEL: "A channel stands still",
    AlarmKind.LATE: "Due, and not out",
    AlarmKind.PERSON: "Waits for a person",
    AlarmKind.FAILED: "Could not be published",
    AlarmKind.WRONG: "Out, but not as planned",
    AlarmKind.UNPROVEN: "Recalled, and still to be found",
}


@dataclass(frozen=True)
class Alarm:
    """subject: which channel or publication. words: what is wrong, and what to do."""

    kind: AlarmKind
    subject: str
    words: str
    since: datetime | None
    channel_id: int
    publication_id: UUID | None = None

    @property
    def title(self) -> str:
        return TITLES[self.kind]


def alarms(*, now: datetime) -> list[Alarm]:
    """All that is wrong now, the channels first."""
    return [*of_channels(), *of_publications(now=now)]


def of_channels() -> Iterator[Alarm]:
    for channel in Channel.objects.filter(state=Channel.State.NEEDS_PERSON)[:MOST]:
        yield Alarm(AlarmKind.CHANNEL, str(channel), channel.reason, channel.checked_at, channel.pk)


def signs(now: datetime) -> dict[AlarmKind, Q]:
    """Which publications each kind of alarm is about."""
    overdue = Q(status__in=Publication.ON_ITS_WAY, asked_at__lt=now - OVERDUE_AFTER)
    return {
        AlarmKind.PERSON: Q(status=Status.NEEDS_PERSON),
        AlarmKind.FAILED: Q(status=Status.FAILED),
        AlarmKind.LATE: overdue & ~Q(status=Status.NEEDS_PERSON),
        AlarmKind.WRONG: Q(status=Status.LIVE) & ~Q(reason=""),
        AlarmKind.UNPROVEN: Q(status=Status.RECALL_UNPROVEN)
        | (Q(status=Status.RECALLING) & ~Q(reason="")),
    }


def counts(*, now: datetime) -> dict[AlarmKind, int]:
    """How many alarms there are of each kind."""
    stopped = Channel.objects.filter(state=Channel.State.NEEDS_PERSON).count()
    found = Publication.objects.aggregate(
        **{kind.value: Count("pk", filter=sign) for kind, sign in signs(now).items()}
    )
    return {kind: found.get(kind.value, stopped) for kind in AlarmKind}


def of_publications(*, now: datetime) -> Iterator[Alarm]:
    """Alarms of publications in the order of their kinds, each the longest due first."""
    kinds = signs(now)
    ranked = Case(
        *(When(sign, then=rank) for rank, sign in enumerate(kinds.values())),
        output_field=IntegerField(),
    )
    # The signs themselves, not "it has a kind": an index by status knows nothing of kinds.
    rows = Publication.objects.filter(reduce(or_, kinds.values())).annotate(kind=ranked)
    names = list(kinds)
    for publication in rows.select_related("channel", "release").order_by("kind", "due_at")[:MOST]:
        yield Alarm(
            names[publication.kind],  # type: ignore[attr-defined]
            str(publication),
            publication.reason or "Look at its channel.",
            publication.due_at,
            publication.channel_id,
            publication.pk,
        )


def new_alarms(*, now: datetime) -> list[Alarm]:
    """Alarms of publications that nobody was told of; afterwards they count as told."""
    fresh = []
    for alarm in of_publications(now=now):
        assert alarm.publication_id is not None
        row = Publication.objects.filter(pk=alarm.publication_id, rung_at=None)
        # One conditional UPDATE: of two sweeps, one rings.
        if row.update(rung_at=now):
            fresh.append(alarm)
    stopped = Channel.objects.filter(state=Channel.State.NEEDS_PERSON, rung_at=None)
    ids = [pk for pk in stopped.values_list("pk", flat=True) if ring(pk, now=now)]
    fresh += [alarm for alarm in of_channels() if alarm.channel_id in ids]
    # Once it goes on, the next standstill rings again.
    Channel.objects.filter(state=Channel.State.ACTIVE).exclude(rung_at=None).update(rung_at=None)
    return fresh


def ring(channel_id: int, *, now: datetime) -> bool:
    return bool(Channel.objects.filter(pk=channel_id, rung_at=None).update(rung_at=now))
