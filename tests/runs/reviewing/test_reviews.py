"""Decisions and what follows from them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from artists.models import Artist, Lesson, PerformanceEntry
from experiments.models import Assignment
from runs.errors import ReviewRefused
from runs.models import Review, Run
from runs.reviewing.reviews import content_hash_of, decide, undo
from tests.factories import (
    NOON,
    ArtifactFactory,
    ArtistFactory,
    ExperimentFactory,
    RunFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def approve(run: Run, **options) -> Review:
    return decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON, **options)


def reject(run: Run, reasons=("weak_hook",), **options) -> Review:
    return decide(
        run_id=run.pk, decision="reject", reasons=reasons, reviewer=None, now=NOON, **options
    )


def test_an_approval_moves_the_run_and_counts_for_the_artist() -> None:
    run = RunFactory(reviewable=True)

    approve(run)

    run.refresh_from_db()
    run.artist.refresh_from_db()
    assert run.status == Run.Status.APPROVED
    assert run.decided_at == NOON
    assert run.artist.approved_count == 1


def test_a_first_approval_promotes_a_candidate() -> None:
    run = RunFactory(reviewable=True, artist__status=Artist.Status.CANDIDATE)

    approve(run)

    run.artist.refresh_from_db()
    assert run.artist.status == Artist.Status.ACTIVE


def test_a_rejection_becomes_a_lesson() -> None:
    run = RunFactory(reviewable=True)

    reject(run, reasons=["lyric_cliche"])

    lesson = Lesson.objects.get()
    assert lesson.status == Lesson.Status.ACCEPTED
    assert lesson.run_id == run.pk


def test_a_comment_is_proposed_as_a_lesson_and_not_in_force() -> None:
    run = RunFactory(reviewable=True)

    reject(run, reasons=["other"], comment="Less reverb, please")

    lesson = Lesson.objects.get()
    assert lesson.text == "Less reverb, please"
    assert lesson.status == Lesson.Status.PROPOSED


def test_a_rejection_needs_a_reason() -> None:
    with pytest.raises(ReviewRefused, match="reason"):
        reject(RunFactory(reviewable=True), reasons=[])


def test_unknown_reasons_are_named() -> None:
    with pytest.raises(ReviewRefused, match="too_loud"):
        reject(RunFactory(reviewable=True), reasons=["too_loud"])


def test_a_run_is_decided_once() -> None:
    run = RunFactory(reviewable=True)
    approve(run)

    with pytest.raises(ReviewRefused, match="approved"):
        reject(run)

    assert Review.objects.count() == 1


def test_a_run_that_changed_since_it_was_opened_is_not_decided() -> None:
    run = RunFactory(reviewable=True)
    seen = content_hash_of(run)
    ArtifactFactory(run=run)

    with pytest.raises(ReviewRefused, match="changed"):
        approve(run, content_hash=seen)

    run.refresh_from_db()
    assert run.status == Run.Status.AWAITING_REVIEW


def test_an_unfinished_run_is_not_decided() -> None:
    with pytest.raises(ReviewRefused, match="queued"):
        approve(RunFactory())


def test_unknown_runs_are_named() -> None:
    missing = uuid4()

    with pytest.raises(ReviewRefused, match=str(missing)):
        decide(run_id=missing, decision="approve", reviewer=None, now=NOON)


def test_five_rejections_in_a_row_retire_the_artist() -> None:
    artist = ArtistFactory()

    for run in RunFactory.create_batch(5, artist=artist, reviewable=True):
        reject(run)

    artist.refresh_from_db()
    assert artist.status == Artist.Status.RETIRED
    change = artist.status_changes.first()
    assert change.figures["streak"] == 5
    assert "5" in change.reason


def test_an_approval_ends_the_streak() -> None:
    artist = ArtistFactory()
    runs = RunFactory.create_batch(6, artist=artist, reviewable=True)
    for run in runs[:4]:
        reject(run)
    approve(runs[4])

    reject(runs[5])

    artist.refresh_from_db()
    assert artist.status == Artist.Status.ACTIVE
    assert artist.consecutive_rejections == 1


def test_the_experiment_learns_the_outcome_and_forgets_it_on_undo() -> None:
    run = RunFactory(reviewable=True)
    variant = VariantFactory(experiment=ExperimentFactory())
    assignment = Assignment.objects.create(
        experiment=variant.experiment,
        variant=variant,
        artist=run.artist,
        run_id=run.pk,
        position=0,
        probability=0.5,
    )

    approve(run)
    assignment.refresh_from_db()
    decided = assignment.outcome
    undo(run_id=run.pk, reviewer=None, now=NOON)
    assignment.refresh_from_db()

    assert (decided, assignment.outcome) == ("approved", "")


def test_undo_leaves_nothing_behind() -> None:
    artist = ArtistFactory()
    runs = RunFactory.create_batch(5, artist=artist, reviewable=True)
    for run in runs:
        reject(run, comment="No.")

    undo(run_id=runs[-1].pk, reviewer=None, now=NOON)

    artist.refresh_from_db()
    runs[-1].refresh_from_db()
    assert runs[-1].status == Run.Status.AWAITING_REVIEW
    assert runs[-1].decided_at is None
    assert artist.status == Artist.Status.ACTIVE
    assert (artist.rejected_count, artist.consecutive_rejections) == (4, 4)
    assert PerformanceEntry.objects.standing().count() == 4
    assert Lesson.objects.get(status=Lesson.Status.ACCEPTED).strength == 4


def test_an_undo_says_what_it_did_to_the_artist() -> None:
    artist = ArtistFactory()
    runs = RunFactory.create_batch(6, artist=artist, reviewable=True)
    for run in runs:
        reject(run)

    # The fifth retired the artist; the sixth makes five again.
    undo(run_id=runs[4].pk, reviewer=None, now=NOON)

    _, taken_back, again = artist.status_changes.order_by("pk")
    told = runs[4].events.filter(kind="lifecycle").values_list("message", flat=True)
    assert (taken_back.to_status, again.to_status) == ("active", "retired")
    assert list(told)[1:] == [f"{artist}: {c.reason}." for c in (taken_back, again)]


def test_an_undone_run_can_be_decided_again() -> None:
    run = RunFactory(reviewable=True)
    reject(run)
    undo(run_id=run.pk, reviewer=None, now=NOON)

    approve(run)

    run.refresh_from_db()
    run.artist.refresh_from_db()
    assert run.status == Run.Status.APPROVED
    assert (run.artist.approved_count, run.artist.rejected_count) == (1, 0)
    assert not Lesson.objects.exists()


def test_nothing_to_undo_is_said() -> None:
    with pytest.raises(ReviewRefused, match="no decision"):
        undo(run_id=RunFactory(reviewable=True).pk, reviewer=None, now=NOON)
