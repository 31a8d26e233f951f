"""The pages of trends."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOON, ObservationFactory, TopicFactory, TrendSourceFactory
from trends.models import Collection, Topic, TrendSource
from trends.scoring import score_topics

pytestmark = pytest.mark.django_db


def test_topics_are_blocked_and_allowed_again(boss: Client) -> None:
    topic = TopicFactory()
    address = reverse("admin:trends_topic_changelist")

    boss.post(address, {"action": "block", "_selected_action": [topic.pk]})
    topic.refresh_from_db()
    assert topic.blocked

    boss.post(address, {"action": "unblock", "_selected_action": [topic.pk]})
    topic.refresh_from_db()
    assert not topic.blocked


def test_topic_shows_its_momentum_and_observations(boss: Client) -> None:
    seen = ObservationFactory(topic__score=0.73, volume=4211)

    address = reverse("admin:trends_topic_change", args=[seen.topic_id])
    page = boss.get(address).content.decode()

    assert "73%" in page
    assert "4211" in page


def test_failing_source_is_marked(boss: Client) -> None:
    TrendSourceFactory(last_error="charts: no answer")

    page = boss.get(reverse("admin:trends_trendsource_changelist")).content.decode()

    assert "failing" in page
    assert "charts: no answer" in page


def chart_of(page: str) -> dict[str, Any]:
    """The data of the page's chart."""
    found = re.search(r'data-value="([^"]+)"', page)
    assert found is not None
    chart: dict[str, Any] = json.loads(html.unescape(found[1]))
    return chart


def test_topics_are_drawn_over_time(boss: Client) -> None:
    now = timezone.now()
    source = TrendSourceFactory(window_hours=24)
    for name, volumes in {"moon": (90, 50, 40), "rain": (10, 10, 10)}.items():
        topic = TopicFactory(name=name)
        for days_ago, volume in enumerate(volumes):
            ObservationFactory(
                source=source,
                topic=topic,
                volume=volume,
                observed_at=now - timedelta(days=days_ago, hours=1),
            )
    score_topics(now)

    chart = chart_of(boss.get(reverse("admin:trends_chart")).content.decode())

    assert [line["label"] for line in chart["datasets"]] == ["moon", "rain"]
    assert len(chart["labels"]) == len(chart["datasets"][0]["data"]) == 30
    moon = Topic.objects.get(name="moon")
    assert chart["datasets"][0]["data"][-1] == pytest.approx(100 * moon.score, abs=0.1)
    assert chart["datasets"][0]["data"][0] is None


def test_age_and_price_of_the_data_are_shown(boss: Client) -> None:
    now = timezone.now()
    seen = ObservationFactory(
        source__name="x", source__window_hours=24, observed_at=now - timedelta(hours=27)
    )
    Collection.objects.create(source=seen.source, at=now, calls=7, reads=3, cost_usd="0.05")
    score_topics(now)

    page = boss.get(reverse("admin:trends_chart")).content.decode()

    assert "$0.05" in page
    assert "1 collection, 7 calls" in page
    assert re.search(r"3(&nbsp;|\xa0)hours", page)


def test_topics_of_a_genre_and_those_of_every_genre(boss: Client) -> None:
    for genre in ("techno", "folk", ""):
        ObservationFactory(topic__name=f"for {genre or 'all'}", topic__genre=genre)
    score_topics(NOON)

    page = boss.get(reverse("admin:trends_chart"), {"genre": "techno"}).content.decode()

    assert {line["label"] for line in chart_of(page)["datasets"]} == {"for techno", "for all"}


def test_sources_not_switched_on_are_named(boss: Client) -> None:
    page = boss.get(reverse("admin:trends_chart")).content.decode()

    assert "Not switched on: apple, deezer, lastfm, youtube, chartmetric, x" in page
    assert "manage.py collect_trends" in page


def test_a_misspelt_source_is_shown_and_the_page_still_answers(boss: Client, settings) -> None:
    settings.TRENDS = {**settings.TRENDS, "sources": ["spotify"]}

    assert "names spotify; use some of" in boss.get(reverse("admin:trends_chart")).content.decode()


def test_the_chart_is_for_those_who_may_see_topics(browser_of: Callable[[str], Client]) -> None:
    address = reverse("admin:trends_chart")

    assert browser_of("Reviewer").get(address).status_code == 200
    assert browser_of("").get(address).status_code == 403


def test_the_page_needs_few_queries(boss: Client, django_assert_max_num_queries) -> None:
    for _ in range(30):
        ObservationFactory(source=TrendSourceFactory())
    sources = TrendSource.objects.count()
    score_topics(NOON)
    boss.get(reverse("admin:notifications"))  # what needs a hand is kept for some seconds

    with django_assert_max_num_queries(20 + 2 * sources):
        boss.get(reverse("admin:trends_chart"))


def test_a_sources_memory_is_never_shown(boss: Client) -> None:
    source = TrendSourceFactory(memory={"refresh_token": "secret-refresh-token"})
    Collection.objects.create(source=source, at=NOON, calls=4711)

    page = boss.get(reverse("admin:trends_trendsource_change", args=[source.pk])).content.decode()

    assert "4711" in page
    assert "secret-refresh-token" not in page


def test_a_topic_has_its_own_line(boss: Client) -> None:
    seen = ObservationFactory(observed_at=timezone.now())

    page = boss.get(reverse("admin:trends_topic_change", args=[seen.topic_id])).content.decode()

    assert [line["label"] for line in chart_of(page)["datasets"]] == [seen.topic.name]
