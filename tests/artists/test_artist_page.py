"""What the page of an artist adds up and draws."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit.caching import cache
from artists import lifecycle
from artists.admin.charts import decision_chart
from artists.admin.listening import LIMIT
from artists.admin.tabs import TABS
from artists.models import Artist, PerformanceEntry, StatusChange
from media_tools.music.base import MusicRequest
from runs.models import Run
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
    artist = ArtistFactory()
    history, audience = (page_of(boss, artist, tab=tab) for tab in ("history", "audience"))

    assert "“Run now” queues the first one" in page_of(boss, artist)
    assert "“Run now” makes a candidate" in history
    assert "Nothing to replay yet" in history
    assert "manage.py import_metrics" in audience


@pytest.mark.usefixtures("bell")
@pytest.mark.parametrize("tab", TABS)
def test_each_tab_has_an_address_and_few_queries(
    boss: Client, new_run: Callable[..., Run], django_assert_max_num_queries: Any, tab: str
) -> None:
    PolicyFactory(is_default=True)
    run = new_run()

    with django_assert_max_num_queries(30):
        page = page_of(boss, run.artist, tab=tab)

    assert f'<a href="?tab={tab}" aria-current="page">' in page
    assert ("Why this change" in page) is bool(TABS[tab].fieldsets)


def test_overview_says_how_sure_the_rate_is_and_when_the_next_turn_is(boss: Client) -> None:
    first = ArtistFactory(turn_at=NOON - timedelta(days=1))
    artist = ArtistFactory(approved_count=6, rejected_count=4)
    paused = ArtistFactory(status="paused")

    assert "60% (true rate 31% to 83%)" in page_of(boss, artist)
    assert "after 1 other" in page_of(boss, artist)
    assert "it is next" in page_of(boss, first)
    assert "none while paused" in page_of(boss, paused)


SOUND = {
    "style_notes": "Pads",
    "tempo_min_bpm": "80",
    "tempo_max_bpm": "90",
    "keys": ["A minor"],
    "temperature": "0.8",
    "sound_identity": "vera",
}


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[MusicRequest]:
    """What the local engine was asked to play; it answers at once."""
    asked: list[MusicRequest] = []

    def play(request: MusicRequest, soundfont: Path) -> bytes:
        asked.append(request)
        return b"sound"

    cache.clear()
    caches["limits"].clear()
    monkeypatch.setattr("media_tools.music.local.sketch.sketch", play)
    return asked


def listen(client: Client, artist: Artist, **changes: Any) -> HttpResponse:
    address = reverse("admin:artists_artist_listen", args=[artist.pk])
    return client.post(address, SOUND | changes)


def test_sound_of_the_form_is_played_and_not_saved(
    boss: Client, played: list[MusicRequest]
) -> None:
    artist = ArtistFactory()

    first, again = listen(boss, artist), listen(boss, artist)

    artist.refresh_from_db()
    (request,) = played
    assert (request.tempo_bpm, request.key, request.prompt) == (85, "A minor", "Pads")
    assert "data:audio/mpeg;base64,c291bmQ=" in first.content.decode()
    assert first.context["sound"] == again.context["sound"]
    assert artist.tempo_min_bpm == 96


def test_what_cannot_be_played_is_told_by_its_field(
    boss: Client, played: list[MusicRequest]
) -> None:
    response = listen(boss, ArtistFactory(), keys=["H minor"], tempo_min_bpm="9")

    assert set(response.context["form"].errors) == {"keys", "tempo_min_bpm"}
    assert not played


def test_listening_is_limited_for_each_person(
    boss: Client, browser_of: Callable[[str], Client], played: list[MusicRequest]
) -> None:
    artist = ArtistFactory()

    answers = [listen(boss, artist, sound_identity=f"try {n}") for n in range(LIMIT.most + 1)]
    other = listen(browser_of("Administrator"), artist, sound_identity="another")

    assert [bool(answer.context["refused"]) for answer in answers] == [False] * LIMIT.most + [True]
    assert other.context["sound"]
    assert listen(browser_of("Reviewer"), artist).status_code == 403


def test_a_sound_is_played_while_the_cache_is_away(
    boss: Client, played: list[MusicRequest], settings: Any
) -> None:
    away = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",  # nothing listens there
    }
    settings.CACHES = {**settings.CACHES, "shared": away}

    assert listen(boss, ArtistFactory()).context["sound"]


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

    page = page_of(boss, run.artist, tab="history")

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

    patient = page_of(boss, artist, tab="history")
    chosen = page_of(boss, artist, tab="history", preview=strict.pk)

    assert "It would have changed nothing." in patient
    assert "It would be <strong>retired</strong> now" in chosen
    assert "1 later run would not have been made" in chosen
