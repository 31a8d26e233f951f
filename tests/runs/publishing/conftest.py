"""A packaged release, and a channel on a server that speaks the media contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from media_tools.publishing.tokens import Tokens
from runs.models import Channel, Part, Publication, Release
from runs.publishing import channels, performing
from runs.publishing.accounts import store_tokens
from runs.publishing.channels import ChannelKind, ItemKind
from runs.publishing.planning import Wish, plan
from runs.releasing.blockers import VIDEO
from tests.bundled import bundled_release
from tests.factories import NOON, UserFactory
from tests.invented_channel import ChannelServer


@dataclass
class World:
    """Time that tests move, and what a worker does meanwhile."""

    now: datetime = NOON
    done: list[str] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def work(self) -> int:
        """Do everything that is due now."""
        count = 0
        while performing.publish_next(clock=self.clock):
            count += 1
            assert count < 100, "it never rests"
        return count

    def until(self, moment: datetime) -> None:
        """Let time pass from one due moment to the next."""
        while True:
            self.work()
            waiting = Publication.objects.filter(owner="", wake_at__gt=self.now)
            following = waiting.order_by("wake_at").values_list("wake_at", flat=True).first()
            if following is None or following > moment:
                break
            self.now = following
        self.now = max(self.now, moment)
        self.work()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def shared_server() -> Iterator[ChannelServer]:
    with ChannelServer() as server:
        yield server


@pytest.fixture
def server(shared_server: ChannelServer, world: World) -> ChannelServer:
    shared_server.clear()
    shared_server.clock = world.clock
    return shared_server


@pytest.fixture
def video_kind(server: ChannelServer, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """YouTube's place is taken by our own invention."""
    settings.FAKE_CHANNEL = {"base_url": server.url}
    row = ChannelKind(
        ItemKind.UPLOAD,
        (Part.VIDEO, Part.AUDIO, Part.TEASER),
        VIDEO,
        path="tests.fake_channel.FakeChannel",
        issuer="tests.fake_channel.FakeIssuer",
        block="FAKE_CHANNEL",
    )
    monkeypatch.setitem(channels.KINDS, Channel.Kind.YOUTUBE, row)
    monkeypatch.setattr(channels, "breaker_for", lambda name: None)


@pytest.fixture
def scheduling(video_kind: None, monkeypatch: pytest.MonkeyPatch, server: ChannelServer) -> None:
    """The platform makes public by itself."""
    server.schedules = True
    row = channels.KINDS[Channel.Kind.YOUTUBE]
    scheduled = replace(row, path="tests.fake_channel.ScheduledChannel")
    monkeypatch.setitem(channels.KINDS, Channel.Kind.YOUTUBE, scheduled)


@pytest.fixture
def channel(video_kind: None, db: None) -> Channel:
    return new_channel()


def new_channel(**fields: Any) -> Channel:
    values = {"kind": Channel.Kind.YOUTUBE, "name": "Nova on video", "parts": [Part.VIDEO]}
    made = Channel.objects.create(**(values | fields))
    store_tokens(made, Tokens(access="access-0", refresh="refresh-0"))
    return made


@pytest.fixture
def release(db: None) -> Release:
    return bundled_release()


@pytest.fixture
def producer(db: None) -> User:
    made: User = UserFactory(is_superuser=True)
    return made


@pytest.fixture
def planned(release: Release, channel: Channel) -> Publication:
    """The main video, public in three days."""
    return plan_video(release, channel)


def plan_video(
    release: Release, channel: Channel, at: datetime = NOON + timedelta(days=3)
) -> Publication:
    wish = Wish(channel, Part.VIDEO, 1, at)
    (publication,) = plan(release_id=release.pk, wishes=[wish], actor=None, now=NOON)
    return publication
