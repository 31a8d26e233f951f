"""What happens is counted in the order it happened in, whatever time a press was told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from artists import lifecycle
from artists.models import Artist, StatusChange
from experiments.promotion import in_force, promote
from experiments.promotion import undo as undo_promotion
from runs.models import Review, Run
from runs.reviewing import reviews
from runs.work import operating
from tests.factories import (
    ArtistFactory,
    ExperimentFactory,
    PolicyFactory,
    RunFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def decide(run: Run, decision: str, *, now: datetime) -> Review:
    reasons = ["other"] if decision == "reject" else []
    return reviews.decide(run_id=run.pk, decision=decision, reviewer=None, now=now, reasons=reasons)


def test_a_late_press_is_counted_after_what_was_there(now: datetime) -> None:
    artist = ArtistFactory()
    approved, rejected = (RunFactory(artist=artist, reviewable=True) for _ in range(2))
    decide(approved, "approve", now=now + HOUR)

    decide(rejected, "reject", now=now)

    artist.refresh_from_db()
    assert artist.consecutive_rejections == 1
    assert lifecycle.rebuild_counters() == 0


def test_a_rejection_after_the_clock_went_back_belongs_to_the_new_window(now: datetime) -> None:
    artist = ArtistFactory(policy=PolicyFactory(consecutive_rejections=3))
    lifecycle.pause(artist_id=artist.pk, actor=None, reason="", now=now + HOUR)
    lifecycle.resume(artist_id=artist.pk, actor=None, reason="", now=now + HOUR)

    for _ in range(3):
        decide(RunFactory(artist=artist, reviewable=True), "reject", now=now)

    artist.refresh_from_db()
    assert artist.status == Artist.Status.RETIRED
    assert lifecycle.rebuild_counters() == 0
    moments = list(StatusChange.objects.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)


def test_the_later_of_two_verdicts_settles_a_run(settings, now: datetime) -> None:
    settings.SECOND_REVIEW_SHARE = 1.0
    run = RunFactory(reviewable=True)
    first, second = UserFactory(), UserFactory()
    common = {"run_id": run.pk, "decision": "approve"}
    reviews.decide(**common, reviewer=first, now=now + HOUR)

    reviews.decide(**common, reviewer=second, now=now)

    assert Review.objects.standing().get().reviewer == second


def test_a_runs_log_keeps_the_order_of_what_was_done(now: datetime) -> None:
    run = RunFactory(reviewable=True)
    decide(run, "approve", now=now + HOUR)
    reviews.undo(run_id=run.pk, reviewer=None, now=now)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.FAILED, error="music: no answer")

    operating.cancel_run(run_id=run.pk, actor=None, now=now)

    assert list(run.events.values_list("kind", flat=True)) == ["approved", "undone", "cancelled"]


def test_promotions_follow_each_other_although_the_clock_went_back(now: datetime) -> None:
    experiment = ExperimentFactory()
    first, second = (VariantFactory(experiment=experiment, value=text) for text in ("a", "b"))
    promote(experiment, first, actor=None, now=now + HOUR)

    (promotion,) = promote(experiment, second, actor=None, now=now)
    assert in_force(ArtistFactory())[experiment.parameter] == "b"

    undo_promotion(promotion, actor=None, now=now)
    assert in_force(ArtistFactory())[experiment.parameter] == "a"
