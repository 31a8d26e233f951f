"""The pages of trends."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import ObservationFactory, TopicFactory, TrendSourceFactory

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
