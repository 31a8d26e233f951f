"""What the page of an artist adds up and draws."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from artists import lifecycle
from artists.admin.charts import decision_chart
from artists.models import Artist, PerformanceEntry, StatusChange
from tests.factories import NOON, ArtistFactory, PolicyFactory, RunFactory

pytestmark = pytest.mark.django_db


def decide(artist: Artist, kinds: str, until: datetime, *, days_apart: float = 1) -> None:
    """One decision for each letter, the last at `until`: a approves, anything else rejects."""
    for back, letter in enumerate(reversed(kinds)):
        PerformanceEntry.objects.create(
            artist=artist,
            kind="approved" if letter == "a" else "rejected",
            run_id=uuid.uuid4(),
            at=until - timedelta(days=days_apart * back),
        )


def test_artist_without_decisions_has_no_chart() -> None:
    assert decision_chart(ArtistFactory(), NOON) == ""


def test_chart_counts_decisions_by_week_with_a_rate_of_the_last_ten() -> None:
    artist = ArtistFactory()
    decide(artist, "rraaaaaaaa", NOON - timedelta(days=7), days_apart=1)

    chart = json.loads(decision_chart(artist, NOON))

    approved, rejected, rate = (series["data"] for series in chart["datasets"])
    assert chart["labels"][-2:] == ["Feb 23", "Mar 2"]
    assert sum(approved) == 8
    assert sum(rejected) == 2
    assert rate[-4:] == [None, None, 80.0, 80.0]


def test_withdrawn_decision_is_not_drawn() -> None:
    artist = ArtistFactory()
    decide(artist, "a", NOON)
    PerformanceEntry.objects.update(withdrawn_at=NOON)

    assert decision_chart(artist, NOON) == ""


def page_of(client: Client, artist: Artist, **query: object) -> str:
    address = reverse("admin:artists_artist_change", args=[artist.pk])
    return client.get(address, query).content.decode()


def test_empty_page_says_what_to_do_next(boss: Client) -> None:
    page = page_of(boss, ArtistFactory())

    assert "“Run now” makes a candidate" in page
    assert "manage.py import_metrics" in page
    assert "Nothing to replay yet" in page


def test_change_of_status_leads_to_its_run(boss: Client) -> None:
    run = RunFactory()
    StatusChange.objects.create(
        artist=run.artist,
        from_status="active",
        to_status="retired",
        rule="streak",
        reason="5 rejections in a row",
        run_id=run.pk,
    )

    page = page_of(boss, run.artist)

    assert f'<a href="{reverse("admin:runs_run_change", args=[run.pk])}">the run' in page


def test_other_policy_is_previewed_on_the_same_history(boss: Client) -> None:
    strict = PolicyFactory(name="Strict", consecutive_rejections=2)
    PolicyFactory(name="Patient", is_default=True, consecutive_rejections=50)
    artist = ArtistFactory()
    for _ in range(3):
        lifecycle.record_decision(
            artist_id=artist.pk,
            run_id=RunFactory(artist=artist).pk,
            approved=False,
            detail="weak_hook",
            now=timezone.now(),
        )

    patient, chosen = page_of(boss, artist), page_of(boss, artist, preview=strict.pk)

    assert "It would have changed nothing." in patient
    assert "It would be <strong>retired</strong> now" in chosen
    assert "1 later run would not have been made" in chosen
