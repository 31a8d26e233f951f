"""Two reviewers, blind of each other; a third where they disagree."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from artists.models import Lesson, PerformanceEntry
from runs import tasks
from runs.errors import ReviewRefused
from runs.models import Review, Run, RunEvent
from runs.reviewing.leases import lease_runs
from runs.reviewing.reviews import decide, undo_verdict
from tests.factories import NOON, RunFactory
from tests.runs.desk.conftest import ask, browser, verdict

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_each(settings) -> None:
    settings.SECOND_REVIEW_SHARE = 1.0


def judge(run: Run, reviewer: User | None, decision: str = "approve", reason="rights") -> Review:
    return decide(
        run_id=run.pk,
        decision=decision,
        reasons=[] if decision == "approve" else [reason],
        reviewer=reviewer,
        now=NOON,
        key=uuid4(),
    )


def status_of(run: Run) -> str:
    run.refresh_from_db()
    return run.status


def test_one_verdict_decides_nothing_and_shows_nowhere(anna: User) -> None:
    run = RunFactory(reviewable=True)

    judge(run, anna)

    assert status_of(run) == Run.Status.AWAITING_REVIEW
    assert not Review.objects.standing().exists()
    assert not RunEvent.objects.exists()
    assert not Review.objects.public().exists()


def test_two_that_agree_decide(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)

    judge(run, anna)
    judge(run, ben)

    assert status_of(run) == Run.Status.APPROVED
    assert PerformanceEntry.objects.count() == 1
    assert RunEvent.objects.filter(actor__in=[anna, ben]).count() == 2


@pytest.mark.parametrize("third", ["approve", "reject"])
def test_the_third_decides_between_two(anna: User, ben: User, carl: User, third: str) -> None:
    run = RunFactory(reviewable=True)

    judge(run, anna, "approve")
    judge(run, ben, "reject")
    undecided = status_of(run)
    judge(run, carl, third)

    assert undecided == Run.Status.AWAITING_REVIEW
    assert status_of(run) == {"approve": "approved", "reject": "rejected"}[third]


def test_the_artist_learns_from_both_rejections(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)

    judge(run, anna, "reject", "rights")
    judge(run, ben, "reject", "weak_hook")

    assert Lesson.objects.count() == 2


def test_nobody_judges_twice_nor_gets_the_run_again(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)
    judge(run, anna)

    with pytest.raises(ReviewRefused, match="another person"):
        judge(run, anna)
    assert lease_runs(anna, now=NOON, count=1) == []
    assert lease_runs(ben, now=NOON, count=1) == [run.pk]


def test_the_first_verdict_is_hidden_from_the_second_reviewer(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)
    ask(browser(anna), "decide", **verdict(run, "reject", comment="Dreadful."))

    answer = ask(browser(ben), "next", want=1)

    assert answer.json()["items"][0]["id"] == str(run.pk)
    assert b"Dreadful" not in answer.content
    assert b"reject" not in answer.content


def test_taking_one_verdict_back_keeps_the_other(anna: User, ben: User) -> None:
    run = RunFactory(reviewable=True)
    mine = judge(run, anna)
    judge(run, ben)

    undo_verdict(key=mine.key, reviewer=anna, now=NOON)

    assert status_of(run) == Run.Status.AWAITING_REVIEW
    assert Review.objects.verdicts().get().reviewer == ben
    assert not PerformanceEntry.objects.decisions().exists()


def test_the_command_line_decides_alone() -> None:
    run = RunFactory(reviewable=True)

    judge(run, None)

    assert status_of(run) == Run.Status.APPROVED


def test_runs_that_waited_are_decided_when_one_verdict_is_enough(anna: User, settings) -> None:
    run = RunFactory(reviewable=True)
    judge(run, anna)
    settings.SECOND_REVIEW_SHARE = 0.0

    assert tasks.sweep()["decided"] == 1

    assert status_of(run) == Run.Status.APPROVED


def test_first_releases_are_judged_twice(anna: User, ben: User, settings) -> None:
    settings.SECOND_REVIEW_SHARE = 0.0
    first = RunFactory(reviewable=True)
    later = RunFactory(reviewable=True, artist__approved_count=1)

    judge(first, anna)
    judge(later, anna)

    assert (status_of(first), status_of(later)) == ("awaiting_review", "approved")


@pytest.mark.parametrize("second", ["nobody", "inactive", "no staff", "no permission"])
def test_who_reviews_alone_judges_first_releases_alone(
    anna: User, settings, django_user_model, second: str
) -> None:
    settings.SECOND_REVIEW_SHARE = 0.0
    if second != "nobody":
        django_user_model.objects.create_user(
            "second",
            is_superuser=second != "no permission",
            is_staff=second != "no staff",
            is_active=second != "inactive",
        )
    run = RunFactory(reviewable=True)

    judge(run, anna)

    assert status_of(run) == Run.Status.APPROVED
