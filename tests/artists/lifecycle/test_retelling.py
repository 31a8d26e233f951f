"""Undoing an older decision: what came after it is told again, where the rules can tell."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from artists import lifecycle
from artists.lifecycle.rules import Rule
from artists.models import Artist, StatusChange
from tests.artists.helpers import MINUTE, live, rules
from tests.factories import NOON, ArtistFactory, PolicyFactory

pytestmark = pytest.mark.django_db

Status = Artist.Status
LATER = NOON + timedelta(days=1)


def decide(artist: Artist, *, approved: bool, at=NOON) -> uuid.UUID:
    run_id = uuid.uuid4()
    lifecycle.record_decision(
        artist_id=artist.pk, run_id=run_id, approved=approved, detail="", now=at
    )
    return run_id


def undo(artist: Artist, run_id: uuid.UUID) -> None:
    lifecycle.withdraw_decision(artist_id=artist.pk, run_id=run_id, now=LATER)
    artist.refresh_from_db()


def test_an_approval_that_broke_a_streak_leaves_it_whole() -> None:
    artist = ArtistFactory()
    live(artist, "RR")
    approval = decide(artist, approved=True, at=NOON + 2 * MINUTE)
    live(artist, "RRRR", start=NOON + 3 * MINUTE)
    assert artist.status == Status.ACTIVE

    undo(artist, approval)

    assert artist.status == Status.RETIRED
    # It follows where it would have been: with the third rejection after the approval.
    change = StatusChange.objects.get(artist=artist, rule=Rule.STREAK)
    assert change.at == artist.status_since == NOON + 5 * MINUTE


def test_a_persons_own_move_stays_at_its_place() -> None:
    artist = ArtistFactory(status=Status.CANDIDATE)
    approval = decide(artist, approved=True)
    lifecycle.pause(artist_id=artist.pk, actor=None, reason="Holiday", now=NOON + MINUTE)
    lifecycle.resume(artist_id=artist.pk, actor=None, reason="Back", now=NOON + 2 * MINUTE)

    undo(artist, approval)

    # Never promoted, so the pause ended where it began.
    assert (artist.status, artist.status_reason) == (Status.CANDIDATE, "Back")
    assert artist.status_since == NOON + 2 * MINUTE


def test_a_failed_run_is_told_again_too() -> None:
    artist = ArtistFactory(policy=PolicyFactory(rate_rule="plain", min_runs=4))
    first = uuid.uuid4()
    lifecycle.record_failure(artist_id=artist.pk, run_id=first, detail="", now=NOON)
    live(artist, "AAF", start=NOON + MINUTE)
    assert artist.status == Status.PAUSED

    lifecycle.withdraw_failure(artist_id=artist.pk, run_id=first, now=LATER)

    artist.refresh_from_db()
    assert artist.status == Status.ACTIVE


def test_after_a_change_of_the_policy_other_changes_stay() -> None:
    policy = PolicyFactory(consecutive_rejections=4)
    artist = ArtistFactory(policy=policy)
    first = decide(artist, approved=False)
    live(artist, "RRR", start=NOON + MINUTE)
    policy.consecutive_rejections = 3
    policy.save()

    undo(artist, first)

    assert (artist.status, rules(artist)) == (Status.RETIRED, [Rule.STREAK])


def test_what_was_taken_back_stays_on_record() -> None:
    artist = ArtistFactory()
    first = decide(artist, approved=False)
    live(artist, "RRRR", start=NOON + MINUTE)

    undo(artist, first)

    assert rules(artist) == [Rule.STREAK, Rule.UNDONE]
