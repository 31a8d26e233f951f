"""Evolving artists get a proposal from what people said of their runs; liked ones explore."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from artists import lifecycle
from artists.lifecycle.rules import Remark, Rule
from artists.models import Artist, Evolution
from runs import tasks
from runs.learning.evolution import brief_of, propose_due
from runs.models import Batch, ProviderCall, Review, Run, RunEvent
from runs.reviewing import reviews
from runs.work import exploration
from runs.work.batches import create_batch
from tests.factories import NOON, ArtistFactory, PolicyFactory, RunFactory

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


def judge(artist: Artist, letters: str, *, tempo_bpm: float = 104.0, now: datetime = NOON) -> None:
    """Let people decide finished runs of an artist: A approved, R rejected."""
    for index, letter in enumerate(letters):
        run = RunFactory(artist=artist, reviewable=True, tempo_bpm=tempo_bpm)
        reviews.decide(
            run_id=run.pk,
            decision=Review.Decision.APPROVE if letter == "A" else Review.Decision.REJECT,
            reasons=[] if letter == "A" else ["visuals_unfit"],
            reviewer=None,
            now=now + timedelta(minutes=index),
        )
    artist.refresh_from_db()


@pytest.fixture
def evolving() -> Artist:
    artist = ArtistFactory(policy=PolicyFactory(consecutive_rejections=60))
    judge(artist, "A", tempo_bpm=90)
    judge(artist, "R" * 14)
    assert artist.status == Artist.Status.EVOLVING
    return artist


def test_a_proposal_rests_on_decisions_and_is_tried(evolving: Artist) -> None:
    brief = brief_of(evolving, now=LATER)
    assert (brief.approved, brief.rejected) == (1, 14)
    assert brief.reasons == (("visuals_unfit", 14),)
    assert brief.approved_bpm == (90.0,)

    (proposal,) = propose_due(now=LATER)

    assert (proposal.state, proposal.source) == (Evolution.State.TRIAL, Evolution.Source.OFFLINE)
    assert proposal.model == "offline-writer-3"
    assert {"tempo_min_bpm", "tempo_max_bpm", "visual_style"} <= set(proposal.diff)
    assert any("14 rejections name the visuals" in reason for reason in proposal.reasons)
    assert ProviderCall.objects.filter(purpose="evolution").exists()
    assert propose_due(now=LATER) == []


def test_the_schedule_proposes(evolving: Artist) -> None:
    assert tasks.evolve_artists() == 1
    assert tasks.evolve_artists() == 0


def test_what_was_rolled_back_is_in_the_next_brief(evolving: Artist) -> None:
    (first,) = propose_due(now=LATER)
    Evolution.objects.update(trial_runs=10)

    judge(evolving, "R" * 10, now=LATER + timedelta(minutes=1))

    first.refresh_from_db()
    assert first.state == Evolution.State.ROLLED_BACK
    tried = brief_of(evolving, now=LATER).tried
    assert dict(tried) == {field: new for field, (_, new) in first.diff.items()}
    assert len(propose_due(now=LATER + timedelta(hours=1))) == 1


def test_the_run_that_changed_a_status_says_so(evolving: Artist) -> None:
    event = RunEvent.objects.get(kind="lifecycle", message__contains="under 40%")

    assert str(event.run_id) == str(evolving.status_changes.get(rule=Rule.EVOLVE).run_id)


# --- Bold variants ---


@pytest.fixture
def liked() -> Artist:
    artist = ArtistFactory()
    like(artist, now=NOON)
    return artist


def like(artist: Artist, *, now: datetime) -> None:
    lifecycle.remark(Remark(Rule.EXPLORE, "Liked"), artist_id=artist.pk, actor=None, now=now)


def make_run(artist: Artist, seed: int) -> Run:
    batch = create_batch(size=1, origin=Batch.Origin.COMMAND, seed=seed, artist=artist, now=LATER)
    return batch.runs.get()


def test_two_runs_after_a_hint_are_bold(liked: Artist) -> None:
    runs = [make_run(liked, seed) for seed in range(3)]

    assert [run.explores for run in runs] == [True, True, False]
    low, high = runs[0].overrides["tempo_range"]
    assert high - low == liked.tempo_max_bpm - liked.tempo_min_bpm
    assert high < liked.tempo_min_bpm or low > liked.tempo_max_bpm
    assert runs[0].overrides["temperature"] == 1.1
    assert "A bold variant" in runs[0].events.get(kind="queued").message
    assert runs[2].overrides == {}


def test_each_newest_hint_counts_the_bold_runs_since_then(
    liked: Artist, django_assert_num_queries: Any
) -> None:
    other = ArtistFactory()
    like(other, now=NOON)
    for artist in (liked, other):
        RunFactory(artist=artist, explores=True, created_at=NOON)
    like(other, now=LATER)

    with django_assert_num_queries(3):
        assert exploration.bold_runs_left([liked, other]) == {liked.pk: 1, other.pk: 2}


def test_a_hint_taken_back_asks_for_nothing(liked: Artist) -> None:
    assert exploration.bold_runs_left([liked]) == {liked.pk: exploration.BOLD_RUNS}
    lifecycle.pause(artist_id=liked.pk, actor=None, reason="Tour", now=LATER)
    liked.refresh_from_db()

    assert exploration.bold_runs_left([liked]) == {}


def test_bold_tempos_stay_within_the_limits() -> None:
    slow = ArtistFactory.build(tempo_min_bpm=42, tempo_max_bpm=60)
    fast = ArtistFactory.build(tempo_min_bpm=190, tempo_max_bpm=218)

    for seed in range(8):
        assert exploration.bold_values(slow, seed)["tempo_range"] == [60, 78]
        assert exploration.bold_values(fast, seed)["tempo_range"] == [142, 170]
