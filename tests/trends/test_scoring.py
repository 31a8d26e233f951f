"""Momentum, and the choice of a topic by it."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import timedelta

import pytest

from tests.factories import NOON, ObservationFactory, TopicFactory, TrendSourceFactory
from trends.choosing import choose_topic
from trends.models import Topic, TrendSource
from trends.scoring import momentum, score_history, score_topics

DAY = timedelta(days=1)


def daily(*levels: float, until=NOON) -> list[tuple]:
    """One point a day, the last one at `until`."""
    last = len(levels) - 1
    return [(until - (last - index) * DAY, level) for index, level in enumerate(levels)]


def of(*levels: float, largest: float = 10.0, now=NOON) -> float:
    return momentum(daily(*levels), largest=largest, now=now)


def test_a_topic_at_its_usual_level_has_half_of_level_and_growth() -> None:
    assert of(5, 5, 5, 5) == pytest.approx(0.5 * 0.5 + 0.3 * 0.5 + 0.2 * 0.5)


def test_a_rising_topic_beats_a_steady_one_and_that_a_falling_one() -> None:
    assert of(5, 5, 5, 6) > of(5, 5, 5, 5) > of(5, 5, 5, 4)


def test_doubling_in_a_week_is_worth_three_quarters_of_growth() -> None:
    doubled = momentum(
        [(NOON - 7 * DAY, 5.0), (NOON, 5.0 + 0.6931472)], largest=5.6931472, now=NOON
    )

    assert doubled == pytest.approx(0.5 * 0.5 + 0.3 * 0.7311 + 0.2, abs=1e-4)


def test_half_is_left_after_three_days() -> None:
    assert of(5, 5, 5, 5, now=NOON + 3 * DAY) == pytest.approx(of(5, 5, 5, 5) / 2)


def test_a_restless_topic_needs_more_to_stand_out() -> None:
    assert of(2, 8, 2, 8, 9) < of(5, 5, 5, 5, 9)


def test_nobody_talks_no_momentum() -> None:
    assert of(5, 5, 5, 0) == 0.0


def test_extremes_stay_within_the_unit_range() -> None:
    assert 0.99 < of(0, 0, 0, 900, largest=900) <= 1.0
    assert 0.0 <= of(900, 900, 900, 0.001, largest=900) < 0.01


@pytest.mark.django_db
def test_scores_are_stored_with_their_time() -> None:
    observation = ObservationFactory()

    assert score_topics(NOON) == 1

    topic = Topic.objects.get(pk=observation.topic_id)
    assert topic.score == pytest.approx(0.6)
    assert topic.scored_at == NOON


@pytest.mark.django_db
def test_sources_count_by_their_weight() -> None:
    topic, other = TopicFactory(), TopicFactory()
    strong, weak = TrendSourceFactory(weight=3.0), TrendSourceFactory(weight=1.0)
    ObservationFactory(topic=topic, source=strong)
    ObservationFactory(topic=topic, source=weak, volume=0)
    ObservationFactory(topic=other, source=weak)

    score_topics(NOON)

    topic.refresh_from_db()
    assert topic.score == pytest.approx(0.6 * 3 / 4)


@pytest.mark.django_db
def test_a_disabled_source_does_not_count() -> None:
    ObservationFactory()
    TrendSource.objects.update(enabled=False)

    assert score_topics(NOON) == 0


@pytest.mark.django_db
def test_a_topic_nobody_saw_lately_loses_its_score() -> None:
    observation = ObservationFactory()
    score_topics(NOON)

    assert score_topics(NOON + 40 * DAY) == 0
    assert Topic.objects.get(pk=observation.topic_id).score == 0.0


def test_age_counts_from_the_end_of_a_window() -> None:
    points = daily(5, 5, 5, 5, until=NOON - DAY)

    assert momentum(points, largest=5, now=NOON, window=DAY) == momentum(
        daily(5, 5, 5, 5), largest=5, now=NOON
    )


def test_the_example_of_the_documentation() -> None:
    levels = [math.log1p(posts) for posts in (100, 100, 100, 100, 100, 100, 100, 200)]
    yesterday = daily(*levels, until=NOON - 1.5 * DAY)

    assert momentum(yesterday, largest=6.0, now=NOON, window=DAY) == pytest.approx(0.771, abs=5e-4)


@pytest.mark.django_db
def test_what_is_dated_ahead_waits_for_its_time() -> None:
    ObservationFactory(observed_at=NOON + DAY)

    assert score_topics(NOON) == 0
    assert score_topics(NOON + DAY) == 1


@pytest.mark.django_db
def test_history_is_what_was_scored_each_day() -> None:
    topic, source = TopicFactory(), TrendSourceFactory()
    for days_ago, volume in enumerate((40, 20, 30, 10, 10)):
        ObservationFactory(
            topic=topic, source=source, volume=volume, observed_at=NOON - days_ago * DAY
        )
    ObservationFactory(source=source, volume=90, observed_at=NOON - 2 * DAY)

    line = score_history(NOON, days=8, topic_ids=[topic.pk])[topic.pk]

    scored = []
    for days_ago in reversed(range(8)):
        score_topics(NOON - days_ago * DAY)
        topic.refresh_from_db()
        scored.append(topic.score or None)
    assert line == scored
    assert line[:3] == [None, None, None]


@pytest.mark.django_db
def test_history_needs_few_queries(django_assert_num_queries) -> None:
    for _ in range(5):
        ObservationFactory()
    topic_ids = list(Topic.objects.values_list("pk", flat=True))

    with django_assert_num_queries(2):
        score_history(NOON, days=30, topic_ids=topic_ids)


# --- Choosing ---


def choose(genre: str = "lofi", *, seed: int = 1, probability: float = 1.0) -> Topic | None:
    return choose_topic(genre=genre, rng=random.Random(seed), probability=probability, now=NOON)


@pytest.mark.django_db
def test_stronger_topics_are_chosen_more_often() -> None:
    TopicFactory(name="strong", score=0.8)
    TopicFactory(name="weak", score=0.2)

    chosen = Counter(choose(seed=seed).name for seed in range(300))

    assert 0.7 < chosen["strong"] / 300 < 0.9


@pytest.mark.django_db
def test_a_topic_is_followed_as_often_as_asked() -> None:
    TopicFactory(score=0.5)

    followed = sum(choose(seed=seed, probability=0.3) is not None for seed in range(300))

    assert 65 <= followed <= 115


@pytest.mark.django_db
def test_only_fitting_unblocked_topics_are_chosen() -> None:
    TopicFactory(score=0.9, blocked=True)
    TopicFactory(score=0.9, genre="techno")
    TopicFactory(score=0.0)
    TopicFactory(score=0.9, scored_at=NOON - 15 * DAY)
    assert choose("lofi") is None

    fitting = TopicFactory(score=0.1, genre="lofi", scored_at=NOON - DAY)
    assert choose("lofi") == fitting


@pytest.mark.django_db
def test_the_same_seed_chooses_the_same_topic() -> None:
    for number in range(5):
        TopicFactory(score=0.1 + number / 10)

    assert choose(seed=9) == choose(seed=9)
