"""Standing orders: each new single of an artist takes the next date of its series."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, transaction

from artists.models import Artist
from runs.errors import PublishingRefused, ReleaseRefused
from runs.models import Channel, Publication, Release, Run, Series, SeriesDate
from runs.publishing.channels import lead_of
from runs.publishing.planning import plan, wishes_for
from runs.releasing.editing import ReleaseEdit, edit_release

logger = logging.getLogger(__name__)

MOST_WEEKS = 5 * 52
PLANNED_TOGETHER = 20


def plan_series(*, now: datetime) -> int:
    """Give every single that waits for its series a date, and plan it. Returns how many."""
    active = Series.objects.filter(active=True).exclude(artist__status=Artist.Status.RETIRED)
    return sum(
        plan_single(series, release, now=now)
        for series in active.select_related("artist")
        for release in waiting_singles(series)
    )


def waiting_singles(series: Series) -> Sequence[Release]:
    """Approved singles with a bundle that no series and no person has planned. Oldest first."""
    planned = Publication.objects.exclude(status=Publication.Status.CANCELLED)
    return list(
        Release.objects.unpublished()
        .filter(
            artist=series.artist_id,
            kind=Release.Kind.SINGLE,
            bundle__isnull=False,
            created_at__gte=series.since,
            tracks__run__status=Run.Status.APPROVED,
        )
        .exclude(pk__in=series.dates.values("release"))
        .exclude(pk__in=planned.values("release"))
        .order_by("created_at", "pk")[:PLANNED_TOGETHER]
    )


def plan_single(series: Series, release: Release, *, now: datetime) -> bool:
    """Plan a single for the next free date of its series; False if it cannot be now."""
    channels = channels_of(series)
    if not channels:
        return False
    try:
        with transaction.atomic():
            at = next_date(series, channels, now=now)
            SeriesDate.objects.create(series=series, release=release, at=at)
            day = at.astimezone(zone_of(series)).date()
            edit = ReleaseEdit(values={"release_date": day})
            edit_release(release_id=release.pk, edit=edit, actor=None, now=now)
            wishes = wishes_for(release, on=at.astimezone(zone_of(series)), channels=channels)
            plan(release_id=release.pk, wishes=wishes, actor=None, now=now)
    except (PublishingRefused, ReleaseRefused, IntegrityError) as error:
        # IntegrityError: another sweep gave it a date.
        logger.info("%s, %s: not planned: %s", series, release, error)
        return False
    return True


def channels_of(series: Series) -> list[Channel]:
    chosen = list(series.channels.all())
    return chosen or list(Channel.objects.active().of_artist(series.artist_id))


def next_date(series: Series, channels: Sequence[Channel], *, now: datetime) -> datetime:
    """The first date of a series that is free, and far enough ahead for every channel.

    Raises PublishingRefused if there is none in years.
    """
    taken = set(series.dates.values_list("at", flat=True))
    earliest = now + max(lead_of(channel) for channel in channels)
    for at in dates(series, since=now):
        if at >= earliest and at not in taken:
            return at
    raise PublishingRefused(f"{series} has no free date.")


def dates(series: Series, *, since: datetime) -> Iterator[datetime]:
    """The dates of a series in UTC, whatever the clocks of its zone do between.

    A time of day that a change of clocks leaves out is that much later on this day.
    """
    zone = zone_of(series)
    day = since.astimezone(zone).date()
    day += timedelta(days=(series.weekday - day.weekday()) % 7)
    for week in range(MOST_WEEKS):
        local = datetime.combine(day + timedelta(weeks=week), series.at, tzinfo=zone)
        yield local.astimezone(UTC)


def zone_of(series: Series) -> ZoneInfo:
    """Raises PublishingRefused for a zone that is none."""
    try:
        return ZoneInfo(series.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PublishingRefused(
            f"“{series.zone}” is no time zone; write it like Europe/Lisbon."
        ) from error
