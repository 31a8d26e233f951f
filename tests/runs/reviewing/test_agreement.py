"""How often two reviewers agreed, and the list of reviews that shows it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs.models import Review, Run
from runs.reviewing.agreement import agreement_by_week
from tests.factories import NOON, RunFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "admin:runs_review_changelist"


@pytest.fixture
def people() -> list[User]:
    return UserFactory.create_batch(3)


def judged(people: list[User], decisions: list[str], *, at: datetime = NOON) -> Run:
    """A run with a verdict of each person, the last of which decided; an hour between them."""
    run: Run = RunFactory()
    for number, decision in enumerate(decisions):
        Review.objects.create(
            run=run,
            reviewer=people[number],
            decision=decision,
            reasons=[] if decision == "approve" else ["rights"],
            content_hash="0" * 64,
            at=at + timedelta(hours=number),
            effective_at=at if number + 1 == len(decisions) else None,
        )
    return run


def test_agreement_is_counted_by_week(people: list[User]) -> None:
    judged(people, ["approve", "approve"])
    judged(people, ["reject", "reject"])
    judged(people, ["approve", "reject", "approve"])
    judged(people, ["approve"])
    judged(people, ["reject", "reject"], at=NOON - timedelta(weeks=1))

    weeks = agreement_by_week(now=NOON + timedelta(days=1))

    assert weeks == [
        {"week": "2026-03-02", "pairs": 3, "agreed": 2},
        {"week": "2026-02-23", "pairs": 1, "agreed": 1},
    ]


def test_eight_weeks_are_whole_and_no_older_one_is_there(people: list[User]) -> None:
    first_monday = NOON.replace(hour=0) - timedelta(weeks=7)
    judged(people, ["approve", "approve"], at=first_monday)
    judged(people, ["approve", "approve"], at=first_monday - timedelta(hours=2))

    weeks = agreement_by_week(now=NOON + timedelta(days=6))

    assert weeks == [{"week": "2026-01-12", "pairs": 1, "agreed": 1}]


def test_what_was_taken_back_or_is_nobodys_does_not_count(people: list[User]) -> None:
    undone = judged(people, ["approve", "approve"])
    undone.reviews.filter(reviewer=people[0]).update(undone_at=NOON)
    unowned = judged(people, ["approve", "approve"])
    unowned.reviews.filter(reviewer=people[0]).update(reviewer=None)

    assert agreement_by_week(now=NOON) == []


def test_the_list_of_reviews_shows_it(boss: Client, people: list[User]) -> None:
    empty = boss.get(reverse(LIST)).content.decode()
    judged(people, ["approve", "approve"], at=timezone.now() - timedelta(hours=2))

    page = boss.get(reverse(LIST)).content.decode()

    assert "No run was judged by two people in the last 8 weeks." in empty
    assert '<td class="is-number">1</td><td class="is-number">100%</td>' in page
    assert "No run was judged by two people" not in page


def test_the_list_of_reviews_hides_a_verdict_that_waits(boss: Client, people: list[User]) -> None:
    run = judged(people, ["approve"])
    run.reviews.update(effective_at=None, comment="Splendid.")

    assert "Splendid." not in boss.get(reverse(LIST)).content.decode()
