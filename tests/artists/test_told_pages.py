"""Status changes and performance, told in words with songs, totals and a chart."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from artists.admin import performance
from artists.lifecycle.rules import Rule, rule_in_words
from artists.models import PerformanceEntry, StatusChange
from tests.factories import NOON, ArtistFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("candidate", "active", "went from candidate to <strong>active</strong>"),
        ("", "candidate", "was created as <strong>candidate</strong>"),
        ("active", "active", "stayed <strong>active</strong>"),
    ],
)
def test_a_status_change_is_told_in_sentences(
    boss: Client, before: str, after: str, sentence: str
) -> None:
    run = RunFactory(title="Neon Rivers", artist=ArtistFactory(name="Vera Halogen"))
    change = StatusChange.objects.create(
        artist=run.artist,
        from_status=before,
        to_status=after,
        rule="promoted",
        reason="two approvals",
        actor=UserFactory(username="rita"),
        run_id=run.pk,
        figures={"runs": [str(run.pk)], "approval_rate": 0.5, "after_entry": 12},
        at=NOON,
    )

    address = reverse("admin:artists_statuschange_change", args=[change.pk])
    page = " ".join(boss.get(address).content.decode().split())

    assert f"{sentence} on 2026-03-02 12:00, by rita." in page
    assert "Promoted: two approvals." in page
    assert page.count(">Neon Rivers</a>") == 2
    assert "50%" in page
    assert "After entry" not in page
    assert "fieldset" not in page


def test_every_rule_has_words() -> None:
    labels = [rule.label for rule in Rule]

    assert all(label[:1].isupper() and "_" not in label for label in labels)
    assert len(set(labels)) == len(labels)
    assert rule_in_words("of_an_older_version") == "Of an older version"


def test_performance_rows_name_their_song_in_few_queries(
    boss: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        run = RunFactory(title=f"Neon Rivers {number}")
        PerformanceEntry.objects.create(artist=run.artist, run_id=run.pk, kind="approved", at=NOON)
    PerformanceEntry.objects.create(
        artist=run.artist, kind="audience", metric="watch_time", value=446.0, at=NOON
    )
    address = reverse("admin:artists_performanceentry_changelist")
    boss.get(address)

    with django_assert_max_num_queries(11):
        page = boss.get(address).content.decode()

    assert reverse("admin:runs_run_change", args=[run.pk]) in page
    assert "446 watch time" in page
    assert "6 approvals, 1 figure of an audience." in page


def test_decisions_are_counted_by_week() -> None:
    artist, now = ArtistFactory(), timezone.now()
    for days, kind in ((0, "approved"), (7, "rejected"), (7, "failed"), (400, "approved")):
        PerformanceEntry.objects.create(
            artist=artist, kind=kind, run_id=RunFactory().pk, at=now - timedelta(days=days)
        )

    totals = performance.totals_of(PerformanceEntry.objects.all(), now=now)

    approved, rejected = (row["data"] for row in json.loads(totals["week_chart"])["datasets"])
    assert totals["kinds"] == ["2 approvals", "1 rejection", "1 failed run"]
    assert (approved[-1], sum(approved)) == (1, 1)
    assert (rejected[-2], sum(rejected)) == (1, 1)


def test_counting_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_artist.kit.admin.COUNT_LIMIT", 2)
    for days in range(4):
        PerformanceEntry.objects.create(
            artist=ArtistFactory(),
            kind="approved",
            run_id=RunFactory().pk,
            at=NOON - timedelta(days=days),
        )

    totals = performance.totals_of(PerformanceEntry.objects.all(), now=timezone.now())

    assert (totals["kinds"], totals["is_capped"]) == (["2 approvals"], True)
