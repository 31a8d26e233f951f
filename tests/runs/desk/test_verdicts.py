"""What the desk tells after a decision, and not before it can no longer be undone unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.utils import timezone

from experiments.models import Assignment
from runs.models import Review, Run
from runs.reviewing.reviews import apply_due
from tests.factories import ExperimentFactory, RunFactory, VariantFactory
from tests.runs.desk.conftest import ask, browser, verdict

pytestmark = pytest.mark.django_db

Desk = Callable[..., HttpResponse]


@pytest.fixture
def run() -> Run:
    """A run that is one arm of an experiment."""
    run = RunFactory(reviewable=True)
    variant = VariantFactory(experiment=ExperimentFactory(name="Slower?"), name="Slow")
    Assignment.objects.create(
        experiment=variant.experiment,
        variant=variant,
        artist=run.artist,
        run_id=run.pk,
        position=0,
        block=0,
        probability=0.5,
    )
    return run


def recent(desk: Desk) -> dict[str, object]:
    return desk("reasons").json()["recent"][0]


def test_the_variant_is_hidden_before_the_decision_and_within_its_grace(
    desk: Desk, run: Run
) -> None:
    item = desk("next", want=1).content.decode()
    answer = desk("decide", **verdict(run)).content.decode()

    assert "Slow" not in item + answer
    assert recent(desk)["revealed"] is None


def test_after_the_grace_the_variant_is_told(desk: Desk, run: Run) -> None:
    desk("decide", **verdict(run))
    apply_due(now=timezone.now() + timedelta(minutes=1))

    assert recent(desk)["revealed"] == {"variants": ["Slower?: Slow"], "verdicts": []}


def test_an_undone_decision_tells_nothing(desk: Desk, run: Run) -> None:
    body = verdict(run)
    desk("decide", **body)
    apply_due(now=timezone.now() + timedelta(minutes=1))
    desk("undo", key=body["key"])

    assert desk("reasons").json()["recent"] == []
    assert "Slow" not in desk("next", want=1).content.decode()


def test_a_second_reviewer_learns_what_the_first_said_when_it_is_settled(
    desk: Desk, run: Run, anna: User, ben: User, settings
) -> None:
    settings.SECOND_REVIEW_SHARE = 1.0
    ask(browser(ben), "decide", **verdict(run, comment="Fine by me."))
    assert ask(browser(ben), "reasons").json()["recent"][0]["state"] == "waiting"
    blind = desk("next", want=1).content.decode()

    desk("decide", **verdict(run))
    apply_due(now=timezone.now() + timedelta(minutes=1))

    assert "Fine by me." not in blind
    told = recent(desk)["revealed"]["verdicts"]  # type: ignore[index]
    assert [(one["by"], one["comment"]) for one in told] == [("ben", "Fine by me.")]
    first = ask(browser(ben), "reasons").json()["recent"][0]
    assert first["state"] == "decided"
    assert first["revealed"]["verdicts"][0]["by"] == "anna"


def test_listing_asks_no_more_with_more_decisions(
    desk: Desk, django_assert_max_num_queries
) -> None:
    for run in RunFactory.create_batch(6, reviewable=True):
        desk("decide", **verdict(run))
    apply_due(now=timezone.now() + timedelta(minutes=1))

    with django_assert_max_num_queries(9):
        assert len(desk("reasons").json()["recent"]) == Review.objects.count() == 6
