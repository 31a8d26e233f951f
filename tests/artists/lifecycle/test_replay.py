"""A policy replayed on history judges as the lifecycle itself does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artists import lifecycle
from artists.lifecycle.replay import replay, replay_roster
from artists.lifecycle.rules import Rule
from artists.models import Artist, LifecyclePolicy
from media_tools.seeds import stream
from tests.artists.helpers import MINUTE, live
from tests.factories import NOON, ArtistFactory, PolicyFactory

pytestmark = pytest.mark.django_db

Status = Artist.Status
Mode = LifecyclePolicy.RetirementMode
HOURS_8 = timedelta(hours=8)


def lived(artist: Artist) -> list[tuple[object, str, str]]:
    return [
        (change.at, change.rule, change.reason) for change in artist.status_changes.order_by("pk")
    ]


@pytest.mark.rehearsal
@pytest.mark.parametrize("mode", [Mode.STREAK, Mode.PROBATION, Mode.PROPOSE])
@pytest.mark.parametrize("seed", range(2))
def test_the_policy_that_was_in_force_repeats_what_happened(mode: str, seed: int) -> None:
    policy = PolicyFactory(retirement_mode=mode)
    artist = ArtistFactory(status=Status.CANDIDATE, policy=policy)
    rng = stream("replay", mode, seed)
    start = NOON
    # Until the artist evolves or gets no more turns: what follows then is not the same.
    while artist.status in (Status.CANDIDATE, Status.ACTIVE) and start < NOON + 60 * HOURS_8:
        draw = rng.random()
        live(artist, "F" if draw < 0.1 else "A" if draw < 0.5 else "R", start=start)
        start += HOURS_8

    one = replay(artist, policy)

    assert [(c.at, c.verdict.rule, c.verdict.reason) for c in one.would] == lived(artist)
    assert (one.status, one.unseen) == (artist.status, 0)
    assert lived(artist)


def test_another_policy_would_have_done_otherwise() -> None:
    artist = ArtistFactory(status=Status.CANDIDATE)
    live(artist, "ARRRRRA", step=HOURS_8)
    assert artist.status == Status.RETIRED

    one = replay(artist, PolicyFactory(retirement_mode=Mode.PROBATION))

    assert [change.verdict.rule for change in one.would] == [Rule.PROMOTED, Rule.PROBATION]
    assert [change.rule for change in one.happened] == [Rule.PROMOTED, Rule.STREAK]
    assert one.status == Status.ACTIVE


def test_a_replay_ends_where_the_turns_would_have() -> None:
    artist = ArtistFactory()
    live(artist, "RRRA" * 3)

    one = replay(artist, PolicyFactory(consecutive_rejections=3))

    assert (one.status, one.seen, one.unseen) == (Status.RETIRED, 3, 9)


def test_an_evolution_is_replayed_as_a_trial() -> None:
    artist = ArtistFactory(policy=PolicyFactory(consecutive_rejections=60))
    live(artist, "A" + "R" * 14 + "RRRRA" + "RRRRR")

    one = replay(
        artist, PolicyFactory(consecutive_rejections=60, evolution_trial_runs=5, name="Short")
    )

    assert [change.verdict.rule for change in one.would][:3] == [
        Rule.PROMOTED,
        Rule.EVOLVE,
        Rule.EVOLUTION_KEPT,
    ]


def test_what_people_and_undo_did_is_no_doing_of_a_policy() -> None:
    artist = ArtistFactory()
    live(artist, "AA")
    lifecycle.pause(artist_id=artist.pk, actor=None, reason="Tour", now=NOON + HOURS_8)

    assert replay(artist, PolicyFactory()).happened == ()


def test_nothing_is_written() -> None:
    artist = ArtistFactory()
    live(artist, "AARR")
    before = Artist.objects.values().get(pk=artist.pk)

    replay(artist, PolicyFactory(consecutive_rejections=2))

    assert Artist.objects.values().get(pk=artist.pk) == before
    assert not artist.status_changes.exists()


def test_a_roster_is_replayed_within_a_bound() -> None:
    policy = PolicyFactory(consecutive_rejections=2)
    artists = ArtistFactory.create_batch(3)
    for artist in artists:
        live(artist, "ARRA", start=NOON + MINUTE)

    found = replay_roster(policy, Artist.objects.order_by("pk"), most_events=6)

    assert [one.artist for one in found.replays] == artists[:2]
    assert found.left_out == 1
    assert found.that_would(Status.RETIRED) == artists[:2]
    assert found.that_did(Status.RETIRED) == []
