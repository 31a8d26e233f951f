"""The desk's benchmark works on the tables as they are, on a small scale."""

from __future__ import annotations

import pytest

from ai_artist.benchmarks import desk_work
from runs.models import Review, Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_verdict_decides(settings) -> None:
    settings.SECOND_REVIEW_FIRST_RELEASE = False


def test_every_decision_on_a_bad_line_stands_and_counts_once() -> None:
    desk_work.populate(20, 1, {})

    answer = desk_work.judge(0, 10, 0.2)

    assert len(set(answer["decided"])) == len(answer["decided"]) == 10
    assert set(answer["decided"]) <= set(answer["shown"])
    assert desk_work.count() == {"standing": 10, "entries": 10}
    assert Review.objects.count() == 10


def test_openings_are_timed_and_their_queries_counted() -> None:
    desk_work.populate(20, 1, {})

    opened = desk_work.open_desk(2)

    assert len(opened["seconds"]) == 2
    assert 0 < opened["queries"] <= 16
    assert Run.objects.exclude(review_until=None).count() == 4
