"""Accounts and finished runs for tests of the panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule, Task

from ai_artist.kit.caching import cache
from artists.models import Evolution, Lesson, PerformanceEntry, StatusChange
from experiments.promotion import promote
from runs.models import (
    Artifact,
    Budget,
    Channel,
    Code,
    IsrcCounter,
    IsrcPrefix,
    LabelProfile,
    LicenceEntry,
    Packing,
    ProviderCall,
    ProviderHealth,
    Publication,
    Review,
    Run,
    Series,
    TelegramAccount,
    WorkerBeat,
)
from runs.telling import sources
from tests.factories import (
    NOON,
    ExperimentFactory,
    ObservationFactory,
    PolicyFactory,
    RunFactory,
    UserFactory,
    VariantFactory,
    single_of,
)
from tests.media_rows import finished_run, plain_media


@pytest.fixture
def bell(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What needs a hand was counted just now: pages ask no more for it, however slow they are."""
    monkeypatch.setattr(sources, "KEPT_S", 3_600)
    cache.clear()
    sources.kept_counts()
    yield
    # The next test has other rows.
    cache.clear()


def browser_at_work(user: User) -> Client:
    """A person's browser that was seen just now: its next requests do not write that down."""
    client = Client()
    client.force_login(user)
    caches["limits"].set(f"seen:{client.session.session_key}", True)
    return client


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser's browser."""
    return browser_at_work(UserFactory(is_superuser=True))


@pytest.fixture
def browser_of(db: None) -> Callable[[str], Client]:
    """The browser of a staff account in a group; of none for an empty name."""

    def make(role: str) -> Client:
        call_command("create_roles", stdout=StringIO())
        user = UserFactory()
        if role:
            user.groups.add(Group.objects.get(name=role))
        return browser_at_work(user)

    return make


@pytest.fixture
def new_run(db: None, tmp_path: Path) -> Callable[..., Run]:
    """Makes runs that await review, files and all."""
    media = plain_media(tmp_path / "source")

    def make(**fields: Any) -> Run:
        return finished_run(media, **fields)

    return make


@pytest.fixture
def everything(new_run: Callable[..., Run]) -> None:
    """At least one row of each of our models."""
    run = new_run()
    single = single_of(run)
    LabelProfile.objects.create(name="Night", is_default=True)
    LicenceEntry.objects.create(provider="suno", plan="Premier", valid_from=NOON.date())
    prefix = IsrcPrefix.objects.create(prefix="QZABC")
    IsrcCounter.objects.create(prefix=prefix, year=2026)
    Code.objects.create(code="036000291452", kind="upc", source="pool")
    Packing.objects.create(release=single, due_at=NOON)
    Review.objects.create(
        run=run,
        decision="reject",
        reasons=["too_similar", "weak_hook"],
        active_seconds=67.12008770619204,
        content_hash="0" * 64,
        at=NOON,
        effective_at=NOON,
    )
    ProviderCall.objects.create(
        run=run,
        purpose="voice_tag",
        provider="local",
        idempotency_key=f"{run.pk}:voice_tag",
        status="unknown",
        external_id="6" * 40,
        units=81.21000000000001,
        unit_name="s",
        cost_usd="0.110236",
        latency_ms=11320,
    )
    PerformanceEntry.objects.create(artist=run.artist, run_id=run.pk, kind="approved")
    PerformanceEntry.objects.create(
        artist=run.artist,
        kind="audience",
        metric="watch_time",
        value=446.123456,
        dimensions={"country": "DE", "file_id": str(run.pk)},
        suspicious=True,
    )
    StatusChange.objects.create(
        artist=run.artist,
        to_status="paused",
        rule="low_rate",
        reason="x",
        figures={"runs": [str(run.pk)], "approval_rate": 0.3333333333, "reviewed": 30},
    )
    Lesson.objects.create(artist=run.artist, text="Shorter intros", run_id=run.pk)
    Evolution.objects.create(
        artist=run.artist,
        source="offline",
        diff={"voice": ["Calm", "Loud"], "keys": [["A minor"], []], "tempo_max_bpm": [96, 120]},
        reasons=["Rejected for a weak hook."],
        figures={"approval_rate": 0.2857142857},
        trial_runs=10,
    )
    Artifact.objects.filter(run=run, kind="mp3").update(duration_s=81.21000000000001)
    RunFactory(
        artist=run.artist,
        status=Run.Status.FAILED,
        error="concept: the profile cannot be used. Keys: “H minor”: no such key.",
        failure_kind=Run.FailureKind.PROFILE,
        failure_subject="keys",
        created_at=NOON - timedelta(days=1),
        finished_at=timezone.now(),
    )
    channel = Channel.objects.create(kind="by_hand", name="Shop")
    Series.objects.create(artist=run.artist, weekday=4, zone="Europe/Berlin")
    Publication.objects.create(
        release=single,
        channel=channel,
        part="audio",
        asked_at=NOON,
        due_at=NOON,
        send_at=NOON,
        status="needs_person",
    )
    WorkerBeat.objects.create(cluster="test", at=NOON)
    Budget.objects.create(period="day", cap_usd=1)
    ProviderHealth.objects.create(provider="suno")
    TelegramAccount.objects.create(telegram_id=111222333, user=UserFactory())
    variant = VariantFactory(experiment=ExperimentFactory())
    promote(variant.experiment, variant, actor=None, now=NOON)
    ObservationFactory()
    PolicyFactory()
    Schedule.objects.create(name="sweep", func="runs.tasks.sweep")
    for success in (True, False):
        Task.objects.create(
            id=f"task{success}", name="t", func="f", started=NOON, stopped=NOON, success=success
        )
