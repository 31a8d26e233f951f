"""How often something may become public: caps in every window of time, however many plan at once.

All times of a scope are looked at under the lock of its row, so no two workers give away one place.
The caps hold for times of publication, planned or past.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from ai_artist.kit.values import counted
from runs.models import Channel, PacingScope, Part, Publication

ROSTER = "roster"
# A place is looked for no further ahead.
FURTHEST = timedelta(days=3 * 365)


@dataclass(frozen=True)
class Cap:
    """At most `most` times in any window of this length. words: for people."""

    most: int
    window: timedelta
    words: str


@dataclass(frozen=True)
class Pace:
    """A cap and the times that count against it, in order."""

    cap: Cap
    times: Sequence[datetime]

    def conflict(self, at: datetime) -> datetime | None:
        """None if a time fits; else the earliest later one that could."""
        most, window = self.cap.most, self.cap.window
        near = list(
            self.times[bisect_right(self.times, at - window) : bisect_left(self.times, at + window)]
        )
        insort(near, at)
        for first, last in zip(near, near[most:], strict=False):
            if last - first < window:
                # Later than the first of the crowd by a whole window, this one is in another.
                return max(first + window, at + timedelta(minutes=1))
        return None


@dataclass(frozen=True)
class Candidate:
    """What a time is wanted for. but: publications that do not count, since they are it."""

    channel: Channel
    artist_id: int
    part: str
    but: tuple[UUID, ...] = ()

    @property
    def counts(self) -> bool:
        """Announcements and pages follow a release that has its own place."""
        return self.part != Part.POST and self.channel.kind != Channel.Kind.SITE


def lock(channels: Iterable[Channel]) -> None:
    """Hold the scopes of channels until the transaction ends."""
    keys = sorted({channel.pacing_key for channel in channels})
    if settings.PUBLISH_MOST_A_DAY:
        keys.append(ROSTER)
    for key in keys:
        PacingScope.objects.get_or_create(key=key)
    # One after the other in one order, or two planners would wait for each other.
    for key in keys:
        PacingScope.objects.select_for_update().get(pk=key)


def free_from(wanted: Candidate, at: datetime, *, certain: bool = False) -> datetime:
    """The first time from `at` on that breaks no cap; `at` itself if it breaks none.

    certain: only what is surely public then counts. So what is some minutes late keeps its turn,
    and later plans yield when theirs comes. Else a time that was found and not asked for gets some
    minutes more, so that nothing comes by the clock. Call it under lock().
    """
    paces = paces_of(wanted, certain=certain)
    moment, draw = at, random.Random(f"{wanted.channel.pk}:{wanted.artist_id}:{at}")
    while moment < at + FURTHEST:
        clashes = [later for pace in paces if (later := pace.conflict(moment))]
        if not clashes:
            return moment
        moment = max(clashes)
        if not certain:
            moment += timedelta(minutes=draw.randint(0, wanted.channel.jitter_min))
    return moment


def broken_caps(wanted: Candidate, at: datetime) -> list[str]:
    """What a time would break, in words; empty if nothing."""
    return broken(paces_of(wanted), at)


def broken(paces: Iterable[Pace], at: datetime) -> list[str]:
    """What a time would break of these caps, in words."""
    return [pace.cap.words for pace in paces if pace.conflict(at)]


def paces_of(wanted: Candidate, *, certain: bool = False) -> list[Pace]:
    """The caps that concern a candidate, with the times that count."""
    if not wanted.counts:
        return []
    channel = wanted.channel
    rows = Publication.objects.certain() if certain else Publication.objects.counted()
    taken = (
        rows.exclude(pk__in=wanted.but)
        .exclude(part=Part.POST)
        .exclude(channel__kind=Channel.Kind.SITE)
    )
    of_channel = taken.filter(channel=channel)
    of_artist = of_channel.filter(release__artist=wanted.artist_id)
    of_account = of_channel
    if channel.account_id:
        of_account = taken.filter(
            channel__kind=channel.kind, channel__account_id=channel.account_id
        )
    artist_days, account_days = (
        timedelta(days=channel.artist_days),
        timedelta(days=channel.account_days),
    )
    caps: list[tuple[Cap, QuerySet[Publication]]] = [
        (
            Cap(
                channel.artist_most,
                artist_days,
                f"{channel} takes {channel.artist_most} of an artist in {in_days(artist_days)}",
            ),
            of_artist,
        ),
        (
            Cap(
                channel.account_most,
                account_days,
                f"{channel} takes {channel.account_most} in {in_days(account_days)}",
            ),
            of_account,
        ),
        (
            Cap(
                1 if channel.gap_h else 0,
                timedelta(hours=channel.gap_h),
                f"{channel} wants {counted(channel.gap_h, 'hour')} between two items of an artist",
            ),
            of_artist,
        ),
        (
            Cap(
                settings.PUBLISH_MOST_A_DAY,
                timedelta(days=1),
                f"all channels together take {settings.PUBLISH_MOST_A_DAY} a day "
                "(AI_ARTIST_PUBLISH_MOST_A_DAY)",
            ),
            taken,
        ),
    ]
    return [Pace(cap, times_of(rows)) for cap, rows in caps if cap.most]


def times_of(rows: QuerySet[Publication]) -> list[datetime]:
    """When publications were or will be public, in order. What came out late has its real time."""
    return sorted(rows.values_list("due_at", flat=True))


def in_days(window: timedelta) -> str:
    return "a day" if window.days == 1 else f"{window.days} days"
