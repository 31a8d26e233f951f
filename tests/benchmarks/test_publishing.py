"""The real adapters go the whole way of a release, on their contract servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from runs.models import Publication, Release
from runs.publishing import channels
from runs.publishing.recall import recall_release
from tests.benchmarks import publishing
from tests.benchmarks.publishing import CONTENDERS, START, Stage
from tests.runs.publishing.conftest import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(START)


@pytest.fixture
def stage(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    stage = Stage({one.kind: one.server() for one in CONTENDERS})
    stage.start(world.clock)
    monkeypatch.setattr(channels, "line_of", publishing.line_by(world.clock))
    monkeypatch.setattr(publishing, "SIZE_BYTES", 300_000)
    publishing.set_the_stage(stage, settings)
    yield stage
    for server in stage.servers.values():
        server.stop()


def test_a_release_goes_out_and_comes_down_on_every_real_channel(
    stage: Stage, world: World
) -> None:
    publishing.plan_all(1)
    world.until(START + timedelta(days=6))
    stage.answer(world.clock)  # what goes to shops
    world.until(START + timedelta(days=9))

    figures = publishing.outcome(stage)
    assert figures["live"] == len(CONTENDERS)
    assert not any(figures[name] for name in ("doubled", "lost", "early", "unlabelled"))

    recall_release(release_id=Release.objects.get().pk, reason="x", actor=None, now=world.now)
    world.until(START + timedelta(days=19))
    assert set(Publication.objects.values_list("status", flat=True)) == {"recalled"}
    assert all(copy.gone for server in stage.servers.values() for copy in server.copies)
