"""The way of a publication: planned, sent, processed, out, recalled with proof."""

from __future__ import annotations

from datetime import timedelta

import pytest

from runs.models import Channel, Proof, Publication, Release, Run
from runs.publishing.recall import recall_release, recall_standing
from tests.invented_channel import ChannelServer
from tests.runs.publishing.conftest import World

pytestmark = pytest.mark.django_db
Status = Publication.Status


def test_a_release_goes_out_at_its_time_and_comes_back_with_proof(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    due = planned.due_at

    world.until(due - timedelta(hours=25))
    assert server.count() == 0, "a day before, and not sooner"

    world.until(due - timedelta(seconds=1))
    planned.refresh_from_db()
    assert planned.status == Status.PROCESSING
    assert (planned.flagged, planned.disclosed) == (True, True)
    (item,) = server.items.values()
    assert not item.public
    assert server.bytes_received == item.body["size"]

    world.until(due + timedelta(minutes=5))
    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    assert item.public_since == due
    assert Release.objects.get().status == Release.Status.PUBLISHED
    assert Run.objects.get().status == Run.Status.RELEASED
    assert planned.proofs.filter(what=Proof.What.STRANGER, there=True).exists()

    release = recall_release(
        release_id=planned.release_id, reason="Sample", actor=None, now=world.now
    )
    assert not recall_standing(release).is_proven
    began = world.now
    world.until(began + timedelta(days=8))
    planned.refresh_from_db()
    assert item.deleted
    assert planned.status == Status.RECALLED
    assert planned.wake_at is None
    gone = planned.proofs.filter(there=False, what=Proof.What.STRANGER)
    assert [proof.at - began for proof in gone] == [
        timedelta(0),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=7),
    ]
    assert recall_standing(release).is_proven


def test_what_can_still_be_found_after_a_week_is_named(
    planned: Publication, server: ChannelServer, world: World
) -> None:
    server.stays_public = True
    world.until(planned.due_at + timedelta(minutes=5))

    release = recall_release(
        release_id=planned.release_id, reason="Sample", actor=None, now=world.now
    )
    world.until(world.now + timedelta(days=8))

    standing = recall_standing(release)
    assert [str(one.channel) for one in standing.open] == ["Nova on video"]
    assert standing.open[0].status == Status.RECALL_UNPROVEN


def test_a_platform_that_schedules_is_left_to_its_clock(
    scheduling: None, planned: Publication, server: ChannelServer, world: World
) -> None:
    world.until(planned.due_at + timedelta(minutes=5))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    assert server.count("/publish") == 0


def test_a_paused_channel_sends_nothing_until_it_goes_on(
    planned: Publication, channel: Channel, server: ChannelServer, world: World
) -> None:
    Channel.objects.update(state=Channel.State.PAUSED, reason="Holidays")
    world.until(planned.due_at + timedelta(days=1))
    assert server.count() == 0

    Channel.objects.update(state=Channel.State.ACTIVE, reason="")
    world.until(world.now + timedelta(minutes=5))

    planned.refresh_from_db()
    assert planned.status == Status.LIVE
    assert planned.due_at > planned.asked_at, "its place is the one it really took"
