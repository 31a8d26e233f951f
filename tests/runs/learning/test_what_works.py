"""Looks, covers, clips and trends by what was approved and heard."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from runs.learning.what_works import FEWEST_RUNS, FREE, LED, what_works
from runs.models import Run, Step
from tests.factories import CONCEPT, NOON, ArtistFactory, RunFactory
from trends.models import Topic


def decided(status: str, *, topic: Topic | None, family: str) -> Run:
    run = RunFactory(
        artist=ArtistFactory(),
        status=status,
        topic=topic,
        concept=dict(CONCEPT),
        finished_at=NOON,
        decided_at=NOON,
    )
    Step.objects.create(
        run=run,
        name="cover",
        position=4,
        status="done",
        output={"family": family},
        finished_at=NOON,
    )
    return run


def test_things_are_compared_by_what_was_approved(db: None, boss: Client) -> None:
    topic = Topic.objects.create(name="Rain")
    for number in range(FEWEST_RUNS):
        decided("approved", topic=topic, family="swiss_grid")
        decided("rejected" if number else "released", topic=None, family="collage")
    decided("approved", topic=None, family="seldom")

    tables = {table.title: table for table in what_works(NOON)}

    led, free = tables["Trends or none"].rows
    assert (led.name, led.kept, free.name, free.kept) == (LED, (5, 0), FREE, (2, 4))
    covers = tables["Styles of covers"]
    assert [row.name for row in covers.rows] == ["Swiss grid", "Collage"]
    assert covers.others == 1
    low, high = covers.rows[0].kept_interval
    assert 0.5 < low < 0.6 and high > 0.99
    page = boss.get(reverse("admin:what_works")).content.decode()
    assert "Swiss grid" in page and "5 of 5" in page
