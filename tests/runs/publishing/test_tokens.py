"""The tokens of a channel: renewed once, by one worker, and never lost on the way."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection, connections

from media_tools.errors import NeedsPerson, ProviderUnavailable
from runs.errors import PublishingRefused
from runs.models import Channel, Publication
from runs.publishing import accounts, alarms, channels, connecting, health, sealing
from runs.publishing.accounts import ChannelAccount, tokens_of
from runs.publishing.channels import issuer_of
from runs.publishing.resolving import resume_channel
from tests.invented_channel import ChannelServer
from tests.runs.publishing.conftest import World, new_channel

pytestmark = pytest.mark.django_db


def account_of(channel: Channel, world: World) -> ChannelAccount:
    return ChannelAccount(channel.pk, channel.kind, issuer_of(channel), world.clock)


def test_a_single_use_token_is_replaced_by_the_one_that_came_for_it(
    channel: Channel, server: ChannelServer, world: World
) -> None:
    account = account_of(channel, world)

    assert account.renewed() == "access-1"
    assert account.token() == "access-1"
    world.now += timedelta(hours=1)
    assert account.token() == "access-2"

    kept = tokens_of(Channel.objects.get())
    assert kept is not None
    assert kept.refresh == server.tokens.refresh
    assert Channel.objects.get().refreshing_since is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_renews(channel: Channel, server: ChannelServer, world: World) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite in memory serves one connection")
    got: list[str] = []

    def renew() -> None:
        got.append(account_of(channel, world).renewed())
        connections.close_all()

    workers = [threading.Thread(target=renew) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    # One that came after it found a good token and took it for the refused one.
    assert len(set(got)) <= server.tokens.renewals
    assert all(got)


def test_a_lost_renewal_stops_the_channel_and_says_so(
    planned: Publication, channel: Channel, server: ChannelServer, world: World
) -> None:
    server.expire()
    # Taken there, and its answer lost: the old token is dead.
    server.fault(reset="after", where="POST /token", times=3)

    world.until(planned.due_at + timedelta(hours=2))

    channel.refresh_from_db()
    assert channel.state == Channel.State.NEEDS_PERSON
    assert "the answer to a renewal was lost" in channel.reason
    planned.refresh_from_db()
    assert planned.status == Publication.Status.DUE
    kinds = {alarm.kind for alarm in alarms.new_alarms(now=world.now)}
    assert kinds == {alarms.AlarmKind.CHANNEL, alarms.AlarmKind.LATE}
    assert alarms.new_alarms(now=world.now) == [], "it rings once"


def test_connecting_again_lets_what_waited_go_on(
    planned: Publication, channel: Channel, server: ChannelServer, world: World
) -> None:
    server.tokens.refresh, server.tokens.access = "other", "pasted"
    world.until(planned.due_at)
    channel.refresh_from_db()
    assert channel.state == Channel.State.NEEDS_PERSON

    facts = connecting.connect_with(channel, connecting.Secrets("pasted"), clock=world.clock)
    world.until(world.now + timedelta(minutes=10))

    planned.refresh_from_db()
    assert facts.name == "Nova Lane"
    assert planned.status == Publication.Status.LIVE


def test_a_person_who_consents_comes_back_with_a_code(
    channel: Channel, server: ChannelServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = channels.KINDS[Channel.Kind.YOUTUBE]
    consenting = replace(row, issuer="tests.fake_channel.ConsentingIssuer")
    monkeypatch.setitem(channels.KINDS, Channel.Kind.YOUTUBE, consenting)
    made = connecting.create_channel("youtube", "New one")
    assert made.state == Channel.State.NEEDS_PERSON

    back = "http://127.0.0.1:8765/callback"
    address, begun = connecting.begin_connecting(made, redirect=back, now=world.now)
    begun = connecting.Begun.unsealed(begun.sealed())
    assert back in address
    for wrong in ("?code=code-1&state=other", "?error=access_denied&state=state-1"):
        with pytest.raises(PublishingRefused):
            connecting.finish_connecting(begun, back + wrong, clock=world.clock)
    connecting.finish_connecting(begun, f"{back}?code=code-1&state=state-1", clock=world.clock)

    made.refresh_from_db()
    assert (made.state, made.account_id) == (Channel.State.ACTIVE, "UC1")
    assert connecting.disconnect(channel_id=made.pk, clock=world.clock).tokens == ""


def test_another_account_is_refused_and_the_tokens_stay(
    channel: Channel, server: ChannelServer, world: World
) -> None:
    Channel.objects.update(account_id="UC-other", account_name="Luna")
    channel.refresh_from_db()

    with pytest.raises(PublishingRefused, match="belongs to Luna"):
        connecting.connect_with(channel, connecting.Secrets("access-0"), clock=world.clock)

    kept = tokens_of(Channel.objects.get())
    assert kept is not None
    assert kept.refresh == "refresh-0"


def test_health_parks_only_the_channel_that_is_not_well(
    planned: Publication, channel: Channel, server: ChannelServer, world: World
) -> None:
    other = new_channel(name="Another", kind=Channel.Kind.SITE)
    Channel.objects.filter(pk=channel.pk).update(account_id="UC-other", account_name="Luna")

    world.now = planned.due_at - timedelta(hours=23)
    assert health.check_due(clock=world.clock) == 1
    assert health.check_due(clock=world.clock) == 0

    channel.refresh_from_db()
    other.refresh_from_db()
    assert channel.state == Channel.State.NEEDS_PERSON
    assert "another account" in channel.reason
    assert other.state == Channel.State.ACTIVE

    Channel.objects.filter(pk=channel.pk).update(account_id="UC1")
    resume_channel(channel_id=channel.pk, now=world.now)
    world.now = planned.due_at - timedelta(minutes=59)
    assert health.check_due(clock=world.clock) == 1
    channel.refresh_from_db()
    assert channel.state == Channel.State.ACTIVE
    assert channel.checked_at == world.now


def test_a_shared_quota_ends_at_its_number(
    channel: Channel, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = channels.KINDS[Channel.Kind.YOUTUBE]
    limited = channels.ChannelKind(
        row.item, row.parts, row.blockers, quota={"": 100}, zone="America/Los_Angeles"
    )
    monkeypatch.setitem(channels.KINDS, Channel.Kind.YOUTUBE, limited)
    account = accounts.ChannelAccount(channel.pk, channel.kind, None, world.clock)

    account.spend(60)
    with pytest.raises(ProviderUnavailable) as full:
        account.spend(50)
    account.spend(40)

    # Noon in UTC is four in the morning there.
    assert full.value.retry_after_s == 20 * 3600
    with pytest.raises(NeedsPerson):
        account.renewed()


def test_the_key_is_made_once_and_is_its_owners_alone() -> None:
    sealed = sealing.seal("token")

    assert sealing.unseal(sealed) == "token"
    assert "token" not in sealed
    assert stat.S_IMODE(sealing.key_path().stat().st_mode) == 0o600


def test_another_key_is_told_and_an_older_one_still_opens(settings) -> None:
    settings.CHANNEL_KEY = old = Fernet.generate_key().decode()
    sealed = sealing.seal("token")

    settings.CHANNEL_KEY = f"{Fernet.generate_key().decode()}, {old}"
    assert sealing.unseal(sealed) == "token"
    settings.CHANNEL_KEY = Fernet.generate_key().decode()
    with pytest.raises(PublishingRefused, match="AI_ARTIST_CHANNEL_KEY"):
        sealing.unseal(sealed)
