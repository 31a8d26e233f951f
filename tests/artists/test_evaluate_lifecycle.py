"""The command that judges the roster."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from artists.models import Artist
from tests.artists.helpers import live
from tests.factories import ArtistFactory, PolicyFactory, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def idle() -> Artist:
    """An artist without a run for two months."""
    long_ago = timezone.now() - timedelta(days=60)
    return ArtistFactory(
        slug="ana", created_at=long_ago, status_since=long_ago, last_run_at=long_ago
    )


def report_of(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate_lifecycle", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_verdicts_are_applied_and_reported(idle: Artist) -> None:
    (verdict,) = report_of()["verdicts"]

    assert (verdict["artist"], verdict["from"], verdict["to"]) == ("ana", "active", "paused")
    assert verdict["rule"] == "inactive"
    idle.refresh_from_db()
    assert idle.status == Artist.Status.PAUSED


@pytest.mark.parametrize("awaits_review", [True, False])
def test_an_artist_with_a_run_under_way_is_not_idle(idle: Artist, awaits_review: bool) -> None:
    RunFactory(artist=idle, reviewable=awaits_review)

    assert report_of()["verdicts"] == []


def test_a_policy_can_be_tried_out(idle: Artist) -> None:
    PolicyFactory(name="Patient", pause_inactivity_days=90)

    assert report_of("--dry-run", "--policy", "Patient")["verdicts"] == []
    assert len(report_of("--dry-run")["verdicts"]) == 1
    idle.refresh_from_db()
    assert idle.status == Artist.Status.ACTIVE


@pytest.mark.parametrize(
    "arguments", [("--policy", "Patient"), ("--dry-run", "--policy", "Nobody's")]
)
def test_bad_usage_ends_with_code_2(arguments: tuple[str, ...]) -> None:
    PolicyFactory(name="Patient")

    with pytest.raises(CommandError) as refusal:
        call_command("evaluate_lifecycle", *arguments)

    assert refusal.value.returncode == 2


def test_a_policy_is_tried_on_the_history(idle: Artist) -> None:
    live(idle, "ARRRRA", start=timezone.now() - timedelta(days=1))
    PolicyFactory(name="Harsh", consecutive_rejections=3)

    (replayed,) = report_of("--dry-run", "--policy", "Harsh")["replay"]

    assert (replayed["artist"], replayed["would_be"], replayed["unseen"]) == ("ana", "retired", 2)
    assert replayed["would"][-1]["reason"] == "3 rejections in a row (limit 3)"
    assert replayed["happened"] == []
    assert "replay" not in report_of("--dry-run")


def test_the_history_is_told_in_words(idle: Artist) -> None:
    live(idle, "RRRR", start=timezone.now() - timedelta(days=1))
    PolicyFactory(name="Harsh", consecutive_rejections=3)
    out = StringIO()

    call_command("evaluate_lifecycle", "--dry-run", "--policy", "Harsh", stdout=out)

    assert "retired: 3 rejections in a row (limit 3)" in out.getvalue()
    assert "Later runs that would not have been made: 1." in out.getvalue()
