"""Figures read back from channels."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from artists.models import PerformanceEntry
from media_tools.errors import ProviderUnavailable
from media_tools.publishing.base import Figure
from runs.audience.summary import audience_summary
from runs.models import Channel, Publication
from runs.publishing.readback import FLAGS, read_back
from tests.fake_channel import FakeChannel
from tests.runs.publishing.conftest import World

pytestmark = pytest.mark.django_db


def test_figures_are_read_once_corrected_and_matched_to_the_song(
    planned: Publication, world: World, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.until(planned.due_at + timedelta(days=2))
    planned.refresh_from_db()
    asked: list[date] = []
    views = {world.now.date() - timedelta(days=1): 40.0}

    def figures(self: FakeChannel, external_ids: list[str], *, since: date) -> list[Figure]:
        asked.append(since)
        days = [
            Figure(external_id=external_ids[0], metric="views", value=value, day=day)
            for day, value in views.items()
        ]
        odd = Figure(external_id=external_ids[0], metric="dislikes", value=3)
        foreign = Figure(external_id="somebody-else", metric="views", value=9)
        flags = Figure(external_id=external_ids[0], metric=FLAGS, value=2)
        return [*days, odd, foreign, flags]

    monkeypatch.setattr(FakeChannel, "figures", figures, raising=False)

    (first,) = read_back(clock=world.clock)
    views[world.now.date() - timedelta(days=1)] = 45.0
    (second,) = read_back(clock=world.clock)

    assert (first.new, second.new, second.updated) == (1, 0, 1)
    assert asked[0] <= world.now.date() - timedelta(days=7)
    entry = PerformanceEntry.objects.audience().get()
    run = planned.release.tracks.get().run
    assert (entry.value, entry.run_id, entry.series) == (
        45.0,
        run.pk,
        "youtube/day/track/youtube_api",
    )
    assert audience_summary(run.artist, world.now).tracks[0].run == run
    page = boss.get(reverse("admin:runs_release_change", args=[planned.release_id]))
    assert '<td class="is-number">45</td>' in page.content.decode()
    planned.refresh_from_db()
    assert "2 flags for artificial streams" in planned.reason


def test_a_channel_that_does_not_answer_says_so(
    planned: Publication, channel: Channel, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.until(planned.due_at + timedelta(days=2))

    def figures(self: FakeChannel, external_ids: list[str], *, since: date) -> list[Figure]:
        raise ProviderUnavailable("youtube", "it is down")

    monkeypatch.setattr(FakeChannel, "figures", figures, raising=False)

    (told,) = read_back(clock=world.clock)

    assert told.channel == str(channel) and "it is down" in told.problem
    assert not PerformanceEntry.objects.audience().exists()
