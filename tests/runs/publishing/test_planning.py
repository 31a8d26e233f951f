"""Plans: caps, moves, series, the calendar."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from runs.errors import PublishingRefused
from runs.models import Channel, Part, Publication, Release, Series, SeriesDate
from runs.publishing import calendar, series
from runs.publishing.pacing import Cap, Pace
from runs.publishing.planning import Wish, cancel, move, plan, wishes_for
from tests.bundled import bundled_release
from tests.factories import NOON, ArtistFactory
from tests.invented_channel import ChannelServer
from tests.runs.publishing.conftest import World, new_channel, plan_video

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("seed", range(20))
def test_no_window_holds_more_than_its_cap(seed: int) -> None:
    draw = random.Random(seed)
    cap = Cap(draw.randint(1, 3), timedelta(hours=draw.randint(5, 50)), "")
    times: list[datetime] = []
    for _ in range(30):
        at = NOON + draw.random() * timedelta(days=5)
        while (later := Pace(cap, times).conflict(at)) is not None:
            assert later > at
            at = later
        times = sorted([*times, at])

    for first, last in zip(times, times[cap.most :], strict=False):
        assert last - first >= cap.window


def test_a_second_video_of_the_day_takes_the_next_day(release: Release, channel: Channel) -> None:
    first = plan_video(release, channel)
    second = plan_video(bundled_release(artist=release.artist), channel)

    assert first.due_at == NOON + 3 * DAY
    assert timedelta(0) <= second.due_at - first.due_at - DAY <= timedelta(minutes=46)


def test_channels_of_one_account_share_its_pace(release: Release, channel: Channel) -> None:
    Channel.objects.update(account_id="UC1")
    channel.refresh_from_db()
    twin = new_channel(name="Twin", account_id="UC1", gap_h=0)
    other = new_channel(name="Other", account_id="UC2", gap_h=0)

    first = plan_video(release, channel)

    assert plan_video(release, twin).due_at >= first.due_at + DAY
    assert plan_video(release, other).due_at == first.due_at


def test_a_move_that_breaks_a_cap_is_refused_in_words(release: Release, channel: Channel) -> None:
    first = plan_video(release, channel)
    second = plan_video(bundled_release(artist=release.artist), channel, NOON + 9 * DAY)

    near = first.due_at + 2 * HOUR
    assert calendar.conflicts_by_moment(second, {"near": near}, now=NOON)["near"]
    with pytest.raises(PublishingRefused, match="Nova on video takes 1"):
        move(publication_id=second.pk, to=near, actor=None, now=NOON)

    moved = move(publication_id=second.pk, to=first.due_at + DAY, actor=None, now=NOON)
    assert moved.due_at == moved.asked_at == first.due_at + DAY
    assert moved.wake_at == moved.send_at == moved.due_at - DAY


def test_what_is_sent_is_neither_moved_nor_cancelled(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    world.until(planned.due_at - HOUR)

    with pytest.raises(PublishingRefused, match="Recall"):
        move(publication_id=planned.pk, to=world.now + 5 * DAY, actor=None, now=world.now)
    with pytest.raises(PublishingRefused, match="Recall"):
        cancel(publication_id=planned.pk, actor=None, now=world.now)


def test_a_post_is_sent_at_its_time_whatever_its_channel_says(release: Release) -> None:
    """It is out as soon as it is sent."""
    feed = new_channel(
        kind=Channel.Kind.MASTODON, name="Nova's feed", parts=[Part.POST], lead_time_h=24
    )
    out = NOON + 3 * DAY

    (planned,) = plan(
        release_id=release.pk, wishes=[Wish(feed, Part.POST, 0, out)], actor=None, now=NOON
    )

    assert planned.send_at == planned.due_at == out


def test_a_cancelled_plan_frees_its_place_and_can_be_made_again(
    planned: Publication, channel: Channel
) -> None:
    cancel(publication_id=planned.pk, actor=None, now=NOON)

    again = plan_video(planned.release, channel)

    assert again.pk == planned.pk
    assert again.due_at == planned.due_at
    assert Publication.objects.count() == 1


def test_one_date_gives_each_channel_its_own_time(release: Release, channel: Channel) -> None:
    shop = new_channel(
        kind=Channel.Kind.BY_HAND, name="Shops", parts=[Part.RELEASE], lead_time_h=24 * 28
    )
    later = new_channel(
        name="Next morning",
        parts=[Part.VIDEO, Part.AUDIO, Part.TEASER],
        public_after_days=1,
        public_time=time(9),
    )
    out = datetime(2026, 10, 24, 18, tzinfo=ZoneInfo("Europe/Lisbon"))

    wishes = wishes_for(release, on=out)
    planned = {
        (one.channel_id, one.part): one
        for one in plan(release_id=release.pk, wishes=wishes, actor=None, now=NOON)
    }

    # The bundle has no teaser. The clocks of Lisbon go back in this night.
    assert set(planned) == {
        (channel.pk, "video"),
        (shop.pk, "release"),
        (later.pk, "video"),
        (later.pk, "audio"),
    }
    assert planned[channel.pk, "video"].due_at == datetime(2026, 10, 24, 17, tzinfo=UTC)
    assert planned[later.pk, "video"].due_at == datetime(2026, 10, 25, 9, tzinfo=UTC)
    assert planned[shop.pk, "release"].send_at == out - 28 * DAY


def test_a_channel_for_other_artists_takes_nothing(release: Release, channel: Channel) -> None:
    channel.artists.add(ArtistFactory())

    assert wishes_for(release, on=NOON + DAY) == []
    with pytest.raises(PublishingRefused, match="not for"):
        plan_video(release, channel)
    with pytest.raises(PublishingRefused, match="takes no"):
        wish = Wish(channel, Part.POST, 0, NOON)
        plan(release_id=release.pk, wishes=[wish], actor=None, now=NOON)


def test_a_series_keeps_its_hour_when_the_clocks_change(db: None) -> None:
    standing = Series(weekday=4, at=time(18), zone="Europe/Lisbon")

    found = series.dates(standing, since=datetime(2026, 10, 20, tzinfo=UTC))

    assert [f"{at:%m-%d %H}" for at in itertools.islice(found, 2)] == ["10-23 17", "10-30 18"]


def test_each_single_takes_the_next_date_of_its_series(release: Release, channel: Channel) -> None:
    standing = Series.objects.create(artist=release.artist, at=time(18), since=NOON - DAY)
    Release.objects.update(created_at=NOON)
    second = bundled_release(artist=release.artist)
    Release.objects.filter(pk=second.pk).update(created_at=NOON + HOUR)

    assert series.plan_series(now=NOON) == 2
    assert series.plan_series(now=NOON) == 0

    dates = SeriesDate.objects.order_by("at").values_list("release", "at")
    friday = datetime(2026, 3, 6, 18, tzinfo=UTC)
    assert list(dates) == [(release.pk, friday), (second.pk, friday + 7 * DAY)]
    assert Publication.objects.get(release=release).due_at == friday
    assert Release.objects.get(pk=release.pk).release_date == date(2026, 3, 6)
    assert standing.dates.count() == 2


def test_the_calendar_tells_what_is_planned(
    planned: Publication, producer: User, client: Client
) -> None:
    (entry,) = calendar.entries(date(2026, 3, 1), date(2026, 3, 31), now=NOON)
    assert (entry.movable, entry.late, entry.channel) == (True, False, "Nova on video")
    assert calendar.entries(date(2026, 4, 1), date(2026, 4, 30), now=NOON) == []

    token = calendar.feed_token(producer)
    text = calendar.ical(now=NOON)
    assert f"DTSTART:{planned.due_at:%Y%m%dT%H%M%SZ}\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    answer = client.get(reverse("calendar_feed", args=[token]))
    assert answer["Content-Type"].startswith("text/calendar")
    assert client.get(reverse("calendar_feed", args=[token + "x"])).status_code == 404
    producer.is_active = False
    producer.save()
    assert client.get(reverse("calendar_feed", args=[token])).status_code == 404


def test_the_roster_has_a_limit_of_its_own(release: Release, channel: Channel, settings) -> None:
    settings.PUBLISH_MOST_A_DAY = 1
    other = new_channel(name="Other", account_id="UC2")

    first = plan_video(release, channel)
    second = plan_video(bundled_release(), other)

    assert second.due_at - first.due_at >= DAY
