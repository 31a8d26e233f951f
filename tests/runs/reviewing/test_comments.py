"""Comments at a second of a track."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from runs.errors import ReviewRefused
from runs.models import Run, TimedComment
from runs.reviewing import reviews
from runs.reviewing.comments import (
    Remark,
    add_comment,
    comments_for,
    delete_comment,
    edit_comment,
)
from tests.factories import NOON, RunFactory, UserFactory

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run()


@pytest.fixture
def anna() -> User:
    return UserFactory(is_superuser=True)


def leave(run: Run, author: User, at_s: float = 62.0, text: str = "Too loud") -> TimedComment:
    return add_comment(run_id=run.pk, remark=Remark(at_s, text), author=author, now=NOON)


def test_a_comment_stands_inside_the_track_in_clean_words(run: Run, anna: User) -> None:
    comment = leave(run, anna, 9_999.0, "  Too\x00\nloud " + "x" * 900)

    assert comment.at_s == run.duration_s
    assert comment.text.startswith("Too loud x")
    assert len(comment.text) == TimedComment.LONGEST


def test_an_empty_comment_and_one_on_no_track_are_refused(run: Run, anna: User) -> None:
    with pytest.raises(ReviewRefused):
        leave(run, anna, text=" \n")
    with pytest.raises(ReviewRefused):
        leave(RunFactory(), anna)


def test_a_run_takes_200_comments(run: Run, anna: User) -> None:
    TimedComment.objects.bulk_create(
        TimedComment(run=run, author=anna, at_s=1, text="x") for _ in range(TimedComment.MOST)
    )

    with pytest.raises(ReviewRefused):
        leave(run, anna)


def test_only_its_author_changes_a_comment_and_not_after_the_decision(run: Run, anna: User) -> None:
    comment = leave(run, anna)
    edit = {"comment_id": comment.pk, "run_id": run.pk}
    with pytest.raises(ReviewRefused):
        edit_comment(**edit, text="Mine", author=UserFactory(), now=LATER)

    edit_comment(**edit, text="Softer", author=anna, now=LATER)
    reviews.decide(run_id=run.pk, decision="approve", reasons=[], reviewer=anna, now=LATER)

    with pytest.raises(ReviewRefused):
        edit_comment(**edit, text="Louder", author=anna, now=LATER)
    with pytest.raises(ReviewRefused):
        delete_comment(**edit, author=anna)
    assert TimedComment.objects.get().text == "Softer"


def test_what_is_said_after_the_decision_can_still_be_changed(run: Run, anna: User) -> None:
    before = NOON - timedelta(minutes=5)
    reviews.decide(run_id=run.pk, decision="approve", reasons=[], reviewer=anna, now=before)
    comment = leave(run, anna)

    delete_comment(comment_id=comment.pk, run_id=run.pk, author=anna)

    assert not TimedComment.objects.exists()


def test_comments_of_a_judge_stay_blind_until_the_decision(run: Run, anna: User, settings) -> None:
    settings.SECOND_REVIEW_SHARE = 1.0
    ben, carl = UserFactory(is_superuser=True), UserFactory(is_superuser=True)
    leave(run, anna)
    leave(run, carl)
    reviews.decide(run_id=run.pk, decision="approve", reasons=[], reviewer=anna, now=LATER)

    def authors(reader: User) -> list[User]:
        return [comment.author for comment in comments_for(reader, [run.pk])]

    assert authors(ben) == [carl]
    assert authors(anna) == [anna, carl]
    reviews.decide(run_id=run.pk, decision="approve", reasons=[], reviewer=ben, now=LATER)
    assert authors(ben) == [anna, carl]
