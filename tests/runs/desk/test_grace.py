"""The grace: what stands at once, what waits, and what an undo leaves."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import User

from artists.models import Artist, Lesson, PerformanceEntry
from experiments.models import Assignment
from runs import tasks
from runs.errors import ReleaseRefused, ReviewRefused
from runs.models import Packing, Review, Run, RunEvent
from runs.releasing import releases
from runs.reviewing.reviews import (
    apply_due,
    decide,
    edit_reasons,
    reopen_if_changed,
    undo,
    undo_verdict,
)
from runs.work import packing
from tests.factories import (
    NOON,
    ArtifactFactory,
    ArtistFactory,
    ExperimentFactory,
    RunFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

GRACE_S = 10
LATER = NOON + timedelta(seconds=GRACE_S)


def choose(run: Run, reviewer: User | None, decision: str = "approve", **options) -> Review:
    return decide(
        run_id=run.pk,
        decision=decision,
        reasons=[] if decision == "approve" else ["weak_hook"],
        reviewer=reviewer,
        now=options.pop("now", NOON),
        grace_s=GRACE_S,
        key=options.pop("key", None) or uuid4(),
        **options,
    )


OWN_APPS = ("trends", "artists", "experiments", "runs", "django_q")


def traces() -> dict[str, list[dict[str, object]]]:
    """Every row of every table, histories and queued tasks included, but for the reviews."""
    models = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in models
        if model is not Review
    }


def test_the_run_leaves_the_queue_at_once_and_nothing_else_happens(anna: User) -> None:
    run = RunFactory(reviewable=True)
    before = traces()

    review = choose(run, anna)

    run.refresh_from_db()
    assert run.status == Run.Status.APPROVED
    assert (review.effective_at, review.applied_at) == (LATER, None)
    assert {**traces(), "runs.Run": []} == {**before, "runs.Run": []}


def test_after_the_grace_everything_follows_once(anna: User) -> None:
    run = RunFactory(reviewable=True, artist__status=Artist.Status.CANDIDATE)
    choose(run, anna)

    assert apply_due(now=LATER - timedelta(seconds=1)) == 0
    assert apply_due(now=LATER) == 1
    assert apply_due(now=LATER) == 0

    run.artist.refresh_from_db()
    assert run.artist.approved_count == 1
    assert run.artist.status == Artist.Status.ACTIVE
    assert PerformanceEntry.objects.count() == 1
    assert RunEvent.objects.get(kind="approved").actor == anna


def test_the_sweep_applies_what_nobody_else_did(anna: User) -> None:
    choose(RunFactory(reviewable=True), anna)

    assert tasks.sweep()["decided"] == 1


def test_nothing_is_packaged_within_the_grace(anna: User) -> None:
    run = RunFactory(reviewable=True)
    choose(run, anna)

    assert not Packing.objects.exists()
    with pytest.raises(ReleaseRefused, match="no release"):
        releases.single_of(run.pk)
    apply_due(now=LATER)
    assert Packing.objects.due(now=LATER).get().release == releases.single_of(run.pk)


@pytest.mark.rehearsal
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.further_seed) for seed in (2, 3))]
)
def test_undo_within_the_grace_leaves_no_trace(
    seed: int, anna: User, django_capture_on_commit_callbacks
) -> None:
    """25 times each: no row anywhere and no task differs from before."""
    rng = random.Random(seed)
    artist = ArtistFactory(consecutive_rejections=4)
    runs = RunFactory.create_batch(5, artist=artist, reviewable=True)
    variant = VariantFactory(experiment=ExperimentFactory())
    for block, run in enumerate(runs):
        Assignment.objects.create(
            experiment=variant.experiment,
            variant=variant,
            artist=artist,
            run_id=run.pk,
            position=block,
            block=block,
            probability=0.5,
        )
    before = traces()

    for _ in range(25):
        with django_capture_on_commit_callbacks(execute=True):
            run = rng.choice(runs)
            decision = rng.choice(["approve", "reject"])
            review = choose(run, anna, decision, comment=rng.choice(["", "No."]))
            apply_due(now=NOON + timedelta(seconds=rng.randrange(GRACE_S)))
            undo_verdict(key=review.key, reviewer=anna, now=NOON + timedelta(seconds=GRACE_S - 1))
            apply_due(now=LATER + timedelta(days=1))
        assert traces() == before


@pytest.mark.rehearsal
@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_decisions_and_undos_ends_as_if_only_the_last_ones_were(
    seed: int, anna: User
) -> None:
    rng = random.Random(100 + seed)
    artist = ArtistFactory()
    runs = RunFactory.create_batch(4, artist=artist, reviewable=True)
    now = NOON
    standing: dict[object, Review] = {}
    for _ in range(30):
        now += timedelta(seconds=rng.randrange(1, 8))
        run = rng.choice(runs)
        if run.pk in standing:
            undo_verdict(key=standing.pop(run.pk).key, reviewer=anna, now=now)
        else:
            decision = rng.choice(["approve", "reject", "approve"])
            standing[run.pk] = choose(run, anna, decision, now=now)
        apply_due(now=now)
    apply_due(now=now + timedelta(minutes=1))

    artist.refresh_from_db()
    decisions = [review.decision for review in standing.values()]
    assert artist.approved_count == decisions.count("approve")
    assert artist.rejected_count == decisions.count("reject")
    assert PerformanceEntry.objects.decisions().count() == len(standing)
    lesson = Lesson.objects.first()
    assert (lesson.strength if lesson else 0) == decisions.count("reject")


def test_undo_twice_is_undo_once(anna: User) -> None:
    run = RunFactory(reviewable=True)
    review = choose(run, anna)

    first = undo_verdict(key=review.key, reviewer=anna, now=NOON)
    again = undo_verdict(key=review.key, reviewer=anna, now=LATER)

    assert first.undone_at == again.undone_at == NOON


def test_nobody_undoes_the_verdict_of_another_by_its_key(anna: User, ben: User) -> None:
    review = choose(RunFactory(reviewable=True), anna)

    with pytest.raises(ReviewRefused, match="no decision of yours"):
        undo_verdict(key=review.key, reviewer=ben, now=NOON)


def test_a_repeated_request_gives_the_same_review(anna: User) -> None:
    run, key = RunFactory(reviewable=True), uuid4()

    first = choose(run, anna, key=key)
    again = choose(run, anna, key=key, now=LATER)

    assert first == again
    assert Review.objects.count() == 1


def test_a_late_repetition_does_not_bring_back_what_was_undone(anna: User) -> None:
    run, key = RunFactory(reviewable=True), uuid4()
    choose(run, anna, key=key)
    undo_verdict(key=key, reviewer=anna, now=NOON)

    again = choose(run, anna, key=key)

    run.refresh_from_db()
    assert again.undone_at is not None
    assert run.status == Run.Status.AWAITING_REVIEW


def test_a_key_belongs_to_one_run(anna: User) -> None:
    key = uuid4()
    choose(RunFactory(reviewable=True), anna, key=key)

    with pytest.raises(ReviewRefused, match="another decision"):
        choose(RunFactory(reviewable=True), anna, key=key)


def test_content_that_changes_in_the_grace_reopens_the_run(anna: User) -> None:
    run = RunFactory(reviewable=True)
    choose(run, anna)
    ArtifactFactory(run=run)

    assert apply_due(now=LATER) == 0

    run.refresh_from_db()
    assert run.status == Run.Status.AWAITING_REVIEW
    assert not PerformanceEntry.objects.exists()
    assert "changed" in RunEvent.objects.get(kind="undone").message


def test_content_that_changes_before_the_release_reopens_the_run() -> None:
    run = RunFactory(reviewable=True)
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)
    assert not reopen_if_changed(run_id=run.pk, now=LATER)
    ArtifactFactory(run=run)

    assert packing.pack_next(now=NOON)

    assert not Packing.objects.exists()
    run.refresh_from_db()
    run.artist.refresh_from_db()
    assert run.status == Run.Status.AWAITING_REVIEW
    assert run.artist.approved_count == 0


def test_a_later_reopening_is_noted(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True, artist__approved_count=1)
    choose(run, anna)
    apply_due(now=LATER)

    undo(run_id=run.pk, reviewer=ben, now=LATER)

    assert RunEvent.objects.get(kind="undone").actor == ben
    assert not PerformanceEntry.objects.decisions().exists()


def test_reasons_are_corrected_with_what_was_learnt(anna: User) -> None:
    run = RunFactory(reviewable=True)
    review = choose(run, anna, "reject")
    apply_due(now=LATER)

    edit_reasons(key=review.key, reasons=["rights"], comment="", reviewer=anna, now=LATER)

    assert Lesson.objects.get().text == "Name no real persons, brands or works"
    message = RunEvent.objects.get(kind="corrected").message
    assert "Weak hook" in message and "Rights or policy" in message


def test_a_rejection_keeps_a_reason(anna: User) -> None:
    review = choose(RunFactory(reviewable=True), anna, "reject")

    with pytest.raises(ReviewRefused, match="reason"):
        edit_reasons(key=review.key, reasons=[], comment="", reviewer=anna, now=NOON)
