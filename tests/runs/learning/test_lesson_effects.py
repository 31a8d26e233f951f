"""What runs with a lesson did beside those before it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from artists.models import Artist, Lesson
from experiments.statistics import chance_exceeds
from runs.learning.lesson_effects import RUNS_BEFORE, effect_of
from runs.models import LessonUse, Review, Run
from tests.factories import NOON, ArtistFactory, BatchFactory, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson() -> Lesson:
    return Lesson.objects.create(artist=ArtistFactory(), text="Slower", status="accepted")


def decided(
    artist: Artist,
    decisions: str,
    *,
    day: int,
    lesson: Lesson | None = None,
    outcome: str = LessonUse.Outcome.OBEYED,
    source: str = Review.Source.PERSON,
) -> None:
    """A run for each letter of `decisions`: a for approved, r for rejected."""
    batch = BatchFactory()
    for number, letter in enumerate(decisions):
        run: Run = RunFactory(
            batch=batch, artist=artist, created_at=NOON + timedelta(days=day, minutes=number)
        )
        Review.objects.create(
            run=run,
            decision={"a": "approve", "r": "reject"}[letter],
            reasons=[] if letter == "a" else ["other"],
            source=source,
            content_hash="0" * 64,
            at=NOON,
            effective_at=NOON,
        )
        if lesson:
            LessonUse.objects.create(
                run=run, lesson=lesson, text=lesson.text, position=0, outcome=outcome
            )


def test_runs_with_the_lesson_are_compared_with_those_before(lesson: Lesson) -> None:
    decided(lesson.artist, "rrrrrrrraa", day=0)
    decided(lesson.artist, "aaaaaaaarr", day=1, lesson=lesson)
    decided(ArtistFactory(), "rrrr", day=0)

    effect = effect_of(lesson)

    assert (effect.before, effect.after) == ((2, 8), (8, 2))
    assert chance_exceeds((8, 2), (2, 8), margin=0.0) > 0.99
    assert "over 99%" in effect.chance_line
    assert "8 of 10 approved; before it 2 of 10" in effect.counts_line
    assert effect.obeyed_line == "Followed in 10 of 10 measured runs; given to 10."


def test_below_ten_decided_runs_on_a_side_only_counts_are_shown(lesson: Lesson) -> None:
    decided(lesson.artist, "r" * 9, day=0)
    decided(lesson.artist, "a" * 12, day=1, lesson=lesson)

    effect = effect_of(lesson)

    assert not effect.shown
    assert "from 10 decided runs on each side" in effect.chance_line


def test_only_the_last_runs_before_the_lesson_count(lesson: Lesson) -> None:
    decided(lesson.artist, "a" * 5 + "r" * RUNS_BEFORE, day=0)
    decided(lesson.artist, "a", day=1, lesson=lesson)

    assert effect_of(lesson).before == (0, RUNS_BEFORE)


def test_approvals_of_the_autopilot_are_no_evidence(lesson: Lesson) -> None:
    decided(lesson.artist, "aa", day=1, lesson=lesson, source=Review.Source.AUTOPILOT)

    assert effect_of(lesson).after == (0, 0)


def test_undone_decisions_do_not_count(lesson: Lesson) -> None:
    decided(lesson.artist, "aa", day=1, lesson=lesson)
    Review.objects.update(undone_at=NOON)

    assert effect_of(lesson).after == (0, 0)


def test_a_lesson_that_cannot_be_measured_says_so(lesson: Lesson) -> None:
    decided(lesson.artist, "a", day=1, lesson=lesson, outcome=LessonUse.Outcome.UNMEASURED)

    assert "cannot be measured" in effect_of(lesson).obeyed_line


def test_effect_stands_on_the_page_and_says_what_it_is(boss: Client, lesson: Lesson) -> None:
    decided(lesson.artist, "rrrrrrrrrr", day=0)
    decided(lesson.artist, "aaaaaaaaaa", day=1, lesson=lesson)

    page = boss.get(reverse("admin:artists_lesson_change", args=[lesson.pk])).content.decode()

    assert "10 of 10 approved; before it 0 of 10" in page
    assert "is not an experiment" in page
