"""Plays beside the decisions of an experiment."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from artists.models import PerformanceEntry
from experiments.audience import Audience, audience_of
from experiments.models import Assignment, Experiment
from tests.experiments.rows import experiment_with
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DAYS, TOTALS = "spotify/day/track/aap", "youtube/total/track/youtube_studio"


def plays(
    run_id: UUID, value: float, *, series: str = DAYS, day: int = 0, suspicious: bool = False
) -> None:
    PerformanceEntry.objects.create(
        artist_id=Assignment.objects.filter(run_id=run_id).values_list("artist", flat=True)[0],
        run_id=run_id,
        kind="audience",
        metric="streams" if series.startswith("spotify") else "views",
        value=value,
        series=series,
        external_key=sha256(f"{run_id} {series} {day}".encode()).hexdigest(),
        suspicious=suspicious,
        at=NOON + timedelta(days=day),
    )


def runs_of(experiment: Experiment, arm: str) -> list[UUID]:
    chosen = experiment.assignments.filter(variant__name=arm).order_by("position")
    return list(chosen.values_list("run_id", flat=True))


def test_plays_are_counted_for_each_reviewed_run() -> None:
    experiment = experiment_with("ARO", "AAR")
    first, second = runs_of(experiment, "B")[:2]
    plays(runs_of(experiment, "A")[0], 50)
    plays(first, 60)
    plays(first, 30, day=1)
    plays(second, 60)

    assert audience_of(experiment) == [Audience("spotify", "streams", (25.0, 50.0))]


def test_totals_are_not_added_up_and_bots_are_left_out() -> None:
    experiment = experiment_with("A", "A")
    run = runs_of(experiment, "A")[0]
    plays(run, 100, series=TOTALS)
    plays(run, 120, series=TOTALS, day=7)
    plays(runs_of(experiment, "B")[0], 9_000, series=TOTALS, suspicious=True)

    assert audience_of(experiment) == [Audience("youtube", "views", (120.0, 0.0))]


def test_of_two_series_the_one_that_knows_more_runs_counts() -> None:
    experiment = experiment_with("AA", "AA")
    for run in runs_of(experiment, "A"):
        plays(run, 10)
    plays(runs_of(experiment, "A")[0], 99, series="spotify/month/track/distrokid")

    assert audience_of(experiment) == [Audience("spotify", "streams", (10.0, 0.0))]


def test_the_page_shows_them_beside_the_arms(boss: Client) -> None:
    experiment = experiment_with("A", "A")
    plays(runs_of(experiment, "B")[0], 1_234)

    page = boss.get(reverse("admin:experiments_experiment_change", args=[experiment.pk]))

    assert "spotify, streams" in page.content.decode()
    assert "1,234" in page.content.decode()


def test_nothing_known_is_nothing_shown() -> None:
    assert audience_of(experiment_with("AR", "AR")) == []
